//! The three charts of a comparison, and their figures.

use stepwait_core::cost::Prices;

use super::super::compare::{Comparison, break_even_ms};
use super::super::money::{apart, dollars, of_one, time};
use super::axis::{Axis, float, time as tick};
use super::chart::{Beside, Chart, Line};
use super::series::{Curve, Tried, by_duration, by_interval, by_schedule};

/// A chart, and its figures as a table.
pub(super) struct Shown {
    pub(super) chart: Chart,
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// The charts of the `n`th comparison.
pub(super) fn of(n: usize, comparison: &Comparison, prices: &Prices) -> [Shown; 3] {
    let even = break_even_ms(prices);
    let even_name = format!("{} s: leaving a round costs as much", even / 1_000);
    let durations = comparison.asked.durations.to_string();
    let interval = costs(
        Chart {
            id: format!("interval-{n}"),
            title: "Cost against the interval between looks".to_owned(),
            description: format!(
                "Dollars for a million waits with their submit, for jobs that take {durations}, by the time between two looks. Ways with a webhook hardly depend on it; loops fall with it; nested rounds are left from the marked break-even on."
            ),
            x: empty("time between two looks"),
            y: empty("dollars for a million waits"),
            lines: Vec::new(),
            mark: Some((float(even), even_name)),
        },
        "interval",
        &by_interval(comparison, prices),
    );
    let duration = costs(
        Chart {
            id: format!("duration-{n}"),
            title: "Cost against the time that jobs take".to_owned(),
            description: format!(
                "Dollars for a million waits with their submit, for jobs that all take the same time, looked at {}. Ways that ask by themselves grow with it; task tokens that share a reconciler hardly do.",
                comparison.schedule()
            ),
            x: empty("time that a job takes"),
            y: empty("dollars for a million waits"),
            lines: Vec::new(),
            mark: None,
        },
        "duration",
        &by_duration(comparison, prices),
    );
    [interval, duration, checks(n, comparison, &durations)]
}

/// An axis whose values come later.
fn empty(label: &str) -> Axis {
    Axis::of_times(label, &[])
}

fn costs(mut chart: Chart, head: &str, curves: &[Curve]) -> Shown {
    let known = |curve: &Curve| -> Vec<(f64, f64)> {
        let points = curve.points.iter().filter_map(|(at, nano)| nano.map(|nano| (float(*at), float(nano) / 1e9)));
        points.collect()
    };
    chart.lines = curves
        .iter()
        .map(|curve| Line {
            name: curve.way.name().to_owned(),
            class: curve.way.name().to_owned(),
            points: known(curve),
            dots: None,
        })
        .collect();
    // Ours are broad, and drawn first, so that another one at the same place is seen on top.
    chart.lines.sort_by_key(|line| !curves.iter().any(|curve| curve.way.is_ours() && curve.way.name() == line.name));
    let points: Vec<(f64, f64)> = chart.lines.iter().flat_map(|line| line.points.iter().copied()).collect();
    let [xs, ys] = [points.iter().map(|point| point.0).collect(), points.iter().map(|point| point.1).collect()];
    let xs: Vec<f64> = xs;
    let ys: Vec<f64> = ys;
    chart.x = Axis::of_times(&chart.x.label, &xs);
    chart.y = Axis::of_numbers(&chart.y.label, &ys, |value| format!("${}", number(value)));
    let heads = [head.to_owned()].into_iter().chain(curves.iter().map(|curve| curve.way.name().to_owned())).collect();
    let places = curves.first().map(|curve| curve.points.iter().map(|(at, _)| *at).collect::<Vec<_>>());
    let cell = |curve: &Curve, n: usize| {
        curve.points.get(n).and_then(|(_, nano)| *nano).map_or_else(|| "–".to_owned(), dollars)
    };
    let row = |(n, at): (usize, u64)| {
        [tick(at)].into_iter().chain(curves.iter().map(|curve| cell(curve, n))).collect::<Vec<_>>()
    };
    let rows = places.unwrap_or_default().into_iter().enumerate().map(row).collect();
    Shown { chart, heads, rows }
}

/// Checks against delay.
fn checks(n: usize, comparison: &Comparison, durations: &str) -> Shown {
    let kinds = by_schedule(comparison);
    let point = |tried: &Tried| (float(tried.delay_ms), float(tried.looks) / 1e6);
    let kind = |(name, class, beside): (&str, &str, Beside), tried: &[Tried]| Line {
        name: name.to_owned(),
        class: class.to_owned(),
        points: tried.iter().map(point).collect(),
        dots: Some((beside, tried.iter().map(|tried| tried.name.clone()).collect())),
    };
    let names = [
        ("same interval", "constant", Beside::Below),
        ("growing interval", "growing", Beside::Above),
        ("the table's schedule", "asked", Beside::Right),
    ];
    let lines: Vec<Line> = names.into_iter().zip(&kinds).map(|(name, tried)| kind(name, tried)).collect();
    let [xs, ys]: [Vec<f64>; 2] = [|point: &(f64, f64)| point.0, |point: &(f64, f64)| point.1]
        .map(|of| lines.iter().flat_map(|line| line.points.iter().map(of)).collect());
    let chart = Chart {
        id: format!("checks-{n}"),
        title: "Checks against delay".to_owned(),
        description: format!(
            "For jobs that take {durations}: how often schedules have the third party asked about one job, and how long after its end that is known on average. Solid: the same interval from look to look. Dashed: intervals that double from the first time to the second, each drawn at random. \u{201c}This one\u{201d} is the schedule of the table."
        ),
        x: Axis::of_times("known after the job's end, on average", &xs),
        y: Axis::of_numbers("checks of one job", &ys, number),
        lines,
        mark: None,
    };
    let heads = ["schedule", "known after", "checks of a job"].map(str::to_owned).to_vec();
    let rows = kinds.iter().flatten().map(|tried| vec![tried.name.clone(), time(tried.delay_ms), of_one(tried.looks)]);
    Shown { chart, heads, rows: rows.collect() }
}

/// A round number: with its thousands apart, or with the decimals that it needs.
fn number(value: f64) -> String {
    if value < 1.0 {
        return format!("{value:.2}").trim_end_matches('0').to_owned();
    }
    apart(&format!("{value:.0}"))
}
