//! Every integration in `integrations/examples`, over the real HTTP edge.
//!
//! For each recorded conversation a server plays the third party: it expects
//! the requests that were recorded, in their order, and answers what was answered.
//! The integration is driven through it as `stepwait try` drives it, so that
//! placeholders, credentials, redirects, compressed bodies and cut connections
//! pass the code that functions use. A test fails if any request differs, if any
//! was not sent, if the wait ends otherwise, if credentials are missing or go to
//! a host that must not have them, or if a webhook means something else.
//!
//! | file | what it holds |
//! |---|---|
//! | `stage` | the server that plays a conversation |
//! | `mapped` | the HTTP edge, with every host mapped to that server |
//! | `play` | one conversation |
//! | `events` | the webhooks that belong to it |
//! | `complete` | whether there is a conversation for every way a job can go |
//!
//! One test for each conversation, so the harness is `libtest-mimic`.

mod complete;
mod events;
mod mapped;
mod play;
mod stage;

use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use stepwait_core::integration::Integration;
use stepwait_tests::Trouble;
use stepwait_trial::Fixture;
use tokio::runtime::Runtime;

/// A recorded conversation and the integration that it belongs to.
struct Case {
    /// `NAME/SCENARIO`.
    name: String,
    integration: Integration,
    fixture: Fixture,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

fn trials() -> Result<Vec<Trial>, Trouble> {
    let runtime = Arc::new(Runtime::new()?);
    let mut trials = complete::trials();
    for folder in sorted(&examples().join("fixtures"))? {
        for path in sorted(&folder)? {
            let case = Case::read(&path).map_err(|trouble| format!("{}: {trouble}", path.display()))?;
            let runtime = Arc::clone(&runtime);
            let test = move || -> Result<(), Failed> { Ok(runtime.block_on(play::play(&case))?) };
            trials.push(Trial::test(name_of(&path), test));
        }
    }
    Ok(trials)
}

impl Case {
    fn read(path: &Path) -> Result<Self, Trouble> {
        let fixture = Fixture::parse(&fs::read_to_string(path)?)?;
        let text = fs::read_to_string(examples().join(format!("{}.toml", fixture.integration)))?;
        let integration = Integration::parse(&fixture.integration, &text)?;
        Ok(Self { name: name_of(path), integration, fixture })
    }
}

/// `FOLDER/FILE` without `.json`.
fn name_of(path: &Path) -> String {
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
    format!("{}/{}", folder.to_string_lossy(), path.file_stem().unwrap_or_default().to_string_lossy())
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../integrations/examples")
}

/// What is in a folder, in the order of the names.
fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}
