//! What happens, as lines: for people, or a JSON document each for programs.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Style};
use humantime::format_duration;
use serde_json::{Value, json};
use stepwait_core::Timestamp;
use stepwait_core::integration::Integration;
use stepwait_core::wait::OutcomeKind;
use stepwait_trial::{Difference, DryRequest, Event, Leg, Located, Meaning, ShownRequest};
use url::Url;

use super::arguments::Format;
use super::live;

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const ODD: Style = AnsiColor::Yellow.on_default();

/// How far lines that follow a request are indented: as far as its time and leg go.
const INDENT: &str = "                  ";

/// Prints on standard output, while things happen.
#[derive(Debug)]
pub(super) struct Show {
    format: Format,
    verbose: bool,
    began: Timestamp,
    /// What a look found, until it is known when the next one is.
    held: Mutex<Option<String>>,
}

impl Show {
    pub(super) const fn new(format: Format, verbose: bool, began: Timestamp) -> Self {
        Self { format, verbose, began, held: Mutex::new(None) }
    }

    /// Says what is tried.
    pub(super) fn begin(&self, integration: &Integration, base_url: &Url, until: Timestamp, note: Option<&str>) {
        match self.format {
            Format::Text => {
                let note = note.map(|note| format!(" {}", paint(ODD, note))).unwrap_or_default();
                anstream::println!("{}: {}{note}", paint(BOLD, integration.name.as_str()), integration.description);
                anstream::println!("{}\n", paint(DIM, &format!("at {base_url}, until {until:.0} at most")));
            }
            Format::Json => print(&json!({
                "event": "began",
                "integration": integration.name.as_str(),
                "digest": integration.digest,
                "strategy": integration.strategy.as_str(),
                "base_url": base_url.as_str(),
                "until": until.to_string(),
                "note": note,
            })),
        }
    }

    /// Shows an event of now.
    pub(super) fn event(&self, event: &Event) {
        self.event_at(event, live::now());
    }

    /// Shows an event.
    pub(super) fn event_at(&self, event: &Event, at: Timestamp) {
        match self.format {
            Format::Text => self.lines(event, at),
            Format::Json => {
                let mut document = serde_json::to_value(event).unwrap_or(Value::Null);
                if let Some(fields) = document.as_object_mut() {
                    fields.insert("at".to_owned(), Value::from(at.to_string()));
                }
                print(&document);
            }
        }
    }

    /// Says something beside the events.
    pub(super) fn note(&self, text: &str) {
        anstream::eprintln!("{text}");
    }

    /// Shows the requests that would be sent.
    pub(super) fn dry(&self, requests: &[DryRequest]) {
        for dry in requests {
            match (self.format, &dry.request) {
                (Format::Text, Ok(request)) => {
                    anstream::println!("{}", paint(BOLD, &format!("[{}]", section(dry.leg))));
                    anstream::println!("{} {}", request.method, request.url);
                    in_full(request, "");
                    anstream::println!();
                }
                (Format::Text, Err(missing)) => {
                    anstream::println!("{}\n{missing}\n", paint(BOLD, &format!("[{}]", section(dry.leg))));
                }
                (Format::Json, Ok(request)) => {
                    print(&json!({"event": "would_send", "leg": dry.leg, "request": request}))
                }
                (Format::Json, Err(missing)) => {
                    print(&json!({"event": "cannot_send", "leg": dry.leg, "why": missing.to_string()}));
                }
            }
        }
    }

    /// Says which recording comes next.
    pub(super) fn recording(&self, path: &Path) {
        match self.format {
            Format::Text => anstream::println!("{}", paint(BOLD, &path.display().to_string())),
            Format::Json => print(&json!({"event": "replaying", "recording": path.display().to_string()})),
        }
    }

    /// Says what is not as recorded.
    pub(super) fn compared(&self, differences: &[Difference]) {
        match self.format {
            Format::Text if differences.is_empty() => anstream::println!("{}\n", paint(GOOD, "as recorded")),
            Format::Text => {
                for difference in differences {
                    anstream::println!("{}", paint(BAD, &difference.to_string()));
                }
                anstream::println!();
            }
            Format::Json => {
                let list = differences.iter().map(|d| json!({"what": d.what, "recorded": d.recorded, "now": d.now}));
                print(&json!({"event": "compared", "differences": list.collect::<Vec<_>>()}));
            }
        }
    }

    fn lines(&self, event: &Event, at: Timestamp) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Event::Waiting { seconds, asked } = event {
            let asked = if *asked { ", as the third party asks" } else { "" };
            let next = paint(DIM, &format!("next in {}{asked}", format_duration(Duration::from_secs(*seconds))));
            let line = held.map_or_else(|| next.clone(), |held| format!("{held}; {next}"));
            return anstream::println!("{INDENT}{line}");
        }
        if let Some(line) = held {
            anstream::println!("{INDENT}{line}");
        }
        match event {
            Event::Sent { leg, request } => {
                let spent = at.duration_since(self.began).as_secs_f64();
                let head = paint(DIM, &format!("{spent:>7.1}s {:<8} ", leg.as_str()));
                anstream::println!("{head}{} {}", paint(BOLD, request.method), request.url);
                if self.verbose {
                    in_full(request, INDENT);
                }
            }
            Event::Answered { status, bytes, took_ms, located, .. } => {
                let style = match status {
                    200..=299 => GOOD,
                    400..=599 => BAD,
                    _ => ODD,
                };
                let size = paint(DIM, &format!("{took_ms} ms, {bytes} bytes"));
                anstream::println!("{INDENT}{} {size}{}", paint(style, &status.to_string()), values(located));
            }
            Event::NotAnswered { why, took_ms, .. } => {
                anstream::println!("{INDENT}{} {}", paint(BAD, why), paint(DIM, &format!("{took_ms} ms")));
            }
            Event::Waiting { .. } => {}
            Event::NothingToSend
            | Event::Taken { .. }
            | Event::DoneAtOnce
            | Event::NotTaken { .. }
            | Event::Looked { .. }
            | Event::GivenUp { .. }
            | Event::CalledOff { .. }
            | Event::Ended { .. } => self.decision(event),
        }
    }

    fn decision(&self, event: &Event) {
        let line = match event {
            Event::NothingToSend => "nothing is sent: the request names the job".to_owned(),
            Event::Taken { job_id, kept } if kept.is_empty() => format!("{} job {job_id}", paint(GOOD, "taken:")),
            Event::Taken { job_id, kept } => {
                format!("{} job {job_id}; kept: {}", paint(GOOD, "taken:"), kept.join(", "))
            }
            Event::DoneAtOnce => format!("{} by the submit", paint(GOOD, "done:")),
            Event::NotTaken { why, certain: true } => format!("{} {why}", paint(ODD, "not taken:")),
            Event::NotTaken { why, certain: false } => {
                format!("{} {why}", paint(ODD, "not known whether it was taken:"))
            }
            Event::Looked { check, meaning, rule, value, progress, reason } => {
                let word = match meaning {
                    Meaning::Pending => paint(BOLD, "pending"),
                    Meaning::AskAgain => paint(ODD, "no usable answer"),
                    Meaning::Refused => paint(BAD, "refused"),
                    Meaning::Ended => paint(GOOD, "ended"),
                };
                let value = value.as_ref().map(|value| format!(" {value:?}")).unwrap_or_default();
                let more = [progress.as_ref().map(|p| format!("progress {p}")), reason.clone()];
                let more: String = more.into_iter().flatten().map(|text| format!(", {text}")).collect();
                let line = format!("look {check}: {word}{value}{more} {}", paint(DIM, &format!("({rule})")));
                *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(line);
                return;
            }
            Event::GivenUp { why } => format!("{} {why}", paint(ODD, "given up:")),
            Event::CalledOff { status: Some(200..=299), .. } => paint(GOOD, "called off"),
            Event::CalledOff { status: Some(status), .. } => {
                format!("{} the third party answered {status}", paint(BAD, "not called off:"))
            }
            Event::CalledOff { why_not: Some(why), .. } => format!("{} {why}", paint(BAD, "not called off:")),
            Event::CalledOff { .. } => format!("{} the file has no [cancel]", paint(ODD, "not called off:")),
            Event::Ended { end, checks } => return ended(end, *checks),
            Event::Sent { .. } | Event::Answered { .. } | Event::NotAnswered { .. } | Event::Waiting { .. } => return,
        };
        anstream::println!("{INDENT}{line}");
    }
}

fn ended(end: &OutcomeKind, checks: u32) {
    let looks = paint(DIM, &format!("after {checks} look{}", if checks == 1 { "" } else { "s" }));
    match end {
        OutcomeKind::Succeeded { output } => {
            anstream::println!("\n{} {looks}", paint(GOOD, "succeeded"));
            anstream::println!("{output:#}");
        }
        OutcomeKind::Failed { error, reason } => {
            anstream::println!("\n{} {looks}: {error}: {reason}", paint(BAD, "failed"));
        }
        OutcomeKind::Expired { reason } => anstream::println!("\n{} {looks}: {reason}", paint(BAD, "expired")),
        OutcomeKind::Cancelled { reason } => anstream::println!("\n{} {looks}: {reason}", paint(ODD, "cancelled")),
    }
}

fn values(located: &[Located]) -> String {
    located.iter().map(|found| format!("  {} {:?}", paint(DIM, &found.at), found.value)).collect()
}

/// A request's headers and body.
fn in_full(request: &ShownRequest, indent: &str) {
    for (name, value) in &request.headers {
        anstream::println!("{indent}{}", paint(DIM, &format!("{name}: {value}")));
    }
    if let Some(body) = &request.body {
        anstream::println!("{indent}{body}");
    }
}

/// The section of the file that a request comes from.
const fn section(leg: Leg) -> &'static str {
    match leg {
        Leg::Token => "auth.oauth2",
        Leg::Submit => "submit",
        Leg::LookUp => "submit.look_up",
        Leg::Status => "status",
        Leg::Result => "result",
        Leg::Cancel => "cancel",
    }
}

fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

fn print(document: &Value) {
    anstream::println!("{document}");
}
