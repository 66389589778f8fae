//! The page with charts: one file that needs no other, in light and in dark,
//! with each chart's figures as a table below it.
//!
//! [`series`] calculates what is shown, [`chart`] draws it over an [`axis`] each way.

mod axis;
mod chart;
mod charts;
mod series;

use std::fmt::Write as _;

use super::compare::Comparison;
use super::money::thousands;
use super::table::{cells, note};
use super::{Plan, assumptions};

const STYLE: &str = include_str!("style.css");

/// The heads of the table's columns.
const HEADS: [&str; 7] = [
    "way to wait",
    "waiting, a million",
    "with submit, a million",
    "a month",
    "known after, on average",
    "or, 1 in 20",
    "checks of a wait",
];

/// The whole page.
pub(super) fn page(plan: &Plan) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>Ways to wait, and what they cost</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Ways to wait, and what they cost</h1>\n<p class=\"soft\">By <code>stepwait plan</code>, with prices of {}.</p>\n",
        escaped(&plan.prices.origin())
    );
    for (n, comparison) in plan.comparisons.iter().enumerate() {
        section(&mut page, n, comparison, plan);
    }
    page.push_str("<h2>What this rests on</h2>\n<ul class=\"soft\">\n");
    for sentence in assumptions(plan) {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "<li>{}</li>", escaped(&sentence));
    }
    page.push_str("</ul>\n</main>\n</body>\n</html>\n");
    page
}

fn section(page: &mut String, n: usize, comparison: &Comparison, plan: &Plan) {
    let asked = &comparison.asked;
    let _ = writeln!(
        page,
        "<h2>{}</h2>\n<p>{} waits a month; jobs take {}; looked at {}.</p>",
        escaped(&comparison.title),
        thousands(asked.per_month),
        escaped(&asked.durations.to_string()),
        escaped(&comparison.schedule())
    );
    if let Some(recommended) = &comparison.recommended {
        let (name, reason) = (recommended.way.name(), escaped(&recommended.text()));
        let _ = writeln!(page, "<p class=\"best\"><strong>Take {name}</strong>: {reason}.</p>");
    }
    ways(page, comparison);
    for shown in charts::of(n, comparison, &plan.prices) {
        let _ = writeln!(
            page,
            "<h3>{}</h3>\n<p class=\"soft\">{}</p>\n{}",
            escaped(&shown.chart.title),
            escaped(&shown.chart.description),
            shown.chart.svg()
        );
        figures(page, &shown.heads, &shown.rows);
    }
}

/// The table of all ways.
fn ways(page: &mut String, comparison: &Comparison) {
    page.push_str("<div class=\"scroll\"><table>\n<thead><tr>");
    for head in HEADS {
        let _ = write!(page, "<th scope=\"col\">{head}</th>");
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    let recommended = comparison.recommended.as_ref().map(|recommended| recommended.way);
    for row in &comparison.rows {
        let class = if recommended == Some(row.way) { " class=\"best\"" } else { "" };
        let name = row.way.name();
        let _ = write!(
            page,
            "<tr{class}><th scope=\"row\"><svg class=\"swatch\" viewBox=\"0 0 32 10\" aria-hidden=\"true\"><line class=\"line {name}\" x1=\"0\" x2=\"32\" y1=\"5\" y2=\"5\"/></svg>{name}<small>{}</small></th>",
            escaped(row.way.describe())
        );
        for cell in cells(row) {
            let _ = write!(page, "<td>{}</td>", escaped(&cell));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table></div>\n<ul class=\"soft\">\n");
    for note in comparison.rows.iter().filter_map(note) {
        let _ = writeln!(page, "<li>{}</li>", escaped(&note));
    }
    page.push_str("</ul>\n");
}

/// A chart's figures.
fn figures(page: &mut String, heads: &[String], rows: &[Vec<String>]) {
    page.push_str("<details><summary>The same as a table</summary>\n<div class=\"scroll\"><table>\n<thead><tr>");
    for head in heads {
        let _ = write!(page, "<th scope=\"col\">{}</th>", escaped(head));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        page.push_str("<tr>");
        for (n, cell) in row.iter().enumerate() {
            let cell = escaped(cell);
            let _ =
                if n == 0 { write!(page, "<th scope=\"row\">{cell}</th>") } else { write!(page, "<td>{cell}</td>") };
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table></div></details>\n");
}

/// A text as HTML shows it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
