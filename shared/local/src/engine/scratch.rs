//! The folder of one run: staged artifacts, logs, what the engine unpacks.
//!
//! A run holds a lock in its folder while it lives. The system releases that
//! lock however the run ends, so the next run can tell what was left by one that
//! was killed, and removes it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::SetUpError;

/// Between two tries for a lock that another process holds.
const LOCK_RETRY: Duration = Duration::from_millis(100);
/// Making and sweeping folders takes milliseconds, removing a large one seconds.
const FOLDER_LIMIT: Duration = Duration::from_secs(30);
/// An engine that is being ended may write while its folder is removed.
const REMOVALS: usize = 3;
const PREFIX: &str = "run-";
const LOCK: &str = "lock";

/// A folder that goes with this value.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
    _alive: File,
}

impl Scratch {
    /// Makes the folder under `parent`, and removes those of dead runs.
    pub(super) async fn make(parent: &Path) -> Result<Self, SetUpError> {
        make_folder(parent)?;
        let _exclusive = lock(&parent.join("runs.lock"), FOLDER_LIMIT).await?;
        sweep(parent)?;
        let folder = first_free(parent);
        make_folder(&folder)?;
        make_folder(&folder.join("logs"))?;
        let alive = lock(&folder.join(LOCK), FOLDER_LIMIT).await?;
        Ok(Self { folder, _alive: alive })
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        for _ in 0..REMOVALS {
            if fs::remove_dir_all(&self.folder).is_ok() {
                return;
            }
        }
    }
}

/// Takes an exclusive lock on a file, which is made if need be.
pub(super) async fn lock(path: &Path, limit: Duration) -> Result<File, SetUpError> {
    let file =
        File::options().create(true).truncate(false).write(true).open(path).map_err(SetUpError::file("open", path))?;
    let give_up_at = Instant::now() + limit;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < give_up_at => {
                sleep(LOCK_RETRY).await;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(SetUpError::Held { path: path.to_owned(), waited: limit });
            }
            Err(TryLockError::Error(error)) => return Err(SetUpError::file("lock", path)(error)),
        }
    }
}

pub(super) fn make_folder(path: &Path) -> Result<(), SetUpError> {
    fs::create_dir_all(path).map_err(SetUpError::file("make", path))
}

/// A process may run more than one deployment: a test binary does.
fn first_free(parent: &Path) -> PathBuf {
    let process = std::process::id();
    (1_u32..)
        .map(|number| parent.join(format!("{PREFIX}{process}-{number}")))
        .find(|folder| !folder.exists())
        .unwrap_or_else(|| parent.join(format!("{PREFIX}{process}")))
}

/// Removes the folders whose run is dead. Only one process sweeps at a time, and
/// none makes a folder meanwhile.
fn sweep(parent: &Path) -> Result<(), SetUpError> {
    let entries = fs::read_dir(parent).map_err(SetUpError::file("read", parent))?;
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let folder = entry.path();
        let alive =
            File::open(folder.join(LOCK)).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
        if !alive {
            // What cannot be removed now is tried again by the next run.
            let _ = fs::remove_dir_all(&folder);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dead_runs_folder_is_swept_and_a_living_ones_is_not() {
        let parent = std::env::temp_dir().join(format!("stepwait-scratch-{}", std::process::id()));
        let living = Scratch::make(&parent).await.unwrap();
        let dead = parent.join("run-1-1");
        fs::create_dir_all(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        let stranger = parent.join("engine-0");
        fs::create_dir_all(&stranger).unwrap();

        let second = Scratch::make(&parent).await.unwrap();

        assert!(living.path().exists());
        assert!(second.path().exists());
        assert!(!dead.exists());
        assert!(stranger.exists());

        let path = living.path().to_owned();
        drop(living);
        assert!(!path.exists());
        drop(second);
        fs::remove_dir_all(&parent).unwrap();
    }
}
