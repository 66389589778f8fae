//! `stepwait explain`: an integration file in words and as a small picture, with
//! what it costs to wait by it.
//!
//! Words come from the parsed file alone, never from its text, so that what is
//! explained is what will happen: [`legs`] says what is sent, [`answers`] what
//! answers mean, [`times`] when the job is looked at and how often at most, [`webhooks`] what wakes a
//! wait. [`picture`] draws it, [`money`] counts it by `stepwait_core::cost`.

mod answers;
mod legs;
mod money;
mod picture;
pub(crate) mod text;
mod times;
mod webhooks;
mod words;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Value, json};
use stepwait_core::integration::Integration;

use crate::check::masked;
use crate::{named, prices};
use money::Bill;
use picture::Picture;

const EXAMPLES: &str = "\
Examples:
  stepwait explain transcript                     integrations/transcript.toml
  stepwait explain transcript --duration 10m      what it costs if jobs take ten minutes
  stepwait explain transcript --format mermaid    the picture for a README";

/// What `stepwait explain` can be told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The integration's name, or the path of its file
    #[arg(value_name = "NAME or FILE.toml")]
    integration: String,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How long a job takes, for what waiting for it costs: several durations unless said
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    duration: Option<Duration>,
    /// The prices of another region: a file as docs/prices.toml
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
}

/// How an explanation is printed on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// The picture alone, as Mermaid
    Mermaid,
}

/// A heading, and what there is to say below it.
#[derive(Debug, Serialize)]
struct Section {
    title: &'static str,
    items: Vec<Item>,
}

/// A sentence, and its details.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Item {
    says: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<String>,
}

impl Item {
    fn new(says: impl Into<String>) -> Self {
        Self { says: says.into(), details: Vec::new() }
    }

    fn with(says: impl Into<String>, details: Vec<String>) -> Self {
        Self { says: says.into(), details }
    }
}

/// Explains and prints: 0 if there is such a file, and it parses.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let (integration, file) = match named::integration(&arguments.integration) {
        Ok(found) => found,
        Err(error) => {
            anstream::eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let prices = match prices::given(arguments.prices.as_deref()) {
        Ok(prices) => prices,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let bill = Bill::of(&integration, arguments.duration, &prices);
    let explanation = match arguments.format {
        Format::Text => as_text(&integration, &bill),
        Format::Json => format!("{:#}\n", as_json(&integration, &bill)),
        Format::Mermaid => Picture::of(&integration).mermaid(),
    };
    // A credential that stands in the file, where it does not belong, is not spread further.
    anstream::print!("{}", masked(&explanation, &file.text));
    ExitCode::SUCCESS
}

fn sections(integration: &Integration) -> Vec<Section> {
    let mut sections = vec![
        Section { title: "What is sent", items: legs::requests(integration) },
        Section { title: "What the answer to the submit means", items: answers::to_submit(integration) },
        Section { title: "What the answer to a look means", items: answers::to_look(integration) },
        Section { title: "What errors lead to", items: answers::errors(integration) },
        Section { title: "The result", items: answers::result(integration) },
    ];
    if let Some(callback) = &integration.callback {
        sections.push(Section { title: "Webhooks", items: webhooks::webhooks(integration, callback) });
    }
    sections.push(Section { title: "When the job is looked at", items: times::looks(integration) });
    if let Some(limits) = &integration.limits {
        sections.push(Section { title: "How much is asked for at most", items: times::limits(limits) });
    }
    sections.push(Section { title: "When the wait is given up", items: times::end(integration) });
    sections
}

fn as_text(integration: &Integration, bill: &Bill) -> String {
    let picture = Picture::of(integration);
    text::page(&words::headline(integration), &picture.text(), &sections(integration), bill)
}

fn as_json(integration: &Integration, bill: &Bill) -> Value {
    json!({
        "integration": integration.name.as_str(),
        "description": integration.description,
        "docs": integration.docs.as_ref().map(url::Url::as_str),
        "digest": integration.digest,
        "strategy": integration.strategy.as_str(),
        "deadline_seconds": integration.deadline.as_secs(),
        "sections": sections(integration),
        "cost_of_1000_waits": bill.json(),
    })
}
