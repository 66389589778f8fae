//! `stepwait learn`: when to look at a third party's jobs, from how long those
//! before took.
//!
//! Nobody keeps a count of durations while waits go on: the rows of waits that are
//! over stay for a while, and say when their job was submitted and when it was
//! found to have ended. They are read here, added to what the file knows, and written
//! to the file, so that what a version of it does is in its text.

mod figures;
mod lesson;
mod line;
mod report;

use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use stepwait_aws::EndedWait;
use stepwait_core::Timestamp;
use stepwait_core::integration::Integration;
use stepwait_core::learn::{Learning, Promptness};

use crate::check::files::File;
use crate::format::Format;
use crate::named;
use crate::place::{Error, Place};
use crate::screen::Screen;
use lesson::Lesson;
use line::Line;
use report::Report;

const EXAMPLES: &str = "\
Examples:
  stepwait learn transcript --table WAIT_TABLE
                               how long the jobs of transcript took, and what looking
                               where they end would save
  stepwait learn transcript --table WAIT_TABLE --write
                               the same, written to integrations/transcript.toml
  stepwait learn transcript --table WAIT_TABLE --since 2026-11-01T00:00:00Z
                               only from waits that ended since then

WAIT_TABLE is the stack's output WaitTableName. Rows stay for 14 days behind a wait's
deadline; learning again adds those that ended since, and counts none twice. No index
shows waits that are over, so the whole table is read: at $0.125 a million read units,
a million rows of 2 KB take about 3 cents.";

/// The most pages of the table that are read, 65,536: 64 GB, or about a dollar.
const MAX_PAGES: u32 = 65_536;

/// Between two lines about how far reading has come, a second.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// What `stepwait learn` can be told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The name of an integration in integrations/, or the path of a file
    #[arg(value_name = "INTEGRATION")]
    integration: String,
    #[command(flatten)]
    place: Place,
    /// Only waits that ended since then, such as 2026-11-24T09:30:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Write what was learned to the file, of which nothing else changes
    #[arg(long)]
    write: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Learns, and prints what: 0, or 1 with the reason.
pub(crate) async fn run(arguments: &Arguments) -> ExitCode {
    match learn(arguments).await {
        Ok(report) => {
            match arguments.format {
                Format::Table => anstream::println!("{}", report.text()),
                Format::Json => anstream::println!("{:#}", report.json()),
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            // What is wrong with a file is said as `stepwait check` says it.
            let text = error.to_string();
            let is_marked = text.starts_with("error");
            anstream::eprintln!("{}{text}", if is_marked { "" } else { "error: " });
            ExitCode::FAILURE
        }
    }
}

async fn learn(arguments: &Arguments) -> Result<Report, Error> {
    let (integration, file) = named::integration(&arguments.integration)?;
    let Read { waits, rows, unreadable } = read(&arguments.place, &integration).await?;
    let known = integration.schedule.learning.as_ref();
    let lesson = Lesson::of(known, waits, arguments.since);
    let promptness = known.map_or(Promptness::AsTheBackoff, Learning::promptness);
    let learning = Learning::new(lesson.jobs.clone(), promptness, lesson.until);
    let text = line::put(&file.text, Line { jobs: &lesson.jobs, until: lesson.until })?;
    // Whatever is written is read as the functions would read it, before it is.
    let learned = Integration::parse(&file.name, &text)?;
    let write = arguments.write && text != file.text;
    if write {
        write_file(&file, &text)?;
    }
    let before = known.map(|known| known.jobs().clone()).unwrap_or_default();
    let compared = figures::compare(&learned, &learning);
    Ok(Report { name: file.name, path: file.path, lesson, before, compared, rows, unreadable, written: write })
}

fn write_file(file: &File, text: &str) -> Result<(), Error> {
    fs::write(&file.path, text).map_err(|error| format!("cannot write {}: {error}", file.path).into())
}

/// What the table holds.
#[derive(Default)]
struct Read {
    waits: Vec<EndedWait>,
    rows: u64,
    unreadable: u64,
}

/// Reads the table page by page.
async fn read(place: &Place, integration: &Integration) -> Result<Read, Error> {
    let edges = place.edges().await?;
    let screen = Screen::on_stderr();
    let (mut read, mut after, mut told) = (Read::default(), None, Instant::now());
    let mut is_shown = false;
    for _ in 0..MAX_PAGES {
        let page = edges.ended(&integration.name, after).await?;
        read.rows += page.rows;
        read.unreadable += page.unreadable;
        read.waits.extend(page.waits);
        after = page.next;
        if after.is_none() {
            if is_shown {
                screen.finish("table of waits", &format!("{} rows, all read", read.rows));
                screen.freeze();
            }
            return Ok(read);
        }
        if told.elapsed() >= TOLD_EVERY {
            (told, is_shown) = (Instant::now(), true);
            screen.show("table of waits", &format!("{} rows, {} of waits to learn from", read.rows, read.waits.len()));
        }
    }
    screen.freeze();
    Err(format!(
        "the table has more than {MAX_PAGES} MB, of which no more are read; learn from another table, such as a staging deployment's"
    )
    .into())
}
