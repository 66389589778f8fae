//! docs/keys.md: what stands between its marks is written from the schema, so
//! that every key is documented, and as the code has it.

use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- The tables are written from the schema: UPDATE=1 cargo test -p stepwait keys -->\n";
const END: &str = "<!-- End of the tables. -->\n";

/// What the keys are called that every request has, and where they are explained.
const REQUEST: &str = "request";

type Properties = Map<String, Value>;

/// A heading, and the table below it.
struct Section<'a> {
    /// As files write it: `[submit]`, `[[status.accept]]`, or a name of something that stands in several places.
    heading: String,
    schema: &'a Value,
    /// Whether the keys of a request stand beside its own.
    has_request: bool,
}

/// All sections: the file's own keys, its tables in the order of a file, and
/// what stands in several of them.
fn sections(schema: &Value) -> Vec<Section<'_>> {
    let mut sections = vec![Section { heading: "The file".to_owned(), schema, has_request: false }];
    const ORDER: [&str; 10] =
        ["hosts", "auth", "submit", "status", "errors", "result", "cancel", "callback", "schedule", "limits"];
    let tables = properties(schema);
    let rest = tables.keys().map(String::as_str).filter(|key| !ORDER.contains(key));
    for key in ORDER.into_iter().chain(rest) {
        if tables.contains_key(key) {
            below(key, &tables[key], request_keys(schema), &mut sections);
        }
    }
    sections.push(Section { heading: "Request".to_owned(), schema: &tables["cancel"], has_request: false });
    for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
        sections.push(Section { heading: name.clone(), schema: definition, has_request: false });
    }
    sections
}

/// The section of a table, and those of the tables within it.
fn below<'a>(path: &str, schema: &'a Value, request: &Properties, sections: &mut Vec<Section<'a>>) {
    let own = properties(schema);
    if own.is_empty() {
        return;
    }
    let has_request = request.keys().all(|key| own.contains_key(key));
    sections.push(Section { heading: format!("`[{path}]`"), schema, has_request });
    for (key, value) in own.iter().filter(|(key, _)| !has_request || !request.contains_key(*key)) {
        below(&format!("{path}.{key}"), value, request, sections);
        let is_acceptor = |name| value["items"]["$ref"] == format!("#/$defs/{name}");
        if is_acceptor("Acceptor") || is_acceptor("EventAcceptor") {
            let schema = &value["items"];
            sections.push(Section { heading: format!("`[[{path}.{key}]]`"), schema, has_request: false });
        }
    }
}

/// The keys by which each leg says what it sends: `[cancel]` has no others.
fn request_keys(schema: &Value) -> &Properties {
    properties(&schema["properties"]["cancel"])
}

fn properties(schema: &Value) -> &Properties {
    static NONE: std::sync::LazyLock<Properties> = std::sync::LazyLock::new(Properties::new);
    schema["properties"].as_object().unwrap_or(&NONE)
}

/// The tables as Markdown.
fn tables() -> String {
    let schema = stepwait_core::integration::schema();
    let mut page = String::new();
    for section in sections(&schema) {
        write(&mut page, &section, request_keys(&schema));
    }
    page
}

fn write(page: &mut String, section: &Section<'_>, request: &Properties) {
    let Section { heading, schema, has_request } = section;
    write!(page, "\n## {heading}\n").unwrap();
    if heading == "Request" {
        page.push_str("\nThe keys by which `[submit]`, `[submit.look_up]`, `[status]`, `[result]` and `[cancel]` say what they send.\n");
    } else if let Some(link) = reference(schema) {
        write!(page, "\nSee {link}.\n").unwrap();
    } else if let Some(text) = schema["description"].as_str() {
        write!(page, "\n{}\n", sentence(text, heading)).unwrap();
    }
    let is_own = |key: &str| !has_request || !request.contains_key(key);
    let rows: Vec<_> = properties(schema).iter().filter(|(key, _)| is_own(key)).collect();
    if *has_request {
        let beside = if rows.is_empty() { "The keys of a" } else { "Beside the keys of a" };
        let stop = if rows.is_empty() { "." } else { ":" };
        write!(page, "\n{beside} [{REQUEST}](#{REQUEST}){stop}\n").unwrap();
    }
    if rows.is_empty() {
        return;
    }
    page.push_str("\n| key | type | default | what it says |\n|---|---|---|---|\n");
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, value) in rows {
        let default = if required.contains(&key.as_str()) { "needed".to_owned() } else { default(value) };
        let says = cell(value["description"].as_str().unwrap_or_default());
        let kind = match heading.strip_prefix("`[").and_then(|rest| rest.strip_suffix("]`")) {
            _ if properties(value).is_empty() => kind(value),
            None => format!("[table](#{key})"),
            Some(path) => format!("[table](#{}{key})", path.replace('.', "")),
        };
        writeln!(page, "| `{key}` | {} | {default} | {says} |", cell(&kind)).unwrap();
    }
}

/// What a section says of itself, without its own name before it.
fn sentence(text: &str, heading: &str) -> String {
    let rest = text.strip_prefix(heading).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(text);
    let rest = cell(rest);
    let mut letters = rest.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

fn default(value: &Value) -> String {
    match &value["default"] {
        Value::Null => String::new(),
        Value::Array(list) if list.is_empty() => String::new(),
        Value::Object(map) if map.is_empty() => String::new(),
        Value::String(text) => format!("`\"{text}\"`"),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => format!("`{}`", value["default"]),
    }
}

fn reference(value: &Value) -> Option<String> {
    let name = value["$ref"].as_str()?.strip_prefix("#/$defs/")?;
    Some(format!("[{name}](#{})", name.to_lowercase()))
}

/// A value's type in words.
fn kind(value: &Value) -> String {
    if let Some(link) = reference(value) {
        return link;
    }
    let words = |list: &Value| -> Option<Vec<String>> {
        let texts = list.as_array()?.iter().map(|one| one["const"].as_str().or_else(|| one.as_str()));
        texts.map(|text| text.map(|text| format!("`{text:?}`"))).collect()
    };
    if let Some(words) = words(&value["oneOf"]).or_else(|| words(&value["enum"])) {
        return words.join(", ");
    }
    if let Some(choices) = value["anyOf"].as_array() {
        let kinds: Vec<String> = choices.iter().map(kind).collect();
        // An extract that is a table is explained with those that are texts.
        return match kinds.iter().find(|kind| kind.contains("#extracts")) {
            Some(extract) => extract.clone(),
            None if kinds == ["text", "number", "true or false"] => "scalar".to_owned(),
            None => kinds.join(" or "),
        };
    }
    match value["type"].as_str() {
        Some("string") => match value["pattern"].as_str() {
            Some(pattern) if pattern.contains("request") => "[extract](#extracts)".to_owned(),
            Some(_) => "[locator](#locators)".to_owned(),
            None => "text".to_owned(),
        },
        Some("boolean") => "true or false".to_owned(),
        Some("integer") => "whole number".to_owned(),
        Some("number") => "number".to_owned(),
        Some("array") => format!("list of {}", kind(&value["items"])),
        Some("object") if value["additionalProperties"].is_object() => {
            format!("table of {}", kind(&value["additionalProperties"]))
        }
        Some("object") => "table".to_owned(),
        _ => "anything".to_owned(),
    }
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/keys.md")
}

#[test]
fn the_tables_of_keys_say_what_the_schema_says() {
    let page = std::fs::read_to_string(path()).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the mark before the tables");
    let (_, after) = rest.split_once(END).expect("the mark after the tables");
    let fresh = format!("{before}{BEGIN}{}\n{END}{after}", tables());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path(), &fresh).unwrap();
    }
    assert!(
        page == fresh || std::env::var_os("UPDATE").is_some(),
        "docs/keys.md is stale: run `UPDATE=1 cargo test -p stepwait keys`"
    );
}

#[test]
fn headings_have_the_anchors_that_are_linked_to() {
    let tables = tables();
    for heading in
        ["`[submit]`", "`[submit.look_up]`", "`[[status.accept]]`", "`[callback.verify.signature]`", "Condition"]
    {
        assert!(tables.contains(&format!("\n## {heading}\n")), "{heading}");
    }
}

#[test]
fn every_key_says_something() {
    let tables = tables();
    let silent: Vec<&str> = tables.lines().filter(|line| line.starts_with("| `") && line.ends_with("|  |")).collect();
    assert_eq!(silent, Vec::<&str>::new());
}
