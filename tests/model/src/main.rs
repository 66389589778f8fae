//! Checks every configuration, or those named, and prints the table:
//! `cargo run --release -p stepwait-model -- [NAME…]`.

use std::process::ExitCode;
use stepwait_model::configurations::ALL;
use stepwait_model::run::{check, table};

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let mut reports = Vec::new();
    for configuration in ALL.into_iter().filter(|c| names.is_empty() || names.iter().any(|name| name == c.name)) {
        eprintln!("{}: {}", configuration.name, configuration.about);
        let report = check(configuration);
        for violation in &report.violations {
            eprint!("{violation}");
        }
        eprintln!("{} {} {:?}", report.states, report.depth, report.took);
        reports.push(report);
    }
    println!("{}", table(&reports));
    if reports.iter().all(|report| report.violations.is_empty()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
