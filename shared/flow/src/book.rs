//! Which integration a wait goes by: the version it started with, whatever has
//! been deployed since.

use crate::StepError;
use crate::ports::WaitStore;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use stepwait_catalog::Catalog;
use stepwait_core::ErrorName;
use stepwait_core::decide::round::BreakEven;
use stepwait_core::integration::{Integration, IntegrationName};
use stepwait_core::learn::Learning;
use stepwait_core::message::WaitRef;
use stepwait_core::wait::{Capability, WaitId};
use stepwait_core::webhook::Delivery;
use url::Url;

/// What a deployment sets beside the integration files.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Base URLs that replace those of the files: sandboxes, staging, a laptop.
    pub base_urls: BTreeMap<String, Url>,
    /// Where the webhook listener is reached, without a trailing slash.
    pub callback_base: Option<String>,
    /// What is waited for inside a round of the nested workflow.
    pub break_even: BreakEven,
}

/// The most earlier versions without a plan of which is kept what they learned, 16: a
/// process meets a few, of waits that began before a deployment or two.
const MAX_EARLIER: usize = 16;

/// The bundled integrations, and the settings that go with them.
#[derive(Debug)]
pub struct Book {
    catalog: Catalog,
    settings: Settings,
    /// What versions that are not bundled any more have learned and that were pinned
    /// without a plan, with the plans that were made of it: that takes milliseconds, and
    /// is done once for all their waits.
    learned: Mutex<Vec<Learning>>,
}

impl Book {
    /// A book of what is bundled and set.
    #[must_use]
    pub const fn new(catalog: Catalog, settings: Settings) -> Self {
        Self { catalog, settings, learned: Mutex::new(Vec::new()) }
    }

    /// The deployed version of an integration, and its file as it is bundled.
    #[must_use]
    pub fn current(&self, name: &str) -> Option<(&Integration, &str)> {
        self.catalog.get(name).zip(self.catalog.json(name))
    }

    /// The same for a name that somebody asked for.
    ///
    /// # Errors
    /// `UnknownIntegration`, with the names that there are.
    pub(crate) fn asked_for(&self, name: &str) -> Result<(&Integration, &str), StepError> {
        self.current(name).ok_or_else(|| {
            StepError::new(
                ErrorName::UnknownIntegration,
                format!(
                    "no integration {:?} is deployed; there are: {}. Add integrations/NAME.toml and deploy again, or correct the name",
                    name.chars().take(64).collect::<String>(),
                    self.names()
                ),
            )
        })
    }

    /// The names of all deployed integrations.
    #[must_use]
    pub fn names(&self) -> String {
        self.catalog.names().collect::<Vec<_>>().join(", ")
    }

    /// The version that a wait started with.
    pub(crate) async fn pinned<S: WaitStore>(
        &self,
        store: &S,
        wait: &WaitRef,
    ) -> Result<Cow<'_, Integration>, StepError> {
        self.version(store, &wait.integration, &wait.digest).await
    }

    /// The version of an integration with that digest: the bundled one, or one
    /// that was kept when a wait started with it.
    pub(crate) async fn version<S: WaitStore>(
        &self,
        store: &S,
        name: &IntegrationName,
        digest: &str,
    ) -> Result<Cow<'_, Integration>, StepError> {
        if let Some(current) = self.catalog.get(name.as_str()).filter(|i| i.digest == digest) {
            return Ok(Cow::Borrowed(current));
        }
        let lost = |why: String| {
            StepError::new(
                ErrorName::IntegrationLost,
                format!("the version {digest} of integration \"{name}\", with which this wait started, {why}"),
            )
        };
        let text = store.pinned(name, digest).await?.ok_or_else(|| lost("is not in the table".to_owned()))?;
        let mut old = Integration::from_bundle(name.as_str(), digest, &text)
            .map_err(|e| lost(format!("is no longer understood: {e}")))?;
        old.schedule.learning = old.schedule.learning.map(|learning| self.kept(learning));
        Ok(Cow::Owned(old))
    }

    /// The same with the plans that were made of it before.
    fn kept(&self, learning: Learning) -> Learning {
        if learning.is_planned() {
            return learning;
        }
        // Whoever panicked while he held them left whole ones.
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = learned.iter().find(|kept| **kept == learning) {
            return kept.clone();
        }
        if learned.len() >= MAX_EARLIER {
            learned.remove(0);
        }
        learned.push(learning.clone());
        learning
    }

    /// What is waited for inside a round, in this deployment.
    pub(crate) const fn break_even(&self) -> BreakEven {
        self.settings.break_even
    }

    /// Where an integration's API is, in this deployment.
    pub(crate) fn base_url<'a>(&'a self, integration: &'a Integration) -> &'a Url {
        self.settings.base_urls.get(integration.name.as_str()).unwrap_or(&integration.base_url)
    }

    /// Where an integration's webhooks are received, in this deployment: at one
    /// address for all, or with the wait's capability at its own.
    pub(crate) fn callback_url(
        &self,
        integration: &Integration,
        own: Option<(&WaitId, &Capability)>,
    ) -> Option<String> {
        let base = self.settings.callback_base.as_ref()?;
        let name = &integration.name;
        Some(match own {
            None => format!("{base}/webhooks/{name}"),
            Some((wait, capability)) => format!("{base}/webhooks/{name}/{wait}/{}", capability.expose()),
        })
    }

    /// The address that a delivery was sent to, as the third party was told it.
    /// The listener itself is not told, as its address is made after it: there
    /// the gateway's own name stands for it.
    pub(crate) fn called(&self, delivery: &Delivery) -> Option<String> {
        let base = self.settings.callback_base.as_ref();
        base.map(|base| format!("{base}{}", delivery.path)).or_else(|| delivery.url())
    }
}
