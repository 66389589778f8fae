//! A file that does not parse, as a diagnostic: which rule that breaks, where,
//! and which key or value was probably meant.

use std::ops::Range;

use stepwait_core::integration::ConfigError;

use super::diagnostic::{Diagnostic, Severity};
use super::locate::Document;
use super::rules::Topic;

/// Rules that every file keeps, or it could not be read at all.
pub(crate) const TOPICS: [Topic; 6] = [
    Topic {
        id: "syntax",
        severity: Severity::Error,
        summary: "the file is not TOML",
        docs: "The text cannot be read as [TOML](https://toml.io): a quote or a bracket is missing, or a key stands \
               twice. The place shown is where the reader stopped; the mistake may be just before it.",
    },
    Topic {
        id: "unknown-key",
        severity: Severity::Error,
        summary: "a key is misspelt, or stands in the wrong section",
        docs: "Keys that do not exist are refused everywhere: a misspelt `interval` would otherwise be a default in \
               disguise. The nearest key of the same section is suggested.",
    },
    Topic {
        id: "unknown-value",
        severity: Severity::Error,
        summary: "a value is none of those that its key may have",
        docs: "Some keys have a closed list of values, such as `strategy`. The nearest one is suggested.",
    },
    Topic {
        id: "missing-key",
        severity: Severity::Error,
        summary: "a key or section is missing",
        docs: "Few keys have no default: those that only the third party's documentation, or you, can know. \
               `deadline` is one of them, because a wait without an end is a workflow without an end.",
    },
    Topic {
        id: "wrong-type",
        severity: Severity::Error,
        summary: "a value is of the wrong type",
        docs: "A number where a text is due, a text where a list is due, and the like. Durations are texts: `\"2h\"`.",
    },
    Topic {
        id: "invalid-value",
        severity: Severity::Error,
        summary: "a value makes no sense in its place",
        docs: "The type is right and the value is not: a duration out of bounds, a pointer that does not begin with \
               `/`, a placeholder that could never be filled, a status that means two things.",
    },
];

/// What to add where a key is missing.
const MISSING: [(&str, &str); 8] = [
    ("description", "add `description = \"…\"`: what the third party does, for the person who looks at a wait"),
    ("strategy", "add `strategy = \"poll\"`, or `\"callback\"` if the third party sends webhooks"),
    ("deadline", "add `deadline = \"2h\"`: no wait is without an end; say after how long this one is given up"),
    ("base_url", "add `base_url = \"https://…\"`: the part that all URLs of the third party's API begin with"),
    ("submit", "add a section `[submit]`: the request that starts a job, and where its answer names the job"),
    ("status", "add a section `[status]`: how a job is looked at, and what its status values mean"),
    ("job_id", "add `job_id = \"body:/id\"`: where the third party names the job"),
    (
        "verify",
        "add `verify = { preset = \"standard-webhooks\", secrets = [\"vendor/webhook\"] }`: anyone can call a URL",
    ),
];

/// What to do about a value of the wrong type, by the type that is due.
const TYPES: [(&str, &str); 4] = [
    ("expected a string", "write a text, in quotes"),
    ("expected a sequence", "write a list, in brackets: [\"…\", \"…\"]"),
    ("expected a boolean", "write true or false, without quotes"),
    ("expected a map", "write a table, in braces: { … }"),
];

/// What the errors of integrations begin their advice with, after a colon or a semicolon.
const ADVICE: [&str; 13] = [
    "write ",
    "start ",
    "add ",
    "name ",
    "use ",
    "keep ",
    "leave ",
    "put ",
    "let ",
    "double ",
    "say ",
    "give ",
    "there are ",
];

/// What is said about a file that does not parse.
#[derive(Debug, PartialEq, Eq)]
struct Explained {
    rule: &'static str,
    message: String,
    help: String,
}

/// The diagnostic for a file that could not be parsed.
pub(crate) fn diagnostic(file: &str, document: &Document<'_>, error: &ConfigError) -> Diagnostic {
    // Below its first line the parser's text repeats the place.
    let what = error.what.lines().next().unwrap_or_default();
    let Explained { rule, message, help } = if document.is_toml() { explain(what) } else { not_toml(what) };
    let place = error.span.clone().or_else(|| document.span(&error.at));
    let span = place.map(|place| narrow(document, place, what));
    // A key path says more than the place alone; a line and column say it twice.
    let message = match (&error.span, &span) {
        // "`cancel.method` is missing", and "`submit.body`: {x} is no placeholder".
        (None, Some(_)) if begins_with_a_verb(&message) => format!("`{}` {message}", error.at),
        (None, Some(_)) => format!("`{}`: {message}", error.at),
        (Some(_), _) | (None, None) => message,
    };
    let link = format!("docs/checks.md#{rule}");
    Diagnostic { rule, severity: Severity::Error, file: file.to_owned(), span, message, help, link }
}

/// Whether a message goes on from the key that it is about.
fn begins_with_a_verb(message: &str) -> bool {
    const VERBS: [&str; 12] =
        ["is", "must", "has", "needs", "says", "does", "belongs", "means", "stands", "limits", "holds", "keeps"];
    message.split(' ').next().is_some_and(|word| VERBS.contains(&word))
}

/// The part of a place that a message begins with: a placeholder, or a quoted text.
fn narrow(document: &Document<'_>, place: Range<usize>, what: &str) -> Range<usize> {
    let enclosed =
        |open, close| what.strip_prefix(open).and_then(|rest: &str| rest.split_once(close)).map(|(part, _)| part);
    let parts = match (enclosed('{', '}'), enclosed('"', '"')) {
        (Some(hole), _) => [format!("{{{hole}}}"), String::new()],
        (None, Some(text)) if !text.is_empty() => [format!("\"{text}\""), text.to_owned()],
        (None, _) => return place,
    };
    let found = parts.iter().filter(|part| !part.is_empty()).find_map(|part| document.find(part, &place));
    found.unwrap_or(place)
}

fn not_toml(what: &str) -> Explained {
    let help = if what.starts_with("duplicate key") {
        "a key stands once in its section; keep one of the two"
    } else {
        "the text was read up to this place; see here and just before it"
    };
    Explained { rule: "syntax", message: format!("this is not TOML: {what}"), help: help.to_owned() }
}

/// The rule that a message is about, the message, and what to do.
fn explain(what: &str) -> Explained {
    let explained = |rule, message, help| Explained { rule, message, help };
    if let Some((name, expected)) = named(what, "unknown field `") {
        return explained("unknown-key", format!("there is no key `{name}` here"), suggestion(name, &expected, "keys"));
    }
    if let Some((name, expected)) = named(what, "unknown variant `") {
        let message = format!("`{name}` is no value of this key");
        return explained("unknown-value", message, suggestion(name, &expected, "values"));
    }
    if let Some((name, _)) = named(what, "missing field `") {
        let help = MISSING.iter().find(|(key, _)| *key == name);
        let help = help.map_or_else(|| format!("add `{name}` to the section shown"), |(_, help)| (*help).to_owned());
        return explained("missing-key", format!("the key `{name}` is missing"), help);
    }
    if what.starts_with("invalid type") {
        let help = TYPES.iter().find(|(due, _)| what.ends_with(due)).map_or("", |(_, help)| help);
        return explained("wrong-type", what.to_owned(), help.to_owned());
    }
    let (message, help) = advice(what);
    explained("invalid-value", message.to_owned(), help.to_owned())
}

/// A message apart from the advice that ends it.
fn advice(what: &str) -> (&str, &str) {
    let mut ends = what.match_indices([':', ';']).map(|(at, _)| at);
    let split = ends.find_map(|at| {
        let (message, rest) = what.split_at_checked(at)?;
        let advice = rest.get(1..)?.strip_prefix(' ')?;
        ADVICE.iter().any(|verb| advice.starts_with(verb)).then_some((message, advice))
    });
    split.unwrap_or((what, ""))
}

/// The name between backticks after a prefix, and the names after it.
fn named<'w>(what: &'w str, prefix: &str) -> Option<(&'w str, Vec<&'w str>)> {
    let (name, rest) = what.strip_prefix(prefix)?.split_once('`')?;
    Some((name, rest.split('`').skip(1).step_by(2).collect()))
}

/// The expected name that is nearest, or else all of them.
fn suggestion(name: &str, expected: &[&str], kind: &str) -> String {
    let distance = |known: &&&str| strsim::damerau_levenshtein(&name.to_lowercase(), &known.to_lowercase());
    // A third of a name's letters may be wrong before it is another name.
    let nearest = expected.iter().min_by_key(distance).filter(|known| distance(known) <= name.len().max(3) / 3);
    match nearest {
        Some(known) => format!("did you mean `{known}`?"),
        None => {
            let expected: Vec<_> = expected.iter().map(|known| format!("`{known}`")).collect();
            format!("the {kind} here are {}", expected.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Explained, explain, narrow, not_toml};
    use crate::check::locate::Document;

    fn explained(rule: &'static str, message: &str, help: &str) -> Explained {
        Explained { rule, message: message.to_owned(), help: help.to_owned() }
    }

    #[test]
    fn the_nearest_name_is_suggested_and_a_far_one_is_not() {
        let near = explain("unknown field `intervall`, expected one of `first`, `interval`");
        assert_eq!(near, explained("unknown-key", "there is no key `intervall` here", "did you mean `interval`?"));
        let far = explain("unknown variant `webhook`, expected `poll` or `callback`");
        let help = "the values here are `poll`, `callback`";
        assert_eq!(far, explained("unknown-value", "`webhook` is no value of this key", help));
    }

    #[test]
    fn advice_is_set_apart_from_what_is_wrong() {
        let duration = explain("\"soon\" is not a duration (at 0); write for example \"30s\"");
        let expected = explained("invalid-value", "\"soon\" is not a duration (at 0)", "write for example \"30s\"");
        assert_eq!(duration, expected);
        let interval = explain("\"60s..2s\" runs backwards: write the shorter time first");
        assert_eq!(interval, explained("invalid-value", "\"60s..2s\" runs backwards", "write the shorter time first"));
        let hole = explain("{job_id} has no value in this place: the job gets its id later");
        assert_eq!(hole.help, "");
    }

    #[test]
    fn what_is_no_toml_says_so() {
        assert_eq!(not_toml("duplicate key").message, "this is not TOML: duplicate key");
    }

    #[test]
    fn the_part_that_a_message_begins_with_is_underlined() {
        let text = "body = { a = \"x\", b = \"{job}\" }\nfailed = ['a', \"b\"]\n";
        let document = Document::read(text);
        let part = |key, what| &text[narrow(&document, document.span(key).unwrap(), what)];
        assert_eq!(part("body", "{job} is no placeholder"), "{job}");
        assert_eq!(part("failed", "\"b\" stands in both"), "\"b\"");
        assert_eq!(part("failed", "\"a\" stands in both"), "a");
        assert_eq!(part("failed", "needs at least one value"), "['a', \"b\"]");
    }
}
