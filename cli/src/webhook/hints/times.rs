//! Times in another unit than the file says, and clocks.

use stepwait_core::Timestamp;
use stepwait_core::webhook::Refusal;

use super::super::record::Noted;

/// The earliest time that a webhook may have been sent, 2010 in milliseconds
/// since 1970, and the latest, 2100: what lies outside is in another unit.
const PLAUSIBLE_MS: std::ops::Range<i128> = 1_262_304_000_000..4_102_444_800_000;

/// What the time of sending shows, where it speaks against a delivery.
pub(in crate::webhook) fn of_time(noted: &Noted, refusal: &Refusal) -> Vec<String> {
    if let Some(unit) = of_unit(noted) {
        return vec![unit];
    }
    let Refusal::OutsideTolerance { .. } = refusal else {
        return Vec::new();
    };
    let sent = noted.timestamp.as_ref().and_then(|time| time.sent);
    sent.map(|sent| {
        format!("a signature matches, and the time alone speaks against it: --now {sent:.0} looks at it as of when it was sent")
    })
    .into_iter()
    .collect()
}

/// Whether the time would be a sensible one in another unit.
pub(in crate::webhook) fn of_unit(noted: &Noted) -> Option<String> {
    let time = noted.timestamp.as_ref().filter(|time| !time.within)?;
    let sent_ms = i128::from(noted.now.as_millisecond()) - i128::from(time.apart_ms?);
    if PLAUSIBLE_MS.contains(&sent_ms) {
        return None;
    }
    let place = &time.place;
    let sensible = |ms: i128| {
        let ms = PLAUSIBLE_MS.contains(&ms).then_some(ms)?;
        Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()
    };
    if let Some(sent) = sensible(sent_ms / 1_000) {
        return Some(format!(
            "{place} is in milliseconds ({sent}), and the file reads seconds: write unit = \"milliseconds\""
        ));
    }
    let sent = sensible(sent_ms.saturating_mul(1_000))?;
    Some(format!("{place} is in seconds ({sent}), and the file reads milliseconds: write unit = \"seconds\""))
}
