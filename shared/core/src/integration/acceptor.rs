//! Ordered acceptors, with the semantics of Smithy's waiters
//! (<https://smithy.io/2.0/additional-specs/waiters.html>): the first whose
//! condition holds decides.

use super::KeyError;
use super::condition::{Condition, RawCondition};
use crate::answer::Document;
use schemars::JsonSchema;
use serde::Deserialize;

/// The most acceptors of one list: more states than any job has.
const MAX_ACCEPTORS: usize = 32;

/// A condition, and what an answer means that meets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Acceptor<S = AcceptorState> {
    /// What it means.
    pub state: S,
    /// When it applies.
    pub when: Condition,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum AcceptorState {
    /// The job is done.
    Success,
    /// The job failed.
    Failure,
    /// The job is under way: ask again.
    Retry,
}

impl AcceptorState {
    /// The state as files spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Retry => "retry",
        }
    }
}

/// The first acceptor that applies, and its place in the list, from 1.
#[must_use]
pub fn first<'a, S>(acceptors: &'a [Acceptor<S>], document: &Document<'_>) -> Option<(usize, &'a Acceptor<S>)> {
    (1..).zip(acceptors).find(|(_, acceptor)| acceptor.when.holds(document))
}

/// One acceptor: the first whose condition holds decides what an answer means.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Acceptor")]
pub(super) struct RawAcceptor {
    /// What the answer means: `success`, `failure` or `retry`.
    state: AcceptorState,
    /// When this acceptor applies.
    when: RawCondition,
}

/// Checks a list; the error names the acceptor, counted from 1.
pub(super) fn check(list: Vec<RawAcceptor>, key: &str) -> Result<Vec<Acceptor>, KeyError> {
    check_pairs(list.into_iter().map(|raw| (raw.state, raw.when)).collect(), key)
}

/// The same, for acceptors with states of their own.
pub(super) fn check_pairs<S>(list: Vec<(S, RawCondition)>, key: &str) -> Result<Vec<Acceptor<S>>, KeyError> {
    if list.len() > MAX_ACCEPTORS {
        return Err((key.to_owned(), format!("at most {MAX_ACCEPTORS} acceptors")));
    }
    (1..)
        .zip(list)
        .map(|(n, (state, when))| {
            let when = when.check().map_err(|e| (format!("{key}[{n}].when"), e))?;
            Ok(Acceptor { state, when })
        })
        .collect()
}
