//! What functions are bundled with, and what waits are pinned to: a file in JSON,
//! with all in it that is calculated from it.
//!
//! Functions read JSON without carrying a second parser, and need calculate
//! nothing when they start. What was calculated stays what it is, too: a wait in
//! flight goes by the engine and the plan that it began with, whatever a version
//! that is deployed later would make of the same file.

use super::{ConfigError, Integration, IntegrationName, KeyError, RawIntegration, Schedule, Strategy, node::Node};
use crate::decide::pooled::GRANULARITY;
use crate::encoding::short_digest;
use crate::learn::Learned;
use std::sync::Arc;

/// Who polls, where the file leaves it to what that costs.
const AUTO: &str = "auto";

/// In place of a plan: that looks go by the schedule as it is written.
const AS_WRITTEN: &str = "as written";

/// Where in a file its plan stands.
const PLAN: [&str; 3] = ["schedule", "learned", "plan"];

/// A file as functions are bundled with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundled {
    /// The digest of the JSON.
    pub digest: String,
    /// What the file says and what comes of it, in JSON.
    pub json: String,
}

impl Integration {
    /// Parses the text of `integrations/NAME.toml`.
    ///
    /// # Errors
    /// [`ConfigError`], which names the file, the place in it and what to do.
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        Self::read(name, text).map(|(integration, _)| integration)
    }

    /// Checks a file and returns what functions are bundled with.
    ///
    /// # Errors
    /// [`ConfigError`], as [`Integration::parse`] has it.
    pub fn bundle(name: &str, text: &str) -> Result<Bundled, ConfigError> {
        Self::read(name, text).map(|(integration, json)| Bundled { digest: integration.digest, json })
    }

    /// Reads what [`Integration::bundle`] made of a file: no plan is made, and nothing
    /// is chosen. One that was made before plans were bundled makes its own when asked.
    ///
    /// # Errors
    /// [`ConfigError`] when it was made by a version that understood files otherwise.
    pub fn from_bundle(name: &str, digest: &str, json: &str) -> Result<Self, ConfigError> {
        let at = |e: &dyn std::fmt::Display| ConfigError::new(name, "(bundled)", e.to_string());
        let refused = |(key, what): KeyError| ConfigError::new(name, &key, what);
        let parsed = IntegrationName::parse(name).map_err(|e| at(&e))?;
        let mut raw: RawIntegration = serde_json::from_str(json).map_err(|e| at(&e))?;
        let plan = raw.schedule.take_plan();
        let mut integration = raw.check(parsed, digest.to_owned()).map_err(refused)?;
        if let Some(plan) = plan {
            integration.go_by(&plan).map_err(|what| ConfigError::new(name, &PLAN.join("."), what))?;
        }
        Ok(integration)
    }

    /// The plan by which jobs are looked at; `None` where earlier jobs have taught none,
    /// and where a webhook tells when a job has ended.
    #[must_use]
    pub fn learned(&self) -> Option<Arc<Learned>> {
        match self.strategy {
            Strategy::Poll | Strategy::Pooled => self.looks().learned(),
            Strategy::Callback => None,
        }
    }

    /// The schedule by whose times jobs are looked at: the reconciler comes no more
    /// often than it runs.
    #[must_use]
    pub fn looks(&self) -> Schedule {
        match self.strategy {
            Strategy::Pooled => self.schedule.no_closer_than(GRANULARITY),
            Strategy::Poll | Strategy::Callback => self.schedule.clone(),
        }
    }

    /// A file, and what is bundled of it.
    fn read(name: &str, text: &str) -> Result<(Self, String), ConfigError> {
        let parsed = IntegrationName::parse(name).map_err(|e| ConfigError::new(name, "(file name)", e.to_string()))?;
        let mut raw: RawIntegration = toml::from_str(text).map_err(|e| ConfigError::syntax(name, &e))?;
        if raw.schedule.take_plan().is_some() {
            let what = "is calculated when the file is bundled; leave it out";
            return Err(ConfigError::new(name, &PLAN.join("."), what.to_owned()));
        }
        let mut integration =
            raw.check(parsed, String::new()).map_err(|(key, what)| ConfigError::new(name, &key, what))?;
        let mut node: Node = toml::from_str(text).map_err(|e| ConfigError::syntax(name, &e))?;
        integration.settle(&mut node);
        let json = serde_json::to_string(&node).map_err(|e| ConfigError::new(name, "(whole file)", e.to_string()))?;
        integration.digest = short_digest(json.as_bytes());
        Ok((integration, json))
    }

    /// Puts into the file what is calculated from it.
    fn settle(&self, file: &mut Node) {
        let chosen = match self.strategy {
            Strategy::Poll => Some("nested"),
            Strategy::Pooled => Some("pooled"),
            Strategy::Callback => None,
        };
        if let Some(engine) = chosen.filter(|_| file.text(&["engine"]) == Some(AUTO)) {
            file.set(&["engine"], engine);
        }
        if self.schedule.learning.is_some() {
            let plan = self.learned().map_or_else(|| AS_WRITTEN.to_owned(), |learned| learned.to_string());
            file.set(&PLAN, &plan);
        }
    }

    /// Goes by a plan that was made before.
    fn go_by(&mut self, plan: &str) -> Result<(), String> {
        let backoff = self.looks().as_written();
        let learned = match plan {
            AS_WRITTEN => None,
            // By the file's own interval: how often looks can be pooled may change with the code.
            times => Some(Learned::read(times, self.schedule.min, backoff.clone())?),
        };
        self.schedule.learning = self.schedule.learning.take().map(|learning| learning.planned(backoff, learned));
        Ok(())
    }
}
