//! One deployment for all tests of a run.

use crate::stage::examples;
use crate::{Ended, Item, Stage, Trouble};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use stepwait_local::engine::{Deployment, Options, Workspace};
use stepwait_local::scripted::{Delivery, DeliveryAnswer, Manner, Script, Signing};
use tokio::sync::OnceCell;

/// Wait states and Retry intervals take a tenth of what the definitions say;
/// deadlines and timers of the third party are real.
const WAIT_SCALE: f64 = 0.1;

/// The longest an execution of a test may take; a loaded machine needs some.
const LONGEST: Duration = Duration::from_secs(180);

/// Between two looks at an execution.
const LOOK_GAP: Duration = Duration::from_millis(100);

/// The deployed application and its third party.
#[derive(Debug)]
pub struct Application {
    /// The deployment.
    pub deployment: Deployment,
    /// The third parties of the examples.
    pub stages: Vec<Stage>,
    workspace: Workspace,
}

impl Application {
    async fn up() -> Result<Self, String> {
        let workspace = Workspace::open().await.map_err(|e| e.to_string())?;
        let stages = Stage::of_examples().await.map_err(|e| e.to_string())?;
        let options = Options { wait_scale: Some(WAIT_SCALE), examples: Some(examples(&stages)) };
        match Deployment::up(&workspace, options, |step| eprintln!("{step}")).await {
            Ok(deployment) => Ok(Self { deployment, stages, workspace }),
            Err(error) => {
                workspace.close().await;
                Err(error.to_string())
            }
        }
    }

    /// Registers what becomes of the job with this reference.
    pub fn script(&self, reference: &str, script: Script) {
        self.deployment.third_party.script(reference, script);
    }

    /// Starts the main workflow for subject `name` and waits until it has ended.
    ///
    /// # Errors
    /// When it cannot be started, or does not end in time.
    pub async fn run(&self, name: &str, requests: Value) -> Result<Ended, Trouble> {
        let arn = self.start(name, requests).await?;
        self.end_of(&arn).await
    }

    /// Starts the main workflow for subject `name`, as execution `name`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start(&self, name: &str, requests: Value) -> Result<String, Trouble> {
        let main = self.deployment.stack.output("MainStateMachineArn")?;
        let input = json!({ "subject": name, "requests": requests });
        Ok(self.deployment.engine.states().start_execution(main, name, &input).await?)
    }

    /// Waits until an execution has ended.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn end_of(&self, arn: &str) -> Result<Ended, Trouble> {
        let states = self.deployment.engine.states();
        let began = Instant::now();
        while began.elapsed() < LONGEST {
            let execution = states.describe_execution(arn).await?;
            if !execution.is_running() {
                let events = states.history(arn).await?;
                return Ok(Ended { arn: arn.to_owned(), execution, events });
            }
            tokio::time::sleep(LOOK_GAP).await;
        }
        let log = self.deployment.engine.log_tail();
        Err(format!("{arn} did not end within {LONGEST:?}; the engine's log ends so:\n{log}").into())
    }

    /// The rows of the waits that an execution made.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn waits_of(&self, execution_arn: &str) -> Result<Vec<Item>, Trouble> {
        let rows = self.rows().await?;
        Ok(rows.into_iter().filter(|row| row.text("execution_arn") == Some(execution_arn)).collect())
    }

    /// The row that links a third party's job to its wait.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn rendezvous(&self, integration: &str, job_id: &str) -> Result<Option<Item>, Trouble> {
        self.row(&format!("J#{integration}#{job_id}")).await
    }

    /// One row of the table of waits.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn row(&self, pk: &str) -> Result<Option<Item>, Trouble> {
        let table = self.deployment.stack.output("WaitTableName")?;
        let key = json!({ "pk": { "S": pk } });
        Ok(self.deployment.engine.dynamodb().get_item(table, &key).await?.map(Item))
    }

    /// All rows of the table of waits.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn rows(&self) -> Result<Vec<Item>, Trouble> {
        let table = self.deployment.stack.output("WaitTableName")?;
        Ok(self.deployment.engine.dynamodb().scan(table).await?.into_iter().map(Item).collect())
    }

    /// Writes a row of the table of waits as it is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn put_row(&self, row: &Item) -> Result<(), Trouble> {
        let table = self.deployment.stack.output("WaitTableName")?;
        Ok(self.deployment.engine.dynamodb().put_item(table, &row.0).await?)
    }

    /// Sets one attribute of a row of the table of waits, and leaves the others as they are.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn set(&self, pk: &str, attribute: &str, value: &Value) -> Result<(), Trouble> {
        let table = self.deployment.stack.output("WaitTableName")?;
        let key = json!({ "pk": { "S": pk } });
        Ok(self.deployment.engine.dynamodb().set(table, &key, attribute, value).await?)
    }

    /// What the main workflow recorded: of a request by its key, of the whole execution without one.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn recorded(&self, name: &str, key: Option<&str>) -> Result<Option<Item>, Trouble> {
        let table = self.deployment.stack.output("ResultTableName")?;
        let sk = key.map_or_else(|| name.to_owned(), |key| format!("{name}/{key}"));
        let key = json!({ "subject": { "S": name }, "sk": { "S": sk } });
        Ok(self.deployment.engine.dynamodb().get_item(table, &key).await?.map(Item))
    }

    /// Invokes one of the functions, by its name in the template's outputs or by its suffix.
    ///
    /// # Errors
    /// When it cannot be invoked.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, Trouble> {
        let output = format!("{function}FunctionArn");
        let arn = self.deployment.stack.output(&output)?;
        Ok(self.deployment.engine.lambda().invoke(arn, payload).await?.payload)
    }

    /// Every line that was logged so far, with its log group.
    ///
    /// # Errors
    /// When the logs cannot be read.
    pub async fn log_lines(&self) -> Result<Vec<(String, String)>, Trouble> {
        let logs = self.deployment.engine.logs();
        let mut lines = Vec::new();
        for group in logs.groups().await? {
            let messages = logs.messages(&group).await?;
            lines.extend(messages.into_iter().map(|line| (group.clone(), line)));
        }
        Ok(lines)
    }

    /// Sends a webhook to the listener.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn webhook(&self, integration: &str, body: &str, sign: Signing) -> Result<DeliveryAnswer, Trouble> {
        self.call(Manner::Json, integration, body, sign).await
    }

    /// The same in another manner, at any path below the listener's.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn call(
        &self,
        manner: Manner,
        below: &str,
        body: &str,
        sign: Signing,
    ) -> Result<DeliveryAnswer, Trouble> {
        let base = self.deployment.stack.output("WebhookUrl")?.trim_end_matches('/');
        let url = format!("{base}/webhooks/{below}");
        let delivery = Delivery { url, body: body.as_bytes().to_vec(), sign };
        Ok(self.deployment.third_party.deliver_as(manner, delivery).await?)
    }
}

/// The application of a whole test run: brought up by the test that asks first,
/// so that a run in which no test asks starts nothing.
#[derive(Debug, Default)]
pub struct Shared(OnceCell<Result<Application, String>>);

impl Shared {
    /// The application.
    ///
    /// # Errors
    /// When it cannot be brought up; every test of the run then fails with the same text.
    pub async fn application(&self) -> Result<&Application, Trouble> {
        self.0.get_or_init(Application::up).await.as_ref().map_err(|error| error.clone().into())
    }

    /// Takes it down, if any test brought it up: afterwards nothing of it runs or listens.
    pub async fn take_down(self) {
        if let Some(Ok(application)) = self.0.into_inner() {
            application.deployment.down().await;
            application.workspace.close().await;
        }
    }
}
