//! `stepwait waits`: looks at the waits of a deployment, and ends one by hand.
//!
//! What is shown of a wait is picked field by field in [`shown`]: neither its task
//! token, nor the capability of its callback URL, nor what its submit kept is ever
//! among it.

mod due;
mod shown;

use std::process::ExitCode;

use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Value, json};
use stepwait_aws::{Edges, Settings};
use stepwait_core::ErrorName;
use stepwait_core::wait::{OutcomeKind, WaitId};
use stepwait_flow::operate;
use stepwait_flow::ports::Clock as _;

use crate::format::Format;

const EXAMPLES: &str = "\
Examples:
  stepwait waits show w-… --table WAIT_TABLE
                               where a wait stands, and on whom it waits
  stepwait waits due --table WAIT_TABLE
                               what the reconciler may have to look at, oldest first
  stepwait waits finish w-… --table WAIT_TABLE --succeed '{\"report\": 1}'
                               the job is done: its task goes on with this result
  stepwait waits finish w-… --table WAIT_TABLE --fail 'declined by phone'
                               the job has failed: its task fails with JobFailed
  stepwait waits finish w-… --table WAIT_TABLE --cancel 'no longer wanted'
                               nobody waits any more: the job is called off, its task
                               fails with WaitCancelled

WAIT_TABLE is the stack's output WaitTableName; a wait's id stands in the input of the
state that waits. A stored outcome always wins.";

/// What `stepwait waits` can be told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show where a wait stands
    Show {
        /// The wait's id
        #[arg(value_name = "WAIT_ID", value_parser = wait_id)]
        id: WaitId,
        #[command(flatten)]
        place: Place,
    },
    /// Show what the reconciler may have to look at now, oldest first
    Due {
        /// The most waits of each of the index's shards that are shown
        #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
        most: u16,
        #[command(flatten)]
        place: Place,
    },
    /// End a wait by hand, unless it has an outcome
    #[command(group(ArgGroup::new("outcome").required(true).args(["succeed", "fail", "cancel"])))]
    Finish {
        /// The wait's id
        #[arg(value_name = "WAIT_ID", value_parser = wait_id)]
        id: WaitId,
        /// The job is done, and this is its result
        #[arg(long, value_name = "JSON", value_parser = result)]
        succeed: Option<Value>,
        /// The job has failed
        #[arg(long, value_name = "REASON")]
        fail: Option<String>,
        /// Nobody waits for the job any more; it is called off
        #[arg(long, value_name = "REASON")]
        cancel: Option<String>,
        #[command(flatten)]
        place: Place,
    },
}

/// Where the waits are.
#[derive(Debug, Args)]
struct Place {
    /// The table of waits: the stack's output WaitTableName
    #[arg(long, value_name = "NAME")]
    table: String,
    /// A local engine; AWS, with the environment's credentials and region, unless given
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Does what was asked: 0, or 1 with the reason.
pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    let done = match arguments.action {
        Action::Show { id, place } => show(&id, &place).await,
        Action::Due { most, place } => due::run(&place, usize::from(most)).await,
        Action::Finish { id, succeed, fail, cancel, place } => {
            let kind = match (succeed, fail, cancel) {
                (Some(output), ..) => OutcomeKind::Succeeded { output },
                (None, Some(reason), _) => OutcomeKind::failed(ErrorName::JobFailed, &reason),
                (None, None, reason) => OutcomeKind::cancelled(reason.as_deref().unwrap_or_default()),
            };
            finish(&id, kind, &place).await
        }
    };
    match done {
        Ok(text) => {
            anstream::println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The clients of a deployment.
async fn edges(place: &Place) -> Result<Edges, Error> {
    let settings = Settings { wait_table: place.table.clone(), ..Settings::default() };
    match &place.endpoint {
        Some(endpoint) => Edges::start_at(settings, endpoint),
        None => Edges::start_as_user(settings).await,
    }
}

async fn show(id: &WaitId, place: &Place) -> Result<String, Error> {
    let edges = edges(place).await?;
    let row = operate::show(&edges, id).await?;
    Ok(match place.format {
        Format::Table => shown::as_text(&row, edges.now()),
        Format::Json => format!("{:#}", shown::as_json(&row)),
    })
}

async fn finish(id: &WaitId, kind: OutcomeKind, place: &Place) -> Result<String, Error> {
    let edges = edges(place).await?;
    let finished = operate::finish(&edges, id, kind).await?;
    Ok(match place.format {
        Format::Table => {
            let what = match (finished.had_ended, finished.resumed) {
                (true, true) => "it had ended before, and its task was still without the outcome: resumed now",
                (true, false) => "it had ended before; nothing was changed",
                (false, true) => "ended, and its task resumed",
                (false, false) => {
                    "ended; the reconciler does the rest within two minutes, and a workflow that polls sees it at its next look"
                }
            };
            format!("{what}\n\n{}", shown::as_text(&finished.row, edges.now()))
        }
        Format::Json => {
            let json = json!({
                "had_ended": finished.had_ended,
                "resumed": finished.resumed,
                "wait": shown::as_json(&finished.row),
            });
            format!("{json:#}")
        }
    })
}

fn wait_id(text: &str) -> Result<WaitId, String> {
    let digits = text.strip_prefix("w-").filter(|rest| rest.len() == 32 && rest.chars().all(|c| c.is_ascii_hexdigit()));
    let id = digits.and_then(|_| serde_json::from_value(text.into()).ok());
    id.ok_or_else(|| "a wait's id is w- and 32 hexadecimal digits".to_owned())
}

fn result(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("no JSON ({error}); write a text as '\"…\"'"))
}
