//! What must not be shown. A trial learns it on its way, and every text passes
//! under the veil before it is shown or written.

use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};
use stepwait_core::SecretValue;
use stepwait_core::integration::percent_encode;

/// What stands where something was hidden.
pub const REDACTED: &str = "[REDACTED]";

/// Values that are no secrets by themselves are hidden within longer texts from
/// this many bytes on; a shorter one, such as `7`, only where it is the whole value.
const MIN_PART_BYTES: usize = 8;

/// How many path segments before a job's id may be needed to find it, as `/jobs/`
/// before `/jobs/7`; the rest of the address is hidden.
const MAX_SEGMENTS: usize = 3;

/// What must not be shown.
#[derive(Debug, Default)]
pub struct Veil(Mutex<Hidden>);

#[derive(Default)]
struct Hidden {
    /// Hidden wherever they occur, the longest first; and what is shown instead.
    parts: Vec<(String, String)>,
    /// Hidden where they are the whole value.
    wholes: Vec<String>,
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} values", self.parts.len() + self.wholes.len())
    }
}

impl Veil {
    /// Hides a secret, in every way in which it may be written.
    pub fn learn_secret(&self, secret: &SecretValue) {
        let value = secret.expose().trim();
        let mut hidden = self.hidden();
        hidden.hide(value);
        // A secret may hold a user and a password, and only the latter may come back.
        if let Some((_, password)) = value.split_once(':').filter(|(_, p)| p.len() >= MIN_PART_BYTES) {
            hidden.hide(password);
        }
    }

    /// Hides a value that is as good as a secret, or may be: one that was kept, or the query of an address that was given.
    pub fn learn_kept(&self, value: &str) {
        if value.len() >= MIN_PART_BYTES {
            self.hidden().hide(value);
        } else if !value.is_empty() {
            self.hidden().wholes.push(value.to_owned());
        }
    }

    /// Hides an address that was kept, but not the job's id in it, which is no
    /// secret: `finds_id` says whether the id would still be found.
    pub fn learn_kept_around(&self, value: &str, id: &str, finds_id: impl Fn(&str) -> bool) {
        let Some((before, after)) = value.split_once(id).filter(|_| value.len() >= MIN_PART_BYTES) else {
            return self.learn_kept(value);
        };
        // The character behind the id is where the id ends.
        let after = after.chars().next().map(|end| format!("{end}{REDACTED}")).unwrap_or_default();
        let starts = before.char_indices().rev().filter(|(_, c)| *c == '/').map(|(at, _)| at).take(MAX_SEGMENTS);
        let shown = starts.filter_map(|at| before.get(at..)).map(|start| format!("{REDACTED}{start}{id}{after}"));
        match shown.into_iter().find(|shown| finds_id(shown)) {
            Some(shown) => self.hidden().hide_as(value, &shown),
            None => self.learn_kept(value),
        }
    }

    /// A text without what must not be shown.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        let hidden = self.hidden();
        if hidden.wholes.iter().any(|whole| whole == text) {
            return REDACTED.to_owned();
        }
        let mut shown = text.to_owned();
        for (part, instead) in &hidden.parts {
            if shown.contains(part.as_str()) {
                shown = shown.replace(part.as_str(), instead);
            }
        }
        shown
    }

    /// A JSON value without what must not be shown.
    #[must_use]
    pub fn hide_json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.hide(text)),
            Value::Number(number) => {
                let text = number.to_string();
                let shown = self.hide(&text);
                if shown == text { value.clone() } else { Value::String(shown) }
            }
            Value::Array(items) => items.iter().map(|item| self.hide_json(item)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(name, field)| (self.hide(name), self.hide_json(field))).collect()
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    fn hidden(&self) -> MutexGuard<'_, Hidden> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hidden {
    fn hide(&mut self, value: &str) {
        self.hide_as(value, REDACTED);
    }

    fn hide_as(&mut self, value: &str, instead: &str) {
        let json = Value::from(value).to_string();
        let json = json.trim_matches('"').to_owned();
        let xml = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let percent = percent_encode(value);
        for way in [value.to_owned(), json, xml, percent] {
            // What is hidden already would only hide itself.
            if !way.is_empty() && way != REDACTED && !self.parts.iter().any(|(part, _)| *part == way) {
                self.parts.push((way, instead.to_owned()));
            }
        }
        self.parts.sort_by_key(|(part, _)| std::cmp::Reverse(part.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::Veil;
    use serde_json::json;
    use stepwait_core::SecretValue;

    #[test]
    fn a_secret_is_hidden_however_it_is_written() {
        let veil = Veil::default();
        veil.learn_secret(&SecretValue::new(" a\"b/c&d "));
        let shown = veil.hide("a\"b/c&d a\\\"b/c&d a%22b%2Fc%26d a&quot;b/c&amp;d");
        assert_eq!(shown, "[REDACTED] [REDACTED] [REDACTED] [REDACTED]");
    }

    #[test]
    fn the_password_of_a_login_is_hidden_alone_as_well() {
        let veil = Veil::default();
        veil.learn_secret(&SecretValue::new("ada:correct horse"));
        assert_eq!(veil.hide("ada:correct horse, correct horse, ada"), "[REDACTED], [REDACTED], ada");
    }

    #[test]
    fn a_short_kept_value_is_hidden_only_where_it_is_the_whole_value() {
        let veil = Veil::default();
        veil.learn_kept("7");
        veil.learn_kept("https://a.example/jobs/7?sig=x");
        assert_eq!(
            veil.hide_json(&json!({"id": 7, "n": "17", "url": "https://a.example/jobs/7?sig=x", "more": [true, null]})),
            json!({"id": "[REDACTED]", "n": "17", "url": "[REDACTED]", "more": [true, null]})
        );
    }

    #[test]
    fn of_a_kept_address_the_jobs_id_stays_with_as_little_around_it_as_finds_it() {
        let veil = Veil::default();
        let finds_id = |text: &str| text.contains("/jobs/7?");
        veil.learn_kept_around("https://a.example/secret/jobs/7?sig=x", "7", finds_id);
        assert_eq!(veil.hide("at https://a.example/secret/jobs/7?sig=x"), "at [REDACTED]/jobs/7?[REDACTED]");
    }

    #[test]
    fn the_veil_prints_how_much_it_hides_and_not_what() {
        let veil = Veil::default();
        veil.learn_secret(&SecretValue::new("hunter2"));
        assert!(!format!("{veil:?}").contains("hunter2"));
    }
}
