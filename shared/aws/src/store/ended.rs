//! How waits have ended, for whoever learns from them. No index shows waits that are
//! over, which would cost each of them another write: the whole table is read, page
//! by page, a megabyte each.

use super::rows::{Item, corrupt, optional_text};
use super::{s, unavailable};
use crate::Edges;
use stepwait_core::Timestamp;
use stepwait_core::integration::IntegrationName;
use stepwait_core::wait::{Outcome, Status};
use stepwait_flow::ports::StoreError;

/// A wait that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct EndedWait {
    /// When its job was noted.
    pub submitted_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Where to read on.
#[derive(Clone, Debug, PartialEq)]
pub struct Further(Item);

/// What a page of the table holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndedPage {
    /// The waits on one integration that succeeded or failed.
    pub waits: Vec<EndedWait>,
    /// Rows that were read, of whatever kind.
    pub rows: u64,
    /// Rows of such waits that this program cannot read.
    pub unreadable: u64,
    /// Where to read on, if there is more.
    pub next: Option<Further>,
}

impl Edges {
    /// A page of the table of waits, as far as it tells of waits on an integration
    /// that succeeded or failed; perhaps a moment late.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ended(&self, integration: &IntegrationName, after: Option<Further>) -> Result<EndedPage, StoreError> {
        let scan = self
            .dynamodb
            .scan()
            .table_name(&self.settings.wait_table)
            .filter_expression("#integration = :integration AND #status IN (:succeeded, :failed)")
            .projection_expression("#pk, #submitted_at, #outcome")
            .expression_attribute_names("#pk", "pk")
            .expression_attribute_names("#integration", "integration")
            .expression_attribute_names("#status", "status")
            .expression_attribute_names("#submitted_at", "submitted_at")
            .expression_attribute_names("#outcome", "outcome")
            .expression_attribute_values(":integration", s(integration.as_str()))
            .expression_attribute_values(":succeeded", s(Status::Succeeded.as_str()))
            .expression_attribute_values(":failed", s(Status::Failed.as_str()))
            .set_exclusive_start_key(after.map(|Further(key)| key));
        let page = scan.send().await.map_err(|e| unavailable(&e))?;
        let mut read = EndedPage {
            rows: u64::try_from(page.scanned_count).unwrap_or_default(),
            next: page.last_evaluated_key.filter(|key| !key.is_empty()).map(Further),
            ..EndedPage::default()
        };
        for item in page.items.unwrap_or_default() {
            match ended(&item) {
                Ok(wait) => read.waits.push(wait),
                Err(error) => {
                    tracing::error!(%error, "an ended wait is unreadable");
                    read.unreadable += 1;
                }
            }
        }
        Ok(read)
    }
}

fn ended(item: &Item) -> Result<EndedWait, StoreError> {
    let time = |text: &str| text.parse().map_err(|_| corrupt("submitted_at"));
    let outcome = optional_text(item, "outcome").ok_or_else(|| corrupt("outcome"))?;
    Ok(EndedWait {
        submitted_at: optional_text(item, "submitted_at").map(time).transpose()?,
        // The parser's text could quote a result; the attribute's name is enough to find it.
        outcome: serde_json::from_str(outcome).map_err(|_| corrupt("outcome"))?,
    })
}
