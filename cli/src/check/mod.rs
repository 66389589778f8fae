//! `stepwait check`: whether integration files parse, and whether they say what
//! was probably meant.
//!
//! A file is parsed by the very code that the functions use ([`misreading`] turns
//! its error into a diagnostic), and if that went well each of the [`rules`]
//! looks at it: at the integration, and at the text through [`locate`]. What
//! they find is sorted and printed for people ([`render`]), programs ([`json`])
//! or code scanning services ([`sarif`]).
//!
//! Texts that look like credentials are masked before anything is printed.

mod allow;
mod credentials;
mod diagnostic;
#[cfg(test)]
mod docs;
pub(crate) mod files;
mod json;
mod locate;
mod misreading;
pub(crate) mod render;
mod report;
mod rules;
mod sarif;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use stepwait_core::integration::Integration;

use allow::Allowed;
use diagnostic::{Diagnostic, Position};
use files::{File, FilesError};
use locate::Document;
use report::{Checked, Report};
use rules::Context;

const EXAMPLES: &str = "\
Examples:
  stepwait check                                    everything in and below integrations/
  stepwait check integrations/render.toml           one file
  stepwait check --deny-warnings --format sarif     for a build that must stay clean

A comment silences a rule: `# stepwait: allow(no-cancel)`, on the line above what
is found or, for the whole file, above its first key. docs/checks.md explains
each rule.

Exit status: 0 if there is no error, 1 if there is one (or a warning, with
--deny-warnings), 2 if there was nothing to check.";

/// What `stepwait check` can be told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Files, and folders of which all .toml files in and below them are checked
    #[arg(value_name = "FILES or FOLDERS", default_value = "integrations/")]
    paths: Vec<PathBuf>,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Fail on warnings as well
    #[arg(long)]
    deny_warnings: bool,
    /// Look also for what only makes a file nicer
    #[arg(long)]
    pedantic: bool,
}

/// How diagnostics are printed on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For code scanning services: SARIF 2.1.0
    Sarif,
}

/// Checks and prints: 0 if nothing stands against the files.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let report = match check(&arguments.paths, arguments.pedantic) {
        Ok(report) => report,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let summary = report.summary();
    match arguments.format {
        Format::Text => {
            for (file, diagnostic) in report.diagnostics() {
                anstream::println!("{}\n", render::render(diagnostic, &file.text));
            }
            anstream::println!("{}", render::summary(&summary));
        }
        Format::Json => anstream::println!("{:#}", json::document(&report)),
        Format::Sarif => anstream::println!("{:#}", sarif::log(&report)),
    }
    let fails = summary.errors > 0 || (arguments.deny_warnings && summary.warnings > 0);
    if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What is said of a file, with all masked that looks like a credential in it.
pub(crate) fn masked(message: &str, text: &str) -> String {
    credentials::redact(message, &credentials::find(&Document::read(text)))
}

fn check(paths: &[PathBuf], pedantic: bool) -> Result<Report, FilesError> {
    let files = files::read(paths)?;
    Ok(Report { files: files.into_iter().map(|file| check_file(file, pedantic)).collect() })
}

pub(crate) fn check_file(file: File, pedantic: bool) -> Checked {
    let document = Document::read(&file.text);
    let mut diagnostics = match Integration::parse(&file.name, &file.text) {
        Ok(integration) => lint(&file, &document, &integration, pedantic),
        Err(error) => vec![misreading::diagnostic(&file.path, &document, &error)],
    };
    let credentials = credentials::find(&document);
    for diagnostic in &mut diagnostics {
        diagnostic.message = credentials::redact(&diagnostic.message, &credentials);
        diagnostic.help = credentials::redact(&diagnostic.help, &credentials);
    }
    diagnostics.sort_by(|one, other| one.place().cmp(&other.place()));
    let text = credentials::mask(&file.text, &credentials).into_owned();
    Checked { file: File { text, ..file }, diagnostics }
}

fn lint(file: &File, document: &Document<'_>, integration: &Integration, pedantic: bool) -> Vec<Diagnostic> {
    let allowed = Allowed::read(&file.text, document);
    let context = Context { document, integration };
    let rules = rules::RULES.iter().filter(|rule| pedantic || !rule.pedantic);
    let found = rules.flat_map(|rule| (rule.check)(&context).into_iter().map(|finding| finding.of(rule, &file.path)));
    let line = |found: &Diagnostic| Position::of(&file.text, found.span.as_ref().map_or(0, |span| span.start)).line;
    found.filter(|found| !allowed.covers(found.rule, line(found))).collect()
}
