//! The template, deployed as a user deploys it: `aws cloudformation package`
//! and `deploy`, only that the endpoint is the local engine.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value};

use super::deployment::Examples;
use super::process::Engine;
use super::workspace::{Task, Workspace};
use super::{CallError, SetUpError, Stack, s3};
use crate::scripted::ThirdParty;

/// The stack's name, as in `samconfig.toml`.
const STACK: &str = "stepwait";
const BUCKET: &str = "artifacts";
/// Deploying takes three seconds; the rest is for a machine that compiles too.
const AWS_LIMIT: Duration = Duration::from_secs(180);
/// The template's default for `SecretPrefix`.
const SECRET_PREFIX: &str = "stepwait/";

const PACKAGE: Task = Task {
    what: "packaging template.yaml",
    log: "package.log",
    advice: "see what the AWS command line says",
    limit: AWS_LIMIT,
};
const DEPLOY: Task = Task {
    what: "deploying template.yaml",
    log: "deploy.log",
    advice: "correct the resources that are named here",
    limit: AWS_LIMIT,
};
const DESCRIBE: Task = Task {
    what: "reading the stack's outputs",
    log: "describe.log",
    advice: "see what the AWS command line says",
    limit: AWS_LIMIT,
};
const EVENTS: Task = Task {
    what: "reading the stack's events",
    log: "events.log",
    advice: "see what the AWS command line says",
    limit: AWS_LIMIT,
};

/// The secrets that the integrations name, with the third party's values.
pub(super) async fn create_secrets(
    engine: &Engine,
    third_party: &ThirdParty,
    examples: Option<&Examples>,
) -> Result<(), CallError> {
    let secrets = engine.secrets();
    let of_examples = examples.into_iter().flat_map(|examples| &examples.secrets);
    let named = [
        ("transcript/api-token", third_party.transcripts_token()),
        ("identity-check/api-token", third_party.checks_token()),
        ("rendering/api-token", third_party.renderings_token()),
        ("identity-check/webhook", third_party.webhook_secret().expose()),
    ];
    for (name, value) in named.into_iter().chain(of_examples.map(|(name, value)| (name.as_str(), value.as_str()))) {
        secrets.create(&format!("{SECRET_PREFIX}{name}"), value).await?;
    }
    Ok(())
}

/// The parameters with which the application calls the third party here.
pub(super) fn parameters(
    root: &Path,
    third_party: &ThirdParty,
    examples: Option<&Examples>,
) -> Result<Vec<(&'static str, String)>, SetUpError> {
    let mut overrides: Map<String, Value> =
        integrations(root)?.into_iter().map(|name| (name, third_party.base_url().into())).collect();
    let of_examples = examples.into_iter().flat_map(|examples| &examples.base_urls);
    overrides.extend(of_examples.map(|(name, url)| (name.clone(), url.as_str().into())));
    Ok(vec![
        ("Architecture", architecture().to_owned()),
        ("AllowLoopback", "true".to_owned()),
        ("BaseUrlOverrides", Value::Object(overrides).to_string()),
    ])
}

/// Packages and deploys the staged template.
pub(super) async fn deploy(
    workspace: &Workspace,
    engine: &Engine,
    staged: &Path,
    parameters: &[(&'static str, String)],
) -> Result<Stack, SetUpError> {
    s3::create_bucket(engine.client(), BUCKET).await?;
    let packaged = workspace.scratch().join("packaged.yaml");
    aws(
        workspace,
        engine,
        PACKAGE,
        [
            "package".into(),
            option("template-file", staged),
            option("s3-bucket", BUCKET),
            option("output-template-file", &packaged),
        ],
    )
    .await?;

    let mut arguments: Vec<OsString> = vec![
        "deploy".into(),
        option("template-file", &packaged),
        option("stack-name", STACK),
        option("s3-bucket", BUCKET),
        "--capabilities".into(),
        "CAPABILITY_IAM".into(),
        "CAPABILITY_NAMED_IAM".into(),
        "CAPABILITY_AUTO_EXPAND".into(),
        "--parameter-overrides".into(),
    ];
    arguments.extend(parameters.iter().map(|(name, value)| format!("{name}={value}").into()));
    if let Err(error) = aws(workspace, engine, DEPLOY, arguments).await {
        return Err(with_reasons(error, workspace, engine).await);
    }

    let description = aws(
        workspace,
        engine,
        DESCRIBE,
        ["describe-stacks".into(), option("stack-name", STACK), "--output=json".into()],
    )
    .await?;
    let description = serde_json::from_str(&description).unwrap_or_default();
    Ok(Stack::from_description(&description))
}

/// The command line's error says that the stack failed; the stack's events say
/// which resource, and why.
async fn with_reasons(error: SetUpError, workspace: &Workspace, engine: &Engine) -> SetUpError {
    const FAILURES: &str = "--query=StackEvents[?contains(ResourceStatus,'FAILED')]\
                            .[LogicalResourceId,ResourceStatusReason]";
    let events = aws(
        workspace,
        engine,
        EVENTS,
        ["describe-stack-events".into(), option("stack-name", STACK), FAILURES.into(), "--output=text".into()],
    )
    .await;
    match (error, events) {
        (SetUpError::Failed { what, ended, advice, log }, Ok(events)) => {
            SetUpError::Failed { what, ended, advice, log: format!("{events}{log}") }
        }
        (error, _) => error,
    }
}

async fn aws(
    workspace: &Workspace,
    engine: &Engine,
    task: Task,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<String, SetUpError> {
    let command = engine.aws(workspace, ["cloudformation".into()].into_iter().chain(arguments));
    workspace.run(command, task).await
}

/// `--name=value`, for values that are paths too.
fn option(name: &str, value: impl AsRef<std::ffi::OsStr>) -> OsString {
    let mut option = OsString::from(format!("--{name}="));
    option.push(value);
    option
}

/// What the template calls the machine's own architecture.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    }
}

/// The names of the integrations that are bundled into the functions.
fn integrations(root: &Path) -> Result<Vec<String>, SetUpError> {
    let folder = root.join("integrations");
    let entries = std::fs::read_dir(&folder).map_err(SetUpError::file("read", &folder))?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}
