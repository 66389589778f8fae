//! The table of waits in DynamoDB and the one in memory are the same store: the
//! same changes of the same waits, at random, have the same answers and leave
//! the same rows and the same index, whether they were applied or refused.

use fastrand::Rng;
use serde_json::json;
use std::time::Duration;
use stepwait_aws::{Edges, Settings};
use stepwait_core::integration::IntegrationName;
use stepwait_core::wait::change::TakenJob;
use stepwait_core::wait::due::{DuePosition, SHARDS, Sweep, UnderWay, shard_of};
use stepwait_core::wait::memory::Memory;
use stepwait_core::wait::update::{MAX_LATE, Meeting, RELEASED};
use stepwait_core::wait::{
    Awaited, Capability, Change, Generation, Guarded, JobId, Kept, Outcome, OutcomeKind, Registration, Source, WaitId,
    WaitRow,
};
use stepwait_core::{ErrorName, TaskToken, Timestamp};
use stepwait_flow::ports::WaitStore;
use stepwait_tests::{Application, Trouble};
use tokio::time::timeout;

crate::tests![waits_change_in_the_table_as_they_do_in_memory, a_sweep_is_kept_by_one_run_only];

/// Changes of a run, at least; a few milliseconds each.
const CHANGES: usize = 1_500;

/// And at most, where some kind has not been applied and refused often enough by then.
const MOST_CHANGES: usize = 4 * CHANGES;

/// How often each kind of change is applied, and how often refused, at least.
const OFTEN: u32 = 5;

/// All of them take a few seconds; the rest is for a machine that does much else.
const LONGEST: Duration = Duration::from_secs(120);

/// The runs differ in this alone, and each can be repeated.
const SEED: u64 = 20_261_124;

/// As many kinds of changes as there are, and the two of rendezvous rows.
const KINDS: usize = 12;

pub(crate) async fn edges(app: &Application) -> Result<Edges, Trouble> {
    let wait_table = app.deployment.stack.output("WaitTableName")?.to_owned();
    let endpoint = format!("http://{}", app.deployment.engine.address());
    Edges::start_at(Settings { wait_table, ..Settings::default() }, &endpoint)
}

async fn waits_change_in_the_table_as_they_do_in_memory(app: &Application) -> Result<(), Trouble> {
    let edges = edges(app).await?;
    let mut rng = Rng::with_seed(SEED);
    timeout(LONGEST, compare(&edges, &mut rng)).await.map_err(|_| format!("not done within {LONGEST:?}"))?
}

/// Waits that change side by side; each is followed by a fresh one after a while,
/// as one that has ended changes little.
const AT_ONCE: usize = 6;

/// As many waits as are followed by one another, one every twelve changes.
const WAITS: usize = AT_ONCE + MOST_CHANGES / 12;

/// What changes are made of: few of each, so that they often meet.
struct Pool {
    integrations: Vec<IntegrationName>,
    waits: Vec<WaitId>,
    jobs: Vec<JobId>,
    started_at: Timestamp,
}

const EXECUTION: &str = "arn:conformance";

impl Pool {
    fn new() -> Result<Self, Trouble> {
        let integrations = ["waits", "waits-too"].map(IntegrationName::parse);
        let integrations = integrations.into_iter().collect::<Result<Vec<_>, _>>()?;
        let wait = |number: usize| WaitId::derive(EXECUTION, &integrations[number % 2], &number.to_string());
        Ok(Self {
            waits: (0..WAITS).map(wait).collect(),
            jobs: ["j-1", "j-2", "j-3", "j-4", "j-5"].into_iter().map(JobId::parse).collect::<Result<_, _>>()?,
            integrations,
            // Far off, so that the deployed reconciler never finds one of these due.
            started_at: "2226-11-24T12:00:00Z".parse()?,
        })
    }

    fn time(&self, rng: &mut Rng) -> Timestamp {
        self.started_at + Duration::from_secs(rng.u64(0..300))
    }

    fn job(&self, rng: &mut Rng) -> JobId {
        self.jobs[rng.usize(0..self.jobs.len())].clone()
    }

    fn outcome(&self, rng: &mut Rng) -> Outcome {
        let kind = match rng.u8(0..4) {
            0 => OutcomeKind::Succeeded { output: json!({ "n": 12_345_678_901_234_567_890_u64, "text": "ä\n\"" }) },
            1 => OutcomeKind::failed(ErrorName::JobFailed, "it failed"),
            2 => OutcomeKind::expired("too late"),
            _ => OutcomeKind::cancelled("by hand"),
        };
        let at = self.time(rng);
        Outcome {
            kind,
            source: Source::Webhook,
            at,
            pending_at: rng.bool().then_some(at),
            job_id: Some(self.job(rng)),
            event_id: None,
        }
    }

    fn registration(&self, rng: &mut Rng, number: usize) -> Registration {
        Registration {
            id: self.waits[number].clone(),
            generation: Generation::from_u64(rng.u64(1..4)),
            token: rng.bool().then(|| TaskToken::new(format!("token-{}", rng.u8(..)))),
            integration: self.integrations[number % 2].clone(),
            digest: "d1".to_owned(),
            started_at: self.started_at,
            deadline: self.started_at + Duration::from_hours(1),
            execution_arn: EXECUTION.to_owned(),
            capability: rng.bool().then(|| Capability::of(rng.u128(..))),
            due_from: self.time(rng),
        }
    }

    fn noted(&self, rng: &mut Rng, row: Option<&WaitRow>) -> TakenJob {
        let kept = if rng.bool() {
            [("url".to_owned(), rng.u8(..).to_string())].into_iter().collect()
        } else {
            Kept::default()
        };
        TakenJob { mine: generation(rng, row), operation: operation(rng, row), job_id: self.job(rng), kept }
    }

    fn change(&self, rng: &mut Rng, number: usize, row: Option<&WaitRow>) -> (usize, Change) {
        // What only a wait may do that has just begun is tried more often than the rest.
        let kind = match rng.u8(0..10) {
            _ if row.is_none() && rng.u8(0..3) > 0 => 0,
            0 | 1 => 1,
            2 => 2,
            3 => 3,
            4 | 5 => 4,
            _ => rng.usize(0..KINDS - 2),
        };
        let change = match kind {
            0 => Change::Register(Box::new(self.registration(rng, number))),
            1 => Change::BeginSubmit { mine: generation(rng, row), operation: operation(rng, row) },
            2 => Change::ReleaseSubmit { operation: operation(rng, row) },
            3 => Change::SubmitUnknown { operation: operation(rng, row) },
            4 => Change::Submitted(self.noted(rng, row)),
            5 => Change::NoteJob(self.noted(rng, row)),
            6 => Change::Claim {
                integration: self.integrations[rng.usize(0..2)].clone(),
                outcome: Box::new(self.outcome(rng)),
                operation: operation(rng, row),
                awaited: if rng.bool() { Awaited::ByToken } else { Awaited::ByWorkflow },
            },
            7 => Change::KeepLate(Box::new(self.outcome(rng))),
            8 => Change::Delivered { to: generation(rng, row) },
            _ => Change::Postpone { until: self.time(rng), failures: rng.u32(0..3), refusals: rng.u32(0..3) },
        };
        (kind, change)
    }
}

/// Often the row's own, so that its attempt gets on; else any.
fn generation(rng: &mut Rng, row: Option<&WaitRow>) -> Generation {
    row.filter(|_| rng.bool()).map_or_else(|| Generation::from_u64(rng.u64(1..4)), |row| row.generation)
}

/// The version of an integration, one of two.
fn digest(rng: &mut Rng) -> String {
    if rng.bool() { "d1" } else { "d2" }.to_owned()
}

fn operation(rng: &mut Rng, row: Option<&WaitRow>) -> String {
    // No nonce looks like the mark of a right that was given back.
    let own = row.and_then(|row| row.submit.as_ref()).filter(|mark| rng.bool() && mark.operation != RELEASED);
    own.map_or_else(|| format!("op-{}", rng.u8(0..2)), |mark| mark.operation.clone())
}

async fn compare<S: WaitStore>(store: &S, rng: &mut Rng) -> Result<(), Trouble> {
    let pool = Pool::new()?;
    let mut reference = Memory::default();
    // Of each kind, how many were refused, and how many applied.
    let mut answers = [[0_u32; 2]; KINDS];
    let all_met = |answers: &[[u32; 2]; KINDS]| answers.as_flattened().iter().all(|count| *count >= OFTEN);
    for step in 0..MOST_CHANGES {
        if step >= CHANGES && all_met(&answers) {
            break;
        }
        let number = step / 12 + rng.usize(0..AT_ONCE);
        if rng.u8(0..5) == 0 {
            let (integration, job_id) = (&pool.integrations[rng.usize(0..2)], pool.job(rng));
            let keep_until = pool.started_at + Duration::from_hours(24 * 365 * 9);
            let (kind, meeting) = if rng.bool() {
                (10, Meeting::Bind { wait: pool.waits[number].clone(), digest: digest(rng), keep_until })
            } else {
                (
                    11,
                    Meeting::Mail {
                        event: Box::new(pool.outcome(rng)),
                        read_by: rng.bool().then(|| digest(rng)),
                        keep_until,
                    },
                )
            };
            let expected = reference.meet(integration, &job_id, &meeting);
            assert_eq!(store.meet(integration, &job_id, &meeting).await?, expected, "step {step}: {meeting:?}");
            answers[kind][usize::from(matches!(expected, Guarded::Applied(_)))] += 1;
            continue;
        }
        let (kind, change) = pool.change(rng, number, reference.waits.get(&pool.waits[number]));
        let (id, now) = (&pool.waits[number], pool.time(rng));
        let expected = reference.update(id, &change, now);
        assert_eq!(store.update(id, &change, now).await?, expected, "step {step}: {change:?} at {now}");
        answers[kind][usize::from(matches!(expected, Guarded::Applied(_)))] += 1;
        assert_eq!(store.read(id).await?.as_ref(), reference.waits.get(id), "step {step}: {change:?}");
        if rng.u8(0..20) == 0 {
            compare_index(store, &pool, &reference, rng).await?;
        }
    }
    // Until no more late outcomes are kept.
    for step in 0..MAX_LATE + 5 {
        let (change, id) = (Change::KeepLate(Box::new(pool.outcome(rng))), &pool.waits[0]);
        let expected = reference.update(id, &change, pool.started_at);
        assert_eq!(store.update(id, &change, pool.started_at).await?, expected, "late outcome {step}");
        answers[7][usize::from(matches!(expected, Guarded::Applied(_)))] += 1;
    }
    assert!(all_met(&answers), "of each kind, refused and applied: {answers:?}");
    Ok(())
}

/// The index shows the pool's waits in order, up to a time, behind a position;
/// other tests' waits may stand between them.
async fn compare_index<S: WaitStore>(store: &S, pool: &Pool, reference: &Memory, rng: &mut Rng) -> Result<(), Trouble> {
    for shard in 0..SHARDS {
        let (until, from) = (pool.time(rng), pool.time(rng));
        let after = rng.bool().then(|| DuePosition { due: from, id: pool.waits[rng.usize(0..WAITS)].clone() });
        let after = after.filter(|after| shard_of(&after.id) == shard);
        let mut found = store.due(shard, until, after.as_ref()).await?.waits;
        found.retain(|wait| pool.waits.contains(&wait.id));
        assert_eq!(
            found,
            reference.due(shard, until, after.as_ref()).waits,
            "shard {shard} to {until} after {after:?}"
        );
    }
    let mut found = store.waits_of(EXECUTION).await?;
    found.sort();
    assert_eq!(found, reference.waits_of(EXECUTION));
    Ok(())
}

async fn a_sweep_is_kept_by_one_run_only(app: &Application) -> Result<(), Trouble> {
    let edges = edges(app).await?;
    // No shard of the index, so that no other test is disturbed.
    let shard = SHARDS + 1;
    let time = |text: &str| text.parse::<Timestamp>();
    let id = WaitId::derive(EXECUTION, &IntegrationName::parse("waits")?, "sweep");
    let (done, until) = (time("2026-11-24T12:00:00Z")?, time("2026-11-24T12:01:00Z")?);
    let begun =
        Sweep { done_until: Some(done), under_way: Some(UnderWay { until, after: DuePosition { due: done, id } }) };
    let ended = Sweep { done_until: Some(until), under_way: None };
    assert_eq!(edges.sweep(shard).await?, Sweep::default());
    assert_eq!(edges.keep_sweep(shard, &Sweep::default(), &begun).await?, Guarded::Applied(begun.clone()));
    assert_eq!(edges.keep_sweep(shard, &Sweep::default(), &ended).await?, Guarded::Refused(Some(begun.clone())));
    assert_eq!(edges.sweep(shard).await?, begun);
    assert_eq!(edges.keep_sweep(shard, &begun, &ended).await?, Guarded::Applied(ended.clone()));
    assert_eq!(edges.keep_sweep(shard, &begun, &Sweep::default()).await?, Guarded::Refused(Some(ended.clone())));
    assert_eq!(edges.sweep(shard).await?, ended);
    Ok(())
}
