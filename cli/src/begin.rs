//! What a command begins with that makes things on this machine.

use std::process::ExitCode;

use stepwait_local::engine::Workspace;

use crate::screen::Screen;
use crate::signals::Signals;

/// Listens for signals, before there is anything to take down, then opens the
/// workspace. What cannot be had is said, and the status to end with returned.
pub(crate) async fn begin(screen: &Screen) -> Result<(Signals, Workspace), ExitCode> {
    let signals = Signals::listen().map_err(|error| screen.fail(&error))?;
    let workspace = Workspace::open().await.map_err(|error| screen.fail(&error))?;
    Ok((signals, workspace))
}
