//! What no validator sees: that the state machine definitions, the template and
//! the functions agree with each other and keep the project's bounds.
//!
//! `asl-validator` and `cfn-lint` check each file against its grammar. They do
//! not know that a misspelt error name is never caught, that an undefined JSONata
//! variable ends an execution, that a function may run longer than the Task that
//! calls it, or that a role has outgrown its function. These tests read the files
//! of the repository, start nothing, and say for each finding where it is and what
//! to do; a test passes when its list of findings is empty.
//!
//! | file | what it checks |
//! |---|---|
//! | `shape` | every state: its comment, its way in, its ways out, its protection |
//! | `errors` | the names that are raised, retried and caught |
//! | `bounds` | durations that must be longer or shorter than others |
//! | `expressions` | JSONata, and that it is not mixed with JSONPath |
//! | `messages` | what definitions and functions pass to each other |
//! | `substitutions` | `${Name}` in definitions, and the template's values |
//! | `fragments` | the same of what `stepwait fragment` prints for each integration |
//! | `policies` | who may do what; logging and tracing |
//! | `readme` | what the README shows |
//! | `hazards` | the tests that `docs/hazards.md` names |
//!
//! Below them, `machine` reads a definition, `template` the template, `jsonata`
//! an expression, `fields` knows a message type's, and `findings` gathers what is wrong.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "all of this is test code: a file that is written otherwise than it is read here must fail the test"
)]

mod bounds;
mod errors;
mod expressions;
mod fields;
mod findings;
mod fragments;
mod hazards;
mod jsonata;
mod machine;
mod messages;
mod policies;
mod readme;
mod shape;
mod substitutions;
mod template;
