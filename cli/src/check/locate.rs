//! Where in a file a key stands: from a path such as `status.accept[1].when` to
//! bytes of the text.
//!
//! The domain types of an integration know nothing of their text. This reads it
//! a second time, with places, and also where it has mistakes: then what could
//! be read is there. Items of lists count from 1, as errors name them.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file's text, read with places.
#[derive(Debug)]
pub(crate) struct Document<'t> {
    source: &'t str,
    root: DeTable<'t>,
    is_toml: bool,
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'d, 't> {
    key: Option<&'d Spanned<toml::de::DeString<'t>>>,
    value: &'d Spanned<DeValue<'t>>,
}

/// A text somewhere in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text<'d> {
    /// The path to it.
    pub(crate) path: String,
    /// The last key of the path.
    pub(crate) key: &'d str,
    pub(crate) text: &'d str,
    /// The bytes it takes, with its quotes.
    pub(crate) span: Range<usize>,
}

impl<'t> Document<'t> {
    /// Reads as much of a text as can be read.
    pub(crate) fn read(text: &'t str) -> Self {
        let (root, errors) = DeTable::parse_recoverable(text);
        Self { source: text, root: root.into_inner(), is_toml: errors.is_empty() }
    }

    /// Whether the text is TOML throughout.
    pub(crate) const fn is_toml(&self) -> bool {
        self.is_toml
    }

    /// Where a part of the text stands within bytes of it, if it does.
    pub(crate) fn find(&self, part: &str, within: &Range<usize>) -> Option<Range<usize>> {
        let start = within.start + self.source.get(within.clone())?.find(part)?;
        Some(start..start + part.len())
    }

    /// What stands at a path.
    pub(crate) fn get(&self, path: &str) -> Option<Entry<'_, 't>> {
        let (entry, rest) = self.walk(path)?;
        rest.is_none().then_some(entry)
    }

    /// The bytes of the value at a path, or of the nearest section around it. A
    /// section's are those of its header.
    pub(crate) fn span(&self, path: &str) -> Option<Range<usize>> {
        Some(self.walk(path)?.0.value.span())
    }

    /// The bytes of the key at a path, or else those of its value.
    pub(crate) fn key_span(&self, path: &str) -> Option<Range<usize>> {
        let (entry, rest) = self.walk(path)?;
        Some(match entry.key {
            Some(key) if rest.is_none() => key.span(),
            _ => entry.value.span(),
        })
    }

    /// The text at a path.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.get(path)?.value.get_ref().as_str()
    }

    /// The keys of the section at a path, with their bytes, in the order of the text.
    pub(crate) fn keys(&self, path: &str) -> Vec<(&str, Range<usize>)> {
        let table = self.get(path).and_then(|entry| entry.value.get_ref().as_table());
        let keys = table.into_iter().flat_map(|table| table.keys());
        let mut keys: Vec<_> = keys.map(|key| (key.get_ref().as_ref(), key.span())).collect();
        keys.sort_by_key(|(_, span)| span.start);
        keys
    }

    /// All texts, in the order in which they stand.
    pub(crate) fn texts(&self) -> Vec<Text<'_>> {
        let mut texts = Vec::new();
        for (key, value) in &self.root {
            collect(key.get_ref(), key.get_ref(), value, &mut texts);
        }
        texts.sort_by_key(|text| text.span.start);
        texts
    }

    /// The deepest entry on the way along a path, and what is left of the path.
    fn walk<'p>(&self, path: &'p str) -> Option<(Entry<'_, 't>, Option<&'p str>)> {
        let (mut entry, mut rest) = in_table(&self.root, path)?;
        while !rest.is_empty() {
            match in_value(entry.value.get_ref(), rest) {
                Some(inner) => (entry, rest) = inner,
                None => return Some((entry, Some(rest))),
            }
        }
        Some((entry, None))
    }
}

fn in_value<'d, 't, 'p>(value: &'d DeValue<'t>, path: &'p str) -> Option<(Entry<'d, 't>, &'p str)> {
    match path.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((number, rest)) => {
            let index = number.parse::<usize>().ok()?.checked_sub(1)?;
            let value = value.as_array()?.get(index)?;
            Some((Entry { key: None, value }, rest.trim_start_matches('.')))
        }
        None => in_table(value.as_table()?, path),
    }
}

/// The entry that a path begins with. The longest name that fits counts, as
/// names of headers and form fields hold dots and brackets.
fn in_table<'d, 't, 'p>(table: &'d DeTable<'t>, path: &'p str) -> Option<(Entry<'d, 't>, &'p str)> {
    let ends = path.char_indices().filter(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
    let ends: Vec<_> = ends.chain([path.len()]).collect();
    ends.into_iter().rev().find_map(|end| {
        let (name, rest) = path.split_at_checked(end)?;
        let (key, value) = table.get_key_value(name)?;
        Some((Entry { key: Some(key), value }, rest.strip_prefix('.').unwrap_or(rest)))
    })
}

fn collect<'d>(path: &str, key: &'d str, value: &'d Spanned<DeValue<'_>>, texts: &mut Vec<Text<'d>>) {
    match value.get_ref() {
        DeValue::String(text) => texts.push(Text { path: path.to_owned(), key, text, span: value.span() }),
        DeValue::Array(items) => {
            for (number, item) in (1..).zip(items.iter()) {
                collect(&format!("{path}[{number}]"), key, item, texts);
            }
        }
        DeValue::Table(table) => {
            for (key, value) in table {
                collect(&format!("{path}.{}", key.get_ref()), key.get_ref(), value, texts);
            }
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::Document;

    const TEXT: &str = r#"
deadline = "2h"

[submit]
path = "/v1/jobs"
headers = { "X.Y" = "z" }
form = { "a[b]" = "c" }

[[status.accept]]
state = "failure"
[[status.accept]]
state = "success"
when = { all = [{ at = "code" }, { at = "body:/a" }] }
"#;

    fn value(path: &str) -> &'static str {
        &TEXT[Document::read(TEXT).span(path).unwrap()]
    }

    #[test]
    fn a_path_leads_to_its_value() {
        assert_eq!(value("deadline"), "\"2h\"");
        assert_eq!(value("submit.path"), "\"/v1/jobs\"");
        assert_eq!(value("submit.headers.X.Y"), "\"z\"");
        assert_eq!(value("submit.form.a[b]"), "\"c\"");
        assert_eq!(value("status.accept[1].state"), "\"failure\"");
        assert_eq!(value("status.accept[2].when.all[2].at"), "\"body:/a\"");
    }

    #[test]
    fn a_path_that_goes_on_leads_to_the_nearest_section() {
        assert_eq!(value("submit"), "[submit]");
        assert_eq!(value("submit.job_id"), "[submit]");
        assert_eq!(value("submit.path.more"), "\"/v1/jobs\"");
        assert_eq!(value("status.accept[1]"), "[[status.accept]]");
        assert_eq!(Document::read(TEXT).span("cancel.path"), None);
        assert!(Document::read(TEXT).get("submit.job_id").is_none());
    }

    #[test]
    fn a_key_is_told_from_its_value() {
        let document = Document::read(TEXT);
        assert_eq!(&TEXT[document.key_span("submit.path").unwrap()], "path");
        assert_eq!(&TEXT[document.key_span("submit.job_id").unwrap()], "[submit]");
        assert_eq!(
            document.keys("submit").iter().map(|(key, _)| *key).collect::<Vec<_>>(),
            ["path", "headers", "form"]
        );
    }

    #[test]
    fn all_texts_are_found_in_their_order() {
        let document = Document::read(TEXT);
        let paths: Vec<_> = document.texts().into_iter().map(|text| text.path).collect();
        let expected = [
            "deadline",
            "submit.path",
            "submit.headers.X.Y",
            "submit.form.a[b]",
            "status.accept[1].state",
            "status.accept[2].state",
            "status.accept[2].when.all[1].at",
            "status.accept[2].when.all[2].at",
        ];
        assert_eq!(paths, expected);
    }

    #[test]
    fn a_text_with_a_mistake_is_read_as_far_as_possible() {
        let document = Document::read("deadline = \"2h\"\nbase_url = \"https://\n[submit\n");
        assert_eq!(document.text("deadline"), Some("2h"));
        assert!(!document.is_toml() && Document::read(TEXT).is_toml());
    }

    #[test]
    fn a_part_is_found_where_it_is_looked_for() {
        let document = Document::read(TEXT);
        let within = document.span("status.accept[2].when").unwrap();
        let found = document.find("\"code\"", &within).unwrap();
        assert!(within.contains(&found.start) && &TEXT[found] == "\"code\"");
        assert_eq!(document.find("deadline", &within), None);
    }
}
