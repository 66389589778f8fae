//! The JSON Schema of integration files, for editors: it is made from the very
//! types that the files are parsed into, and their comments are its descriptions.

use super::RawIntegration;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The JSON Schema (draft 2020-12) of integration files.
#[must_use]
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<RawIntegration>().to_value()
}
