//! The conditions of the table's updates say the same as the code that decides:
//! the same operations, on the engine's table and on plain values, have the same
//! answers.

use fastrand::Rng;
use std::time::Duration;
use stepwait_aws::{Edges, Settings};
use stepwait_core::integration::IntegrationName;
use stepwait_core::pace::places::{Holders, taken};
use stepwait_core::pace::{Attempt, FAILURES_TO_OPEN, Gate, Health, Turn};
use stepwait_core::wait::{Guarded, WaitId};
use stepwait_flow::ports::Gates as _;
use stepwait_tests::{Application, Trouble};
use tokio::time::timeout;

crate::tests![gates_and_places_change_in_the_table_as_they_do_in_memory];

/// Operations of a run; a few milliseconds each.
const OPERATIONS: usize = 240;

/// All of them take a few seconds; the rest is for a machine that does much else.
const LONGEST: Duration = Duration::from_secs(90);

/// The runs differ in this alone, and each can be repeated.
const SEED: u64 = 20_261_124;

/// Times lie between 0 and this, so near to each other that each condition is
/// often just met and often just missed.
const LATEST_US: i64 = 5;

/// What the table should hold for one group.
#[derive(Default)]
struct Reference {
    gate: Option<Gate>,
    places: Option<Holders>,
}

impl Reference {
    fn change(&mut self, becomes: impl FnOnce(Gate) -> Option<Gate>) -> Guarded<Gate> {
        match becomes(self.gate.unwrap_or_default()) {
            Some(gate) => Guarded::Applied(*self.gate.insert(gate)),
            None => Guarded::Refused(self.gate),
        }
    }

    fn take_place(&mut self, wait: &WaitId, most: u16) -> Guarded<Holders> {
        match taken(self.places.clone().unwrap_or_default(), wait, most) {
            Some(holders) => Guarded::Applied(self.places.insert(holders).clone()),
            None => Guarded::Refused(self.places.clone()),
        }
    }

    fn leave_places(&mut self, waits: &[WaitId]) {
        if let Some(holders) = &mut self.places {
            holders.retain(|holder| !waits.contains(holder));
        }
    }
}

fn time_us(rng: &mut Rng) -> i64 {
    rng.i64(0..=LATEST_US)
}

fn health(rng: &mut Rng) -> Health {
    Health {
        failures: *rng.choice(&[0, 1, FAILURES_TO_OPEN - 1, FAILURES_TO_OPEN]).unwrap_or(&0),
        paused_until_us: time_us(rng),
        probing: rng.bool(),
    }
}

/// A turn that was decided by the health as it is, or by an older one.
fn turn(rng: &mut Rng, gate: Option<Gate>) -> Turn {
    let current = gate.unwrap_or_default().health;
    let seen = match rng.u8(0..4) {
        0 => health(rng),
        1 => Health { probing: !current.probing, ..current },
        _ => current,
    };
    // Often healthy, so that requests get through as well.
    let becomes = if rng.bool() { Health::default() } else { health(rng) };
    Turn { seen, becomes }
}

fn attempt(rng: &mut Rng, gate: Option<Gate>) -> Attempt {
    let now_us = time_us(rng);
    match rng.u8(0..5) {
        0 | 1 => Attempt::Queue { now_us, latest_us: now_us + time_us(rng), interval_us: rng.i64(1..=2) },
        2 | 3 => Attempt::Restart { now_us, next_at_us: now_us + time_us(rng) },
        _ => Attempt::Probe { turn: turn(rng, gate), next_at_us: time_us(rng) },
    }
}

async fn edges(app: &Application) -> Result<Edges, Trouble> {
    let wait_table = app.deployment.stack.output("WaitTableName")?.to_owned();
    let endpoint = format!("http://{}", app.deployment.engine.address());
    Edges::start_at(Settings { wait_table, ..Settings::default() }, &endpoint)
}

async fn gates_and_places_change_in_the_table_as_they_do_in_memory(app: &Application) -> Result<(), Trouble> {
    timeout(LONGEST, compare(&edges(app).await?)).await.map_err(|_| format!("not done within {LONGEST:?}"))?
}

async fn compare(edges: &Edges) -> Result<(), Trouble> {
    let mut rng = Rng::with_seed(SEED);
    // Two, so that one group's rows are seen to be none of the other's.
    let groups = ["conformance", "conformance-too"].map(IntegrationName::parse);
    let groups = groups.into_iter().collect::<Result<Vec<_>, _>>()?;
    let waits: Vec<WaitId> =
        (0..5).map(|number| WaitId::derive("arn:conformance", &groups[0], &number.to_string())).collect();
    let mut references = [Reference::default(), Reference::default()];
    let (mut applied, mut refused) = ([0_u32; 3], [0_u32; 3]);
    for step in 0..OPERATIONS {
        let at = rng.usize(0..groups.len());
        let (group, reference) = (&groups[at], &mut references[at]);
        let mut count = |kind: usize, is_applied: bool| {
            let counts = if is_applied { &mut applied } else { &mut refused };
            counts[kind] += 1;
        };
        match rng.u8(0..10) {
            0..4 => {
                let attempt = attempt(&mut rng, reference.gate);
                let expected = reference.change(|gate| attempt.apply(gate));
                assert_eq!(edges.pass(group, &attempt).await?, expected, "step {step}: {attempt:?}");
                count(0, matches!(expected, Guarded::Applied(_)));
            }
            4..6 => {
                let turn = turn(&mut rng, reference.gate);
                let expected = reference.change(|gate| turn.apply(gate));
                assert_eq!(edges.turn(group, &turn).await?, expected, "step {step}: {turn:?}");
                count(1, matches!(expected, Guarded::Applied(_)));
            }
            6..9 => {
                let (wait, most) = (&waits[rng.usize(0..waits.len())], rng.u16(1..=3));
                let expected = reference.take_place(wait, most);
                assert_eq!(edges.take_place(group, wait, most).await?, expected, "step {step}: {wait} of {most}");
                count(2, matches!(expected, Guarded::Applied(_)));
            }
            _ => {
                let first = rng.usize(0..waits.len());
                let leaving = &waits[first..rng.usize(first + 1..=waits.len())];
                reference.leave_places(leaving);
                edges.leave_places(group, leaving).await?;
            }
        }
        assert_eq!(edges.gate(group).await?, reference.gate.unwrap_or_default(), "step {step}");
    }
    // Attempts, turns and places: each was often enough both.
    assert!(applied.iter().chain(&refused).all(|count| *count >= 10), "applied {applied:?}, refused {refused:?}");
    Ok(())
}
