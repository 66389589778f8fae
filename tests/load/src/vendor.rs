//! A third party whose jobs are all under way: it answers each look after a fixed
//! time, and counts how many it has to answer at once.

use http::StatusCode;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use stepwait_local::http_server::{Server, respond};

/// The third party, listening until dropped.
#[derive(Debug)]
pub struct Vendor {
    server: Server,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Vendor {
    /// Starts one that takes as long as that for each answer, which is `body`.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(takes: Duration, body: &'static str) -> io::Result<Self> {
        let counts = Arc::new(Counts::default());
        let shared = Arc::clone(&counts);
        let server = Server::start(move |_| {
            let counts = Arc::clone(&shared);
            async move {
                let now = counts.now.fetch_add(1, Ordering::Relaxed) + 1;
                counts.most.fetch_max(now, Ordering::Relaxed);
                tokio::time::sleep(takes).await;
                counts.now.fetch_sub(1, Ordering::Relaxed);
                counts.all.fetch_add(1, Ordering::Relaxed);
                respond(StatusCode::OK, "application/json", body)
            }
        });
        Ok(Self { server: server.await?, counts })
    }

    /// Where it is reached.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/", self.server.address())
    }

    /// How many requests it has answered.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.counts.all.load(Ordering::Relaxed)
    }

    /// The most requests that it had to answer at a time.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.counts.most.load(Ordering::Relaxed)
    }
}
