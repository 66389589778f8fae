//! DynamoDB items, read without their type markers.

use serde_json::Value;

/// An item of a table, in DynamoDB's typed JSON.
#[derive(Clone, Debug)]
pub struct Item(pub Value);

impl Item {
    /// A text attribute.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0[name]["S"].as_str()
    }

    /// A number attribute, as it is written.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<&str> {
        self.0[name]["N"].as_str()
    }

    /// The members of a set of texts; none if the attribute is absent.
    #[must_use]
    pub fn members(&self, name: &str) -> Vec<&str> {
        self.0[name]["SS"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// How many entries a list attribute has.
    #[must_use]
    pub fn entries(&self, name: &str) -> usize {
        self.0[name]["L"].as_array().map_or(0, Vec::len)
    }
}
