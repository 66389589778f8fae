//! Amounts and times as tables show them.

use std::time::Duration;

/// Nano-dollars as dollars: with cents below a hundred, rounded up in the last place.
pub(crate) fn dollars(nano: u64) -> String {
    if nano < 100_000_000_000 {
        let cents = nano.div_ceil(10_000_000);
        return format!("${}.{:02}", cents / 100, cents % 100);
    }
    format!("${}", thousands(nano.div_ceil(1_000_000_000)))
}

/// A number with its thousands apart.
pub(crate) fn thousands(n: u64) -> String {
    apart(&n.to_string())
}

/// The digits of a whole number with its thousands apart.
pub(super) fn apart(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Something of a million waits as of one, with a decimal.
pub(super) fn of_one(million: u64) -> String {
    let tenths = (million + 50_000) / 100_000;
    format!("{}.{}", thousands(tenths / 10), tenths % 10)
}

/// A time with its two largest units, rounded up.
pub(crate) fn time(ms: u64) -> String {
    let step = match ms {
        0 => return "0s".to_owned(),
        1..1_000 => return format!("{ms}ms"),
        1_000..10_000 => 100,
        10_000..3_600_000 => 1_000,
        3_600_000..86_400_000 => 60_000,
        _ => 3_600_000,
    };
    let rounded = ms.div_ceil(step) * step;
    if rounded < 10_000 {
        return format!("{}.{}s", rounded / 1_000, rounded % 1_000 / 100);
    }
    humantime::format_duration(Duration::from_millis(rounded)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_up_and_times_to_what_matters() {
        let amounts = [0, 1, 29_870_000_001, 99_990_000_000, 100_000_000_001, 21_802_000_000_000].map(dollars);
        assert_eq!(amounts, ["$0.00", "$0.01", "$29.88", "$99.99", "$101", "$21,802"]);
        let times = [0, 999, 2_410, 9_950, 61_200, 3_661_000, 90_000_000].map(time);
        assert_eq!(times, ["0s", "999ms", "2.5s", "10s", "1m 2s", "1h 2m", "1day 1h"]);
        assert_eq!([12_000_000, 1_250_000_000].map(of_one), ["12.0", "1,250.0"]);
        assert_eq!([1, 1_000, 1_234_567].map(thousands), ["1", "1,000", "1,234,567"]);
    }
}
