//! Checks every configuration, or those named, and prints the table:
//!
//! ```sh
//! cargo run --release -p stepwait-model
//! cargo run --release -p stepwait-model -- callback "own address"
//! ```

use std::process::ExitCode;
use stepwait_model::configurations::ALL;
use stepwait_model::run::{check, table};

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = names.iter().find(|name| ALL.iter().all(|c| c.name != **name)) {
        eprintln!("there is no configuration {unknown:?}; there are:");
        for configuration in ALL {
            eprintln!("  {:?}: {}", configuration.name, configuration.about);
        }
        return ExitCode::FAILURE;
    }
    let mut reports = Vec::new();
    for configuration in ALL.into_iter().filter(|c| names.is_empty() || names.iter().any(|name| name == c.name)) {
        eprintln!("{}: {}", configuration.name, configuration.about);
        let report = check(configuration);
        for violation in &report.violations {
            eprint!("{violation}");
        }
        reports.push(report);
    }
    println!("{}", table(&reports));
    if reports.iter().all(|report| report.violations.is_empty()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
