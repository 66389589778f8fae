//! What an answer means and what to do next. Every function here takes what was
//! received, and `now` or a random number where it needs one, and returns a value.

pub mod batch;
pub mod check;
pub mod collect;
pub mod engine;
pub mod in_a_row;
pub mod pooled;
pub mod retry_after;
pub mod round;
pub mod submit;
pub mod sweep;

#[cfg(test)]
mod tests;
