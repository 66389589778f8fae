//! Plays one conversation.

use crate::Case;
use crate::mapped::Mapped;
use crate::stage::Stage;
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_tests::Trouble;
use stepwait_trial::{Event, Expected, Names, Options, Pause, StandIns, Time, Trial, Veil, VirtualTime, World};

/// Where the third party is told to send its webhooks.
const CALLBACK_URL: &str = "https://hooks.example.com/webhooks/preset";

/// When conversations begin: 2026-11-12T09:00:00Z.
const START_S: i64 = 1_794_474_000;

/// No time passes, and the wait is called off where the recorded one was.
struct StageTime<'a> {
    stage: &'a Stage,
    time: VirtualTime,
}

/// Drives an integration through a conversation, and compares everything.
pub(crate) async fn play(case: &Case) -> Result<(), Trouble> {
    let start = Timestamp::from_second(START_S)?;
    let options = Options { callback_url: Some(CALLBACK_URL.to_owned()), ..Options::default() };
    let trial = Trial::new(&case.integration, case.fixture.request.clone(), &case.name, options, start)?;
    let names = trial.names();
    let stage = Stage::open(case, names.clone()).await?;
    let third_party = Mapped::to(stage.address())?;
    let world = World {
        third_party: &third_party,
        secrets: &StandIns::of(&case.integration),
        time: &StageTime { stage: &stage, time: VirtualTime::from(start) },
        observer: &|_: &Event| {},
        veil: &Veil::default(),
        tape: None,
    };
    let ended = trial.run(&world).await;
    let mut wrong = stage.close();
    let ended = ended.map_err(|error| format!("{error}\n{}", wrong.join("\n")))?;
    let end = symbolic(&Expected::from(&ended.kind), &names);
    wrong.extend(case.fixture.expected.differences(&end).iter().map(ToString::to_string));
    wrong.extend(crate::events::differences(case, ended.job_id.as_ref()));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn symbolic(end: &Expected, names: &Names) -> Expected {
    match end {
        Expected::Succeeded { output } => Expected::Succeeded { output: names.symbolic_json(output) },
        Expected::Failed { error, reason } => Expected::Failed { error: error.clone(), reason: names.symbolic(reason) },
        Expected::Expired => Expected::Expired,
        Expected::Cancelled => Expected::Cancelled,
    }
}

impl Time for StageTime<'_> {
    fn now(&self) -> Timestamp {
        self.time.now()
    }

    fn random(&self) -> u64 {
        self.time.random()
    }

    async fn pause(&self, length: Duration) -> Pause {
        if self.stage.is_to_stop() { Pause::Stop } else { self.time.pause(length).await }
    }
}
