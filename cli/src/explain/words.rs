//! Small words that several sections use.

use std::time::Duration;

use stepwait_core::integration::{Integration, Strategy};

/// A duration as files write it: "1h 30m".
pub(super) fn duration(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}

/// Texts with commas, and a word before the last: "a, b or c".
pub(super) fn list(texts: &[String], word: &str) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

/// The same, each in quotes.
pub(super) fn quoted(texts: &[String], word: &str) -> String {
    list(&texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>(), word)
}

/// A number and what is counted: "1 look", "2 looks".
pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// What and who, in two or three lines.
pub(super) fn headline(integration: &Integration) -> Vec<String> {
    let how = match integration.strategy {
        Strategy::Poll => "asks again and again until the job is done",
        Strategy::Pooled => "asks for all waits together until the job is done",
        Strategy::Callback => "waits for the webhook that says that the job is done",
    };
    let mut lines = vec![
        format!("{}: {}", integration.name, integration.description),
        format!(
            "{} {how}, for {} at most, at {}",
            integration.strategy.as_str(),
            duration(integration.deadline),
            integration.base_url
        ),
    ];
    lines.extend(integration.docs.as_ref().map(|docs| format!("written from {docs}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_a_word_before_their_last_member() {
        let texts = ["a", "b", "c"].map(str::to_owned);
        assert_eq!([0, 1, 2, 3].map(|n| list(&texts[..n], "or")), ["", "a", "a or b", "a, b or c"]);
        assert_eq!(quoted(&texts[..2], "and"), "\"a\" and \"b\"");
    }
}
