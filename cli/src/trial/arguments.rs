//! What `stepwait try` can be told.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use humantime::Duration;
use stepwait_core::integration::{MAX_DEADLINE, MIN_DEADLINE};
use url::Url;

use super::secrets::GivenSecret;

const EXAMPLES: &str = "\
Examples:
  stepwait try replicate --request @job.json --dry-run
        print the requests that would be sent; needs no secrets
  export STEPWAIT_SECRET_REPLICATE_API_TOKEN=…
  stepwait try replicate --request @job.json
        run it (a name is looked up in integrations/ and integrations/examples/)
  stepwait try replicate --request @job.json --cancel-after 30s --record fixtures/replicate
        see whether calling a job off works, and keep the conversation
  stepwait try replicate --replay integrations/examples/fixtures/replicate
        see whether the file still understands recorded conversations; calls nobody

Secrets: the secret vendor/api-token is read from --secret, from the file of
--secrets, or from the variable STEPWAIT_SECRET_VENDOR_API_TOKEN: its name in
capitals, with `_` for all but letters and digits.

Ctrl-C calls the job off, if the file says how, and ends; a second one ends at once.

Exit status: 0 if the job was done; 1 if it failed, expired or was called off, or
a replay differs; 2 if the command line or a file is of no use; 3 if a secret is
missing or the third party could not be reached; 130 after Ctrl-C.";

/// What `stepwait try` can be told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The integration's name, or the path of its file
    #[arg(value_name = "NAME or FILE.toml")]
    pub(super) integration: String,
    /// The payload, as workflows pass it: JSON, or @FILE; {} if absent
    #[arg(long, value_name = "JSON or @FILE", conflicts_with = "replay")]
    pub(super) request: Option<String>,
    /// Print the requests that would be sent, and send nothing
    #[arg(long, conflicts_with_all = ["record", "replay"])]
    pub(super) dry_run: bool,
    /// Write the conversation into this folder, without secrets
    #[arg(long, value_name = "FOLDER", conflicts_with = "replay")]
    pub(super) record: Option<PathBuf>,
    /// Play a recorded conversation back, or all of a folder, and compare
    #[arg(long, value_name = "FILE or FOLDER")]
    pub(super) replay: Option<PathBuf>,
    /// Read secrets from this file: a NAME=VALUE on each line
    #[arg(long, value_name = "FILE")]
    pub(super) secrets: Option<PathBuf>,
    /// A secret; other users of this machine may see it while this runs
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) secret: Vec<GivenSecret>,
    /// Where the third party is told to send its webhooks
    #[arg(long, value_name = "URL")]
    pub(super) callback_url: Option<Url>,
    /// Let requests go to this machine and to private networks, over plain http too
    #[arg(long)]
    pub(super) allow_private: bool,
    /// Where the API is instead of the file's base_url: a sandbox, or this machine
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<Url>,
    /// Call the job off after this long
    #[arg(long, value_name = "DURATION")]
    pub(super) cancel_after: Option<Duration>,
    /// Call the job off after this many looks
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) checks: Option<u32>,
    /// Another deadline than the file's
    #[arg(long, value_name = "DURATION", value_parser = deadline)]
    pub(super) deadline: Option<Duration>,
    /// Show the headers and bodies of requests as well
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// How to print what happens
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

/// How events are printed on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs: a JSON document on each line
    Json,
}

fn deadline(text: &str) -> Result<Duration, String> {
    let given: Duration = text.parse().map_err(|error| format!("{error}; write for example 90s or 2h"))?;
    let fits = (MIN_DEADLINE..=MAX_DEADLINE).contains(&*given);
    if fits { Ok(given) } else { Err("must lie between 1s and 90days".to_owned()) }
}
