//! `template.yaml`, as far as a function outside Lambda needs it: the tables, and
//! the environment of a function. A `!Ref` of a parameter is its default, one of a
//! resource the resource's logical id, which is then its name.

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// What a table's properties share with the request of `CreateTable`.
const OF_TABLES: [&str; 4] = ["AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema"];

/// The parsed template.
#[derive(Clone, Debug)]
pub struct Template(Value);

/// The template does not say what is asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template.yaml: {0}")]
pub struct TemplateError(String);

impl Template {
    /// Reads `template.yaml` in the repository at `root`.
    ///
    /// # Errors
    /// [`TemplateError`] when it cannot be read.
    pub fn read(root: &Path) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(root.join("template.yaml")).map_err(|e| TemplateError(e.to_string()))?;
        Self::of(&text)
    }

    fn of(text: &str) -> Result<Self, TemplateError> {
        let documents = Yaml::load_from_str(text).map_err(|e| TemplateError(e.to_string()))?;
        let first = documents.first().ok_or_else(|| TemplateError("it is empty".to_owned()))?;
        Ok(Self(json(first)))
    }

    /// A table as the request of `CreateTable` describes it, with its logical id as its name.
    ///
    /// # Errors
    /// [`TemplateError`] when there is no such table.
    pub fn table(&self, id: &str) -> Result<Value, TemplateError> {
        let properties = self.0["Resources"][id]["Properties"].as_object();
        let properties = properties.ok_or_else(|| TemplateError(format!("there is no table {id}; was it renamed?")))?;
        let shared = properties.iter().filter(|(name, _)| OF_TABLES.contains(&name.as_str()));
        let mut request: Map<String, Value> = shared.map(|(name, value)| (name.clone(), value.clone())).collect();
        request.insert("TableName".to_owned(), id.into());
        Ok(Value::Object(request))
    }

    /// The environment that a function is given, by its folder under `functions/`.
    ///
    /// # Errors
    /// [`TemplateError`] when there is no such function, or when a value is a
    /// computation that only AWS can make.
    pub fn environment(&self, function: &str) -> Result<BTreeMap<String, String>, TemplateError> {
        let uri = format!("functions/{function}");
        let mut resources = self.0["Resources"].as_object().into_iter().flat_map(Map::values);
        let own = resources
            .find(|resource| resource["Properties"]["CodeUri"] == uri.as_str())
            .ok_or_else(|| TemplateError(format!("there is no function {uri}; was it renamed?")))?;
        let of_all = &self.0["Globals"]["Function"]["Environment"]["Variables"];
        let of_this = &own["Properties"]["Environment"]["Variables"];
        let variables = [of_all, of_this].into_iter().filter_map(Value::as_object).flatten();
        variables.map(|(name, value)| Ok((name.clone(), self.resolved(name, value)?))).collect()
    }

    fn resolved(&self, variable: &str, value: &Value) -> Result<String, TemplateError> {
        if let Some(text) = value.as_str() {
            return Ok(text.to_owned());
        }
        let referred = value["Ref"].as_str().ok_or_else(|| {
            TemplateError(format!("the variable {variable} is {value}, which is neither a text nor a !Ref"))
        })?;
        Ok(match &self.0["Parameters"][referred]["Default"] {
            Value::String(default) => default.clone(),
            Value::Null => referred.to_owned(),
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
        })
    }
}

/// The template as JSON: `!Ref A` as `{"Ref": "A"}`, any other short form as
/// `{"Fn::NAME": …}`.
fn json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) | Yaml::Representation(..) | Yaml::Alias(_) | Yaml::BadValue => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => Value::from(*value),
        Yaml::Value(Scalar::Integer(value)) => Value::from(*value),
        Yaml::Value(Scalar::FloatingPoint(value)) => Value::from(value.into_inner()),
        Yaml::Value(Scalar::String(text)) => Value::from(text.as_ref()),
        Yaml::Sequence(items) => items.iter().map(json).collect(),
        Yaml::Mapping(fields) => {
            let field = |(key, value): (&Yaml<'_>, _)| Some((key.as_str()?.to_owned(), json(value)));
            Value::Object(fields.iter().filter_map(field).collect())
        }
        Yaml::Tagged(tag, inner) => {
            let long = if tag.suffix == "Ref" { "Ref".to_owned() } else { format!("Fn::{}", tag.suffix) };
            Value::Object(Map::from_iter([(long, json(inner))]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Template, TemplateError};
    use serde_json::json;
    use std::path::Path;

    const SMALL: &str = "
Parameters: { Prefix: { Default: p/ }, Days: { Default: 3 } }
Globals: { Function: { Environment: { Variables: { TABLE: !Ref Waits, PREFIX: !Ref Prefix } } } }
Resources:
  A:
    Properties: { CodeUri: functions/a, Environment: { Variables: { DAYS: !Ref Days, FIXED: 'yes' } } }
  B:
    Properties: { CodeUri: functions/b, Environment: { Variables: { URL: !GetAtt C.Url } } }
  Waits:
    Properties:
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }
";

    #[test]
    fn a_function_has_the_environment_of_all_functions_and_its_own() {
        let environment = Template::of(SMALL).unwrap().environment("a").unwrap();
        let found: Vec<(&str, &str)> =
            environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, [("DAYS", "3"), ("FIXED", "yes"), ("PREFIX", "p/"), ("TABLE", "Waits")]);
    }

    #[test]
    fn what_only_aws_can_compute_is_said_with_the_variables_name() {
        let error = Template::of(SMALL).unwrap().environment("b").unwrap_err();
        let expected = "the variable URL is {\"Fn::GetAtt\":\"C.Url\"}, which is neither a text nor a !Ref";
        assert_eq!(error, TemplateError(expected.to_owned()));
    }

    #[test]
    fn a_table_is_described_by_what_create_table_takes() {
        let expected = json!({
            "TableName": "Waits",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        });
        assert_eq!(Template::of(SMALL).unwrap().table("Waits"), Ok(expected));
        let error = Template::of(SMALL).unwrap().table("Gone").unwrap_err();
        assert_eq!(error.to_string(), "template.yaml: there is no table Gone; was it renamed?");
    }

    #[test]
    fn the_shipped_template_says_all_that_the_webhook_listener_needs() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let template = Template::read(root).unwrap();
        let environment = template.environment("webhook").unwrap();
        assert_eq!(environment.get("WAIT_TABLE").map(String::as_str), Some("WaitTable"));
        assert_eq!(environment.get("SECRET_PREFIX").map(String::as_str), Some("stepwait/"));
        assert_eq!(environment.get("ALLOW_LOOPBACK").map(String::as_str), Some("false"));
        assert_eq!(template.table("WaitTable").unwrap()["KeySchema"][0]["AttributeName"], "pk");
    }
}
