//! `learned` of `[schedule]`, put into a file of which nothing else changes.

use stepwait_core::Timestamp;
use stepwait_core::learn::Histogram;
use toml_edit::{DocumentMut, InlineTable, Item, Table, Value, value};

/// What is put there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'l> {
    pub(super) jobs: &'l Histogram,
    pub(super) until: Option<Timestamp>,
}

/// The file cannot be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    #[error("the file is no TOML: {0}")]
    Syntax(#[from] toml_edit::TomlError),
    #[error("`{0}` is no table")]
    NoTable(&'static str),
}

/// The file's text with what was learned; a `delay` that stands there stays.
pub(super) fn put(text: &str, line: Line<'_>) -> Result<String, LineError> {
    let mut document: DocumentMut = text.parse()?;
    let schedule = document.entry("schedule").or_insert(Item::Table(Table::new()));
    let no_schedule = LineError::NoTable("schedule");
    let is_there = schedule.as_table_like().ok_or(no_schedule)?.contains_key("learned");
    if !is_there {
        insert(schedule, "learned", Value::InlineTable(InlineTable::new()));
    }
    let learned = schedule.get_mut("learned").filter(|learned| learned.is_table_like());
    let learned = learned.ok_or(LineError::NoTable("schedule.learned"))?;
    insert(learned, "jobs", Value::from(line.jobs.to_string()));
    if let Some(until) = line.until {
        insert(learned, "until", Value::from(until.to_string()));
    }
    Ok(document.to_string())
}

/// Puts a key into a table. What stands around a value that was there stays, and the
/// blank before an inline table's end.
fn insert(table: &mut Item, key: &str, mut new: Value) {
    if let Some(there) = table.get_mut(key).and_then(Item::as_value_mut) {
        *new.decor_mut() = there.decor().clone();
        *there = new;
        return;
    }
    if let Some(inline) = table.as_inline_table_mut() {
        if let Some((_, last)) = inline.iter_mut().last() {
            if let Some(end) = last.decor().suffix().cloned() {
                new.decor_mut().set_suffix(end);
            }
            last.decor_mut().set_suffix("");
            new.decor_mut().set_prefix(" ");
        }
        inline.insert(key, new);
    } else if let Some(table) = table.as_table_mut() {
        table.insert(key, value(new));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# A vendor.\nstrategy = \"poll\"   # asked\n\n[schedule] # when\nfirst = \"2s\" # soon\n\n[cancel]\nmethod = \"DELETE\"\n";

    fn put_into(text: &str) -> String {
        let jobs: Histogram = "128 per doubling, 5m: 30".parse().unwrap();
        put(text, Line { jobs: &jobs, until: Some("2026-11-24T09:30:00Z".parse().unwrap()) }).unwrap()
    }

    const LEARNED: &str = "learned = { jobs = \"128 per doubling, 5m: 30\", until = \"2026-11-24T09:30:00Z\" }\n";

    #[test]
    fn the_line_stands_behind_the_other_keys_of_its_section() {
        let expected = FILE.replace("# soon\n", &format!("# soon\n{LEARNED}"));
        assert_eq!(put_into(FILE), expected);
    }

    #[test]
    fn what_was_learned_before_is_replaced_and_a_delay_stays() {
        let before =
            "[schedule]\n# learned\nlearned = { delay = \"9s\", jobs = \"128 per doubling\" } # by hand\nchecks = 9\n";
        let after = "[schedule]\n# learned\nlearned = { delay = \"9s\", jobs = \"128 per doubling, 5m: 30\", until = \"2026-11-24T09:30:00Z\" } # by hand\nchecks = 9\n";
        assert_eq!(put_into(before), after);
        assert_eq!(put_into(after), after);
    }

    #[test]
    fn a_file_without_the_section_gets_one() {
        assert_eq!(put_into("strategy = \"poll\"\n"), format!("strategy = \"poll\"\n\n[schedule]\n{LEARNED}"));
    }

    #[test]
    fn a_section_of_its_own_and_an_inline_one_are_kept_as_they_are() {
        let own = "[schedule.learned]\njobs = \"128 per doubling\" # none\n";
        assert_eq!(
            put_into(own),
            "[schedule.learned]\njobs = \"128 per doubling, 5m: 30\" # none\nuntil = \"2026-11-24T09:30:00Z\"\n"
        );
        let inline = "schedule = { first = \"2s\" }\n";
        assert_eq!(put_into(inline), format!("schedule = {{ first = \"2s\", {} }}\n", LEARNED.trim_end()));
    }

    #[test]
    fn what_is_no_table_is_not_overwritten() {
        let jobs = Histogram::default();
        let error = |text: &str| put(text, Line { jobs: &jobs, until: None }).unwrap_err().to_string();
        assert_eq!(error("schedule = 1\n"), "`schedule` is no table");
        assert_eq!(error("[schedule]\nlearned = 1\n"), "`schedule.learned` is no table");
    }
}
