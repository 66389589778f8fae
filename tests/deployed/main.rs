//! The application, deployed on the local engine: what a person would try, and
//! what third parties and users get wrong.
//!
//! One deployment serves all tests; they run side by side. The standard harness
//! has no place for taking it down at the end, so this one is `libtest-mimic`.

mod agreement;
mod bad_input;
mod closing;
mod faults;
mod fragments;
mod gates;
mod histories;
mod learning;
mod measured;
mod polling;
mod reconciling;
mod renderings;
mod requests;
mod secrecy;
mod submitting;
mod waits;
mod webhooks;

use libtest_mimic::{Arguments, Failed, Trial};
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use stepwait_tests::{Application, Shared, Trouble};
use tokio::runtime::Runtime;

/// How many tests run side by side, unless the command line says otherwise: they
/// mostly wait for third parties, so more than there are processors.
const AT_ONCE: usize = 8;

/// A test: it borrows the application and fails with an error or a panic.
type Test = for<'a> fn(&'a Application) -> Pin<Box<dyn Future<Output = Result<(), Trouble>> + 'a>>;

/// Names a module's tests, each an `async fn(&Application) -> Result<(), Trouble>`.
macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[(&str, crate::Test)] =
            &[$((concat!(module_path!(), "::", stringify!($name)), |application| Box::pin($name(application)))),+];
    };
}
pub(crate) use tests;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    let runtime = match Runtime::new() {
        Ok(runtime) => Arc::new(runtime),
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let shared = Arc::new(Shared::default());
    let modules = [
        fragments::TESTS,
        reconciling::TESTS,
        faults::killed_listener::TESTS,
        faults::killed_submit::TESTS,
        faults::crowds::TESTS,
        requests::TESTS,
        polling::TESTS,
        renderings::TESTS,
        webhooks::TESTS,
        submitting::TESTS,
        bad_input::TESTS,
        closing::TESTS,
        agreement::TESTS,
        histories::TESTS,
        measured::TESTS,
        learning::TESTS,
        gates::TESTS,
        waits::TESTS,
        secrecy::TESTS,
    ];
    let trials = modules.concat().into_iter().map(|(name, test)| trial(name, test, &runtime, &shared)).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Some(shared) = Arc::into_inner(shared) {
        runtime.block_on(shared.take_down());
    }
    conclusion.exit_code()
}

fn trial(name: &str, test: Test, runtime: &Arc<Runtime>, shared: &Arc<Shared>) -> Trial {
    let (runtime, shared) = (Arc::clone(runtime), Arc::clone(shared));
    let name = name.strip_prefix("deployed::").unwrap_or(name).to_owned();
    Trial::test(name, move || {
        runtime
            .block_on(async { test(shared.application().await?).await })
            .map_err(|trouble| Failed::from(trouble.to_string()))
    })
}
