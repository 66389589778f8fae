//! Which deployment a command works on.

use clap::Args;
use stepwait_aws::{Edges, Settings};

/// What went wrong there.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// Where the waits are.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The table of waits: the stack's output WaitTableName
    #[arg(long, value_name = "NAME")]
    table: String,
    /// A local engine; AWS, with the environment's credentials and region, unless given
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
}

impl Place {
    /// The clients of the deployment.
    pub(crate) async fn edges(&self) -> Result<Edges, Error> {
        let settings = Settings { wait_table: self.table.clone(), ..Settings::default() };
        match &self.endpoint {
            Some(endpoint) => Edges::start_at(settings, endpoint),
            None => Edges::start_as_user(settings).await,
        }
    }
}
