//! What integration files mean, and what is said about broken ones.

mod any_text;
mod broken_files;
mod broken_requests;
mod broken_sections;
mod bundle;
mod callback;
mod conditions;
mod hosts;
mod injection;
mod limits;
mod requests;
mod schedule;
mod schema;
mod shipped_files;
mod template;
mod verify;
mod verify_schemes;
