//! The waiting part for one integration that is known when a workflow is written:
//! Amazon States Language to paste into a workflow of one's own.
//!
//! The shipped main workflow looks at run time how a third party is to be waited
//! for, and takes a few states to get there. Who knows it beforehand needs fewer:
//! one Task that holds a token ([`token`]), or a loop of three states around rounds
//! of the nested workflow ([`nested`]), in which a wait of one round enters two. In
//! both, `submit` makes the plan itself, and all bounds are numbers, made from the
//! file; [`shipped`] takes what is to be retried, and for how long, from the main
//! workflow's own definition.
//!
//! What goes wrong leads to a state that closes the wait, whose result has the same
//! shape. How the states are named and what they hand on is in [`names`].

mod names;
mod nested;
mod outputs;
mod policy;
mod print;
mod shipped;
mod token;

pub use names::{Called, NotCalled};
pub use outputs::{NoOutputs, Outputs};

use serde_json::{Value, json};
use stepwait_core::decide::round::BreakEven;
use stepwait_core::integration::{Integration, Strategy};
use stepwait_core::plan::PlanError;

/// What the states are to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// What the wait is called, if not as its integration.
    pub called: Option<Called>,
    /// A JSONata expression for the wait's key, if not the state's name.
    pub key: Option<String>,
    /// A JSONata expression for the payload, if not the state's whole input.
    pub payload: Option<String>,
    /// The state that comes next; without one the workflow ends.
    pub next: Option<String>,
    /// The state that comes next when the wait did not succeed, if another.
    pub on_failure: Option<String>,
    /// What the deployment waits for inside a round.
    pub break_even: BreakEven,
}

/// The states.
#[derive(Clone, Debug, PartialEq)]
pub struct Fragment {
    /// What is said of the whole.
    comment: String,
    /// The states by their names, the first one first.
    states: Vec<(String, Value)>,
    strategy: Strategy,
}

impl Fragment {
    /// The states that wait for an integration.
    ///
    /// # Errors
    /// [`PlanError::TooManyRounds`], if an execution's history would not hold them.
    pub fn of(integration: &Integration, options: &Options) -> Result<Self, PlanError> {
        let states = match integration.strategy {
            Strategy::Callback | Strategy::Pooled => token::states(integration, options),
            Strategy::Poll => nested::states(integration, options)?,
        };
        let comment = format!("Waits for {} and ends with its result.", integration.name);
        Ok(Self { comment, states, strategy: integration.strategy })
    }

    /// The states by their names, the first one first.
    #[must_use]
    pub fn states(&self) -> &[(String, Value)] {
        &self.states
    }

    /// How the integration waits.
    #[must_use]
    pub const fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// The states as text, an object to be pasted among others.
    #[must_use]
    pub fn text(&self) -> String {
        print::states(&self.states, 0)
    }

    /// A whole state machine of them.
    #[must_use]
    pub fn whole(&self) -> Value {
        let start = self.states.first().map(|(name, _)| name.as_str());
        let states: serde_json::Map<_, _> = self.states.iter().cloned().collect();
        json!({
            "Comment": self.comment,
            "StartAt": start,
            "TimeoutSeconds": shipped::timeout(),
            "States": states,
        })
    }

    /// The whole state machine as text.
    #[must_use]
    pub fn whole_text(&self) -> String {
        print::whole(&self.whole(), &self.states)
    }

    /// What the role of a workflow with these states must be allowed beside what it
    /// is allowed for others.
    #[must_use]
    pub fn policy(&self) -> Value {
        policy::policy(self.strategy)
    }
}
