//! Who polls, where the file leaves it open.

use super::choose;
use crate::cost::{Architecture, End, JobEnds, Prices, course, together};
use crate::integration::{Integration, Strategy};
use crate::test_support::{render, try_render};
use std::time::Duration;

const POLL: &str = r#"strategy = "poll""#;

/// The integration that leaves it open, with that deadline, expectation and schedule.
fn auto(deadline: &str, expected: &str, schedule: &str) -> Integration {
    let head = format!("{POLL}\nengine = \"auto\"\nexpected = \"{expected}\"");
    let deadline = format!("deadline = \"{deadline}\"");
    render(&[(POLL, &head), (r#"deadline = "1h""#, &deadline), ("first = \"5s\"\ninterval = \"2s..60s\"", schedule)])
}

#[test]
fn short_waits_are_polled_by_their_own_workflow_and_long_ones_by_the_reconciler() {
    let often = "first = \"2s\"\ninterval = \"2s..30s\"";
    let seldom = "first = \"1m\"\ninterval = \"5m..15m\"";
    let cases = [
        ("10m", "20s", often, Strategy::Poll),
        // Cheaper by the reconciler, but the file asks for looks half a minute apart.
        ("2h", "20m", often, Strategy::Poll),
        ("2h", "31m", often, Strategy::Pooled),
        ("3days", "1day", often, Strategy::Pooled),
        ("2h", "20m", seldom, Strategy::Pooled),
        ("3days", "1day", seldom, Strategy::Pooled),
    ];
    for (deadline, expected, schedule, strategy) in cases {
        assert_eq!(auto(deadline, expected, schedule).strategy, strategy, "{expected} of {deadline}, {schedule}");
    }
}

#[test]
fn what_is_chosen_costs_no_more_than_the_other_wherever_the_minute_does_not_matter() {
    for expected in ["1m", "5m", "31m", "2h", "1day"] {
        for schedule in ["first = \"1m\"\ninterval = \"1m\"", "first = \"1m\"\ninterval = \"2m..30m\""] {
            let chosen = auto("3days", expected, schedule);
            let cost = |strategy| {
                let integration = Integration { strategy, ..chosen.clone() };
                let (_, usage) = together(&integration, JobEnds::After(chosen.expected)).unwrap();
                usage.nano_dollars(&Prices::default(), Architecture::Arm64)
            };
            let (nested, pooled) = (cost(Strategy::Poll), cost(Strategy::Pooled));
            assert_eq!(chosen.strategy == Strategy::Pooled, pooled < nested, "{expected}: {nested} or {pooled}");
        }
    }
}

#[test]
fn a_file_that_says_who_polls_is_taken_at_its_word() {
    for (engine, strategy) in [("nested", Strategy::Poll), ("pooled", Strategy::Pooled)] {
        let integration = render(&[(POLL, &format!("{POLL}\nengine = \"{engine}\""))]);
        assert_eq!(integration.strategy, strategy);
    }
    assert_eq!(render(&[]).strategy, Strategy::Poll);
    let called_back = render(&[(POLL, "strategy = \"callback\"\nengine = \"pooled\"")]);
    assert_eq!(called_back.strategy, Strategy::Callback, "a webhook is waited for by whoever receives it");
}

#[test]
fn a_wait_is_expected_to_take_a_quarter_of_its_deadline_unless_the_file_knows_better() {
    assert_eq!(render(&[]).expected, Duration::from_mins(15));
    let expected = |text: &str| try_render(&[(POLL, &format!("{POLL}\nexpected = \"{text}\""))]);
    assert_eq!(expected("5m").unwrap().expected, Duration::from_mins(5));
    assert_eq!(expected("1h").unwrap().expected, Duration::from_hours(1));
    for text in ["0s", "61m"] {
        let error = expected(text).unwrap_err().to_string();
        assert!(error.contains("expected"), "{error}");
        assert!(error.contains("must be over 0s and no longer than `deadline`"), "{error}");
    }
}

#[test]
fn an_engine_that_there_is_not_is_refused_by_name() {
    let error = try_render(&[(POLL, &format!("{POLL}\nengine = \"turbo\""))]).unwrap_err().to_string();
    assert!(error.contains("unknown variant `turbo`, expected one of `nested`, `pooled`, `auto`"), "{error}");
}

#[test]
fn a_pooled_wait_takes_one_transition_for_all_its_waiting() {
    let short = auto("3days", "1day", "first = \"10m\"\ninterval = \"10m\"");
    assert_eq!(choose(&short), Strategy::Pooled);
    let transitions = |hours| {
        let course = course(&short, JobEnds::After(Duration::from_hours(hours))).unwrap();
        assert!(matches!(course.end, End::Known { .. }), "{course:?}");
        (course.usage.transitions, course.usage.express_requests, course.usage.writes)
    };
    assert_eq!([transitions(1), transitions(48)], [(10, 0, 19), (10, 0, 19)]);
}
