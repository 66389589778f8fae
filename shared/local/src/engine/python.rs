//! Which Python the engine runs on.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::SetUpError;

/// Plain `python3` first; where that one is old, as on macOS, a newer one may
/// be installed beside it under its full name.
const CANDIDATES: [&str; 6] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
/// What the pinned packages need.
const OLDEST: Version = Version(3, 10);
/// An interpreter answers in a tenth of a second; a cold disk may take longer.
const PROBE_LIMIT: Duration = Duration::from_secs(20);
/// One line each, in this order, so that the output tells what is missing.
const PROBE: &str = "import sys; print(*sys.version_info[:2]); print(sys.executable); \
                     import ensurepip, venv; print('venv')";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32);

/// An interpreter that can make the engine's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Python {
    pub(super) executable: PathBuf,
    /// As in `3.12`: an environment belongs to one.
    pub(super) version: String,
}

enum Probed {
    Usable(Python),
    TooOld(Version),
    NoVenv,
    Absent,
}

impl Python {
    pub(super) async fn find() -> Result<Self, SetUpError> {
        let mut oldest_found = None;
        let mut without_venv = None;
        for candidate in CANDIDATES {
            match probe(candidate).await {
                Probed::Usable(python) => return Ok(python),
                Probed::TooOld(version) => {
                    oldest_found.get_or_insert((candidate, version));
                }
                Probed::NoVenv => {
                    without_venv.get_or_insert(candidate);
                }
                Probed::Absent => {}
            }
        }
        if let Some(python) = without_venv {
            return Err(SetUpError::NoVenv { python: python.to_owned() });
        }
        Err(SetUpError::NoPython {
            found: match oldest_found {
                Some((candidate, Version(major, minor))) => {
                    format!("`{candidate}` is {major}.{minor}")
                }
                None => "there is none on the PATH".to_owned(),
            },
        })
    }
}

async fn probe(candidate: &str) -> Probed {
    let output = Command::new(candidate).args(["-I", "-c", PROBE]).stdin(Stdio::null()).kill_on_drop(true).output();
    match timeout(PROBE_LIMIT, output).await {
        Ok(Ok(output)) => read_probe(&String::from_utf8_lossy(&output.stdout)),
        Ok(Err(_)) | Err(_) => Probed::Absent,
    }
}

fn read_probe(output: &str) -> Probed {
    let mut lines = output.lines();
    let version = lines
        .next()
        .and_then(|line| line.split_once(' '))
        .and_then(|(major, minor)| Some(Version(major.parse().ok()?, minor.parse().ok()?)));
    let (Some(version), Some(executable)) = (version, lines.next()) else {
        return Probed::Absent;
    };
    if version < OLDEST {
        return Probed::TooOld(version);
    }
    if lines.next() != Some("venv") {
        return Probed::NoVenv;
    }
    Probed::Usable(Python { executable: PathBuf::from(executable), version: format!("{}.{}", version.0, version.1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_with_venv_is_usable() {
        let Probed::Usable(python) = read_probe("3 12\n/usr/bin/python3\nvenv\n") else {
            panic!("3.12 with venv is usable");
        };
        let expected = Python { executable: PathBuf::from("/usr/bin/python3"), version: "3.12".to_owned() };
        assert_eq!(python, expected);
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(matches!(read_probe("3 9\n/usr/bin/python3\nvenv\n"), Probed::TooOld(Version(3, 9))));
    }

    #[test]
    fn a_python_without_ensurepip_is_told_apart_from_none() {
        assert!(matches!(read_probe("3 11\n/usr/bin/python3\n"), Probed::NoVenv));
        assert!(matches!(read_probe(""), Probed::Absent));
    }
}
