//! What the cost model counts, held against what the engine's histories show: each
//! way to wait is run, and its transitions, rounds, invocations, looks and requests
//! are the model's, each of them. The table in the README is this one.
//!
//! Of the nine ways that `stepwait plan` compares, six are run. A Task that is retried
//! until its job has ended needs a function that fails while it has not, which none
//! does here; and the engine has no durable functions.

use crate::reconciling::ONE_RECONCILER;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;
use stepwait_core::cost::{
    Architecture, Course, Durations, JobEnds, Party, Prices, Usage, WAITS, Waits, Way, course, course_by_fragment,
    estimate, looks,
};
use stepwait_core::integration::{Integration, Jitter, Schedule, Strategy};
use stepwait_fragment::{Fragment, Options};
use stepwait_local::history::{listed_path, transitions, whole_execution};
use stepwait_local::scripted::{Answer, Script, millis};
use stepwait_tests::{Application, Ended, Trouble};

use crate::fragments::{run, shipped};

crate::tests![what_the_cost_model_counts_is_what_histories_show_and_the_readme_says];

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    transitions: u64,
    rounds: u64,
    invocations: u64,
    looks: u64,
    requests: u64,
}

impl Counts {
    /// Those of one wait, of what a million take.
    const fn of_each(million: Usage) -> Self {
        Self {
            transitions: million.transitions / WAITS,
            rounds: million.express_requests / WAITS,
            invocations: million.lambda_requests / WAITS,
            looks: million.looks / WAITS,
            requests: million.requests / WAITS,
        }
    }
}

/// What a wait runs in.
#[derive(Clone, Copy)]
enum Machine {
    /// The main workflow.
    Main,
    /// The states that `stepwait fragment` prints.
    Fragment,
    /// A loop of Wait, Task and Choice, as people build it.
    Loop,
    /// A round of the Express workflow that is left only for its end.
    Express,
}

/// A way to wait, how its third party behaves, and what a million waits take by the model.
struct Case {
    title: &'static str,
    integration: &'static str,
    machine: Machine,
    script: fn() -> Script,
    model: fn(&Integration) -> Result<Usage, Trouble>,
}

/// The third look finds the job done, whenever it comes.
fn done_at_the_third() -> Script {
    let pending = || Answer::status(http::StatusCode::OK, &json!({ "id": "tr", "status": "processing" }));
    Script::succeeds_after(millis(0)).check_answers([pending(), pending()])
}

/// The first look is told to come again after 80 seconds, for which a round is left.
fn done_at_the_second() -> Script {
    Script::succeeds_after(millis(0)).check_answers([Answer::throttled(http::HeaderValue::from_static("80"))])
}

fn done_at_once() -> Script {
    Script::succeeds_after(millis(0))
}

/// A job that ends right after the look of that number.
fn after_look(integration: &Integration, number: usize) -> Result<JobEnds, Trouble> {
    let times = looks(integration, integration.deadline)?;
    Ok(JobEnds::After(*times.get(number - 1).ok_or("too few looks")? + millis(1)))
}

/// The file with a schedule of equal intervals.
fn every(integration: &Integration, interval: Duration) -> Integration {
    let schedule = Schedule { min: interval, max: interval, jitter: Jitter::None, ..integration.schedule.clone() };
    Integration { schedule, ..integration.clone() }
}

fn million(course: Course) -> Usage {
    course.usage.times(WAITS)
}

/// Waits of a way that is not ours, with their submit: looked at each second, and done at the third look.
fn of_others(way: Way, integration: &Integration) -> Result<Usage, Trouble> {
    let second = every(integration, Duration::from_secs(1));
    let party = Party::of(&Integration {
        schedule: Schedule { first: Duration::from_secs(1), ..second.schedule.clone() },
        ..second
    });
    let durations: Durations = "2500ms".parse()?;
    Ok(estimate(way, Waits::new(&party, &durations, WAITS))?.whole())
}

const CASES: [Case; 9] = [
    Case {
        title: "nested, one round, by fragment",
        integration: "transcript",
        machine: Machine::Fragment,
        script: done_at_the_third,
        model: |integration| Ok(million(course_by_fragment(integration, after_look(integration, 2)?)?)),
    },
    Case {
        title: "nested, two rounds, by fragment",
        integration: "transcript",
        machine: Machine::Fragment,
        script: done_at_the_second,
        model: |integration| {
            let asked = every(integration, Duration::from_secs(80));
            Ok(million(course_by_fragment(&asked, after_look(&asked, 1)?)?))
        },
    },
    Case {
        title: "nested, one round, in the main workflow",
        integration: "transcript",
        machine: Machine::Main,
        script: done_at_the_third,
        model: |integration| Ok(million(course(integration, after_look(integration, 2)?)?)),
    },
    Case {
        title: "pooled, by fragment",
        integration: "transcript-pooled",
        machine: Machine::Fragment,
        script: done_at_once,
        model: |integration| Ok(million(course_by_fragment(integration, JobEnds::After(Duration::ZERO))?)),
    },
    Case {
        title: "pooled, in the main workflow",
        integration: "transcript-pooled",
        machine: Machine::Main,
        script: done_at_once,
        model: |integration| Ok(million(course(integration, JobEnds::After(Duration::ZERO))?)),
    },
    Case {
        title: "callback, by fragment",
        integration: "identity-check",
        machine: Machine::Fragment,
        script: || Script::succeeds_after(millis(100)),
        model: |integration| Ok(million(course_by_fragment(integration, JobEnds::After(millis(100)))?)),
    },
    Case {
        title: "callback, in the main workflow",
        integration: "identity-check",
        machine: Machine::Main,
        script: || Script::succeeds_after(millis(100)),
        model: |integration| Ok(million(course(integration, JobEnds::After(millis(100)))?)),
    },
    Case {
        title: "others': a Standard loop, three looks",
        integration: "transcript",
        machine: Machine::Loop,
        script: done_at_the_third,
        model: |integration| of_others(Way::StandardLoop, integration),
    },
    Case {
        title: "others': Express never left, three looks",
        integration: "transcript",
        machine: Machine::Express,
        script: done_at_the_third,
        model: |integration| of_others(Way::ExpressOnly, integration),
    },
];

impl Case {
    fn name(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        format!("measured-{}", self.title.chars().map(plain).collect::<String>())
    }

    /// Runs the wait and counts.
    async fn measure(&self, app: &Application) -> Result<Counts, Trouble> {
        let name = self.name();
        app.script(&name, (self.script)());
        let payload = json!({ "audio_url": "https://a/1", "applicant": "Ada", "reference": name });
        let ended = match self.machine {
            Machine::Main => app.run(&name, json!([{ "integration": self.integration, "payload": payload }])).await?,
            Machine::Fragment => {
                let whole = Fragment::of(&shipped(self.integration)?, &Options::default())?.whole();
                run(app, &name, &whole, &payload).await?
            }
            Machine::Loop => {
                let poll = app.deployment.stack.output("PollStateMachineArn")?;
                let round = app.deployment.engine.states().definition(poll).await?;
                let check =
                    round["States"]["Check status"]["Arguments"]["FunctionName"].as_str().ok_or("no function")?;
                run(app, &name, &standard_loop(self.integration, check), &payload).await?
            }
            Machine::Express => run(app, &name, &express_only(self.integration), &payload).await?,
        };
        assert_eq!(ended.status(), "SUCCEEDED", "{name}: {}", ended.cause());
        let (mut invocations, mut rounds) = (tasks(&ended.events, "lambda"), 0);
        for round in started_rounds(&ended.events) {
            rounds += 1;
            invocations += tasks(&app.deployment.engine.states().history(&round).await?, "lambda");
        }
        let is_told = shipped(self.integration)?.strategy == Strategy::Callback;
        // A sender counts its webhook when it is answered, which is after the wait has ended.
        let seen = app
            .deployment
            .third_party
            .wait_until(&name, |seen| !is_told || !seen.webhooks.is_empty(), Duration::from_secs(60))
            .await?;
        Ok(Counts {
            transitions: self.entered(app, &ended).await?,
            rounds,
            // Each delivery of a webhook calls the listener.
            invocations: invocations + u64::try_from(seen.webhooks.len())?,
            looks: u64::try_from(seen.checks.len())?,
            requests: u64::from(seen.submits)
                + u64::try_from(seen.checks.len())?
                + u64::from(seen.pages + seen.cancels),
        })
    }

    /// State transitions as AWS bills them; a Succeed state that only ends a definition
    /// is none of the waiting's.
    async fn entered(&self, app: &Application, ended: &Ended) -> Result<u64, Trouble> {
        if let Machine::Main = self.machine {
            let main = app.deployment.stack.output("MainStateMachineArn")?;
            let definition = app.deployment.engine.states().definition(main).await?;
            return Ok(u64::from(whole_execution(&definition, &ended.events, None)?.transitions()));
        }
        let path: Vec<_> =
            listed_path(&ended.events)?.into_iter().filter(|step| !step.state.ends_with(" done")).collect();
        Ok(u64::from(transitions(&path)))
    }
}

/// How many tasks of a service were started, retries included.
fn tasks(events: &[Value], service: &str) -> u64 {
    let scheduled = |event: &&Value| event["taskScheduledEventDetails"]["resourceType"] == service;
    events.iter().filter(scheduled).count().try_into().unwrap_or(u64::MAX)
}

/// The rounds of the Express workflow that an execution ran, by their ARNs.
fn started_rounds(events: &[Value]) -> Vec<String> {
    let output =
        |event: &Value| serde_json::from_str::<Value>(event["taskSucceededEventDetails"]["output"].as_str()?).ok();
    let arn = |output: Value| Some(output["ExecutionArn"].as_str()?.to_owned());
    events.iter().filter_map(output).filter_map(arn).collect()
}

/// The submit as a state of its own.
fn submit(integration: &str, next: &str) -> Value {
    json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {
            "FunctionName": "${SubmitFunctionArn}",
            "Payload": {
                "direct": {
                    "integration": integration, "key": "k", "payload": "{% $states.input %}",
                    "execution_arn": "{% $states.context.Execution.Id %}",
                    "started_at": "{% $states.context.State.EnteredTime %}", "deadline_seconds": 1800,
                },
                "attempt": {
                    "entered_at": "{% $states.context.State.EnteredTime %}",
                    "retry_count": "{% $states.context.State.RetryCount %}",
                },
                "round_started_at": "{% $states.context.Execution.StartTime %}",
            },
        },
        "Output": "{% $states.result.Payload %}",
        "Next": next,
    })
}

/// The loop that is in every tutorial: wait, look, and decide.
fn standard_loop(integration: &str, check: &str) -> Value {
    json!({
        "QueryLanguage": "JSONata",
        "StartAt": "Submit",
        "States": {
            "Submit": submit(integration, "Wait"),
            "Wait": { "Type": "Wait", "Seconds": 1, "Next": "Look" },
            "Look": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {
                    "FunctionName": check,
                    "Payload": {
                        "wait": "{% $states.input.wait %}", "job_id": "{% $states.input.job_id %}",
                        "poll": "{% $states.input.poll %}",
                    },
                },
                "Output": "{% $merge([$states.input, $states.result.Payload]) %}",
                "Next": "Finished?",
            },
            "Finished?": {
                "Type": "Choice",
                "Choices": [{ "Condition": "{% $states.input.action = 'done' %}", "Next": "It is done" }],
                "Default": "Wait",
            },
            "It is done": { "Type": "Succeed" },
        },
    })
}

/// The submit by a state, and one round.
fn express_only(integration: &str) -> Value {
    json!({
        "QueryLanguage": "JSONata",
        "StartAt": "Submit",
        "States": {
            "Submit": submit(integration, "Poll"),
            "Poll": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
                "Arguments": { "StateMachineArn": "${PollStateMachineArn}", "Input": "{% $string($states.input) %}" },
                "Output": "{% $parse($states.result.Output) %}",
                "Next": "Finished?",
            },
            "Finished?": {
                "Type": "Choice",
                "Choices": [{ "Condition": "{% $states.input.action = 'done' %}", "Next": "It is done" }],
                "Default": "It is not",
            },
            "It is done": { "Type": "Succeed" },
            "It is not": { "Type": "Fail" },
        },
    })
}

async fn what_the_cost_model_counts_is_what_histories_show_and_the_readme_says(
    app: &Application,
) -> Result<(), Trouble> {
    let _counts_looks = ONE_RECONCILER.read().await;
    let measured = futures_util::future::join_all(CASES.iter().map(|case| case.measure(app))).await;
    let mut table = String::from(
        "| way, as run | transitions | rounds | invocations | looks | requests | a million |\n|---|--:|--:|--:|--:|--:|--:|\n",
    );
    let mut differ = Vec::new();
    for (case, measured) in CASES.iter().zip(measured) {
        let (million, measured) = ((case.model)(&shipped(case.integration)?)?, measured?);
        let counted = Counts::of_each(million);
        if counted != measured {
            differ.push(format!("{}: counted {counted:?}, measured {measured:?}", case.title));
        }
        let Counts { transitions, rounds, invocations, looks, requests } = measured;
        let cents = million.nano_dollars(&Prices::default(), Architecture::default()) / 10_000_000;
        let dollars = format!("${}.{:02}", cents / 100, cents % 100);
        writeln!(
            table,
            "| {} | {transitions} | {rounds} | {invocations} | {looks} | {requests} | {dollars} |",
            case.title
        )?;
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md"))?;
    assert!(readme.contains(&table), "put this table into the README:\n{table}");
    Ok(())
}
