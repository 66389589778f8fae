//! Logarithmic axes, and where their ticks stand.

use std::time::Duration;

/// The least distance between the labels of two ticks, as a part of the axis.
const LABELS_APART: f64 = 0.055;

/// Times that people count in, in milliseconds.
const TIMES: [u64; 19] = [
    1_000,
    2_000,
    5_000,
    10_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    1_800_000,
    3_600_000,
    7_200_000,
    21_600_000,
    43_200_000,
    86_400_000,
    172_800_000,
    432_000_000,
    864_000_000,
    2_592_000_000,
];

/// An axis from one positive value to another, and its ticks.
pub(super) struct Axis {
    pub(super) label: String,
    from: f64,
    to: f64,
    /// Values, with their labels; those without one are lines only.
    pub(super) ticks: Vec<(f64, Option<String>)>,
}

impl Axis {
    /// An axis of times in milliseconds between the least and the most of these.
    pub(super) fn of_times(label: &str, values: &[f64]) -> Self {
        let (from, to) = bounds(values);
        let ticks = TIMES.iter().map(|ms| (float(*ms), time(*ms)));
        Self { label: label.to_owned(), from, to, ticks: spaced(from, to, ticks.collect()) }
    }

    /// An axis of numbers with round bounds around these, each tick as `text` writes it.
    pub(super) fn of_numbers(label: &str, values: &[f64], text: impl Fn(f64) -> String) -> Self {
        let (least, most) = bounds(values);
        let steps: Vec<f64> =
            (-6..=12).flat_map(|power| [1.0, 2.0, 5.0].map(|step: f64| step * 10_f64.powi(power))).collect();
        let from = steps.iter().copied().rfind(|step| *step <= least * 1.000_001).unwrap_or(least);
        let to = steps.iter().copied().find(|step| *step >= most / 1.000_001 && *step > from).unwrap_or(most);
        let ticks = steps.into_iter().map(|step| (step, text(step))).collect();
        Self { label: label.to_owned(), from, to, ticks: spaced(from, to, ticks) }
    }

    /// Where a value stands, from 0 to 1.
    pub(super) fn place(&self, value: f64) -> f64 {
        ((value.max(self.from) / self.from).ln() / (self.to / self.from).ln()).clamp(0.0, 1.0)
    }
}

/// The ticks within the bounds, and the labels of those that have room: first powers of ten.
fn spaced(from: f64, to: f64, ticks: Vec<(f64, String)>) -> Vec<(f64, Option<String>)> {
    let place = |value: f64| (value / from).ln() / (to / from).ln();
    let within = |value: f64| value >= from * 0.999 && value <= to * 1.001;
    let ticks: Vec<(f64, String)> = ticks.into_iter().filter(|(value, _)| within(*value)).collect();
    let is_decade = |value: f64| (value.log10() - value.log10().round()).abs() < 1e-6;
    let mut taken: Vec<f64> = Vec::new();
    let mut labelled = vec![false; ticks.len()];
    for decades in [true, false] {
        for (n, (value, _)) in ticks.iter().enumerate() {
            let has_room = taken.iter().all(|other| (other - place(*value)).abs() >= LABELS_APART);
            if is_decade(*value) == decades && has_room {
                taken.push(place(*value));
                if let Some(labelled) = labelled.get_mut(n) {
                    *labelled = true;
                }
            }
        }
    }
    ticks.into_iter().zip(labelled).map(|((value, text), labelled)| (value, labelled.then_some(text))).collect()
}

fn bounds(values: &[f64]) -> (f64, f64) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    if least.is_finite() && most > least { (least, most) } else { (least.min(1.0), least.min(1.0) * 10.0) }
}

/// A count for a picture, which shows three digits of it.
pub(super) fn float(n: u64) -> f64 {
    n as f64
}

/// A time as ticks show it: "5m", "1h".
pub(super) fn time(ms: u64) -> String {
    humantime::format_duration(Duration::from_millis(ms)).to_string().replace("days", "d").replace("day", "d")
}
