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

    /// How many entries a list attribute has.
    #[must_use]
    pub fn entries(&self, name: &str) -> usize {
        self.0[name]["L"].as_array().map_or(0, Vec::len)
    }
}
