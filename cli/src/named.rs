//! The integration that a command is given: by its name, or by the path of its file.

use std::path::{Path, PathBuf};

use stepwait_core::integration::Integration;

use crate::check::files::{File, FilesError};
use crate::check::{check_file, render};

/// Where a name is looked for, in this order.
const FOLDERS: [&str; 2] = ["integrations", "integrations/examples"];

/// Why there is no integration to go by.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NamedError {
    #[error("error: there is no {0} in this folder; give the path of the file instead")]
    Unknown(String),
    #[error("error: {0}")]
    Files(#[from] FilesError),
    /// What `stepwait check` says of it.
    #[error("{0}")]
    Broken(String),
}

/// The integration that is meant, and its file. The error is ready to be printed.
pub(crate) fn integration(given: &str) -> Result<(Integration, File), NamedError> {
    let file = File::read(&path(given)?)?;
    if let Ok(integration) = Integration::parse(&file.name, &file.text) {
        return Ok((integration, file));
    }
    let checked = check_file(file, false);
    let said = checked.diagnostics.iter().map(|diagnostic| render::render(diagnostic, &checked.file.text));
    Err(NamedError::Broken(said.collect::<Vec<_>>().join("\n\n")))
}

fn path(given: &str) -> Result<PathBuf, NamedError> {
    if given.contains(['/', '\\', '.']) {
        return Ok(PathBuf::from(given));
    }
    let candidates = FOLDERS.map(|folder| Path::new(folder).join(format!("{given}.toml")));
    candidates
        .iter()
        .find(|path| path.is_file())
        .cloned()
        .ok_or_else(|| NamedError::Unknown(candidates.map(|path| path.display().to_string()).join(" and no ")))
}
