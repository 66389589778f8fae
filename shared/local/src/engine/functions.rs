//! The functions, compiled by cargo as the rest of the workspace is.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use super::SetUpError;
use super::workspace::{Workspace, tail};

/// From nothing the release profile takes five minutes on two cores, the other
/// less; the rest is for one core that compiles something else too.
const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);
/// What `cargo run` and `cargo test` set for the program they start. Build
/// scripts that look at them would find them changed, and run again every time.
const SET_BY_CARGO: [&str; 5] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"];
const WHAT: &str = "compiling the functions";

/// Which of cargo's profiles the functions are built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As they run here: larger and slower, but linked in seconds.
    Dev,
    /// As they run on AWS.
    Release,
}

/// Which integration files are bundled into the functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bundled {
    /// Those that are deployed.
    Deployed,
    /// The examples as well.
    WithExamples,
}

/// Builds the packages `stepwait-NAME` and gives the executable of each name.
///
/// # Errors
///
/// When cargo cannot be started, fails, or takes longer than half an hour.
pub async fn build(
    workspace: &Workspace,
    names: &[String],
    profile: Profile,
    bundled: Bundled,
    report: &(dyn Fn(String) + Sync),
) -> Result<BTreeMap<String, PathBuf>, SetUpError> {
    let log = workspace.log("cargo.log");
    let mut child = workspace.spawn(WHAT, cargo(workspace, names, profile, bundled))?;
    let (Some(stdout), Some(stderr)) = (child.take_stdout(), child.take_stderr()) else {
        return Err(SetUpError::Start { what: WHAT, source: std::io::ErrorKind::BrokenPipe.into() });
    };
    let work = async {
        let (executables, (), status) =
            tokio::try_join!(read_executables(stdout), follow_progress(stderr, &log, report), child.wait(),)?;
        Ok::<_, std::io::Error>((executables, status))
    };
    let ended = match timeout(BUILD_LIMIT, work).await {
        Ok(Ok((mut executables, status))) if status.success() => {
            return names
                .iter()
                .map(|name| match executables.remove(name) {
                    Some(path) => Ok((name.clone(), path)),
                    None => Err(SetUpError::NoExecutable { name: name.clone() }),
                })
                .collect();
        }
        Ok(Ok((_, status))) => format!("failed ({status})"),
        Ok(Err(error)) => format!("failed ({error})"),
        Err(_) => format!("took longer than {} s", BUILD_LIMIT.as_secs()),
    };
    Err(SetUpError::Failed { what: WHAT, ended, advice: "this is what cargo says", log: tail(&log) })
}

fn cargo(workspace: &Workspace, names: &[String], profile: Profile, bundled: Bundled) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = workspace.command(program);
    command
        .args(["build", "--message-format=json-render-diagnostics"])
        .arg(match profile {
            Profile::Dev => "--profile=dev",
            Profile::Release => "--profile=release",
        })
        .args(names.iter().map(|name| format!("--package=stepwait-{name}")))
        .current_dir(workspace.root())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env("CARGO_TERM_COLOR", "never")
        // The progress bar goes to a pipe here, which has no width of its own.
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "100");
    if bundled == Bundled::WithExamples {
        // A feature, and no variable: both builds then stay beside each other.
        command.args(["--package=stepwait-catalog", "--features=stepwait-catalog/examples"]);
    }
    for (name, _) in std::env::vars_os() {
        let is_ours = SET_BY_CARGO.iter().any(|prefix| name.to_string_lossy().starts_with(prefix));
        if is_ours {
            command.env_remove(name);
        }
    }
    command
}

/// Reads cargo's messages, one JSON document a line.
async fn read_executables(messages: impl AsyncRead + Unpin) -> std::io::Result<BTreeMap<String, PathBuf>> {
    let mut executables = BTreeMap::new();
    let mut lines = BufReader::new(messages).lines();
    while let Some(line) = lines.next_line().await? {
        executables.extend(executable(&line));
    }
    Ok(executables)
}

fn executable(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let name = message["target"]["name"].as_str()?;
    let path = message["executable"].as_str()?;
    Some((name.to_owned(), PathBuf::from(path)))
}

/// Copies cargo's messages for people to the log, and reports how far it is.
async fn follow_progress(
    mut messages: impl AsyncRead + Unpin,
    log: &std::path::Path,
    report: &(dyn Fn(String) + Sync),
) -> std::io::Result<()> {
    let mut log = tokio::fs::File::create(log).await?;
    let mut chunk = vec![0; 4096];
    loop {
        let length = messages.read(&mut chunk).await?;
        if length == 0 {
            return log.flush().await;
        }
        log.write_all(&chunk[..length]).await?;
        if let Some((done, all)) = crates_done(&String::from_utf8_lossy(&chunk[..length])) {
            report(format!("{done} of {all} crates"));
        }
    }
}

/// Reads the last progress bar in what cargo printed:
/// `Building [====>   ] 120/310: serde, tokio`.
fn crates_done(printed: &str) -> Option<(u32, u32)> {
    let (_, after) = printed.rsplit_once("] ")?;
    let (done, after) = after.split_once('/')?;
    let all = after.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((done.trim().parse().ok()?, all.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_progress_bar_counts() {
        let printed = "   Building [=>      ] 12/310: syn\r   Building [==>     ] 13/310: syn, serde\r";
        assert_eq!(crates_done(printed), Some((13, 310)));
        assert_eq!(crates_done("   Compiling serde v1.0.0\n"), None);
    }

    #[test]
    fn only_a_message_with_an_executable_names_one() {
        let built = r#"{"reason":"compiler-artifact","target":{"name":"submit"},"executable":"/t/debug/submit"}"#;
        let library = r#"{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}"#;
        assert_eq!(executable(built), Some(("submit".to_owned(), PathBuf::from("/t/debug/submit"))));
        assert_eq!(executable(library), None);
        assert_eq!(executable("{\"reason\":\"build-finished\"}"), None);
    }
}
