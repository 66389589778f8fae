//! Histograms: what they hold, forget and say.

use super::super::{Histogram, HistogramError, LEAST_OBSERVATIONS, Plan, Promptness};
use super::schedules::Smithy;
use super::shapes::Random;
use std::time::Duration;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn jobs(took: &[u64]) -> Histogram {
    let mut jobs = Histogram::default();
    for took in took {
        jobs.observe(seconds(*took)..=seconds(*took));
    }
    jobs
}

#[test]
fn a_histogram_reads_like_this() {
    let mut seen = jobs(&[300, 300, 301, 30]);
    seen.observe(seconds(10)..=seconds(12));
    assert_eq!(
        seen.to_string(),
        "128 per doubling, 10s 125ms: 0.06, 10s 250ms: 0.06, 10s 375ms: 0.06, 10s 500ms: 0.07, 10s 625ms: 0.06, \
         10s 750ms: 0.06, 10s 875ms: 0.06, 11s: 0.07, 11s 125ms: 0.06, 11s 250ms: 0.06, 11s 375ms: 0.06, \
         11s 500ms: 0.07, 11s 625ms: 0.06, 11s 750ms: 0.06, 11s 875ms: 0.06, 12s: 0.07, 30s: 1, 5m: 2, 5m 2s: 1"
    );
}

#[test]
fn what_is_no_histogram_is_refused_with_what_to_write() {
    let refused = |text: &str| text.parse::<Histogram>().unwrap_err();
    let error = |at: &str, what: &str| HistogramError { at: at.to_owned(), what: what.to_owned() };
    let begin = "begin with \"128 per doubling\" (or 64, 32, 16 or 8)";
    assert_eq!(refused(""), error("item 1 (\"\")", begin));
    assert_eq!(refused("100 per doubling"), error("item 1 (\"100 per doubling\")", begin));
    assert_eq!(
        refused("8 per doubling, 30s"),
        error("item 2 (\"30s\")", "a colon is missing; write for example \"4m 58s: 12.5\"")
    );
    assert_eq!(
        refused("8 per doubling, 30s: 1, 40: 2").to_string(),
        "item 3 (\"40: 2\"): \"40\" is not a duration (time unit needed, for example 40sec or 40ms); \
         write for example \"4m 58s: 12.5\""
    );
    for count in ["", "0", "-1", "1.234", "1e3", "1000000", "99999999999", "1."] {
        let what = format!(
            "{count:?} is not a count up to 1000000 with at most two decimals; write for example \"4m 58s: 12.5\""
        );
        assert_eq!(refused(&format!("8 per doubling, 30s: {count}")).what, what);
    }
    assert_eq!(
        refused("8 per doubling, 30s: 1, 30s: 2"),
        error("item 3 (\"30s: 2\")", "bounds ascend, and 30s stands before; sort them, each once")
    );
    assert_eq!(refused(&"8".repeat(20_000)).at, "whole text");
}

#[test]
fn a_histogram_is_a_line_of_a_toml_file() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct File {
        jobs: Histogram,
    }
    let file = File { jobs: jobs(&[300, 301]) };
    let text = toml::to_string(&file).unwrap();
    assert_eq!(text, "jobs = \"128 per doubling, 5m: 1, 5m 2s: 1\"\n");
    assert_eq!(toml::from_str::<File>(&text).unwrap().jobs, file.jobs);
}

#[test]
fn older_jobs_fade() {
    let mut seen = jobs(&[30; 1_000]);
    for _ in 0..1_024 {
        seen.observe(seconds(600)..=seconds(600));
    }
    let count =
        |seen: &Histogram, ms: u64| seen.buckets().find(|(low, high, _)| (low + 1..=*high).contains(&ms)).unwrap().2;
    assert!(seen.observations() <= 1_024);
    assert!(count(&seen, 600_000) > 2 * count(&seen, 30_000), "{seen}");
}

#[test]
fn what_is_known_to_an_interval_goes_where_others_ended() {
    let mut seen = jobs(&[300; 50]);
    seen.observe(seconds(280)..=seconds(320));
    let at_five_minutes = seen.buckets().find(|(_, high, _)| *high == 300_000).unwrap().2;
    assert!(at_five_minutes > 5_095, "{seen}");
    assert_eq!(seen.observations(), 51);
}

#[test]
fn a_range_that_runs_backwards_counts_where_it_ends() {
    let mut seen = Histogram::default();
    seen.observe(seconds(40)..=seconds(30));
    assert_eq!(seen, jobs(&[30]));
}

#[test]
fn a_plan_stays_with_the_backoff_until_twenty_jobs_are_known() {
    let backoff = Smithy::ALL[0].schedule();
    let plan =
        |count: u32| Plan::of(&jobs(&vec![300; usize::try_from(count).unwrap()]), &backoff, Promptness::AsTheBackoff);
    assert_eq!(plan(0), Plan::Backoff(backoff.clone()));
    assert_eq!(plan(LEAST_OBSERVATIONS - 1), Plan::Backoff(backoff.clone()));
    assert!(matches!(plan(LEAST_OBSERVATIONS), Plan::Learned(_)));
}

#[test]
fn a_plan_that_is_allowed_no_delay_looks_as_often_as_it_may() {
    let backoff = Smithy::ALL[1].schedule();
    let plan = Plan::of(&jobs(&[300; 30]), &backoff, Promptness::Within(Duration::ZERO));
    let expected = plan.expected(&jobs(&[300; 30])).unwrap();
    assert!(expected.delay_s < 3.5, "{expected:?}");
}

#[test]
fn few_jobs_leave_a_look_before_the_first_that_was_seen_and_many_leave_none() {
    let backoff = Smithy::ALL[0].schedule();
    let first = |count: usize| {
        Plan::of(&jobs(&vec![300; count]), &backoff, Promptness::Within(seconds(3))).next(Duration::ZERO, 0, 0)
    };
    assert!(first(20) < seconds(290), "{:?}", first(20));
    assert!(first(1_000) >= seconds(298), "{:?}", first(1_000));
}

/// A thousand jobs took five minutes, and now all take one. A look at five
/// minutes alone could not tell; those made now and then before it do.
#[test]
fn a_vendor_that_has_become_faster_is_found_out() {
    let backoff = Smithy::ALL[0].schedule();
    let (mut seen, mut random) = (jobs(&[300; 1_000]), Random(11));
    let (mut late, took) = (Vec::new(), seconds(60));
    let mut plan = Plan::of(&seen, &backoff, Promptness::AsTheBackoff);
    for wait in 1..=1_500 {
        let (mut before, mut elapsed) = (Duration::ZERO, Duration::ZERO);
        while elapsed < took {
            before = elapsed;
            elapsed += plan.next(elapsed, 0, random.next());
        }
        seen.observe(before..=elapsed);
        late.push(elapsed - took);
        if wait % 100 == 0 {
            plan = Plan::of(&seen, &backoff, Promptness::AsTheBackoff);
        }
    }
    let mean = |late: &[Duration]| late.iter().sum::<Duration>() / u32::try_from(late.len()).unwrap();
    assert!(mean(&late[..20]) > seconds(180), "{:?}", mean(&late[..20]));
    assert!(mean(&late[1_400..]) < seconds(20), "{:?}", mean(&late[1_400..]));
}

#[test]
fn beyond_all_that_was_seen_the_backoff_begins_anew() {
    let backoff = Smithy::ALL[0].schedule();
    let Plan::Learned(learned) = Plan::of(&jobs(&[300; 100]), &backoff, Promptness::AsTheBackoff) else {
        panic!("100 jobs are enough");
    };
    let end = learned.times().last().unwrap();
    assert!(end >= seconds(8 * 300), "{end:?}");
    let plan = Plan::Learned(learned);
    let mut elapsed = end;
    let delays = [(); 6].map(|()| {
        let delay = plan.next(elapsed, 0, 0);
        elapsed += delay;
        delay.as_secs()
    });
    assert_eq!(delays, [2, 2, 4, 8, 16, 30]);
}

/// A look that came late leaves out those it has overtaken, and puts the next one
/// off that would come sooner than the least gap.
#[test]
fn a_late_look_is_followed_by_the_next_time_or_after_the_least_gap() {
    let backoff = Smithy::ALL[1].schedule();
    let plan = Plan::of(&jobs(&[300, 310, 320, 330, 340].repeat(20)), &backoff, Promptness::Within(seconds(4)));
    let Plan::Learned(learned) = &plan else { panic!("100 jobs are enough") };
    let times: Vec<Duration> = learned.times().collect();
    for late in (0..400).map(seconds) {
        let next = late + plan.next(late, 3, 0);
        let planned = times.iter().find(|time| **time > late).unwrap();
        assert_eq!(next, (*planned).max(late + seconds(5)), "after {late:?}");
    }
}
