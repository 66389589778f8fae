//! `[result]`: which part of the status answer is the result.

use super::{KeyError, Locator};
use serde::Deserialize;

/// Which part of a success answer is returned to the workflow.
#[derive(Clone, Debug, Default)]
pub struct ResultLeg {
    /// Where it stands; the whole body if absent.
    pub output: Option<Locator>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawResult {
    output: Option<Locator>,
}

impl RawResult {
    // A check that cannot fail yet keeps all sections alike.
    #[expect(clippy::unnecessary_wraps, reason = "every section is checked the same way")]
    pub(super) fn check(self) -> Result<ResultLeg, KeyError> {
        Ok(ResultLeg { output: self.output })
    }
}
