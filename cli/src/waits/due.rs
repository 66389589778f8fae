//! What the reconciler's index shows now.

use comfy_table::{Table, TableStyle, presets};
use serde_json::{Value, json};
use stepwait_core::Timestamp;
use stepwait_core::decide::sweep::{Task, Times, Window, what};
use stepwait_core::wait::due::{DueWait, SHARDS};
use stepwait_flow::ports::{Clock as _, WaitStore as _};

use super::Shown;
use crate::format::Format;
use crate::place::Error;

/// Prints what is due, by shard, oldest first.
pub(super) async fn run(how: &Shown, most: usize) -> Result<String, Error> {
    let edges = how.place.edges().await?;
    let now = edges.now();
    let mut found = Vec::new();
    for shard in 0..SHARDS {
        let page = edges.due(shard, now, None).await?;
        let has_more = page.next.is_some() || page.waits.len() > most;
        found.push((shard, page.waits.into_iter().take(most).collect::<Vec<_>>(), has_more));
    }
    Ok(match how.format {
        Format::Table => table(&found, now),
        Format::Json => {
            let waits = found.iter().flat_map(|(shard, waits, _)| waits.iter().map(|wait| as_json(*shard, wait, now)));
            let has_more = found.iter().any(|(_, _, has_more)| *has_more);
            format!("{:#}", json!({ "now": now, "due": waits.collect::<Vec<_>>(), "has_more": has_more }))
        }
    })
}

type Found = [(u8, Vec<DueWait>, bool)];

fn table(found: &Found, now: Timestamp) -> String {
    if found.iter().all(|(_, waits, _)| waits.is_empty()) {
        return "nothing is due".to_owned();
    }
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(presets::UTF8_HORIZONTAL_ONLY.row_separator));
    table.set_header(["shard", "since", "status", "wait", "on", "job", "to be"]);
    for (shard, waits, has_more) in found {
        for wait in waits {
            table.add_row([
                shard.to_string(),
                wait.due.to_string(),
                wait.status.as_str().to_owned(),
                wait.id.to_string(),
                wait.integration.to_string(),
                wait.job_id.as_ref().map_or_else(String::new, ToString::to_string),
                to_be(wait, now).to_owned(),
            ]);
        }
        if *has_more {
            table.add_row([shard.to_string(), "… and more".to_owned()]);
        }
    }
    table.to_string()
}

fn as_json(shard: u8, wait: &DueWait, now: Timestamp) -> Value {
    json!({
        "shard": shard,
        "since": wait.due,
        "status": wait.status,
        "id": wait.id,
        "integration": wait.integration,
        "job_id": wait.job_id,
        "deadline": wait.deadline,
        "to_be": to_be(wait, now),
    })
}

/// What is to be done, as far as the index alone says; when a job is looked at is
/// in its integration's file.
fn to_be(wait: &DueWait, now: Timestamp) -> &'static str {
    match what(wait, None::<&Times>, Window { from: None, until: now }, now) {
        Task::Deliver { .. } => "delivered",
        Task::Close { .. } => "closed",
        Task::Check { .. } | Task::Nothing => "looked at now and then",
    }
}
