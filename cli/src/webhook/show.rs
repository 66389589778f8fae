//! An account for people, or for programs.

use std::fmt::Write as _;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Style};
use humantime::format_duration;
use stepwait_trial::Veil;

use super::account::{Account, Clock, Verdict};
use super::arguments::Format;
use super::record::{Noted, NotedBytes, NotedKey, NotedOutcome, NotedSignature, NotedTime};
use crate::explain::text::broken;

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const ODD: Style = AnsiColor::Yellow.on_default();

/// How wide the words before the lines are: "signature", and two blanks.
const LABEL_WIDTH: usize = 11;

/// How far the lines themselves are indented.
const INDENT: usize = LABEL_WIDTH + 2;

/// How far the rest of a broken line is indented below its beginning.
const HANGING: usize = 2;

/// How wide the parts of what is signed may be that stand in a column, 40
/// characters; longer ones only push the number of their bytes to the right.
const MAX_PART_WIDTH: usize = 40;

/// Prints an account, and no secret in it.
pub(super) fn account(account: &Account, format: Format, veil: &Veil) {
    let text = match format {
        Format::Text => veil.hide(&as_text(account)),
        Format::Json => serde_json::to_value(account).map_or_else(
            |error| format!("{{\"error\":\"{error}\"}}\n"),
            |value| format!("{:#}\n", veil.hide_json(&value)),
        ),
    };
    anstream::print!("{text}");
}

fn as_text(account: &Account) -> String {
    let mut page = Page::default();
    let verdict = match account.verdict {
        Verdict::Accepted => paint(GOOD, "accepted"),
        Verdict::Refused => paint(BAD, "refused"),
        Verdict::Unknown => paint(ODD, "not known"),
    };
    let why = account.why.as_ref().map(|why| format!(": {}", printable(why))).unwrap_or_default();
    page.plain(&broken(&format!("{verdict}{why}"), 0, HANGING));
    page.plain(&format!("{}: {}", paint(BOLD, &account.integration), account.description));
    page.blank();
    page.examination(account);
    if let Some(recorded) = &account.recorded {
        page.heading(&format!("Beside the record of {recorded:.0}"));
        for compared in &account.compared {
            match &compared.differs {
                None => page.plain(&format!("  {}: {}", compared.what, paint(GOOD, "the same"))),
                Some(differs) => {
                    let line = format!("{}: {}, {differs}", compared.what, paint(BAD, "not the same"));
                    page.plain(&format!("  {}", broken(&line, HANGING, HANGING * 2)));
                }
            }
        }
    }
    page.list("Notes", &account.notes);
    page.list("What to look at", &account.hints);
    if let Some(event) = &account.event {
        page.heading(match account.verdict {
            Verdict::Accepted => "The event",
            Verdict::Refused | Verdict::Unknown => "The event, were it genuine",
        });
        page.line("job", &event.job_id.as_deref().map_or_else(|| "none".to_owned(), printable));
        page.line("says", &broken(&printable(&event.says), INDENT, INDENT));
        page.line("answer", &broken(&format!("{} {}", event.status, event.answer), INDENT, INDENT));
    }
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn examination(&mut self, account: &Account) {
        let noted = &account.examination;
        self.line("rule", &broken(&noted.rule, INDENT, INDENT));
        let tried = |key: &NotedKey| matches!(key.outcome, NotedOutcome::Matched | NotedOutcome::DidNotMatch);
        let has_keys = noted.keys.iter().any(tried);
        for one in &noted.signatures {
            self.line("signature", &signature(one, has_keys));
        }
        let has_signatures = noted.signatures.iter().any(|one| one.readable);
        for key in &noted.keys {
            self.line("key", &self::key(key, has_signatures));
        }
        if let Some(url) = &account.url {
            self.line("url", &format!("{url}  {}", paint(DIM, "it is part of what is signed")));
        }
        self.signed(account);
        self.line("body", &bytes(&noted.body));
        for missing in &noted.missing {
            self.line("missing", missing.strip_suffix(" is missing").unwrap_or(missing));
        }
        self.line("now", &now(noted, account.clock));
        if let Some(time) = &noted.timestamp {
            self.line("sent", &sent(time));
        }
    }

    /// The parts of what is signed, each on a line, and the whole.
    fn signed(&mut self, account: &Account) {
        let widths = account.parts.iter().map(|part| part.part.chars().count());
        let width = widths.max().unwrap_or_default().min(MAX_PART_WIDTH);
        for part in &account.parts {
            let size = part.bytes.map_or_else(|| paint(BAD, "missing"), |bytes| count(bytes, "byte"));
            self.line("signed", &format!("{:width$}  {size}", printable(&part.part)));
        }
        if let Some(content) = &account.examination.content {
            let label = if account.parts.is_empty() { "signed" } else { "  in all" };
            self.line(label, &bytes(content));
        }
        if let Some(content) = &account.content {
            self.line("  text", content);
        }
    }

    fn heading(&mut self, title: &str) {
        self.blank();
        self.plain(&paint(BOLD, title));
    }

    fn list(&mut self, title: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.heading(title);
        for item in items {
            self.plain(&format!("  - {}", broken(&printable(item), HANGING * 2, HANGING * 2)));
        }
    }

    fn line(&mut self, label: &str, text: &str) {
        let label = paint(DIM, &format!("{label:LABEL_WIDTH$}"));
        self.plain(&format!("  {label}{text}"));
    }

    fn plain(&mut self, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{text}");
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }
}

/// A signature; `has_keys` if there was one to compare it with.
fn signature(one: &NotedSignature, has_keys: bool) -> String {
    let outcome = match (one.matched, one.readable) {
        (true, _) => paint(GOOD, "matches"),
        (false, true) if has_keys => paint(BAD, "does not match"),
        (false, true) => paint(ODD, "was not compared"),
        (false, false) => paint(BAD, "is not written as the rule says"),
    };
    let size = one.bytes.map(|bytes| format!("  {}", count(bytes, "byte"))).unwrap_or_default();
    let begins = one.sha256_begins.as_ref().map(|begins| format!(", sha-256 {begins}…")).unwrap_or_default();
    format!("{}{}  {outcome}", one.place, paint(DIM, &format!("{size}{begins}")))
}

/// A key; `has_signatures` if there was one to compare it with.
fn key(key: &NotedKey, has_signatures: bool) -> String {
    let outcome = match (key.outcome, &key.needed) {
        (NotedOutcome::Matched, _) => paint(GOOD, "matches"),
        (NotedOutcome::DidNotMatch, _) if has_signatures => paint(BAD, "does not match"),
        (NotedOutcome::DidNotMatch, _) => paint(ODD, "was not compared"),
        (NotedOutcome::NotYetValid, _) => paint(ODD, "does not count yet"),
        (NotedOutcome::NoLongerValid, _) => paint(ODD, "counts no longer"),
        (NotedOutcome::Malformed, Some(needed)) => paint(BAD, &format!("is not {needed}")),
        (NotedOutcome::Malformed, None) => paint(BAD, "is no key"),
        (NotedOutcome::NotLoaded, _) => paint(ODD, "is missing"),
    };
    format!("{}  {outcome}", key.name)
}

fn bytes(seen: &NotedBytes) -> String {
    format!("{}{}", count(seen.bytes, "byte"), paint(DIM, &format!(", sha-256 {}", seen.sha256)))
}

fn now(noted: &Noted, clock: Clock) -> String {
    let whose = match clock {
        Clock::Given => "as you say",
        Clock::Record => "when the listener looked at it",
        Clock::Gateway => "when the gateway received it",
        Clock::Machine => "by this machine's clock",
    };
    format!("{:.0}  {}", noted.now, paint(DIM, whose))
}

fn sent(time: &NotedTime) -> String {
    let tolerated = if time.past_s == time.future_s {
        format!("{} is tolerated", span(time.past_s))
    } else {
        format!("{} is tolerated, and {} into the future", span(time.past_s), span(time.future_s))
    };
    let sent = time.sent.map_or_else(|| "not a time that there is".to_owned(), |sent| format!("{sent:.0}"));
    let apart = time.apart_ms.map(|ms| {
        let side = if ms < 0 { "after" } else { "before" };
        format!(", {} {side} now", span(ms.unsigned_abs() / 1_000))
    });
    let style = if time.within { GOOD } else { BAD };
    let apart = paint(style, &apart.unwrap_or_default());
    format!("{sent}{apart}  {}", paint(DIM, &format!("({}; {tolerated})", time.place)))
}

/// A text that stays on its line, and leaves the terminal as it is.
pub(super) fn printable(text: &str) -> String {
    let one = |char: char| if char.is_control() { char.escape_default().to_string() } else { char.to_string() };
    text.chars().map(one).collect()
}

fn span(seconds: u64) -> String {
    format_duration(Duration::from_secs(seconds)).to_string()
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
