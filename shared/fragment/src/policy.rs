//! What a workflow's role must be allowed.

use serde_json::{Value, json};
use stepwait_core::integration::Strategy;

pub(crate) fn policy(strategy: Strategy) -> Value {
    let allow =
        |action: &str, resources: &[&str]| json!({ "Effect": "Allow", "Action": action, "Resource": resources });
    let statements = match strategy {
        Strategy::Callback | Strategy::Pooled => {
            vec![allow("lambda:InvokeFunction", &["${SubmitFunctionArn}", "${CloseFunctionArn}"])]
        }
        // The nested workflow's own role lets it submit.
        Strategy::Poll => vec![
            allow("states:StartSyncExecution", &["${PollStateMachineArn}"]),
            allow("lambda:InvokeFunction", &["${CloseFunctionArn}"]),
        ],
    };
    json!({ "Version": "2012-10-17", "Statement": statements })
}
