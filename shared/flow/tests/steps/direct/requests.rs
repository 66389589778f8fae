//! Requests that cannot be served: refused before anything is stored or sent.

use crate::finish;
use crate::scenarios::{EARLY_WEBHOOK, book};
use crate::world::World;
use serde_json::{Value, json};
use stepwait_core::ErrorName;
use stepwait_core::message::PrepareInput;
use stepwait_flow::StepError;
use stepwait_flow::prepare::prepare;

fn refusal(integration: &str, payload: Value) -> StepError {
    let world = World::new(&EARLY_WEBHOOK.script);
    let input = PrepareInput {
        integration: integration.to_owned(),
        payload,
        key: "#0".to_owned(),
        execution_arn: "arn:execution".to_owned(),
        requests: 1,
    };
    let error = finish(prepare(&world, &book(), input)).unwrap_err();
    assert_eq!(world.state().gate.passed(), Vec::<&str>::new());
    error
}

#[test]
fn a_request_to_an_unknown_integration_is_told_which_ones_there_are() {
    let names = book().names();
    let message = format!(
        "no integration \"nobody\" is deployed; there are: {names}. Add integrations/NAME.toml and deploy again, or correct the name"
    );
    assert_eq!(refusal("nobody", json!({})), StepError::new(ErrorName::UnknownIntegration, message));
}

#[test]
fn a_payload_that_lacks_what_a_placeholder_needs_is_told_which_one() {
    let message =
        "integration \"identity-check\": the payload has no value at \"/applicant\"; the integration's submit needs it";
    assert_eq!(
        refusal("identity-check", json!({ "reference": "r-1" })),
        StepError::new(ErrorName::InvalidRequest, message)
    );
}
