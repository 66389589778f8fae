//! However long a third party asks to be left alone, and in whatever words, it
//! is a day at most, and the rules of RFC 9110 hold.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_core::answer::Answer;
use stepwait_core::decide::retry_after::parse;
use stepwait_core::pace::{Health, Heard};
use stepwait_fuzz::claims;

/// The longest that is believed, in seconds.
const DAY_S: u64 = 24 * 60 * 60;

/// The longest pause that everybody keeps, as `pace/health.rs` has it.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

#[derive(Arbitrary, Debug)]
struct Input<'d> {
    now_ms: i64,
    seconds: u64,
    real: f64,
    code: u16,
    failures: u32,
    text: &'d str,
}

fuzz_target!(|input: Input<'_>| {
    let Ok(now) = Timestamp::from_millisecond(input.now_ms) else { return };
    let (seconds, text) = (input.seconds, input.text);

    let found = parse(text, now);
    claims::pause(found);
    let trimmed = text.trim();
    let has_digits = !trimmed.is_empty() && trimmed.bytes().all(|byte| byte.is_ascii_digit());
    if has_digits {
        let whole = trimmed.parse().map_or(DAY_S, |seconds: u64| seconds.min(DAY_S));
        assert_eq!(found, Some(Duration::from_secs(whole)), "{text:?}");
    }
    assert_eq!(parse(&seconds.to_string(), now), Some(Duration::from_secs(seconds.min(DAY_S))));
    // RFC 9110 has neither signs nor fractions, nor what vendors made of them.
    assert_eq!(parse(&format!("-{seconds}"), now), None);
    assert_eq!(parse(&format!("{seconds}.5"), now), None);
    let real = format!("{:?}", input.real);
    if !real.bytes().all(|byte| byte.is_ascii_digit()) {
        assert_eq!(parse(&real, now), None, "{real}");
    }

    let headers = vec![("Retry-After".to_owned(), text.to_owned())];
    let answer = Answer { status: input.code, headers, body: Vec::new(), truncated: false };
    let heard = Heard::of(&Ok(answer), now);
    if let Heard::Throttled(pause) = heard {
        assert!((Duration::from_secs(1)..=LONGEST_PAUSE).contains(&pause), "{pause:?}");
    }
    let health = Health { failures: input.failures, paused_until_us: input.now_ms, probing: seconds % 2 == 0 };
    if let Some(becomes) = health.after(heard, now) {
        assert_ne!(becomes, health);
        assert_eq!(becomes.after(Heard::Nothing, now), None);
    }
});
