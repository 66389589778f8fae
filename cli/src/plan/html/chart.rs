//! One chart as inline SVG: lines over two logarithmic axes, each named where it ends.

use std::fmt::Write as _;

use super::axis::Axis;
use super::escaped;

/// The picture's size, and the room around what is drawn, in pixels.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 470.0;
const LEFT: f64 = 98.0;
const RIGHT: f64 = 205.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 56.0;

/// The least distance between two names, in pixels.
const NAMES_APART: f64 = 17.0;

/// A line, or dots alone.
pub(super) struct Line {
    pub(super) name: String,
    /// The class that gives it its colour and dashes.
    pub(super) class: String,
    pub(super) points: Vec<(f64, f64)>,
    /// What is written beside each point, and where, if there are dots.
    pub(super) dots: Option<(Beside, Vec<String>)>,
}

/// Where the text of a dot stands, so that those of two lines keep apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Above,
    Below,
    Right,
}

impl Beside {
    /// How far from the dot, in pixels across and down, and which end of the text is there.
    const fn offset(self) -> (f64, f64, &'static str) {
        match self {
            Self::Above => (7.0, -7.0, "start"),
            Self::Below => (-6.0, 16.0, "end"),
            Self::Right => (9.0, 14.0, "start"),
        }
    }
}

/// A chart.
pub(super) struct Chart {
    /// Distinct within the page.
    pub(super) id: String,
    pub(super) title: String,
    /// What it shows, for those who do not see it.
    pub(super) description: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) lines: Vec<Line>,
    /// A value of the horizontal axis, and its name.
    pub(super) mark: Option<(f64, String)>,
}

impl Chart {
    fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let across = LEFT + self.x.place(x) * (WIDTH - LEFT - RIGHT);
        let down = HEIGHT - BOTTOM - self.y.place(y) * (HEIGHT - TOP - BOTTOM);
        (across, down)
    }

    /// The picture.
    pub(super) fn svg(&self) -> String {
        let id = &self.id;
        let mut svg = format!(
            "<svg role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" viewBox=\"0 0 {WIDTH} {HEIGHT}\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n",
            escaped(&self.title),
            escaped(&self.description)
        );
        self.axes(&mut svg);
        if let Some((value, name)) = &self.mark {
            let (x, _) = self.at((*value, 0.0));
            // Writing to a String cannot fail.
            let _ = writeln!(
                svg,
                "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{:.1}\"/><text class=\"mark\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                HEIGHT - BOTTOM,
                TOP - 10.0,
                escaped(name)
            );
        }
        for line in &self.lines {
            self.line(&mut svg, line);
        }
        self.names(&mut svg);
        svg.push_str("</svg>\n");
        svg
    }

    fn axes(&self, svg: &mut String) {
        let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
        for (value, text) in &self.x.ticks {
            let x = LEFT + self.x.place(*value) * (right - LEFT);
            let _ = writeln!(svg, "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{bottom}\"/>");
            if let Some(text) = text {
                let _ = writeln!(
                    svg,
                    "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                    bottom + 18.0,
                    escaped(text)
                );
            }
        }
        for (value, text) in &self.y.ticks {
            let y = bottom - self.y.place(*value) * (bottom - TOP);
            let _ = writeln!(svg, "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>");
            if let Some(text) = text {
                let _ = writeln!(
                    svg,
                    "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                    LEFT - 8.0,
                    y + 4.0,
                    escaped(text)
                );
            }
        }
        let middle = f64::midpoint(TOP, bottom);
        let _ = writeln!(
            svg,
            "<text class=\"axis\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n<text class=\"axis\" transform=\"translate(16 {middle:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            f64::midpoint(LEFT, right),
            HEIGHT - 12.0,
            escaped(&self.x.label),
            escaped(&self.y.label)
        );
    }

    fn line(&self, svg: &mut String, line: &Line) {
        let places: Vec<(f64, f64)> = line.points.iter().map(|point| self.at(*point)).collect();
        let points = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ");
        let _ = writeln!(svg, "<polyline class=\"line {}\" points=\"{points}\"/>", line.class);
        let Some((beside, texts)) = &line.dots else {
            return;
        };
        let (across, down, anchor) = beside.offset();
        for ((x, y), text) in places.iter().zip(texts) {
            let _ = writeln!(
                svg,
                "<circle class=\"dot {}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/><text class=\"dot\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                line.class,
                x + across,
                y + down,
                escaped(text)
            );
        }
    }

    /// The lines' names, at the height of their ends, pushed apart where they would overlap.
    fn names(&self, svg: &mut String) {
        let end = |line: &Line| line.points.last().map(|point| self.at(*point));
        let mut names: Vec<(f64, f64, f64, &Line)> =
            self.lines.iter().filter_map(|line| end(line).map(|(x, y)| (x, y, y, line))).collect();
        names.sort_by(|one, other| one.1.total_cmp(&other.1));
        let mut lowest = f64::NEG_INFINITY;
        for (_, _, at, _) in &mut names {
            *at = at.max(lowest + NAMES_APART);
            lowest = *at;
        }
        // Back up, where they were pushed out of the picture.
        let mut highest = HEIGHT - BOTTOM + 6.0;
        for (_, _, at, _) in names.iter_mut().rev() {
            *at = at.min(highest);
            highest = *at - NAMES_APART;
        }
        let column = WIDTH - RIGHT + 22.0;
        for (x, y, at, line) in names {
            if line.dots.is_none() {
                let _ =
                    writeln!(svg, "<polyline class=\"leader\" points=\"{x:.1},{y:.1} {:.1},{at:.1}\"/>", column - 2.0);
            }
            let _ = writeln!(
                svg,
                "<line class=\"line {}\" x1=\"{column}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/><text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                line.class,
                column + 30.0,
                column + 36.0,
                at + 4.0,
                escaped(&line.name)
            );
        }
    }
}
