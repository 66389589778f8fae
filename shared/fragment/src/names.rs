//! How states, fields and keys are named. What is made for different integrations,
//! or under different names, can stand in one workflow.

use crate::Options;
use serde_json::{Value, json};
use std::fmt;
use stepwait_core::integration::Integration;
use stepwait_core::plan::deadline_seconds;

/// The most characters of what a wait is called, as of an integration's name: Step
/// Functions allows 80 for a state's name, and the longest has 24 beside it.
const MOST_CHARS: usize = 40;

/// What a wait is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called(String);

/// What a wait cannot be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no name for a wait: use 1 to {MOST_CHARS} letters, digits, '-' and '_', a letter first")]
pub struct NotCalled(String);

impl Called {
    /// Checks a name.
    ///
    /// # Errors
    /// [`NotCalled`], if it does not fit into names of states and fields.
    pub fn parse(text: &str) -> Result<Self, NotCalled> {
        let fits = (1..=MOST_CHARS).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_alphabetic());
        if fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotCalled(text.chars().take(MOST_CHARS).collect()))
        }
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All names and expressions of one fragment.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    pub(crate) integration: &'a Integration,
    options: &'a Options,
    called: String,
}

impl<'a> Names<'a> {
    pub(crate) fn of(integration: &'a Integration, options: &'a Options) -> Self {
        let called = options.called.as_ref().map_or_else(|| integration.name.to_string(), ToString::to_string);
        Self { integration, options, called }
    }

    pub(crate) fn wait(&self) -> String {
        format!("Wait for {}", self.called)
    }

    pub(crate) fn finished(&self) -> String {
        format!("{} finished?", self.called)
    }

    pub(crate) fn pause(&self) -> String {
        format!("Wait until {}'s next round", self.called)
    }

    pub(crate) fn close(&self) -> String {
        format!("Close {}", self.called)
    }

    pub(crate) fn succeeded(&self) -> String {
        format!("Did {} succeed?", self.called)
    }

    pub(crate) fn done(&self) -> String {
        format!("{} done", self.called)
    }

    /// The field of the output that holds how the wait ended.
    pub(crate) fn field(&self) -> String {
        self.called.replace('-', "_")
    }

    /// The state that comes next, where one must be named.
    pub(crate) fn next(&self) -> String {
        self.options.next.clone().unwrap_or_else(|| self.done())
    }

    /// The key: how the state's name begins, for people, and a hash of that name, which
    /// is another where the states stand twice in a workflow, of the place within a Map,
    /// and of the state's input, which is the same for every attempt and as a rule another
    /// for each turn of a loop. Its 80 bits are too many for two waits of one execution
    /// to meet; all of it is 61 characters, of the 64 that a key may have.
    pub(crate) fn key(&self) -> String {
        const IN_ITS_PLACE: &str = "$substring($states.context.State.Name, 0, 40) & '-' & $substring($hash($states.context.State.Name & '#' & ($exists($states.context.Map.Item.Index) ? $string($states.context.Map.Item.Index) : '') & $string($states.input), 'SHA-256'), 0, 20)";
        self.options.key.as_ref().map_or_else(|| IN_ITS_PLACE.to_owned(), |key| format!("$string({})", bare(key)))
    }

    pub(crate) fn payload(&self) -> String {
        self.options.payload.as_ref().map_or_else(|| "$states.input".to_owned(), |payload| bare(payload).to_owned())
    }

    /// The longest that is waited, in seconds.
    pub(crate) fn deadline_seconds(&self) -> u64 {
        deadline_seconds(self.integration)
    }

    /// What `submit` and `close` are told of the wait, as an expression.
    pub(crate) fn direct(&self, payload: Option<&str>) -> String {
        let payload = payload.map_or_else(String::new, |payload| format!("'payload': {payload}, "));
        format!(
            "{{ 'integration': '{}', 'key': {}, {payload}'execution_arn': $states.context.Execution.Id, 'started_at': $states.context.State.EnteredTime, 'deadline_seconds': {} }}",
            self.integration.name,
            self.key(),
            self.deadline_seconds()
        )
    }

    /// How a state goes on: to the next one, or not at all.
    pub(crate) fn go_on(&self, state: &mut Value) {
        match &self.options.next {
            Some(next) => state["Next"] = json!(next),
            None => state["End"] = json!(true),
        }
    }

    pub(crate) fn on_failure(&self) -> Option<&str> {
        self.options.on_failure.as_deref()
    }

    /// Where a workflow ends, if no other state comes next and one must be named.
    pub(crate) fn end(&self) -> Option<(String, Value)> {
        self.options.next.is_none().then(|| {
            let comment = format!("How the wait ended is in {}.", self.field());
            (self.done(), json!({ "Comment": comment, "Type": "Succeed", "QueryLanguage": "JSONata" }))
        })
    }
}

/// An expression without its marks.
fn bare(expression: &str) -> &str {
    let trimmed = expression.trim();
    let inside = trimmed.strip_prefix("{%").and_then(|inside| inside.strip_suffix("%}"));
    inside.unwrap_or(trimmed).trim()
}

#[cfg(test)]
mod tests {
    use super::{Called, bare};

    #[test]
    fn a_wait_is_called_as_fits_into_names_of_states_and_fields() {
        assert_eq!(Called::parse("second-Check_2").map(|called| called.to_string()), Ok("second-Check_2".to_owned()));
        for bad in ["", "2nd", "a b", "it's", &"x".repeat(41)] {
            assert!(Called::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            Called::parse("a b").unwrap_err().to_string(),
            "\"a b\" is no name for a wait: use 1 to 40 letters, digits, '-' and '_', a letter first"
        );
    }

    #[test]
    fn an_expression_may_be_given_with_its_marks() {
        assert_eq!(bare(" {% $states.input.id %} "), "$states.input.id");
        assert_eq!(bare("$states.input.id"), "$states.input.id");
    }
}
