//! One state on an execution's path.

use serde::{Deserialize, Serialize};

/// A state that was entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its name.
    pub state: String,
    /// Its type.
    pub kind: Kind,
    /// How often its task was tried again.
    pub retries: u32,
}

/// A state's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Calls something.
    Task,
    /// Branches.
    Choice,
    /// Waits.
    Wait,
    /// Shapes data.
    Pass,
    /// Ends well.
    Succeed,
    /// Ends badly.
    Fail,
    /// Runs states for each item.
    Map,
}

impl Step {
    /// A state entered once, without retries.
    #[must_use]
    pub fn new(state: impl Into<String>, kind: Kind) -> Self {
        Self { state: state.into(), kind, retries: 0 }
    }
}

/// The state transitions that a Standard workflow is billed for: every state
/// entered is one, and so is every retry.
#[must_use]
pub fn transitions(steps: &[Step]) -> u32 {
    steps.iter().fold(0, |sum, step| sum.saturating_add(1).saturating_add(step.retries))
}
