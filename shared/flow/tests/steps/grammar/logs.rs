//! Nothing secret is logged.

use super::runs::{run, subjects};
use super::{api, book};
use crate::world::gate::Fault;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Write;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;

thread_local! {
    /// Whether this thread's log is of interest: other tests run beside this one.
    static IS_RECORDING: Cell<bool> = const { Cell::new(false) };
    /// What was logged.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Keeps what is logged in memory.
struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// All that is logged while something runs.
fn logged(run: impl FnOnce()) -> String {
    let subscriber = tracing_subscriber::registry()
        .with(dynamic_filter_fn(|_, _| IS_RECORDING.get()))
        .with(fmt::layer().with_ansi(false).with_writer(|| Log));
    // For the whole process: what a thread's own subscriber sees depends on who logged first.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    IS_RECORDING.set(true);
    run();
    IS_RECORDING.set(false);
    String::from_utf8(LOG.take()).unwrap()
}

/// What must be seen nowhere: secrets, the key that events are signed with,
/// access tokens, kept values, task tokens.
const SECRETS: [&str; 6] = ["api-token", "whsec_", "access-", api::TICKET, api::SIGNATURE, "token-0"];

#[test]
fn no_secret_access_token_kept_value_or_task_token_is_logged_or_becomes_part_of_an_outcome() {
    let book = book();
    let text = logged(|| {
        for subject in subjects() {
            let scenario = &subject.scenario;
            let (undisturbed, _) = run(scenario, &book, BTreeMap::new());
            let effects = undisturbed.state().gate.passed().len();
            for (number, fault) in (0..effects).flat_map(|n| [(n, Fault::NotDone), (n, Fault::LostAnswer)]) {
                let (_, ending) = run(scenario, &book, BTreeMap::from([(number, fault)]));
                let settled = serde_json::to_string(&ending.settled).unwrap();
                let shown = SECRETS.iter().find(|secret| settled.contains(**secret));
                assert_eq!(shown, None, "{}: {settled}", scenario.name);
            }
        }
    });
    for expected in [
        "submitted",
        "pending",
        "outcome stored",
        "outcome sent",
        "no usable answer",
        "refused",
        "called off",
        "examination",
    ] {
        assert!(text.contains(expected), "nothing was logged of {expected:?}");
    }
    for secret in SECRETS {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret:?} was logged");
    }
}
