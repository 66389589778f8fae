//! Which files are checked, and their texts.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// The most bytes of a file, 1 MiB: an integration has a few thousand.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The most folders below each other: `integrations/examples/…` has two.
const MAX_DEPTH: u32 = 8;

/// The most files at a time.
const MAX_FILES: usize = 10_000;

/// What a path's characters may not be in a URI reference, besides controls.
const NOT_IN_URI: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'"').add(b'<').add(b'>').add(b'?').add(b'#').add(b':');

/// An integration file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// The path as it was asked for.
    pub(crate) path: String,
    /// The integration's name: the file's, without `.toml`.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Why there was nothing to check.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FilesError {
    #[error("cannot read {path}: {error}; run it where integrations/ is, or name the files")]
    Read { path: String, error: io::Error },
    #[error("{path} has {bytes} bytes, an integration has at most {MAX_FILE_BYTES}; is it one?")]
    TooLarge { path: String, bytes: u64 },
    #[error("{path} is no integration: their names end in .toml")]
    NotToml { path: String },
    #[error("there is no .toml file in {path}; name the files, or the folder that they are in")]
    Empty { path: String },
    #[error("more than {MAX_FILES} files; name a folder further down")]
    TooMany,
}

impl File {
    /// The path as a relative URI reference.
    pub(crate) fn uri(&self) -> String {
        utf8_percent_encode(&self.path.replace('\\', "/"), NOT_IN_URI).to_string()
    }

    /// Reads one file.
    pub(crate) fn read(path: &Path) -> Result<Self, FilesError> {
        let shown = path.display().to_string();
        let failed = |error| FilesError::Read { path: shown.clone(), error };
        let bytes = fs::metadata(path).map_err(failed)?.len();
        if bytes > MAX_FILE_BYTES {
            return Err(FilesError::TooLarge { path: shown, bytes });
        }
        let text = fs::read_to_string(path).map_err(failed)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { path: shown, name, text })
    }
}

/// Reads the files named, and all `*.toml` in and below the folders named, each
/// once, in the order of their paths.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<File>, FilesError> {
    let mut found = Vec::new();
    for path in paths {
        let shown = || path.display().to_string();
        let kind = fs::metadata(path).map_err(|error| FilesError::Read { path: shown(), error })?;
        if kind.is_dir() {
            let before = found.len();
            find(path, MAX_DEPTH, &mut found)?;
            if found.len() == before {
                return Err(FilesError::Empty { path: shown() });
            }
        } else if is_toml(path) {
            found.push(path.clone());
        } else {
            return Err(FilesError::NotToml { path: shown() });
        }
    }
    found.sort();
    found.dedup();
    found.iter().map(|path| File::read(path)).collect()
}

fn find(folder: &Path, depth: u32, found: &mut Vec<PathBuf>) -> Result<(), FilesError> {
    let failed = |error| FilesError::Read { path: folder.display().to_string(), error };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // Not followed: a link to a folder may lead back up.
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() && depth > 0 {
            find(&entry.path(), depth - 1, found)?;
        } else if !kind.is_dir() && is_toml(&entry.path()) {
            found.push(entry.path());
        }
        if found.len() > MAX_FILES {
            return Err(FilesError::TooMany);
        }
    }
    Ok(())
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}
