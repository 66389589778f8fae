//! The virtual environment that holds the engine: made once, kept under
//! `target/stepwait`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::SetUpError;
use super::scratch::lock;
use super::workspace::{Task, Workspace};

const REQUIREMENTS: &str = include_str!("requirements.txt");
/// Written last: an environment without it is half made, and made again.
const COMPLETE: &str = "complete";
/// Some fifteen megabytes of wheels over a slow line.
const MAKING_LIMIT: Duration = Duration::from_secs(600);
/// What a child of the engine may see of this process's environment. All else,
/// first of all proxies and AWS settings, stays outside.
const PASSED_ON: [&str; 4] = ["PATH", "LANG", "LC_ALL", "SSL_CERT_FILE"];

/// An environment that is complete.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// Gives the environment, and makes it if need be.
    pub(super) async fn ready(workspace: &Workspace) -> Result<Self, SetUpError> {
        let name = name(&workspace.python().version);
        let folder = workspace.made().join(&name);
        let lock_file = workspace.made().join(format!("{name}.lock"));
        // Two runs from an empty target: one makes it, the other waits.
        let _exclusive = lock(&lock_file, MAKING_LIMIT).await?;
        let environment = Self { folder };
        if !environment.is_complete() {
            environment.make(workspace).await?;
        }
        Ok(environment)
    }

    /// The interpreter with the engine's packages.
    pub(super) fn python(&self) -> PathBuf {
        self.folder.join("bin").join("python")
    }

    /// Also asks for the interpreter: its link breaks when Python is upgraded.
    fn is_complete(&self) -> bool {
        self.folder.join(COMPLETE).is_file() && self.python().exists()
    }

    async fn make(&self, workspace: &Workspace) -> Result<(), SetUpError> {
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder).map_err(SetUpError::file("remove", &self.folder))?;
        }
        let mut make = workspace.command(&workspace.python().executable);
        make.args(["-I", "-m", "venv"]).arg(&self.folder);
        workspace
            .run(
                make,
                Task {
                    what: "making the engine's virtual environment",
                    log: "venv.log",
                    advice: "see that Python's `venv` and `ensurepip` modules are installed",
                    limit: MAKING_LIMIT,
                },
            )
            .await?;

        let requirements = self.folder.join("requirements.txt");
        write(&requirements, REQUIREMENTS)?;
        let mut install = workspace.command(self.python());
        install
            .args(["-I", "-m", "pip", "install", "--quiet", "--no-input"])
            .args(["--disable-pip-version-check", "--progress-bar", "off"])
            .arg("--requirement")
            .arg(&requirements);
        workspace
            .run(
                install,
                Task {
                    what: "installing the engine",
                    log: "pip.log",
                    advice: "see that the Python package index is within reach \
                             (pip's own settings and PIP_* variables are respected)",
                    limit: MAKING_LIMIT,
                },
            )
            .await?;
        write(&self.folder.join(COMPLETE), "")
    }
}

/// Takes away all that this process's environment holds, and sets what keeps
/// AWS tools on this machine.
pub(super) fn isolate(command: &mut Command, home: &Path, endpoint: &str) {
    command.env_clear();
    for name in PASSED_ON {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .envs(dummy_account(endpoint))
        .env("HOME", home)
        .env("TMPDIR", home)
        // Without a daemon's address the engine would look for Docker's.
        .env("DOCKER_HOST", format!("unix://{}/no-docker", home.display()))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUNBUFFERED", "1");
}

/// The settings with which no AWS tool can reach a real account.
pub(super) fn dummy_account(endpoint: &str) -> [(&'static str, OsString); 8] {
    [
        ("AWS_ACCESS_KEY_ID", "test".into()),
        ("AWS_SECRET_ACCESS_KEY", "test".into()),
        ("AWS_DEFAULT_REGION", "us-east-1".into()),
        ("AWS_REGION", "us-east-1".into()),
        ("AWS_CONFIG_FILE", "/dev/null".into()),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".into()),
        ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ("AWS_ENDPOINT_URL", endpoint.into()),
    ]
}

/// Other packages or another Python make another environment.
fn name(python_version: &str) -> String {
    let digest = Sha256::new().chain_update(REQUIREMENTS).chain_update(python_version).finalize();
    // Six bytes tell a handful of environments apart.
    let short: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("engine-{short}")
}

fn write(path: &Path, text: &str) -> Result<(), SetUpError> {
    std::fs::write(path, text).map_err(SetUpError::file("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_is_pinned_to_one_version() {
        let packages: Vec<&str> =
            REQUIREMENTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        assert!(packages.contains(&"ministack==1.5.33"));
        for package in packages {
            assert_eq!(package.matches("==").count(), 1, "{package}");
        }
    }

    #[test]
    fn another_python_has_another_environment() {
        assert_ne!(name("3.11"), name("3.12"));
        assert_eq!(name("3.11"), name("3.11"));
    }
}
