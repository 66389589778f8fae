//! `stepwait sizes`: how large the functions are as AWS gets them.
//!
//! A function's archive is fetched and its executable loaded before the first
//! invocation, and a dependency's default feature is enough to double both. The
//! command builds the functions as they are deployed, for this machine's own
//! architecture, and fails when one has outgrown its limit.

use std::process::ExitCode;

use clap::Args;
use comfy_table::{CellAlignment, Table, TableStyle, presets};
use serde_json::json;
use stepwait_local::engine::{FunctionSize, function_sizes};

use crate::begin::begin;
use crate::format::Format;
use crate::screen::Screen;

/// The most bytes of a zipped function, 3 MB: runtime, AWS clients and TLS by ring
/// stay below it with their default features off and one HTTP library for all of
/// them. With those features it would be 5 to 8.5, and aws-lc would take 28 ms of
/// the first invocation.
const LIMIT_BYTES: u64 = 3_000_000;

/// What `stepwait sizes` can be told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How to print the sizes
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Builds and measures: 0 if every function is within the limit.
pub(crate) async fn run(arguments: &Arguments) -> ExitCode {
    let screen = Screen::on_stderr();
    let (mut signals, workspace) = match begin(&screen).await {
        Ok(begun) => begun,
        Err(code) => return code,
    };
    let code = tokio::select! {
        measured = function_sizes(&workspace, |step| screen.set_up(&step)) => match measured {
            Ok(sizes) => {
                screen.freeze();
                conclude(&sizes, arguments.format)
            }
            Err(error) => screen.fail(&error),
        },
        stop = signals.next() => stop.exit_code(),
    };
    workspace.close().await;
    code
}

fn conclude(sizes: &[FunctionSize], format: Format) -> ExitCode {
    match format {
        Format::Table => anstream::println!("{}", table(sizes)),
        Format::Json => anstream::println!("{:#}", as_json(sizes)),
    }
    let too_large = too_large(sizes);
    for size in &too_large {
        anstream::eprintln!(
            "{} has {} MB zipped, and at most {} MB are allowed: see with `cargo tree --edges features` which \
             dependency brings features that it does not need",
            size.name,
            megabytes(size.zipped_bytes),
            megabytes(LIMIT_BYTES),
        );
    }
    if too_large.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn too_large(sizes: &[FunctionSize]) -> Vec<&FunctionSize> {
    sizes.iter().filter(|size| size.zipped_bytes > LIMIT_BYTES).collect()
}

fn table(sizes: &[FunctionSize]) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(presets::UTF8_HORIZONTAL_ONLY.row_separator));
    table.set_header(["function", "bootstrap MB", "zipped MB", "limit MB"]);
    for size in sizes {
        let [bootstrap, zipped, limit] = [size.bootstrap_bytes, size.zipped_bytes, LIMIT_BYTES].map(megabytes);
        table.add_row([size.name.clone(), bootstrap, zipped, limit]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn as_json(sizes: &[FunctionSize]) -> serde_json::Value {
    let functions = sizes.iter().map(|size| {
        json!({
            "function": size.name,
            "bootstrap_bytes": size.bootstrap_bytes,
            "zipped_bytes": size.zipped_bytes,
        })
    });
    json!({
        "limit_bytes": LIMIT_BYTES,
        "within_limit": too_large(sizes).is_empty(),
        "functions": functions.collect::<Vec<_>>(),
    })
}

/// Millions of bytes with two decimals, rounded up: what is over a limit never
/// looks as if it were not.
fn megabytes(bytes: u64) -> String {
    let hundredths = bytes.div_ceil(10_000);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(name: &str, zipped_bytes: u64) -> FunctionSize {
        FunctionSize { name: name.to_owned(), bootstrap_bytes: 7_654_321, zipped_bytes }
    }

    #[test]
    fn one_byte_over_the_limit_is_too_much_and_is_seen() {
        let sizes = [size("close", LIMIT_BYTES), size("submit", LIMIT_BYTES + 1)];
        assert_eq!(too_large(&sizes), [&sizes[1]]);
        assert_eq!([megabytes(LIMIT_BYTES), megabytes(LIMIT_BYTES + 1)], ["3.00", "3.01"]);
    }

    #[test]
    fn programs_read_bytes() {
        let expected = json!({
            "limit_bytes": 3_000_000,
            "within_limit": true,
            "functions": [{"function": "close", "bootstrap_bytes": 7_654_321, "zipped_bytes": 1_234_567}],
        });
        assert_eq!(as_json(&[size("close", 1_234_567)]), expected);
    }
}
