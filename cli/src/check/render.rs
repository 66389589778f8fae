//! Diagnostics for people, as rustc prints them: what, where, the offending text
//! underlined, what to do, and where to read more.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::diagnostic::{Diagnostic, Severity};
use super::report::Summary;

/// One diagnostic of a file with this text, with colours: whoever prints it
/// strips them where there is no terminal.
pub(crate) fn render(diagnostic: &Diagnostic, text: &str) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.rule);
    let group = match &diagnostic.span {
        Some(span) => {
            let annotation = AnnotationKind::Primary.span(span.clone());
            title.element(Snippet::source(text).path(diagnostic.file.as_str()).annotation(annotation))
        }
        None => title.element(Origin::path(diagnostic.file.as_str())),
    };
    let advice = (!diagnostic.help.is_empty()).then(|| Level::HELP.message(diagnostic.help.as_str()));
    let group: Group<'_> = group.elements(advice).element(Level::NOTE.message(format!("see {}", diagnostic.link)));
    Renderer::styled().render(&[group])
}

/// The last line: "checked 3 files: 1 error, 2 warnings".
pub(crate) fn summary(summary: &Summary) -> String {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let found = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")];
    let found: Vec<_> = found.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(n, what)).collect();
    let found = if found.is_empty() { "no findings".to_owned() } else { found.join(", ") };
    format!("checked {}: {found}", count(summary.files, "file"))
}

#[cfg(test)]
mod tests {
    use super::{Summary, summary};

    #[test]
    fn the_summary_counts_what_there_is() {
        let none = Summary { files: 1, errors: 0, warnings: 0, notes: 0 };
        assert_eq!(summary(&none), "checked 1 file: no findings");
        let some = Summary { files: 3, errors: 1, warnings: 0, notes: 2 };
        assert_eq!(summary(&some), "checked 3 files: 1 error, 2 notes");
    }
}
