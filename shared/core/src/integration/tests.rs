//! What integration files mean, and what is said about broken ones.

mod broken_files;
mod limits;
mod schedule;
mod shipped_files;
mod template;
mod verify;
