//! `stepwait learn`: from waits of the deployment to a line of a file.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use stepwait_core::Timestamp;
use stepwait_core::integration::Integration;
use stepwait_core::learn::LEAST_OBSERVATIONS;
use stepwait_local::scripted::{Script, millis};
use stepwait_tests::{Application, Trouble};
use tokio::process::Command;

crate::tests![what_waits_teach_is_written_to_the_file_once_and_looks_go_by_it];

/// How long the jobs take, in milliseconds: longer than several looks are apart.
const TAKES_MS: u64 = 4_000;

/// Requests of one execution, one more than it takes for looks to go by them.
const JOBS: usize = LEAST_OBSERVATIONS as usize + 1;

/// Runs the command line in a folder; what it prints.
async fn stepwait(folder: &Path, arguments: &[&str]) -> Result<String, Trouble> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(folder).args(["run", "--quiet", "--package", "stepwait", "--manifest-path"]).arg(manifest);
    let output = command.arg("--").args(arguments).stdin(Stdio::null()).output().await?;
    if !output.status.success() {
        return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// A folder with the integration file alone.
fn folder() -> Result<(PathBuf, PathBuf, String), Trouble> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("learning");
    fs::create_dir_all(folder.join("integrations"))?;
    let file = folder.join("integrations/transcript.toml");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../integrations/transcript.toml"))?;
    fs::write(&file, &text)?;
    Ok((folder, file, text))
}

async fn what_waits_teach_is_written_to_the_file_once_and_looks_go_by_it(app: &Application) -> Result<(), Trouble> {
    let name = "learning";
    app.script(name, Script::succeeds_after(millis(TAKES_MS)));
    let request = json!({ "integration": "transcript", "payload": { "audio_url": "https://a/1", "reference": name } });
    let ended = app.run(name, Value::Array(vec![request; JOBS])).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    for row in app.waits_of(&ended.arn).await? {
        let outcome: Value = serde_json::from_str(row.text("outcome").ok_or("no outcome")?)?;
        // The last look that found it pending is noted with the outcome, and no later than that.
        let time = |field: &str| outcome[field].as_str().unwrap_or_default().parse::<Timestamp>();
        assert!(time("pending_at")? < time("at")?, "{outcome}");
    }

    let (folder, file, text) = folder()?;
    let table = app.deployment.stack.output("WaitTableName")?;
    let endpoint = format!("http://{}", app.deployment.engine.address());
    let learn = ["learn", "transcript", "--table", table, "--endpoint", &endpoint, "--format", "json"];
    let learned: Value = serde_json::from_str(&stepwait(&folder, &learn).await?)?;
    assert_eq!(fs::read_to_string(&file)?, text, "it was written without --write");
    // Other tests' waits are in the table, too, and more of them by the next time.
    let known = learned["now"]["known"].as_u64().ok_or("nothing known")?;
    assert!(known >= JOBS as u64, "{learned}");
    assert_eq!(learned["waits"]["earlier"], 0);

    let written: Value = serde_json::from_str(&stepwait(&folder, &[&learn[..], &["--write"]].concat()).await?)?;
    let with_line = fs::read_to_string(&file)?;
    let line = with_line.lines().find(|line| line.starts_with("learned = ")).ok_or("no line")?;
    assert_eq!(with_line.replace(&format!("{line}\n"), ""), text);
    let integration = Integration::parse("transcript", &with_line)?;
    let learning = integration.schedule.learning.as_ref().ok_or("nothing learned")?;
    assert_eq!(json!(learning.jobs().to_string()), written["jobs"]);
    assert_eq!(json!(learning.until()), written["until"]);
    assert_eq!(written["written"], true);

    let again: Value = serde_json::from_str(&stepwait(&folder, &learn).await?)?;
    let counted = |report: &Value| report["waits"]["counted"].as_u64().unwrap_or_default();
    assert!(again["waits"]["earlier"].as_u64() >= Some(counted(&written)), "{again}");
    assert_eq!(again["before"], written["now"]);

    let checked = stepwait(&folder, &["check", "integrations"]).await?;
    assert!(!checked.contains("error"), "{checked}");
    let explained = stepwait(&folder, &["explain", "transcript"]).await?;
    assert!(explained.contains(&format!("learned from {} jobs", learning.jobs().observations())), "{explained}");
    Ok(())
}
