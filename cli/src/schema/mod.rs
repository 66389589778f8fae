//! `stepwait schema`: the JSON Schema of integration files, with which editors
//! complete keys, show what they mean, and underline what is wrong.
//!
//! `integrations/schema.json` is its output, and docs/keys.md says the same for
//! people ([`keys`]); tests hold both against the code.

#[cfg(test)]
mod keys;

use std::path::PathBuf;
use std::process::ExitCode;
use std::{fs, io};

use clap::Args;

const ABOUT_EDITORS: &str = "\
An integration file whose first line is `#:schema ./schema.json` is checked while
it is written, in editors with Taplo (Even Better TOML in VS Code) or Tombi.";

/// What `stepwait schema` can be told.
#[derive(Debug, Args)]
#[command(after_help = ABOUT_EDITORS)]
pub(crate) struct Arguments {
    /// Write it to this file instead of printing it
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Prints or writes the schema: 0 if that worked.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let Some(path) = &arguments.output else {
        anstream::print!("{}", text());
        return ExitCode::SUCCESS;
    };
    match fs::write(path, text()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(path, &error),
    }
}

fn fail(path: &std::path::Path, error: &io::Error) -> ExitCode {
    anstream::eprintln!("error: cannot write {}: {error}", path.display());
    ExitCode::FAILURE
}

/// The schema as the file holds it.
fn text() -> String {
    format!("{:#}\n", stepwait_core::integration::schema())
}

#[cfg(test)]
mod tests {
    use super::text;
    use std::path::Path;

    #[test]
    fn the_schema_beside_the_integrations_is_that_of_the_code() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../integrations/schema.json");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        let how = "cargo run -- schema --output integrations/schema.json";
        assert!(written == text(), "integrations/schema.json is stale: run `{how}`");
    }
}
