//! A state machine definition, state by state.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};

/// The definitions of the repository.
const FILES: [&str; 2] = ["main.asl.json", "poll.asl.json"];

/// A definition and the file it stands in.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) file: String,
    pub(crate) text: String,
    pub(crate) json: Value,
}

/// States that can go to each other: a machine's own, or those within a Map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) start: &'a str,
    pub(crate) states: &'a Map<String, Value>,
}

/// One state, and where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) name: &'a str,
    pub(crate) json: &'a Value,
}

/// The language that a state is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    JsonPath,
    Jsonata,
}

/// The repository's root.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All definitions.
pub(crate) fn machines() -> Vec<Machine> {
    let folder = repository().join("statemachines");
    let mut found: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".asl.json"))
        .collect();
    found.sort();
    assert_eq!(
        found, FILES,
        "statemachines/ holds another definition: add it to FILES and to the tables that name files"
    );
    FILES.iter().map(|file| Machine::of(file, &std::fs::read_to_string(folder.join(file)).unwrap())).collect()
}

/// The definition of that file.
pub(crate) fn machine(file: &str) -> Machine {
    machines().into_iter().find(|machine| machine.file == file).unwrap()
}

impl Machine {
    /// A definition from its text.
    pub(crate) fn of(file: &str, text: &str) -> Self {
        Self { file: file.to_owned(), text: text.to_owned(), json: serde_json::from_str(text).unwrap() }
    }

    /// The machine's own states, and those of each Map.
    pub(crate) fn scopes(&self) -> Vec<Scope<'_>> {
        let mut scopes = Vec::new();
        self.collect_scopes(&self.json, &mut scopes);
        scopes
    }

    fn collect_scopes<'a>(&'a self, json: &'a Value, scopes: &mut Vec<Scope<'a>>) {
        let states = json["States"].as_object().unwrap();
        scopes.push(Scope { machine: self, start: json["StartAt"].as_str().unwrap(), states });
        for state in states.values() {
            assert_ne!(state["Type"], "Parallel", "{}: these tests do not look into Parallel states yet", self.file);
            if state["Type"] == "Map" {
                self.collect_scopes(&state["ItemProcessor"], scopes);
            }
        }
    }

    /// Every state, wherever it is.
    pub(crate) fn states(&self) -> Vec<State<'_>> {
        self.scopes().into_iter().flat_map(Scope::states).collect()
    }

    /// Every Task.
    pub(crate) fn tasks(&self) -> Vec<State<'_>> {
        self.states().into_iter().filter(|state| state.json["Type"] == "Task").collect()
    }

    /// The state of that name.
    pub(crate) fn state(&self, name: &str) -> State<'_> {
        let found = self.states().into_iter().find(|state| state.name == name);
        found.unwrap_or_else(|| panic!("{} has no state {name:?}: was it renamed?", self.file))
    }

    /// The machine's own time limit.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.json["TimeoutSeconds"].as_u64().map(Duration::from_secs)
    }
}

impl<'a> Scope<'a> {
    fn states(self) -> impl Iterator<Item = State<'a>> {
        self.states.iter().map(move |(name, json)| State { machine: self.machine, name, json })
    }
}

impl<'a> State<'a> {
    /// The state's language, its own or the machine's.
    pub(crate) fn language(self) -> Language {
        let own = self.json["QueryLanguage"].as_str();
        match own.or(self.machine.json["QueryLanguage"].as_str()) {
            Some("JSONata") => Language::Jsonata,
            Some("JSONPath") | None => Language::JsonPath,
            Some(other) => panic!("{self}: there is no query language {other:?}"),
        }
    }

    /// The state's time limit, where it is a number.
    pub(crate) fn timeout(self) -> Option<Duration> {
        self.json["TimeoutSeconds"].as_u64().map(Duration::from_secs)
    }

    /// The entries of a list, such as `Retry`; none where there is no list.
    pub(crate) fn list(self, field: &str) -> &'a [Value] {
        self.json[field].as_array().map_or(&[], Vec::as_slice)
    }

    /// The names of all states that can come next.
    pub(crate) fn targets(self) -> Vec<&'a str> {
        let catches = self.list("Catch").iter().chain(self.list("Choices"));
        let named = catches.map(|entry| &entry["Next"]).chain([&self.json["Next"], &self.json["Default"]]);
        named.filter_map(Value::as_str).collect()
    }

    /// The function that a Task invokes, by its name: `${CloseFunctionArn}` is
    /// `close`.
    pub(crate) fn function(self) -> Option<&'static str> {
        let arguments = [&self.json["Arguments"], &self.json["Parameters"]];
        let arn = arguments.into_iter().find_map(|arguments| arguments["FunctionName"].as_str())?;
        Some(match arn {
            "${PrepareFunctionArn}" => "prepare",
            "${SubmitFunctionArn}" => "submit",
            "${CheckStatusFunctionArn}" => "check-status",
            "${CloseFunctionArn}" => "close",
            other => panic!("{self}: unknown function {other}; add it to the tables of these tests"),
        })
    }

    /// What the Task passes to its function.
    pub(crate) fn payload(self) -> &'a Value {
        [&self.json["Arguments"], &self.json["Parameters"]]
            .into_iter()
            .map(|arguments| &arguments["Payload"])
            .find(|payload| !payload.is_null())
            .unwrap_or(&Value::Null)
    }

    /// Every text of the state with its path, but not those of states within it.
    pub(crate) fn texts(self) -> Vec<(String, &'a str)> {
        let mut texts = Vec::new();
        for (field, value) in self.json.as_object().unwrap() {
            if field != "ItemProcessor" && field != "Comment" {
                collect_texts(field, value, &mut texts);
            }
        }
        texts
    }
}

fn collect_texts<'a>(path: &str, value: &'a Value, texts: &mut Vec<(String, &'a str)>) {
    match value {
        Value::String(text) => texts.push((path.to_owned(), text)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_texts(&format!("{path}/{index}"), item, texts);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                collect_texts(&format!("{path}/{key}"), item, texts);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl fmt::Display for State<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statemachines/{}, state {:?}", self.machine.file, self.name)
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statemachines/{}", self.file)
    }
}
