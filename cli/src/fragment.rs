//! `stepwait fragment`: the waiting part for one integration, as states to paste
//! into a workflow of one's own. The states are `stepwait_fragment`'s.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use stepwait_core::decide::round::BreakEven;
use stepwait_fragment::{Called, Fragment, NoOutputs, Options, Outputs};

use crate::named;

const EXAMPLES: &str = "\
Examples:
  stepwait fragment transcript             the states, to be pasted among those of a workflow
  stepwait fragment transcript --next Store --on-failure Apologise
                                           with the names of the states that come next
  stepwait fragment transcript --payload '{ \"audio_url\": $states.input.recording.url }'
                                           with a payload that is not the whole input
  stepwait fragment identity-check --as second-check
                                           where another wait for the same integration stands
                                           in the workflow already
  stepwait fragment transcript --whole --stack-outputs outputs.json
                                           a state machine that can be created as it is
  stepwait fragment transcript --policy    what the workflow's role must be allowed

The states are written in JSONata and name their language, so that they can stand in a
workflow of either language. Without --stack-outputs they name what they call as
${SubmitFunctionArn}, ${CloseFunctionArn} and ${PollStateMachineArn}, for the
DefinitionSubstitutions of a template; the stack's outputs have the same names.

The next state gets the input of the wait, which must be an object, with one field more:
how the wait ended, under the integration's name with '_' for '-', for example
  \"transcript\": { \"outcome\": \"succeeded\", \"job_id\": \"tr_7\", \"output\": \"{\\\"text\\\": …}\" }
where outcome is succeeded, failed, expired or cancelled; output is the result as JSON
text, for $parse; and error and reason say why it did not succeed. A wait that fails does
not fail the workflow: branch on $states.input.transcript.outcome, or say --on-failure.

A wait is told from others of its execution by its key: the state's name, and a
hash of it, of the item's number within a Map and of the state's input. Where an execution comes to the same
state again with the very same input and is to start another job, give --key an expression
that differs each time; otherwise it gets the result that it had.

Pass the ARN of your state machine as the stack's parameter OwnWorkflowArns, so that the
functions may resume its tasks and close the waits of executions that are stopped. Make
the states again when the file's strategy, deadline or schedule has changed.";

/// What `stepwait fragment` can be told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The integration's name, or the path of its file
    #[arg(value_name = "INTEGRATION")]
    integration: String,
    /// The state that comes next; without it the workflow ends after the wait
    #[arg(long, value_name = "STATE", conflicts_with = "whole")]
    next: Option<String>,
    /// The state that comes next when the wait did not succeed
    #[arg(long, value_name = "STATE", conflicts_with = "whole")]
    on_failure: Option<String>,
    /// The wait's key, as a JSONata expression of at most 64 characters' value
    #[arg(long, value_name = "EXPRESSION")]
    key: Option<String>,
    /// The payload, as a JSONata expression; without it the state's whole input
    #[arg(long, value_name = "EXPRESSION")]
    payload: Option<String>,
    /// What the wait is called in the names of its states and of the field of its end, if not as the integration
    #[arg(long = "as", value_name = "NAME", value_parser = Called::parse)]
    called: Option<Called>,
    /// Print a complete state machine
    #[arg(long, conflicts_with = "policy")]
    whole: bool,
    /// Print what the workflow's role must be allowed
    #[arg(long)]
    policy: bool,
    /// Put in the outputs of a deployed stack: a file with what `aws cloudformation describe-stacks` prints
    #[arg(long, value_name = "FILE")]
    stack_outputs: Option<PathBuf>,
    /// The stack's parameter BreakEvenSeconds, if it is not the default
    #[arg(long, value_name = "SECONDS", default_value_t = BreakEven::default().longest_inside().as_secs())]
    break_even_seconds: u64,
}

/// Prints the states: 0 if there is such a file and it can be waited for, 2 if not.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match printed(arguments) {
        Ok(text) => {
            anstream::println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            anstream::eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn printed(arguments: &Arguments) -> Result<String, String> {
    let (integration, _) = named::integration(&arguments.integration).map_err(|error| error.to_string())?;
    let break_even = BreakEven::of_seconds(arguments.break_even_seconds).map_err(|error| format!("error: {error}"))?;
    let options = Options {
        called: arguments.called.clone(),
        key: arguments.key.clone(),
        payload: arguments.payload.clone(),
        next: arguments.next.clone(),
        on_failure: arguments.on_failure.clone(),
        break_even,
    };
    let fragment = Fragment::of(&integration, &options).map_err(|error| format!("error: {error}"))?;
    let text = if arguments.policy {
        format!("{:#}", fragment.policy())
    } else if arguments.whole {
        fragment.whole_text()
    } else {
        fragment.text()
    };
    let Some(file) = &arguments.stack_outputs else {
        return Ok(text);
    };
    let in_file = |why: NoOutputs| format!("error: {}: {why}", file.display());
    let outputs =
        fs::read_to_string(file).map_err(|error| format!("error: cannot read {}: {error}", file.display()))?;
    Outputs::parse(&outputs).and_then(|outputs| outputs.fill(&text)).map_err(in_file)
}

#[cfg(test)]
#[path = "fragment_tests.rs"]
mod tests;
