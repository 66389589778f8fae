//! The prices that money is calculated by: AWS's in us-east-1, or those of a file.

use std::fs;
use std::io;
use std::path::Path;

use stepwait_core::cost::{Prices, PricesError};

/// The most bytes of a file of prices, 64 KiB: it has two dozen lines.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Why there are no prices to go by.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot read {path}: {error}")]
    Read { path: String, error: io::Error },
    #[error("{path} has {bytes} bytes, a file of prices at most {MAX_FILE_BYTES}; is it one?")]
    TooLarge { path: String, bytes: u64 },
    #[error("{path}: {error}\n  docs/prices.toml shows how it is written")]
    Prices { path: String, error: PricesError },
}

/// The prices of the file, or those that are built in.
pub(crate) fn given(file: Option<&Path>) -> Result<Prices, Error> {
    let Some(file) = file else {
        return Ok(Prices::default());
    };
    let path = file.display().to_string();
    let failed = |error| Error::Read { path: path.clone(), error };
    let bytes = fs::metadata(file).map_err(failed)?.len();
    if bytes > MAX_FILE_BYTES {
        return Err(Error::TooLarge { path, bytes });
    }
    let text = fs::read_to_string(file).map_err(failed)?;
    Prices::parse(&text).map_err(|error| Error::Prices { path, error })
}
