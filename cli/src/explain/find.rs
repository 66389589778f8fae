//! Which file is meant: a path, or a name below `integrations/`.

use std::path::PathBuf;

use stepwait_core::integration::Integration;

use crate::check::files::{File, FilesError};
use crate::check::masked;

/// Where a name is looked for, in this order.
const FOLDERS: [&str; 2] = ["integrations", "integrations/examples"];

/// Why there is nothing to explain.
#[derive(Debug, thiserror::Error)]
pub(super) enum FindError {
    #[error("there is no {0}.toml in integrations/ or integrations/examples/; name one that is there, or give a path")]
    Unknown(String),
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("{0}\n`stepwait check {1}` shows where")]
    Broken(String, String),
}

/// The integration that is meant, and the text that it was read from.
pub(super) fn integration(named: &str) -> Result<(Integration, String), FindError> {
    let path = path(named).ok_or_else(|| FindError::Unknown(named.to_owned()))?;
    let File { path, name, text } = File::read(&path)?;
    match Integration::parse(&name, &text) {
        Ok(integration) => Ok((integration, text)),
        Err(error) => Err(FindError::Broken(masked(&error.to_string(), &text), path)),
    }
}

fn path(named: &str) -> Option<PathBuf> {
    if named.ends_with(".toml") {
        return Some(PathBuf::from(named));
    }
    let candidates = FOLDERS.iter().map(|folder| PathBuf::from(format!("{folder}/{named}.toml")));
    candidates.into_iter().find(|path| path.exists())
}
