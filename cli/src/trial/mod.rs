//! `stepwait try`: one job of one integration, without AWS.
//!
//! The run itself is `stepwait-trial`, which asks for a third party, secrets, the
//! time and an observer. Here they are the internet, the environment, the clock
//! and the terminal:
//!
//! | file | what it holds |
//! |---|---|
//! | `arguments` | what can be said on the command line |
//! | `files` | finding and reading integrations, requests and recordings |
//! | `secrets` | secrets from the environment, a file or the command line |
//! | `live` | the clock, and being asked to stop |
//! | `show` | events, requests and results, for people or programs |
//! | `record` | writing a recording |
//! | `replay` | playing recordings back |
//!
//! Exit status: 0 if the job was done, 1 if it failed, expired or was called off
//! (in a replay: if something is not as recorded), 2 for a command line or a file
//! that is of no use, 3 if a secret is missing or nobody answered, and as shells
//! report signals after Ctrl-C, which calls the job off first.

mod arguments;
pub(crate) mod files;
pub(crate) mod live;
mod record;
mod replay;
pub(crate) mod secrets;
mod show;

pub(crate) use arguments::Arguments;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use stepwait_aws::http::{HttpEdge, Reach, may_call};
use stepwait_core::Timestamp;
use stepwait_core::integration::{Integration, Strategy};
use stepwait_core::wait::OutcomeKind;
use stepwait_flow::third_party::ExchangeError;
use stepwait_trial::{Event, Options, Tape, Trial, TrialError, Veil, World, dry_run};
use url::Url;

use crate::named::{self, NamedError};
use crate::signals::Stop;
use live::Live;
use secrets::GivenSecrets;
use show::Show;

/// Where a third party is told to send webhooks that nobody waits for: the name
/// is never given to anybody (RFC 2606).
const NOWHERE: &str = "https://stepwait.invalid/webhooks";

/// What keeps a trial from beginning, or from going on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TryError {
    /// There is no such integration.
    #[error(transparent)]
    Named(#[from] NamedError),
    /// The command line, or a file, is of no use.
    #[error("error: {0}")]
    Usage(String),
    /// A secret is missing, or nobody answered.
    #[error("error: {0}")]
    Out(String),
}

impl TryError {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Named(_) | Self::Usage(_) => 2,
            Self::Out(_) => 3,
        })
    }
}

/// Tries an integration; the exit status tells how it went.
pub(crate) async fn run(arguments: &Arguments) -> ExitCode {
    let ended = match &arguments.replay {
        Some(path) => replay::run(arguments, path).await,
        None if arguments.dry_run => show_dry(arguments),
        None => run_live(arguments).await,
    };
    ended.unwrap_or_else(|error| {
        anstream::eprintln!("{error}");
        error.exit_code()
    })
}

/// The integration, as the command line changes it.
fn integration(arguments: &Arguments) -> Result<Integration, TryError> {
    let (mut integration, _) = named::integration(&arguments.integration)?;
    if let Some(deadline) = arguments.deadline {
        integration.deadline = deadline.into();
    }
    Ok(integration)
}

fn options(arguments: &Arguments, integration: &Integration) -> Options {
    let has_callback = integration.callback.is_some();
    let nowhere = has_callback.then(|| format!("{NOWHERE}/{}", integration.name));
    Options {
        base_url: arguments.base_url.clone(),
        callback_url: arguments.callback_url.as_ref().map(Url::to_string).or(nowhere),
        cancel_after: arguments.cancel_after.map(Into::into),
        most_checks: arguments.checks,
    }
}

fn trial<'i>(arguments: &Arguments, integration: &'i Integration) -> Result<Trial<'i>, TryError> {
    let request = files::request(arguments.request.as_deref())?;
    // Each run is another wait: its id is the idempotency key.
    let run = format!("stepwait try {:016x}", fastrand::u64(..));
    Trial::new(integration, request, &run, options(arguments, integration), live::now())
        .map_err(|error| TryError::Usage(error.to_string()))
}

fn show_dry(arguments: &Arguments) -> Result<ExitCode, TryError> {
    let integration = integration(arguments)?;
    let trial = trial(arguments, &integration)?;
    Show::new(arguments.format, arguments.verbose, live::now()).dry(&dry_run(&trial));
    Ok(ExitCode::SUCCESS)
}

async fn run_live(arguments: &Arguments) -> Result<ExitCode, TryError> {
    let integration = integration(arguments)?;
    let trial = trial(arguments, &integration)?;
    let reach = if arguments.allow_private { Reach::PRIVATE } else { Reach::PUBLIC };
    let base_url = arguments.base_url.as_ref().unwrap_or(&integration.base_url);
    may_call(base_url, reach).map_err(|why| {
        let hint = if arguments.allow_private {
            ""
        } else {
            "; --allow-private lets requests go to this machine and to private networks"
        };
        TryError::Usage(format!("{base_url} cannot be called: {why}{hint}"))
    })?;
    let secrets = GivenSecrets::read(arguments.secrets.as_deref(), &arguments.secret)?;
    secrets.must_have(&trial.secrets())?;
    let edge = HttpEdge::new(reach).map_err(|error| TryError::Out(error.to_string()))?;
    let (live, stopping) = Live::begin().map_err(|error| TryError::Out(error.to_string()))?;
    let began = live::now();
    let show = Show::new(arguments.format, arguments.verbose, began);
    show.begin(&integration, base_url, until(&integration, began), trial_note(&integration, arguments).as_deref());
    let was_refused = AtomicBool::new(false);
    let observer = |event: &Event| {
        if let Event::NotAnswered { refused: true, .. } = event {
            was_refused.store(true, Ordering::Relaxed);
        }
        show.event(event);
    };
    let (veil, tape) = (Veil::default(), Tape::default());
    let kept = arguments.record.is_some().then_some(&tape);
    let world =
        World { third_party: &edge, secrets: &secrets, time: &live, observer: &observer, veil: &veil, tape: kept };
    let ended = trial.run(&world).await.map_err(|error| TryError::Out(said(&error, &veil)))?;
    if let Some(folder) = &arguments.record {
        let path = record::write(folder, &tape.fixture(&trial, &veil, &ended))?;
        show.note(&format!(
            "recorded in {}; read it before you pass it on: the request and the answers are in it",
            path.display()
        ));
    }
    if was_refused.load(Ordering::Relaxed) && matches!(ended.kind, OutcomeKind::Failed { .. }) {
        return Ok(ExitCode::from(3));
    }
    Ok(exit_code(&ended.kind, stopping.signal()))
}

fn exit_code(kind: &OutcomeKind, stopped: Option<Stop>) -> ExitCode {
    match (kind, stopped) {
        (OutcomeKind::Succeeded { .. }, _) => ExitCode::SUCCESS,
        (OutcomeKind::Cancelled { .. }, Some(stop)) => stop.exit_code(),
        (OutcomeKind::Failed { .. } | OutcomeKind::Expired { .. } | OutcomeKind::Cancelled { .. }, _) => {
            ExitCode::FAILURE
        }
    }
}

/// What the first lines say beside the file's own description.
fn trial_note(integration: &Integration, arguments: &Arguments) -> Option<String> {
    let is_callback = integration.strategy == Strategy::Callback;
    let goes_nowhere = integration.callback.is_some() && arguments.callback_url.is_none();
    match (is_callback, goes_nowhere) {
        (true, true) => Some(format!(
            "waits by webhook when deployed; tried by polling its [status]. Webhooks are sent to {NOWHERE}, which is nobody (--callback-url)"
        )),
        (true, false) => Some("waits by webhook when deployed; tried by polling its [status]".to_owned()),
        (false, _) => None,
    }
}

fn until(integration: &Integration, began: Timestamp) -> Timestamp {
    began.saturating_add(integration.deadline).unwrap_or(Timestamp::MAX)
}

/// Why a trial could not go on, with what to do about it here.
fn said(error: &TrialError, veil: &Veil) -> String {
    match error {
        TrialError::Exchange(ExchangeError::Secret(missing)) => secrets::missing(&missing.name),
        TrialError::Exchange(_) | TrialError::NotStarted { .. } | TrialError::Look(_) => veil.hide(&error.to_string()),
    }
}
