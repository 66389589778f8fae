//! How to look around in a deployment that is kept.

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
         \x20 webhooks     {webhooks} (by its Host header, at the engine's address)\n\
         \n\
         the executions, the history of one, and the waits:\n\
         \x20 {aws} stepfunctions list-executions --state-machine-arn {main}\n\
         \x20 {aws} stepfunctions get-execution-history --execution-arn {execution}:polled\n\
         \x20 {aws} dynamodb scan --table-name {waits}\n\
         \n\
         Ctrl-C takes everything down",
        engine = deployment.engine.address(),
        third_party = deployment.third_party.base_url(),
        webhooks = output("WebhookUrl"),
        waits = output("WaitTableName"),
    ));
}
