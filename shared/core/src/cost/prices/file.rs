//! Prices of another region, from a TOML file. Every line of the table must be
//! in it, so that nothing is silently billed as in us-east-1.

use super::{Prices, TABLE, femto_dollars};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Why a text gives no prices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PricesError {
    /// It is no TOML of that shape.
    #[error("{0}")]
    Shape(String),
    /// A key that no line of the table has.
    #[error("there is no price `{0}`; write {keys}", keys = keys())]
    Unknown(String),
    /// A line of the table that is not in it.
    #[error("the price `{key}` is missing: what {what} costs, in dollars, such as {key} = \"{dollars}\"")]
    Missing {
        /// The key.
        key: &'static str,
        /// What it buys.
        what: &'static str,
        /// The table's own price.
        dollars: &'static str,
    },
    /// A text that is no price.
    #[error("{key} = {text:?} is no price: write dollars with at most 15 decimals, such as \"0.025\"")]
    NotDecimal {
        /// The key.
        key: &'static str,
        /// The text.
        text: String,
    },
}

fn keys() -> String {
    TABLE.map(|line| line.key).join(", ")
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    region: String,
    as_of: String,
    source: String,
    prices: BTreeMap<String, String>,
}

impl Prices {
    /// Reads a file of prices.
    ///
    /// # Errors
    /// [`PricesError`].
    pub fn parse(text: &str) -> Result<Self, PricesError> {
        let Raw { region, as_of, source, mut prices } =
            toml::from_str(text).map_err(|error| PricesError::Shape(error.to_string().trim_end().to_owned()))?;
        let mut found = [0; TABLE.len()];
        for (line, price) in TABLE.iter().zip(&mut found) {
            let missing = PricesError::Missing { key: line.key, what: line.what, dollars: line.dollars };
            let text = prices.remove(line.key).ok_or(missing)?;
            *price = femto_dollars(&text).ok_or(PricesError::NotDecimal { key: line.key, text })?;
        }
        match prices.into_keys().next() {
            Some(unknown) => Err(PricesError::Unknown(unknown)),
            None => Ok(Self { region, as_of, source, femto_dollars: found }),
        }
    }
}
