//! Writes a recording into a folder, beside those that are there.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use stepwait_trial::{Expected, Fixture};

use super::TryError;

/// The most recordings of one outcome in a folder; a person keeps a handful.
const MAX_OF_ONE: u32 = 1_000;

/// Writes a recording under the name of how it ended; nothing is overwritten.
pub(super) fn write(folder: &Path, fixture: &Fixture) -> Result<PathBuf, TryError> {
    let failed = |path: &Path, error: &dyn std::fmt::Display| {
        TryError::Usage(format!("cannot write {}: {error}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let name = match &fixture.expected {
        Expected::Succeeded { .. } => "success",
        Expected::Failed { .. } => "failure",
        Expected::Expired => "expired",
        Expected::Cancelled => "cancel",
    };
    let text = serde_json::to_string_pretty(fixture).map_err(|error| failed(folder, &error))?;
    for n in 1..=MAX_OF_ONE {
        let path = folder.join(if n == 1 { format!("{name}.json") } else { format!("{name}-{n}.json") });
        let mut file = match File::create_new(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(failed(&path, &error)),
        };
        writeln!(file, "{text}").map_err(|error| failed(&path, &error))?;
        return Ok(path);
    }
    Err(failed(folder, &format!("it holds {MAX_OF_ONE} recordings of this kind already")))
}
