//! No text crashes the parser of integration files.

use crate::integration::Integration;
use crate::test_support::EVERYTHING;
use proptest::prelude::*;
use proptest::sample::Index;

/// What is put into a file in place of some of it.
fn any_piece() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\[\\]{}=\",.:/~#\\\\'\n -]{0,6}",
        "[0-9a-z.+-]{0,20}",
        prop::sample::select(vec![
            "{",
            "}",
            "{{",
            "{}",
            "{request:}",
            "{kept:x}",
            "\"\"",
            "[]",
            "{ }",
            "[[",
            "inf",
            "nan",
            "-1",
            "1e999",
            "99999999999999999999",
            "body:",
            "header:",
            "code",
            "(",
            "(?i)(",
            "*.",
            "https://",
            "\u{0}",
            "..",
            "null",
        ])
        .prop_map(str::to_owned),
        // A piece of the file itself, out of its place.
        any::<(Index, Index)>().prop_map(|(a, b)| {
            let (from, to) = range(a, b, EVERYTHING);
            EVERYTHING[from..to].to_owned()
        }),
    ]
}

/// Two ends within a text, not inside of a character, at most 200 bytes apart.
fn range(a: Index, b: Index, text: &str) -> (usize, usize) {
    let from = text.floor_char_boundary(a.index(text.len() + 1));
    (from, text.floor_char_boundary(from + b.index((text.len() - from).min(200) + 1)))
}

/// Parses a text, and looks at whatever is said about it.
fn parse(text: &str) {
    match Integration::parse("any", text) {
        Ok(integration) => assert!(!format!("{integration:?}").is_empty()),
        Err(error) => {
            assert!(!error.at.is_empty() && !error.what.is_empty(), "{error:?}");
            if let Some(span) = error.span {
                assert!(text.get(span.clone()).is_some(), "{span:?} is no part of the text");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_text_at_all_crashes_the_parser(text: String) {
        parse(&text);
    }

    #[test]
    fn no_change_of_a_file_crashes_the_parser(
        changes in prop::collection::vec((any::<Index>(), any::<Index>(), any_piece()), 1..4),
    ) {
        let mut text = EVERYTHING.to_owned();
        for (a, b, piece) in changes {
            let (from, to) = range(a, b, &text);
            text.replace_range(from..to, &piece);
        }
        parse(&text);
    }
}
