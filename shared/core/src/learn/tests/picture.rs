//! The picture in `docs/learned.svg`: looks against delay, for each shape.

use super::super::{Expected, Plan, Promptness};
use super::schedules::{Smithy, durable, fixed, planned};
use super::shapes::Shape;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// Mean delays in seconds, from the left edge to the right, on a logarithmic scale.
const DELAYS: (f64, f64) = (2.0, 120.0);

/// Looks, from the bottom to the top, on a logarithmic scale.
const LOOKS: (f64, f64) = (1.0, 200.0);

/// A panel's plot in pixels.
const PLOT: (f64, f64) = (230.0, 190.0);

const STYLE: &str = "\
  text { font: 12px system-ui, sans-serif; fill: #24292f }\n\
  .title { font-weight: 600; font-size: 13px }\n\
  .small { font-size: 11px; fill: #57606a }\n\
  .grid { stroke: #d0d7de; stroke-width: 1 }\n\
  .back { fill: #ffffff }\n\
  .fixed, .smithy, .learned { fill: none; stroke-width: 2 }\n\
  .fixed { stroke: #6e7781; stroke-dasharray: 2 3 }\n\
  .smithy { stroke: #bc4c00; stroke-dasharray: 7 3 }\n\
  .learned { stroke: #0969da; stroke-width: 2.5 }\n\
  .durable { fill: #8250df }\n\
  @media (prefers-color-scheme: dark) {\n\
    text { fill: #e6edf3 }\n\
    .small { fill: #9198a1 }\n\
    .grid { stroke: #30363d }\n\
    .back { fill: #0d1117 }\n\
    .fixed { stroke: #9198a1 }\n\
    .smithy { stroke: #f0883e }\n\
    .learned { stroke: #58a6ff }\n\
    .durable { fill: #bc8cff }\n\
  }\n";

/// A panel's second line.
fn described(shape: Shape) -> &'static str {
    match shape {
        Shape::NearlyConstant => "5 min ± 2 %",
        Shape::Uniform => "1 to 10 min",
        Shape::Lognormal => "median 3 min",
        Shape::HeavyTailed => "median 3 min, one in a hundred over 2 h",
        Shape::Bimodal => "7 in 10 about 30 s, 3 about 10 min",
    }
}

fn curves(shape: Shape) -> [(&'static str, Vec<Expected>); 3] {
    let durations = shape.quantiles(2_000, 1.0);
    let jobs = shape.learned(500, 1.0, 1);
    let delays = [2_u32, 3, 4, 6, 8, 11, 16, 22, 32, 45, 64, 90, 128];
    let fixed = delays.iter().map(|delay| fixed(2.0 * f64::from(*delay), &durations)).collect();
    let smithy = [6_u32, 9, 12, 18, 24, 33, 45, 66, 96, 135, 192, 270, 384]
        .iter()
        .map(|max| Smithy { min_s: (max / 15).max(1), max_s: *max }.run(&durations))
        .collect();
    let backoff = Smithy { min_s: 1, max_s: 300 }.schedule();
    let learned = delays
        .iter()
        .map(|delay| Promptness::Within(Duration::from_secs(u64::from(*delay))))
        .map(|promptness| planned(&Plan::of(&jobs, &backoff, promptness), &durations))
        .collect();
    [("fixed", fixed), ("smithy", smithy), ("learned", learned)]
}

/// Where something lies between two bounds on a logarithmic scale, as a share.
fn along(bounds: (f64, f64), value: f64) -> f64 {
    (value / bounds.0).ln() / (bounds.1 / bounds.0).ln()
}

fn place(expected: Expected) -> (f64, f64) {
    let across = PLOT.0 * along(DELAYS, expected.delay_s);
    (across, PLOT.1 * (1.0 - along(LOOKS, expected.checks)))
}

/// The part of a curve that lies within the panel; where it crosses an edge, up to there.
fn path(points: &[Expected]) -> String {
    let mut text = String::new();
    for ends in points.windows(2) {
        let ((mut x1, mut y1), (mut x2, mut y2)) = (place(ends[0]), place(ends[1]));
        if x1 >= PLOT.0 || x2 <= 0.0 || x2 <= x1 {
            continue;
        }
        let slope = (y2 - y1) / (x2 - x1);
        if x1 < 0.0 {
            (x1, y1) = (0.0, y1 - x1 * slope);
        }
        if x2 > PLOT.0 {
            (x2, y2) = (PLOT.0, y2 - (x2 - PLOT.0) * slope);
        }
        let step = if text.is_empty() { format!("M{x1:.1} {y1:.1}") } else { String::new() };
        write!(text, "{step}L{x2:.1} {y2:.1}").unwrap();
    }
    text
}

fn panel(shape: Shape) -> String {
    let mut svg = format!("<text class=\"title\" y=\"-24\">{}</text>\n", shape.name());
    writeln!(svg, "<text class=\"small\" y=\"-8\">{}</text>", described(shape)).unwrap();
    for delay in [2, 5, 10, 30, 60, 120] {
        let x = PLOT.0 * along(DELAYS, f64::from(delay));
        writeln!(svg, "<path class=\"grid\" d=\"M{x:.1} 0V{}\"/>", PLOT.1).unwrap();
        writeln!(
            svg,
            "<text class=\"small\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{delay}</text>",
            PLOT.1 + 15.0
        )
        .unwrap();
    }
    for looks in [1, 3, 10, 30, 100] {
        let y = PLOT.1 * (1.0 - along(LOOKS, f64::from(looks)));
        writeln!(svg, "<path class=\"grid\" d=\"M0 {y:.1}H{}\"/>", PLOT.0).unwrap();
        writeln!(svg, "<text class=\"small\" x=\"-6\" y=\"{:.1}\" text-anchor=\"end\">{looks}</text>", y + 4.0)
            .unwrap();
    }
    for (class, points) in curves(shape) {
        writeln!(svg, "<path class=\"{class}\" d=\"{}\"/>", path(&points)).unwrap();
    }
    let (x, y) = place(durable(&shape.quantiles(2_000, 1.0)));
    writeln!(svg, "<circle class=\"durable\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>").unwrap();
    svg
}

fn legend() -> String {
    let mut svg = String::from("<text class=\"title\" y=\"-24\">How often, how late</text>\n");
    let across = "up: looks; across: seconds late (means)";
    writeln!(svg, "<text class=\"small\" y=\"-8\">{across}</text>").unwrap();
    let lines = [
        ("fixed", "fixed interval"),
        ("smithy", "backoff, full jitter (Smithy)"),
        ("learned", "learned from 500 jobs"),
    ];
    let mut y = 22;
    for (class, text) in lines {
        writeln!(svg, "<path class=\"{class}\" d=\"M0 {y}H34\"/><text x=\"44\" y=\"{}\">{text}</text>", y + 4).unwrap();
        y += 26;
    }
    writeln!(svg, "<circle class=\"durable\" cx=\"17\" cy=\"{y}\" r=\"4\"/><text x=\"44\" y=\"{}\">durable functions' default</text>", y + 4).unwrap();
    svg
}

fn picture() -> String {
    let (wide, high) = (PLOT.0 + 70.0, PLOT.1 + 90.0);
    let (width, height) = (3.0 * wide + 50.0, 2.0 * high + 10.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"Looks against delay for learned, fixed and exponential schedules\">\n<style>\n{STYLE}</style>\n\
         <rect class=\"back\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    let panels = Shape::ALL.map(panel).into_iter().chain([legend()]);
    let (mut x, mut y) = (46.0, 52.0);
    for panel in panels {
        write!(svg, "<g transform=\"translate({x} {y})\">\n{panel}</g>\n").unwrap();
        x += wide;
        if x > width - 80.0 {
            (x, y) = (46.0, y + high);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the picture is a file")]
fn the_picture_shows_what_is_measured() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/learned.svg");
    let picture = picture();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &picture).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == picture,
        "docs/learned.svg is not what is measured; rewrite it with `UPDATE=1 cargo test -p stepwait-core the_picture`"
    );
}
