//! JSON in the order in which people read states.

use serde_json::Value;

/// The fields of states and machines, in the order in which they are printed; others
/// come where they come in the alphabet, before the ways out.
const FIRST: [&str; 9] = [
    "Comment",
    "StartAt",
    "Type",
    "QueryLanguage",
    "Resource",
    "ErrorEquals",
    "Arguments",
    "FunctionName",
    "integration",
];
const LAST: [&str; 9] =
    ["Output", "TimeoutSeconds", "HeartbeatSeconds", "Retry", "Catch", "Default", "Next", "End", "States"];

/// Blanks of one level.
const INDENT: usize = 2;

/// States as an object, behind so many blanks.
pub(crate) fn states(states: &[(String, Value)], indent: usize) -> String {
    let fields = states.iter().map(|(name, state)| (name.as_str(), state)).collect();
    let mut text = String::new();
    object(fields, indent, &mut text);
    text
}

/// A machine, with its states in their order.
pub(crate) fn whole(machine: &Value, in_order: &[(String, Value)]) -> String {
    let head = machine.as_object().into_iter().flatten().filter(|(name, _)| *name != "States");
    let mut text = "{\n".to_owned();
    let mut head: Vec<_> = head.map(|(name, value)| (name.as_str(), value)).collect();
    head.sort_by_key(|(name, _)| place(name));
    for (name, value) in head {
        text.push_str(&format!("{:INDENT$}{}: ", "", quoted(name)));
        any(value, INDENT, &mut text);
        text.push_str(",\n");
    }
    text.push_str(&format!("{:INDENT$}\"States\": {}\n}}", "", states(in_order, INDENT)));
    text
}

fn any(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let mut fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value)).collect();
            fields.sort_by_key(|(name, _)| place(name));
            object(fields, indent, text);
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            text.push_str("[\n");
            for (n, item) in (1..).zip(items) {
                text.push_str(&format!("{:1$}", "", indent + INDENT));
                any(item, indent + INDENT, text);
                text.push_str(if n < items.len() { ",\n" } else { "\n" });
            }
            text.push_str(&format!("{:indent$}]", ""));
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(Value::to_string).collect();
            text.push_str(&format!("[{}]", items.join(", ")));
        }
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&value.to_string());
        }
    }
}

fn object(fields: Vec<(&str, &Value)>, indent: usize, text: &mut String) {
    text.push_str("{\n");
    let count = fields.len();
    for (n, (name, value)) in (1..).zip(fields) {
        text.push_str(&format!("{:1$}{2}: ", "", indent + INDENT, quoted(name)));
        any(value, indent + INDENT, text);
        text.push_str(if n < count { ",\n" } else { "\n" });
    }
    text.push_str(&format!("{:indent$}}}", ""));
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Where a field is printed.
fn place(name: &str) -> (usize, &str) {
    if let Some(n) = FIRST.iter().position(|first| *first == name) {
        return (n, "");
    }
    match LAST.iter().position(|last| *last == name) {
        Some(n) => (FIRST.len() + 1 + n, ""),
        None => (FIRST.len(), name),
    }
}

#[cfg(test)]
mod tests {
    use super::{states, whole};
    use serde_json::{Value, json};

    #[test]
    fn what_is_printed_is_the_same_json_with_the_ways_out_last() {
        let in_order =
            vec![("B".to_owned(), json!({"Next": "A", "Type": "Wait", "Seconds": 1})), ("A".to_owned(), json!({}))];
        assert_eq!(
            states(&in_order, 0),
            "{\n  \"B\": {\n    \"Type\": \"Wait\",\n    \"Seconds\": 1,\n    \"Next\": \"A\"\n  },\n  \"A\": {}\n}"
        );
        let listed = vec![("A".to_owned(), json!({"ErrorEquals": ["a", "b"], "Retry": []}))];
        assert_eq!(
            states(&listed, 0),
            "{\n  \"A\": {\n    \"ErrorEquals\": [\"a\", \"b\"],\n    \"Retry\": []\n  }\n}"
        );
        let machine = json!({"StartAt": "B", "Comment": "c", "States": {"A": {}, "B": in_order[0].1}});
        let printed = whole(&machine, &in_order);
        assert!(
            printed.starts_with("{\n  \"Comment\": \"c\",\n  \"StartAt\": \"B\",\n  \"States\": {\n    \"B\""),
            "{printed}"
        );
        assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), machine);
    }
}
