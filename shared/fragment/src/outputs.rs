//! The outputs of a deployed stack, in place of `${Name}`.

use serde_json::Value;
use std::collections::BTreeMap;

/// Outputs by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs(BTreeMap<String, String>);

/// Why a stack's outputs cannot be put in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoOutputs {
    /// It is no JSON.
    #[error("this is no JSON ({0}); write there what `aws cloudformation describe-stacks --stack-name STACK` prints")]
    NotJson(String),
    /// It holds no outputs.
    #[error(
        "there are no outputs in it; write there what `aws cloudformation describe-stacks --stack-name STACK` prints, or its Outputs alone"
    )]
    None,
    /// An output is missing.
    #[error("the stack has no output {0}; deploy the template again, or name the right stack")]
    Missing(String),
}

impl Outputs {
    /// Reads what `aws cloudformation describe-stacks` prints, or its `Outputs` alone.
    ///
    /// # Errors
    /// [`NoOutputs`], if it is something else.
    pub fn parse(text: &str) -> Result<Self, NoOutputs> {
        let json: Value = serde_json::from_str(text).map_err(|error| NoOutputs::NotJson(error.to_string()))?;
        let listed = [&json["Stacks"][0]["Outputs"], &json["Outputs"], &json].into_iter().find_map(Value::as_array);
        let pair = |output: &Value| {
            Some((output["OutputKey"].as_str()?.to_owned(), output["OutputValue"].as_str()?.to_owned()))
        };
        let outputs: BTreeMap<_, _> = listed.into_iter().flatten().filter_map(pair).collect();
        if outputs.is_empty() { Err(NoOutputs::None) } else { Ok(Self(outputs)) }
    }

    /// Puts the outputs into a text that was made here.
    ///
    /// # Errors
    /// [`NoOutputs::Missing`].
    pub fn fill(&self, text: &str) -> Result<String, NoOutputs> {
        let mut parts = text.split("${");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            filled.push_str(self.0.get(name).ok_or_else(|| NoOutputs::Missing(name.to_owned()))?);
            filled.push_str(rest);
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::{NoOutputs, Outputs};

    const LISTED: &str = r#"[{"OutputKey": "CloseFunctionArn", "OutputValue": "arn:close"}]"#;

    #[test]
    fn outputs_are_read_from_a_description_and_by_themselves() {
        let alone = Outputs::parse(LISTED).unwrap();
        for text in [format!(r#"{{"Stacks": [{{"Outputs": {LISTED}}}]}}"#), format!(r#"{{"Outputs": {LISTED}}}"#)] {
            assert_eq!(Outputs::parse(&text).as_ref(), Ok(&alone), "{text}");
        }
        assert_eq!(
            alone.fill(r#"{"a": "${CloseFunctionArn}", "b": 1}"#).as_deref(),
            Ok(r#"{"a": "arn:close", "b": 1}"#)
        );
        assert_eq!(alone.fill("${SubmitFunctionArn}"), Err(NoOutputs::Missing("SubmitFunctionArn".to_owned())));
        assert_eq!(Outputs::parse("{}"), Err(NoOutputs::None));
        assert!(matches!(Outputs::parse("arn:close"), Err(NoOutputs::NotJson(_))));
    }
}
