//! The template, with CloudFormation's short forms written out: `!Ref A` is read
//! as `{"Ref": "A"}`, `!GetAtt A.Arn` as `{"Fn::GetAtt": "A.Arn"}`.

use std::collections::BTreeSet;
use std::time::Duration;

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value};

use super::machine::repository;

/// The parsed template.
#[derive(Debug)]
pub(crate) struct Template(Value);

impl Template {
    /// Reads `template.yaml`.
    pub(crate) fn read() -> Self {
        Self::of(&std::fs::read_to_string(repository().join("template.yaml")).unwrap())
    }

    /// A template from its text.
    pub(crate) fn of(text: &str) -> Self {
        Self(json(&Yaml::load_from_str(text).unwrap()[0]))
    }

    /// The names of its parameters.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &String> {
        self.0["Parameters"].as_object().unwrap().keys()
    }

    /// The names of its outputs.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &String> {
        self.0["Outputs"].as_object().unwrap().keys()
    }

    /// What it says of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> &Value {
        let parameter = &self.0["Parameters"][name];
        assert!(parameter.is_object(), "template.yaml has no parameter {name}: was it renamed?");
        parameter
    }

    /// The resources of a type, with their logical ids and properties.
    pub(crate) fn resources(&self, of_type: &str) -> Vec<(&str, &Value)> {
        let all = self.0["Resources"].as_object().unwrap();
        let right = all.iter().filter(|(_, resource)| resource["Type"] == of_type);
        right.map(|(id, resource)| (id.as_str(), &resource["Properties"])).collect()
    }

    /// The properties of a resource.
    pub(crate) fn properties(&self, id: &str) -> &Value {
        let properties = &self.0["Resources"][id]["Properties"];
        assert!(properties.is_object(), "template.yaml has no resource {id}: was it renamed?");
        properties
    }

    /// The functions, by their folder under `functions/`.
    pub(crate) fn functions(&self) -> Vec<(&str, &Value)> {
        let functions = self.resources("AWS::Serverless::Function").into_iter();
        let named = functions.map(|(_, properties)| {
            let uri = properties["CodeUri"].as_str().unwrap();
            (uri.strip_prefix("functions/").unwrap(), properties)
        });
        named.collect()
    }

    /// A function's time limit.
    pub(crate) fn function_timeout(&self, function: &str) -> Duration {
        let (_, properties) = self.functions().into_iter().find(|(name, _)| *name == function).unwrap();
        Duration::from_secs(properties["Timeout"].as_u64().unwrap())
    }

    /// The state machine of a definition.
    pub(crate) fn state_machine(&self, file: &str) -> &Value {
        let uri = format!("statemachines/{file}");
        let all = self.resources("AWS::Serverless::StateMachine");
        all.into_iter().find(|(_, properties)| properties["DefinitionUri"] == uri.as_str()).unwrap().1
    }

    /// The logical id of the role of a function or state machine.
    pub(crate) fn role(properties: &Value) -> &str {
        let role = properties["Role"]["Fn::GetAtt"].as_str();
        role.and_then(|role| role.strip_suffix(".Arn"))
            .unwrap_or_else(|| panic!("no role of this template: {properties}"))
    }

    /// All that a role allows, with the managed policies that it names.
    pub(crate) fn actions(&self, role: &str) -> BTreeSet<&str> {
        let role = self.properties(role);
        let managed = role["ManagedPolicyArns"].as_array().unwrap().iter();
        let managed = managed.map(|policy| &self.properties(policy["Ref"].as_str().unwrap())["PolicyDocument"]);
        let own = role["Policies"].as_array().unwrap().iter().map(|policy| &policy["PolicyDocument"]);
        managed.chain(own).flat_map(statements).flat_map(actions).collect()
    }

    /// Every statement that allows something, with the resource it stands in.
    pub(crate) fn statements(&self) -> Vec<(&str, &Value)> {
        let roles = self.resources("AWS::IAM::Role").into_iter().flat_map(|(id, role)| {
            let policies = role["Policies"].as_array().unwrap();
            policies.iter().map(move |policy| (id, &policy["PolicyDocument"]))
        });
        let managed = self.resources("AWS::IAM::ManagedPolicy").into_iter();
        let managed = managed.map(|(id, policy)| (id, &policy["PolicyDocument"]));
        roles.chain(managed).flat_map(|(id, document)| statements(document).map(move |found| (id, found))).collect()
    }
}

/// A document's statements, those under a condition too.
fn statements(document: &Value) -> impl Iterator<Item = &Value> {
    let listed = document["Statement"].as_array().unwrap().iter();
    listed.flat_map(|statement| match statement["Fn::If"].as_array() {
        Some(branches) => branches.iter().filter(|branch| branch["Effect"].is_string()).collect(),
        None => vec![statement],
    })
}

/// A statement's actions: one, or a list.
pub(crate) fn actions(statement: &Value) -> Vec<&str> {
    match &statement["Action"] {
        Value::String(action) => vec![action],
        Value::Array(actions) => actions.iter().map(|action| action.as_str().unwrap()).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
            panic!("an action is a text or a list of texts, and not {other}")
        }
    }
}

fn json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => Value::from(*value),
        Yaml::Value(Scalar::Integer(value)) => Value::from(*value),
        Yaml::Value(Scalar::FloatingPoint(value)) => Value::from(value.into_inner()),
        Yaml::Value(Scalar::String(text)) => Value::from(text.as_ref()),
        Yaml::Sequence(items) => items.iter().map(json).collect(),
        Yaml::Mapping(fields) => {
            let field = |(key, value)| (Yaml::as_str(key).unwrap().to_owned(), json(value));
            Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
        }
        Yaml::Tagged(tag, inner) => {
            let long = if tag.suffix == "Ref" { "Ref".to_owned() } else { format!("Fn::{}", tag.suffix) };
            Value::Object(Map::from_iter([(long, json(inner))]))
        }
        Yaml::Representation(..) | Yaml::Alias(_) | Yaml::BadValue => panic!("not understood: {yaml:?}"),
    }
}

#[test]
fn short_forms_are_read_as_their_long_ones_and_anchors_as_what_they_name() {
    let template = Template::of("a: !If [X, !Ref Y, !GetAtt Z.Arn]\nb: &one { c: !Sub 'x${Y}' }\nd: *one\n");
    let expected = serde_json::json!({
        "a": {"Fn::If": ["X", {"Ref": "Y"}, {"Fn::GetAtt": "Z.Arn"}]},
        "b": {"c": {"Fn::Sub": "x${Y}"}},
        "d": {"c": {"Fn::Sub": "x${Y}"}},
    });
    assert_eq!(template.0, expected);
}
