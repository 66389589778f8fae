//! Plays recordings back.

use std::path::Path;
use std::process::ExitCode;

use stepwait_core::integration::Integration;
use stepwait_trial::{Difference, Event, Fixture, Replay, Trial, Veil, World};

use super::{Arguments, TryError, integration, live, options, show::Show};

/// Plays a recording back, or all of a folder: 0 if everything is as recorded.
pub(super) async fn run(arguments: &Arguments, path: &Path) -> Result<ExitCode, TryError> {
    let integration = integration(arguments)?;
    let mut differs = false;
    for (path, fixture) in super::files::recordings(path)? {
        let show = Show::new(arguments.format, arguments.verbose, live::now());
        show.recording(&path);
        let differences = play(arguments, &integration, &fixture, &show).await?;
        show.compared(&differences);
        differs |= !differences.is_empty();
    }
    Ok(if differs { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn play(
    arguments: &Arguments,
    integration: &Integration,
    fixture: &Fixture,
    show: &Show,
) -> Result<Vec<Difference>, TryError> {
    let start = live::now();
    let trial = Trial::new(
        integration,
        fixture.request.clone(),
        "stepwait try --replay",
        options(arguments, integration),
        start,
    )
    .map_err(|error| TryError::Usage(error.to_string()))?;
    let replay = Replay::new(fixture, integration, trial.names(), start);
    let observer = |event: &Event| show.event_at(event, stepwait_trial::Time::now(&replay));
    let veil = Veil::default();
    let world =
        World { third_party: &replay, secrets: &replay, time: &replay, observer: &observer, veil: &veil, tape: None };
    let ended = trial.run(&world).await.map_err(|error| TryError::Usage(error.to_string()))?;
    Ok(replay.differences(&ended))
}
