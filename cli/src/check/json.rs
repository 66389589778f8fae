//! Diagnostics for programs: one JSON document. Fields are only ever added; a
//! change of meaning would raise `version`.

use serde_json::{Value, json};

use super::diagnostic::{Diagnostic, Position};
use super::files::File;
use super::report::Report;

/// The version of the document's shape.
const VERSION: u32 = 1;

/// The report as JSON. Lines and columns count from 1, columns in characters;
/// `start` and `end` are null where a finding is about the file's name.
pub(crate) fn document(report: &Report) -> Value {
    let summary = report.summary();
    let files: Vec<_> = report.files.iter().map(|checked| &checked.file.path).collect();
    let findings: Vec<_> = report.diagnostics().map(|(file, diagnostic)| finding(file, diagnostic)).collect();
    json!({
        "version": VERSION,
        "files": files,
        "findings": findings,
        "summary": {
            "files": summary.files,
            "errors": summary.errors,
            "warnings": summary.warnings,
            "notes": summary.notes,
        },
    })
}

fn finding(file: &File, diagnostic: &Diagnostic) -> Value {
    let position = |byte: usize| {
        let Position { line, column } = Position::of(&file.text, byte);
        json!({"line": line, "column": column, "byte": byte})
    };
    json!({
        "rule": diagnostic.rule,
        "severity": diagnostic.severity.as_str(),
        "file": diagnostic.file,
        "start": diagnostic.span.as_ref().map(|span| position(span.start)),
        "end": diagnostic.span.as_ref().map(|span| position(span.end)),
        "message": diagnostic.message,
        "help": diagnostic.help,
        "link": diagnostic.link,
    })
}
