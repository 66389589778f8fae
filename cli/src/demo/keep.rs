//! How to look around in a deployment that is kept.

use serde_json::json;
use stepwait_local::engine::Deployment;

use crate::screen::Screen;

/// Prints the endpoints, and command lines that work as they are.
pub(super) fn print_how_to_look_around(screen: &Screen, deployment: &Deployment) {
    let output = |name| deployment.stack.output(name).unwrap_or("(not among the outputs)");
    let aws = deployment.engine.aws_program().display();
    let main = output("MainStateMachineArn");
    let execution = main.replacen(":stateMachine:", ":execution:", 1);
    screen.note(&format!(
        "\n\
         everything is still up:\n\
         \x20 engine       http://{engine}\n\
         \x20 third party  {third_party}\n\
         \n\
         the executions, the history of one, the waits, and the results:\n\
         \x20 {aws} stepfunctions list-executions --state-machine-arn {main}\n\
         \x20 {aws} stepfunctions get-execution-history --execution-arn {execution}:polled\n\
         \x20 {aws} dynamodb scan --table-name {waits}\n\
         \x20 {aws} dynamodb scan --table-name {results}\n\
         \n\
         an execution of your own; its job is done at once:\n\
         \x20 {aws} stepfunctions start-execution --state-machine-arn {main} --input '{input}'\n\
         \n\
         a webhook that nobody signed, which is answered 401:\n\
         \x20 curl -i http://{engine}/webhooks/identity-check -H 'Host: {host}' -d '{{}}'\n\
         \n\
         Ctrl-C takes everything down",
        engine = deployment.engine.address(),
        third_party = deployment.third_party.base_url(),
        waits = output("WaitTableName"),
        results = output("ResultTableName"),
        host = output("WebhookUrl").trim_start_matches("https://").trim_end_matches('/'),
        input = json!({
            "subject": "customer-2",
            "requests": [{
                "integration": "transcript",
                "payload": { "audio_url": "https://recordings.example.com/2.mp3", "reference": "mine" },
            }],
        }),
    ));
}
