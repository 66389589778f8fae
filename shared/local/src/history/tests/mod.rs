//! Small definitions and event lists made by hand.

mod derived;
mod events;
mod express;
mod listed;
mod refused;
