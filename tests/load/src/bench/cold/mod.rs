//! The compiled listener beside listeners in Node.js: how they start, answer and
//! what memory they take, in one run, against the same services over TLS.
//!
//! Rivals take turns, start by start and round by round, so that whatever else the
//! machine does meets all of them. Node.js is given Lambda's own limits of its heap
//! for 128 MB, and is warmed up before it is measured.

mod node;
mod report;
mod rival;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use bytes::Bytes;
use serde_json::json;
use stepwait_catalog::Catalog;
use stepwait_load::aws::{Aws, Secure};
use stepwait_load::template::Template;
use stepwait_local::engine::{Workspace, sizes_of};
use stepwait_local::runtime::Invocation;
use stepwait_local::scripted::ThirdParty;

use super::check::Check;
use super::counts::Counts;
use super::delivery::{Deliveries, is_result_of};
use super::phase;
use super::waits::{INTEGRATION, Wait, Waits};
use super::{ENVIRONMENTS, PREFIX_VARIABLE, Progress, TABLE, TABLE_VARIABLE};
use crate::Trouble;
use rival::{Begun, Measured, Rival};

pub(crate) use report::Compared;

/// The table of the plain listener.
const TOKENS: &str = "Tokens";

/// The services, each at an address of its own, as AWS has them: a connection to
/// one serves no other.
const SERVICES: [&str; 3] = ["DYNAMODB", "SECRETS_MANAGER", "SFN"];

/// The heap that Lambda's own runtime for Node.js gives it at 128 MB: 5 % for each
/// half of the young generation, 90 % for the old one.
const NODE_OPTIONS: &str = "--max-semi-space-size=6 --max-old-space-size=115";

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounds {
    /// Starts of each rival, with one delivery each.
    starts: usize,
    /// Rounds of deliveries to one environment, the first of which is not counted.
    rounds: usize,
    /// Deliveries of a round.
    each: usize,
    /// Deliveries to several environments at once, after as many that are not counted.
    at_once: usize,
}

impl Rounds {
    /// Medians of thirty starts and of two thousand invocations.
    pub(crate) const FULL: Self = Self { starts: 30, rounds: 6, each: 400, at_once: 1_600 };
    /// Enough to see that all answer right.
    pub(crate) const QUICK: Self = Self { starts: 2, rounds: 2, each: 20, at_once: 20 };
}

/// All that the rivals have in common.
struct Contest<'a> {
    aws: Aws,
    waits: Waits,
    deliveries: Deliveries,
    progress: &'a Progress,
}

/// Measures the compiled listener and those in Node.js.
pub(crate) async fn compare(
    workspace: &Workspace,
    template: &Template,
    executable: PathBuf,
    profile: &'static str,
    rounds: Rounds,
    progress: &Progress,
) -> Result<Compared, Trouble> {
    let bundling = progress.spinner("bundling the listeners in Node.js");
    let bundles = node::bundle(workspace.made()).await?;
    bundling.finish_and_clear();
    let mut bootstraps = bundles.bootstraps;
    bootstraps.insert(crate::FUNCTION.to_owned(), executable);
    let sizes = sizes_of(workspace, &bootstraps).await?;

    let aws = Aws::start().await?;
    let secure = aws.secure(SERVICES.len()).await?;
    let certificate = workspace.made().join("load-certificate.pem");
    fs::write(&certificate, secure.certificate())?;
    let third_party = ThirdParty::start().await?;
    let variables = variables(&aws, &secure, template, &third_party, &certificate.display().to_string())?;
    let of = |name: &str| variables.get(name).cloned().ok_or_else(|| format!("template.yaml does not set {name}"));
    let (table, prefix) = (of(TABLE_VARIABLE)?, of(PREFIX_VARIABLE)?);
    let deliveries = Deliveries::signed_with(third_party.webhook_secret().clone());
    let waits = Waits::on(&aws, third_party, table, prefix).await?;
    let mut contest = Contest { aws, waits, deliveries, progress };

    let who = [
        (crate::FUNCTION, "stepwait", false),
        (node::PLAIN, "Node.js, plain", true),
        (node::EQUAL, "Node.js, equal steps", false),
    ];
    let mut rivals = Vec::with_capacity(who.len());
    for (key, name, is_plain) in who {
        let bootstrap = bootstraps.get(key).cloned().ok_or("a listener was not built")?;
        let zipped_bytes = sizes.iter().find(|size| size.name == key).map_or(0, |size| size.zipped_bytes);
        let measured = Measured { zipped_bytes, ..Measured::default() };
        rivals.push(Rival { name, is_plain, bootstrap, variables: variables.clone(), measured });
    }
    contest.starts(&mut rivals, rounds.starts).await?;
    contest.warm(&mut rivals, rounds).await?;
    contest.at_once(&mut rivals, rounds.at_once).await?;
    let checks = contest.checks(&rivals);
    let misunderstood = contest.aws.misunderstood();
    Ok(Compared { profile, node: bundles.version, rivals, checks, misunderstood })
}

/// The environment of all rivals; each reads of it what it needs.
fn variables(
    aws: &Aws,
    secure: &Secure,
    template: &Template,
    third_party: &ThirdParty,
    certificate: &str,
) -> Result<BTreeMap<String, String>, Trouble> {
    aws.tables().create(&template.table(TABLE)?)?;
    aws.tables().create(&json!({
        "TableName": TOKENS,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "job_id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "job_id", "KeyType": "HASH" }],
    }))?;
    let mut variables = template.environment(crate::FUNCTION)?;
    let prefix = variables.get(PREFIX_VARIABLE).cloned().unwrap_or_default();
    aws.secrets().put(&format!("{prefix}identity-check/webhook"), third_party.webhook_secret().expose());
    aws.secrets().put(&format!("{prefix}identity-check/api-token"), third_party.checks_token());
    let catalog = Catalog::load()?;
    let integration = catalog.get(INTEGRATION).ok_or_else(|| format!("{INTEGRATION} is not bundled"))?;
    let own = [
        ("INTEGRATION_DIGEST", integration.digest.clone()),
        ("NODE_EXTRA_CA_CERTS", certificate.to_owned()),
        ("NODE_OPTIONS", NODE_OPTIONS.to_owned()),
        ("SSL_CERT_FILE", certificate.to_owned()),
        ("TOKEN_TABLE", TOKENS.to_owned()),
    ];
    variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
    let endpoints = SERVICES.iter().zip(secure.endpoints());
    variables.extend(endpoints.map(|(service, endpoint)| (format!("AWS_ENDPOINT_URL_{service}"), endpoint)));
    Ok(variables)
}

impl Contest<'_> {
    /// Waits that begin, and a delivery for each.
    async fn events(&mut self, rival: &Rival, count: usize) -> Result<(Vec<Wait>, Vec<Bytes>), Trouble> {
        let waits = self.waits.begin(&self.aws, count, self.progress).await?;
        if rival.is_plain {
            for Wait { token, job_id, .. } in &waits {
                let item = json!({ "job_id": { "S": job_id }, "task_token": { "S": token } });
                self.aws.tables().put(TOKENS, &item)?;
            }
        }
        let events = waits.iter().map(|wait| self.deliveries.approved(&wait.job_id)).collect();
        Ok((waits, events))
    }

    /// Counts what came of deliveries.
    fn count(&self, measured: &mut Measured, waits: &[Wait], invocations: &[Invocation]) {
        let is_own =
            |wait: &&Wait| self.aws.tasks().end(&wait.token).is_some_and(|end| is_result_of(&end, &wait.job_id));
        measured.deliveries += waits.len();
        measured.accepted += phase::with_status(invocations, 200);
        measured.resumed += waits.iter().filter(is_own).count();
    }

    async fn starts(&mut self, rivals: &mut [Rival], count: usize) -> Result<(), Trouble> {
        let bar = self.progress.bar("starts", count * rivals.len());
        for _ in 0..count {
            for rival in &mut *rivals {
                let (waits, events) = self.events(rival, 1).await?;
                let mut environment = rival.start().await?;
                let invocations = environment.invoke(events, || bar.inc(1)).await?;
                self.count(&mut rival.measured, &waits, &invocations);
                let first = invocations.first().ok_or("a listener did not answer")?;
                rival.measured.starts.push(Begun::of(&environment, first));
            }
        }
        bar.finish_and_clear();
        Ok(())
    }

    async fn warm(&mut self, rivals: &mut [Rival], rounds: Rounds) -> Result<(), Trouble> {
        let bar = self.progress.bar("warm", rounds.rounds * rounds.each * rivals.len());
        let mut environments = Vec::with_capacity(rivals.len());
        for rival in &*rivals {
            environments.push(rival.start().await?);
        }
        for round in 0..rounds.rounds {
            for (rival, environment) in rivals.iter_mut().zip(&mut environments) {
                let (waits, events) = self.events(rival, rounds.each).await?;
                let before = (Counts::of(&self.aws), environment.time_on_core().unwrap_or_default());
                let began = Instant::now();
                let invocations = environment.invoke(events, || bar.inc(1)).await?;
                let lasted = began.elapsed();
                let measured = &mut rival.measured;
                if round > 0 {
                    measured.warm.extend(invocations.iter().map(|invocation| invocation.took));
                    measured.warm_lasted += lasted;
                    measured.warm_calls += Counts::of(&self.aws).since(before.0).calls;
                    measured.warm_on_core += environment.time_on_core().unwrap_or_default().saturating_sub(before.1);
                }
                measured.peak_memory_bytes = environment.peak_memory_bytes().unwrap_or_default();
                self.count(measured, &waits, &invocations);
            }
        }
        bar.finish_and_clear();
        Ok(())
    }

    async fn at_once(&mut self, rivals: &mut [Rival], count: usize) -> Result<(), Trouble> {
        let bar = self.progress.bar("several at once", 2 * count * rivals.len());
        for rival in rivals {
            let mut environments = Vec::with_capacity(ENVIRONMENTS);
            for _ in 0..ENVIRONMENTS {
                environments.push(rival.start().await?);
            }
            for _ in ["warming up", "measured"] {
                let (waits, events) = self.events(rival, count).await?;
                let done = phase::run(&self.aws, rival.name, environments, events, &bar).await?;
                environments = done.0;
                rival.measured.at_once_per_second = done.1.per_second();
                self.count(&mut rival.measured, &waits, done.1.invocations());
            }
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn checks(&self, rivals: &[Rival]) -> Vec<Check> {
        let mut checks = Vec::new();
        for Rival { name, measured, .. } in rivals {
            let Measured { deliveries, accepted, resumed, .. } = measured;
            checks.push(Check::exactly(*name, "answers with status 200", *deliveries, *accepted));
            checks.push(Check::exactly(*name, "tasks resumed with their own job's result", *deliveries, *resumed));
        }
        let full = rivals.iter().filter(|rival| !rival.is_plain).map(|rival| rival.measured.deliveries).sum::<usize>();
        let counts = Counts::of(&self.aws);
        checks.push(Check::exactly("all but plain", "claims applied", full, counts.claims));
        checks.push(Check::exactly("all but plain", "events kept", full, counts.kept));
        checks.push(Check::exactly("all but plain", "deliveries marked", full, counts.marked));
        checks.push(Check::exactly("all", "requests that no service understood", 0, self.aws.misunderstood().len()));
        checks
    }
}
