//! `stepwait webhook`: why a delivery was refused, and deliveries to try a
//! listener with.
//!
//! Nothing is decided here. `stepwait-core` verifies, examines, signs and reads
//! events, by the code that the listener runs; this finds what it needs on a
//! laptop and tells what it said:
//!
//! | file | what it holds |
//! |---|---|
//! | `arguments` | what can be said on the command line |
//! | `received` | a request that was caught: as HTTP, or as the event of a gateway |
//! | `keys` | secrets, and the keys that third parties publish |
//! | `verify`, `account` | `verify`: what is looked at, and all that is said of it |
//! | `news` | what an event says, and what the listener would answer |
//! | `hints/` | usual mistakes, each tried: what would have been accepted |
//! | `record` | the line that the listener logs when it refuses |
//! | `show` | all of this for people |
//! | `sample`, `send` | `send`: an event made from the file, signed and sent |
//! | `raw` | a request as text, the counterpart of `received` |

mod account;
mod arguments;
mod hints;
mod keys;
mod news;
mod raw;
mod received;
mod record;
mod sample;
mod send;
mod show;
mod verify;

pub(crate) use arguments::Arguments;

use std::process::ExitCode;

use stepwait_core::integration::{Callback, Integration, Verification};

use crate::named;
use crate::trial::TryError;
use arguments::Command;

/// Does what was asked; the exit status tells how it went.
pub(crate) async fn run(arguments: &Arguments) -> ExitCode {
    let ended = match &arguments.command {
        Command::Verify(arguments) => verify::run(arguments).await,
        Command::Send(arguments) => send::run(arguments).await,
    };
    ended.unwrap_or_else(|error| {
        anstream::eprintln!("{error}");
        error.exit_code()
    })
}

/// The integration that is meant.
fn integration(given: &str) -> Result<Integration, TryError> {
    Ok(named::integration(given)?.0)
}

/// What its file says of webhooks.
fn callback(integration: &Integration) -> Result<&Callback, TryError> {
    integration.callback.as_ref().ok_or_else(|| {
        TryError::Usage(format!("{} has no [callback], so it takes no webhooks; add one to its file", integration.name))
    })
}

/// How its events are told from forged ones.
fn verification<'c>(integration: &Integration, callback: &'c Callback) -> Result<&'c Verification, TryError> {
    callback.verify.as_ref().ok_or_else(|| {
        TryError::Usage(format!(
            "the events of {} are genuine by the wait's own address (verify = \"capability\"), so nothing in them can be verified",
            integration.name
        ))
    })
}

/// The listener's path for an integration.
fn path_of(integration: &Integration) -> String {
    format!("/webhooks/{}", integration.name)
}
