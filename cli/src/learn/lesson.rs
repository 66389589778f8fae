//! What ended waits teach: how long their jobs took, none counted twice.

use stepwait_aws::EndedWait;
use stepwait_core::Timestamp;
use stepwait_core::learn::{Histogram, Learning, Took, took};

/// What is known after a lesson, and what it was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lesson {
    /// How long jobs took, those of earlier lessons included.
    pub(super) jobs: Histogram,
    /// When the last wait ended that this or an earlier lesson knows of.
    pub(super) until: Option<Timestamp>,
    /// Jobs that are counted now and were not before.
    pub(super) counted: u64,
    /// Waits that an earlier lesson knew of, or that ended before the asked time.
    pub(super) earlier: u64,
    /// Waits that ended without their job.
    pub(super) not_ended: u64,
    /// Waits of which nobody knows when their job ended.
    pub(super) unknown: u64,
}

impl Lesson {
    /// What these waits teach beyond what is known, as far as they ended after `since`.
    pub(super) fn of(known: Option<&Learning>, mut waits: Vec<EndedWait>, since: Option<Timestamp>) -> Self {
        // What intervals are taken for goes by those before them.
        waits.sort_by_key(|wait| wait.outcome.at);
        let counted_until = known.and_then(Learning::until);
        let mut lesson = Self {
            jobs: known.map_or_else(Histogram::default, |known| known.jobs().clone()),
            until: counted_until,
            counted: 0,
            earlier: 0,
            not_ended: 0,
            unknown: 0,
        };
        for wait in waits {
            let at = wait.outcome.at;
            if counted_until.is_some_and(|until| at <= until) || since.is_some_and(|since| at < since) {
                lesson.earlier += 1;
                continue;
            }
            lesson.until = lesson.until.max(Some(at));
            match took(wait.submitted_at, &wait.outcome) {
                Took::Within(range) => {
                    lesson.jobs.observe(range);
                    lesson.counted += 1;
                }
                Took::NotEnded => lesson.not_ended += 1,
                Took::Unknown => lesson.unknown += 1,
            }
        }
        lesson
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::time::Duration;
    use stepwait_core::learn::Promptness;
    use stepwait_core::wait::{Outcome, OutcomeKind, Source};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A wait that began at noon, and that a webhook ended.
    fn wait(ended: &str) -> EndedWait {
        let outcome = Outcome {
            kind: OutcomeKind::Succeeded { output: Value::Null },
            source: Source::Webhook,
            at: at(ended),
            pending_at: None,
            job_id: None,
            event_id: None,
        };
        EndedWait { submitted_at: Some(at("2026-11-24T12:00:00Z")), outcome }
    }

    fn learning(lesson: &Lesson) -> Learning {
        Learning::new(lesson.jobs.clone(), Promptness::AsTheBackoff, lesson.until)
    }

    #[test]
    fn what_is_counted_once_is_not_counted_again() {
        let waits = || vec![wait("2026-11-24T12:05:00Z"), wait("2026-11-24T12:04:58Z")];
        let first = Lesson::of(None, waits(), None);
        assert_eq!((first.counted, first.earlier, first.until), (2, 0, Some(at("2026-11-24T12:05:00Z"))));
        let known = learning(&first);
        let again = Lesson::of(Some(&known), waits(), None);
        assert_eq!((again.counted, again.earlier), (0, 2));
        assert_eq!((&again.jobs, again.until), (&first.jobs, first.until));
        let more = Lesson::of(Some(&known), [waits(), vec![wait("2026-11-24T12:05:01Z")]].concat(), None);
        assert_eq!((more.counted, more.earlier, more.until), (1, 2, Some(at("2026-11-24T12:05:01Z"))));
        assert_eq!(more.jobs.observations(), 3);
    }

    #[test]
    fn the_order_in_which_waits_are_read_makes_no_difference() {
        let look = |ended: &str, pending: &str| {
            let mut wait = wait(ended);
            (wait.outcome.source, wait.outcome.pending_at) = (Source::Poll, Some(at(pending)));
            wait
        };
        let mut waits: Vec<_> = (10..50)
            .map(|minute| {
                look(&format!("2026-11-24T12:{minute:02}:00Z"), &format!("2026-11-24T12:{:02}:00Z", minute - 4))
            })
            .collect();
        let one = Lesson::of(None, waits.clone(), None);
        waits.reverse();
        assert_eq!(Lesson::of(None, waits, None), one);
        assert_eq!(one.counted, 40);
    }

    #[test]
    fn waits_that_tell_nothing_are_told_apart_and_not_read_again() {
        let mut by_hand = wait("2026-11-24T12:06:00Z");
        by_hand.outcome.source = Source::Operator;
        let mut given_up = wait("2026-11-24T12:07:00Z");
        given_up.outcome.kind = OutcomeKind::failed(stepwait_core::ErrorName::CheckRefused, "no");
        let lesson = Lesson::of(None, vec![by_hand, given_up], None);
        assert_eq!((lesson.counted, lesson.unknown, lesson.not_ended), (0, 1, 1));
        assert_eq!(lesson.until, Some(at("2026-11-24T12:07:00Z")));
    }

    #[test]
    fn what_ended_before_the_asked_time_is_left_out() {
        let waits = vec![wait("2026-11-24T12:05:00Z"), wait("2026-11-24T13:00:00Z")];
        let lesson = Lesson::of(None, waits, Some(at("2026-11-24T12:30:00Z")));
        assert_eq!((lesson.counted, lesson.earlier), (1, 1));
        assert!(lesson.jobs.quantile(500).unwrap() >= Duration::from_mins(59));
    }
}
