//! The deployed definitions and what the template says of them.

use stepwait_tests::{Application, Trouble};

crate::tests![no_substitution_is_left_in_a_deployed_definition];

async fn no_substitution_is_left_in_a_deployed_definition(app: &Application) -> Result<(), Trouble> {
    for output in ["MainStateMachineArn", "PollStateMachineArn"] {
        let arn = app.deployment.stack.output(output)?;
        let definition = app.deployment.engine.states().definition(arn).await?.to_string();
        assert!(!definition.contains("${"), "{output}: {definition}");
    }
    Ok(())
}
