//! Finding and reading what a trial needs.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use stepwait_trial::Fixture;

use super::TryError;

/// The most bytes of an integration or a request, 1 MiB: they have thousands.
const MAX_BYTES: u64 = 1024 * 1024;

/// The most bytes of a recording, 64 MiB: results of a few MiB, in several exchanges.
const MAX_RECORDING_BYTES: u64 = 64 * 1024 * 1024;

/// Reads the payload: JSON, or a file of it after an `@`.
pub(super) fn request(given: Option<&str>) -> Result<Value, TryError> {
    let (text, place) = match given.map(|text| (text, text.strip_prefix('@'))) {
        None => return Ok(Value::Object(Map::new())),
        Some((_, Some(path))) => (read(Path::new(path), MAX_BYTES)?, path),
        Some((text, None)) => (text.to_owned(), "--request"),
    };
    serde_json::from_str(&text).map_err(|error| {
        TryError::Usage(format!("{place} is not JSON ({error}); write JSON, or @FILE to read it from a file"))
    })
}

/// Reads a recording, or all of a folder in the order of their names.
pub(super) fn recordings(path: &Path) -> Result<Vec<(PathBuf, Fixture)>, TryError> {
    let mut paths = vec![path.to_owned()];
    if path.is_dir() {
        let failed = |error| TryError::Usage(format!("cannot read {}: {error}", path.display()));
        let entries = fs::read_dir(path).map_err(failed)?;
        paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(failed)?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
    }
    if paths.is_empty() {
        return Err(TryError::Usage(format!("there is no .json file in {}", path.display())));
    }
    paths
        .into_iter()
        .map(|path| {
            let fixture = Fixture::parse(&read(&path, MAX_RECORDING_BYTES)?)
                .map_err(|error| TryError::Usage(format!("{}: {error}", path.display())))?;
            Ok((path, fixture))
        })
        .collect()
}

/// Reads a text file of a sensible size.
pub(crate) fn read(path: &Path, most: u64) -> Result<String, TryError> {
    let failed = |error| TryError::Usage(format!("cannot read {}: {error}", path.display()));
    let bytes = fs::metadata(path).map_err(failed)?.len();
    if bytes > most {
        return Err(TryError::Usage(format!(
            "{} has {bytes} bytes, more than {most}; is it the right file?",
            path.display()
        )));
    }
    fs::read_to_string(path).map_err(failed)
}
