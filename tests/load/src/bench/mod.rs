//! The measurements: what is delivered, to how many environments, and what must
//! have come of it.

mod check;
mod cold;
mod counts;
mod delivery;
mod phase;
mod progress;
mod reconcile;
mod report;
mod spread;
mod waits;

pub(crate) use cold::{Compared, Rounds, compare};
pub(crate) use progress::Progress;
pub(crate) use reconcile::{Reconciled, reconcile};
pub(crate) use report::{Format, Report};

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use stepwait_load::aws::Aws;
use stepwait_load::template::Template;
use stepwait_local::runtime::{Environment, LISTENER_LIMIT, Start};
use stepwait_local::scripted::{ThirdParty, WebhookSecret};

use crate::Trouble;
use check::Check;
use delivery::Deliveries;
use phase::{Expected, Phase};
use waits::{Wait, Waits};

/// Where the template names the table and the secrets' prefix.
const TABLE: &str = "WaitTable";
const TABLE_VARIABLE: &str = "WAIT_TABLE";
const PREFIX_VARIABLE: &str = "SECRET_PREFIX";

/// Environments that share one table, four: two for each core of a small machine,
/// so that their updates meet.
const ENVIRONMENTS: usize = 4;

/// A key that nobody shares: 24 bytes, the fewest that the scheme allows.
const FORGERS_SECRET: &str = "whsec_Zm9yZ2VkLWZvcmdlZC1mb3JnZWQtZm9y";

/// How many deliveries of each kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Environments that are started, one after the other, to see how long that takes.
    starts: usize,
    /// Deliveries of each kind to one environment.
    each: usize,
    /// Genuine deliveries to several environments at once.
    spread: usize,
    /// Duplicates of one event, to several environments at once.
    duplicates: usize,
}

impl Sizes {
    /// Some seconds for each kind in the release profile.
    pub(crate) const FULL: Self = Self { starts: 20, each: 2_000, spread: 4_000, duplicates: 10_000 };
    /// Some seconds for all of them in the dev profile.
    pub(crate) const QUICK: Self = Self { starts: 2, each: 30, spread: 60, duplicates: 400 };
}

/// All that the phases need.
pub(crate) struct Bench {
    aws: Aws,
    waits: Waits,
    deliveries: Deliveries,
    forgeries: Deliveries,
    executable: PathBuf,
    variables: BTreeMap<String, String>,
    profile: &'static str,
}

impl Bench {
    pub(crate) async fn new(
        aws: Aws,
        third_party: ThirdParty,
        template: &Template,
        executable: PathBuf,
        profile: &'static str,
    ) -> Result<Self, Trouble> {
        aws.tables().create(&template.table(TABLE)?)?;
        let mut variables = template.environment(crate::FUNCTION)?;
        let of = |name: &str| variables.get(name).cloned().ok_or_else(|| format!("template.yaml does not set {name}"));
        let (table, prefix) = (of(TABLE_VARIABLE)?, of(PREFIX_VARIABLE)?);
        aws.secrets().put(&format!("{prefix}identity-check/webhook"), third_party.webhook_secret().expose());
        aws.secrets().put(&format!("{prefix}identity-check/api-token"), third_party.checks_token());
        variables.insert("AWS_ENDPOINT_URL".to_owned(), aws.endpoint());
        let deliveries = Deliveries::signed_with(third_party.webhook_secret().clone());
        let forgeries = Deliveries::signed_with(WebhookSecret::parse(FORGERS_SECRET)?);
        let waits = Waits::on(&aws, third_party, table, prefix).await?;
        Ok(Self { aws, waits, deliveries, forgeries, executable, variables, profile })
    }

    /// Runs all phases.
    pub(crate) async fn run(mut self, sizes: Sizes, progress: &Progress) -> Result<Report, Trouble> {
        let mut checks = Vec::new();
        let starts = self.starts(sizes.starts, progress, &mut checks).await?;
        let mut phases = Vec::new();

        let one = vec![self.environment().await?];
        let (one, done) = self.genuine("genuine", one, sizes.each, progress, &mut checks).await?;
        phases.push(done);
        let (one, done) = self.forged(one, sizes.each, progress, &mut checks).await?;
        phases.push(done);
        let (one, done) = self.unknown(one, sizes.each, progress, &mut checks).await?;
        phases.push(done);
        let (one, done) = self.duplicates("duplicates", one, sizes.each, progress, &mut checks).await?;
        phases.push(done);

        let mut several = Vec::with_capacity(ENVIRONMENTS);
        for _ in 0..ENVIRONMENTS {
            several.push(self.environment().await?);
        }
        let (several, done) = self.genuine("genuine", several, sizes.spread, progress, &mut checks).await?;
        phases.push(done);
        let (several, done) = self.duplicates("duplicates", several, sizes.duplicates, progress, &mut checks).await?;
        phases.push(done);

        checks.push(Check::exactly("all", "requests that no service understood", 0, self.aws.misunderstood().len()));
        let peaks = |environments: &[Environment]| environments.iter().filter_map(Environment::peak_memory_bytes).max();
        Ok(Report {
            profile: self.profile,
            starts,
            phases,
            peak_memory_bytes: peaks(&one).max(peaks(&several)),
            misunderstood: self.aws.misunderstood(),
            checks,
        })
    }

    async fn environment(&self) -> Result<Environment, Trouble> {
        Ok(Environment::start(&self.executable, &self.variables, LISTENER_LIMIT).await?)
    }

    /// Environments that are started for one delivery each.
    async fn starts(
        &mut self,
        count: usize,
        progress: &Progress,
        checks: &mut Vec<Check>,
    ) -> Result<Vec<Start>, Trouble> {
        let waits = self.waits.begin(&self.aws, count, progress).await?;
        let bar = progress.bar("starts", count);
        let mut starts = Vec::with_capacity(count);
        let mut accepted = 0;
        for wait in &waits {
            let mut environment = self.environment().await?;
            let event = self.deliveries.approved(&wait.job_id);
            let invocations = environment.invoke(vec![event], || bar.inc(1)).await?;
            accepted += phase::with_status(&invocations, 200);
            starts.push(environment.start_times());
        }
        checks.push(Check::exactly("starts", "answers with status 200", count, accepted));
        Ok(starts)
    }

    /// Each delivery is the first of its own wait.
    async fn genuine(
        &mut self,
        name: &'static str,
        environments: Vec<Environment>,
        count: usize,
        progress: &Progress,
        checks: &mut Vec<Check>,
    ) -> Result<(Vec<Environment>, Phase), Trouble> {
        let waits = self.waits.begin(&self.aws, count, progress).await?;
        let events = waits.iter().map(|wait| self.deliveries.approved(&wait.job_id)).collect();
        let expected =
            Expected { status: 200, claims: count, kept: count, resumed: count, most_calls: count, marked: count };
        let (environments, phase) = self.phase(name, environments, events, expected, progress, checks).await?;
        let own = waits.iter().filter(|wait| self.was_resumed_with_its_own(wait)).count();
        checks.push(Check::exactly(phase.label(), "tasks resumed with their own job's result", count, own));
        Ok((environments, phase))
    }

    /// Each delivery is signed with another secret.
    async fn forged(
        &mut self,
        environments: Vec<Environment>,
        count: usize,
        progress: &Progress,
        checks: &mut Vec<Check>,
    ) -> Result<(Vec<Environment>, Phase), Trouble> {
        let waits = self.waits.begin(&self.aws, 1, progress).await?;
        let events = waits.iter().cycle().take(count).map(|wait| self.forgeries.approved(&wait.job_id)).collect();
        let expected = Expected { status: 401, ..Expected::default() };
        let (environments, phase) = self.phase("forged", environments, events, expected, progress, checks).await?;
        checks.push(Check::exactly(phase.label(), "calls of DynamoDB and Step Functions", 0, phase.aws_calls));
        Ok((environments, phase))
    }

    /// Each delivery is about a job that nobody waits for yet.
    async fn unknown(
        &mut self,
        environments: Vec<Environment>,
        count: usize,
        progress: &Progress,
        checks: &mut Vec<Check>,
    ) -> Result<(Vec<Environment>, Phase), Trouble> {
        let events = (0..count).map(|number| self.deliveries.approved(&format!("chk_unknown_{number}"))).collect();
        let expected = Expected { status: 202, kept: count, ..Expected::default() };
        self.phase("unknown job", environments, events, expected, progress, checks).await
    }

    /// All deliveries are the same event of one wait, each signed anew. An
    /// environment may have read the row before another marked it as delivered, and
    /// then asks once more for what has happened already.
    async fn duplicates(
        &mut self,
        name: &'static str,
        environments: Vec<Environment>,
        count: usize,
        progress: &Progress,
        checks: &mut Vec<Check>,
    ) -> Result<(Vec<Environment>, Phase), Trouble> {
        let waits = self.waits.begin(&self.aws, 1, progress).await?;
        let events = waits.iter().cycle().take(count).map(|wait| self.deliveries.approved(&wait.job_id)).collect();
        let most_calls = environments.len();
        let expected = Expected { status: 200, claims: 1, kept: 1, resumed: 1, most_calls, marked: 1 };
        let (environments, phase) = self.phase(name, environments, events, expected, progress, checks).await?;
        let own = waits.iter().filter(|wait| self.was_resumed_with_its_own(wait)).count();
        checks.push(Check::exactly(phase.label(), "tasks resumed with their own job's result", 1, own));
        let rows = waits.iter().map(|wait| self.aws.tables().changes(TABLE, &wait.row, counts::CLAIM)).sum::<u64>();
        checks.push(Check::exactly(phase.label(), "claims in the wait's own row", 1, rows));
        Ok((environments, phase))
    }

    fn was_resumed_with_its_own(&self, wait: &Wait) -> bool {
        self.aws.tasks().end(&wait.token).is_some_and(|end| delivery::is_result_of(&end, &wait.job_id))
    }

    async fn phase(
        &self,
        name: &'static str,
        environments: Vec<Environment>,
        events: Vec<Bytes>,
        expected: Expected,
        progress: &Progress,
        checks: &mut Vec<Check>,
    ) -> Result<(Vec<Environment>, Phase), Trouble> {
        let bar = progress.bar(name, events.len());
        let (environments, phase) = phase::run(&self.aws, name, environments, events, &bar).await?;
        bar.finish_and_clear();
        checks.extend(expected.checks(&phase));
        Ok((environments, phase))
    }
}
