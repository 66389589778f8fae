//! Checks a request and plans its wait; nothing is sent.
//!
//! This file wires: settings from the environment, clients, the bundled
//! integrations. `handler.rs` translates; the step itself is in `stepwait-flow`.

mod handler;

use stepwait_aws::{Edges, Settings};
use stepwait_catalog::Catalog;
use stepwait_flow::Book;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let settings = Settings::from_env()?;
    let book = Book::new(Catalog::load()?, settings.for_steps());
    let edges = Edges::start(settings).await?;
    let (edges, book) = (&edges, &book);
    stepwait_aws::serve(move |input| handler::handle(edges, book, input)).await
}
