//! What `stepwait webhook` can be told.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use stepwait_core::Timestamp;
use stepwait_core::webhook::Tampering;
use url::Url;

use crate::trial::secrets::GivenSecret;

/// The most deliveries of one command: a vendor repeats one a few dozen times.
const MAX_TIMES: i64 = 100;

const SECRETS: &str = "\
Secrets: the secret vendor/webhook is read from --secret, from the file of
--secrets, or from the variable STEPWAIT_SECRET_VENDOR_WEBHOOK: its name in
capitals, with `_` for all but letters and digits. Shells keep what is typed in
their histories: rather name a file, as --secret vendor/webhook=@FILE does.";

const VERIFY: &str = "\
Examples:
  stepwait webhook verify stripe-payout --request delivery.http
        why a request was refused that was caught as it came: start line,
        headers, an empty line, and the body to its last byte
  stepwait webhook verify stripe-payout --request event.json
        the same from the event that the function was given
  stepwait webhook verify stripe-payout --record line.json
        what the listener logged when it refused one, in words
  stepwait webhook verify stripe-payout --record line.json --request delivery.http
        whether the request that was caught is the one that was refused

The time is that of --now, of the record, of the gateway's event, or the clock's: one that
was caught yesterday is too old today, and --now 2026-11-23T17:00:00Z is not.

";

const VERIFY_STATUS: &str = "

Exit status: 0 if the delivery is genuine and can be used; 1 if it is refused, or
says nothing that can be used; 2 if the command line or a file is of no use; 3 if
a secret is missing or the third party's keys could not be fetched.";

const SEND: &str = "\
Examples:
  stepwait webhook send stripe-payout --job-id po_1 --url https://HOST/webhooks/stripe-payout
        tell a deployment that a job is done, signed as Stripe signs
  stepwait webhook send stripe-payout --status failed --dry-run > delivery.http
  stepwait webhook verify stripe-payout --request delivery.http
        see whether the file takes what the third party sends, without anybody
  stepwait webhook send stripe-payout --tamper body --url http://127.0.0.1:9000 --allow-private
        see that a listener refuses what was changed on its way

";

const SEND_STATUS: &str = "

Exit status: 0 if every delivery was answered 2xx, or only printed; 1 if one was
answered otherwise; 2 if the command line or a file is of no use; 3 if a secret is
missing or nobody answered.";

/// What `stepwait webhook` can be told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say whether a delivery is genuine, and exactly why not
    ///
    /// Looks at a request as the listener does: which signatures it carries, which
    /// secret made one of them, what is signed, how far the clocks are apart, and
    /// what the event says. For a refused one, usual mistakes are tried: a body that
    /// was written anew on its way, a secret in another form, another URL.
    /// Never prints a secret, or the signature that would have been right.
    #[command(after_help = format!("{VERIFY}{SECRETS}{VERIFY_STATUS}"))]
    Verify(Box<VerifyArguments>),
    /// Send a webhook as the third party would
    ///
    /// Makes an event from the integration's file, with the job's id and status
    /// where [callback] looks for them, signs it as the third party does, and sends
    /// it to a listener, or prints it as `verify` reads it.
    #[command(after_help = format!("{SEND}{SECRETS}{SEND_STATUS}"))]
    Send(Box<SendArguments>),
}

/// What both take.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// The integration's name, or the path of its file
    #[arg(value_name = "NAME or FILE.toml")]
    pub(super) integration: String,
    /// Read secrets from this file: a NAME=VALUE on each line
    #[arg(long, value_name = "FILE")]
    pub(super) secrets: Option<PathBuf>,
    /// A secret; with NAME=@FILE it is read from a file, and in no shell's history
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) secret: Vec<GivenSecret>,
    /// Take this for now: a date and time, or seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) now: Option<Timestamp>,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

/// What `stepwait webhook verify` can be told.
#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// The delivery: a raw HTTP request, or the JSON event of a gateway; `-` is standard input
    #[arg(long, value_name = "FILE", required_unless_present = "record")]
    pub(super) request: Option<PathBuf>,
    /// A log line of the listener that says why it refused one
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
    /// Where the third party was told to send, as it was written there, which some of them sign
    #[arg(long, value_name = "URL", value_parser = url_text)]
    pub(super) url: Option<String>,
    /// The key document that the third party publishes, instead of fetching it
    #[arg(long, value_name = "FILE")]
    pub(super) key: Option<PathBuf>,
    /// Show what is signed itself, which may be the whole body
    #[arg(long)]
    pub(super) show: bool,
}

/// What `stepwait webhook send` can be told.
#[derive(Debug, Args)]
pub(super) struct SendArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Where to send it: the listener's URL, or its beginning
    #[arg(long, value_name = "URL", required_unless_present_any = ["dry_run", "wait_url"])]
    pub(super) url: Option<Url>,
    /// Where to send it, if the wait has an address of its own: as {callback_url} had it
    #[arg(long, value_name = "URL", conflicts_with = "url")]
    pub(super) wait_url: Option<Url>,
    /// The third party's id of the job
    #[arg(long, value_name = "ID", default_value = "job_1")]
    pub(super) job_id: String,
    /// The status of the job, in the third party's words; one that means success unless said
    #[arg(long, value_name = "VALUE")]
    pub(super) status: Option<String>,
    /// The whole event instead: its text, or @FILE
    #[arg(long, value_name = "TEXT or @FILE", conflicts_with_all = ["job_id", "status"])]
    pub(super) body: Option<String>,
    /// A header of the delivery besides, such as X-GitHub-Event=workflow_run
    #[arg(long, value_name = "NAME=VALUE", value_parser = header)]
    pub(super) header: Vec<(String, String)>,
    /// The private key to sign with, in PKCS#8, where the third party has one: PEM or base64
    #[arg(long, value_name = "FILE")]
    pub(super) private_key: Option<PathBuf>,
    /// What the key is called in the set that the third party publishes
    #[arg(long, value_name = "ID")]
    pub(super) key_id: Option<String>,
    /// What the delivery calls itself; some random text unless said
    #[arg(long, value_name = "ID")]
    pub(super) delivery_id: Option<String>,
    /// Send it so often, as third parties do that miss an answer
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=MAX_TIMES))]
    pub(super) times: u32,
    /// Print the request as it would be sent, and send nothing
    #[arg(long, conflicts_with = "times")]
    pub(super) dry_run: bool,
    /// Change this once it was signed, as somebody on its way could
    #[arg(long, value_enum)]
    pub(super) tamper: Option<Tamper>,
    /// Let the request go to this machine and to private networks, over plain http too
    #[arg(long)]
    pub(super) allow_private: bool,
}

/// How results are printed on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// What is changed on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Tamper {
    /// The body
    Body,
    /// The signature, or the secret that is shown
    Signature,
    /// The time of sending
    Timestamp,
}

impl Tamper {
    pub(super) const fn meant(self) -> Tampering {
        match self {
            Self::Body => Tampering::Body,
            Self::Signature => Tampering::Signature,
            Self::Timestamp => Tampering::Timestamp,
        }
    }
}

fn time(text: &str) -> Result<Timestamp, String> {
    let how = "write a date and time such as 2026-11-24T12:00:00Z, or seconds since 1970";
    match text.parse::<i64>() {
        Ok(seconds) => Timestamp::from_second(seconds).map_err(|_| how.to_owned()),
        Err(_) => text.parse().map_err(|_| how.to_owned()),
    }
}

/// A URL as it is written: what is signed is the text.
fn url_text(text: &str) -> Result<String, String> {
    Url::parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if is_name && !value.chars().any(char::is_control) {
        Ok((name.to_ascii_lowercase(), value.to_owned()))
    } else {
        Err("write NAME=VALUE, the name of letters, digits, `-` and `_`, the value on one line".to_owned())
    }
}
