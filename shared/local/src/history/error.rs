//! Why a path cannot be told.

/// Why a history could not be read, or explained by its definition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
    /// The definition cannot be read.
    #[error("definition: {reason}; derive paths only for definitions of tasks, choices, waits and passes")]
    Definition {
        /// What is wrong with it.
        reason: String,
    },
    /// A state leads to one that does not exist.
    #[error("definition: there is no state `{state}`")]
    UnknownState {
        /// The missing state.
        state: String,
    },
    /// The path leads into a state whose tasks cannot be told from others.
    #[error("definition: state `{state}` has states inside; a path into it cannot be derived")]
    Nested {
        /// The Map on the way.
        state: String,
    },
    /// An event lacks what its type promises, or comes out of turn.
    #[error("event {id}: {reason}")]
    Event {
        /// The event's number; 0 if it has none.
        id: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// No path through the definition makes this task happen next.
    #[error("event {id}: no path leads from {after} to a task with the resource `{resource}`")]
    NoPath {
        /// The task event that nothing explains.
        id: u64,
        /// The last state that is certain, or one of several.
        after: String,
        /// What the task called.
        resource: String,
    },
    /// After the last task no path leads to an end.
    #[error("after the last task: no path leads from {after} to an end that is allowed")]
    NoEnd {
        /// The last state that is certain, or one of several.
        after: String,
    },
    /// More than one path explains the events.
    #[error("the events fit more than one path: {first}, or {second}; say where it can have ended")]
    Ambiguous {
        /// One of them, its states joined by arrows.
        first: String,
        /// Another one.
        second: String,
    },
    /// The definition branches more than anybody could follow.
    #[error("definition: more than {limit} paths to follow; its choices lead to each other too often")]
    TooManyPaths {
        /// How many are looked at.
        limit: usize,
    },
}
