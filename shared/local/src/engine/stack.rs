//! What a deployed stack tells about itself.

use std::collections::BTreeMap;

use serde_json::Value;

/// The outputs of the deployed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    outputs: BTreeMap<String, String>,
}

/// The template has no such output.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stack has no output `{name}`: add it to template.yaml (it has {})", present.join(", "))]
pub struct NoSuchOutput {
    /// The output.
    pub name: String,
    /// The outputs it has.
    pub present: Vec<String>,
}

impl Stack {
    /// The value of an output.
    ///
    /// # Errors
    ///
    /// When the template declares no such output.
    pub fn output(&self, name: &str) -> Result<&str, NoSuchOutput> {
        self.outputs
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| NoSuchOutput { name: name.to_owned(), present: self.outputs.keys().cloned().collect() })
    }

    /// Reads what DescribeStacks answers for one stack.
    pub(super) fn from_description(description: &Value) -> Self {
        let outputs = description["Stacks"][0]["Outputs"].as_array();
        Self {
            outputs: outputs
                .into_iter()
                .flatten()
                .filter_map(|output| {
                    let name = output["OutputKey"].as_str()?;
                    let value = output["OutputValue"].as_str()?;
                    Some((name.to_owned(), value.to_owned()))
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_output_that_is_missing_is_named_beside_those_that_are_there() {
        let stack = Stack::from_description(&json!({
            "Stacks": [{ "Outputs": [{ "OutputKey": "WebhookUrl", "OutputValue": "https://x/" }] }]
        }));
        assert_eq!(stack.output("WebhookUrl"), Ok("https://x/"));
        assert_eq!(
            stack.output("MainStateMachineArn").unwrap_err().to_string(),
            "the stack has no output `MainStateMachineArn`: add it to template.yaml \
             (it has WebhookUrl)"
        );
    }
}
