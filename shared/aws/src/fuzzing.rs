//! How rows are read, without a table: for the fuzzer alone, which is the only
//! one to give them what this program never wrote.

use crate::store::Row as _;
pub use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use stepwait_core::pace::Gate;
use stepwait_core::pace::places::Holders;
use stepwait_core::wait::due::{DueWait, Sweep};
use stepwait_core::wait::{Rendezvous, WaitRow};
use stepwait_flow::ports::StoreError;

/// An item as the SDK gives it.
pub type Item = HashMap<String, AttributeValue>;

/// Reads a wait's row.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is none.
pub fn wait(item: &Item) -> Result<WaitRow, StoreError> {
    WaitRow::read(item)
}

/// Reads what the index of due waits holds of a row.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is none.
pub fn due(item: &Item) -> Result<DueWait, StoreError> {
    DueWait::read(item)
}

/// Reads a rendezvous row.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is none.
pub fn rendezvous(item: &Item) -> Result<Rendezvous, StoreError> {
    Rendezvous::read(item)
}

/// Reads how far a shard has been swept.
///
/// # Errors
/// [`StoreError::Corrupt`] when the item does not say.
pub fn sweep(item: &Item) -> Result<Sweep, StoreError> {
    Sweep::read(item)
}

/// Reads a gate.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is none.
pub fn gate(item: &Item) -> Result<Gate, StoreError> {
    Gate::read(item)
}

/// Reads who holds a place.
///
/// # Errors
/// [`StoreError::Corrupt`] when the item does not say.
pub fn holders(item: &Item) -> Result<Holders, StoreError> {
    Holders::read(item)
}
