//! Children that cannot outlive this process.
//!
//! Each runs under `guard.py`, which ends the child and all that it started
//! when its own standard input closes. The other end of that pipe is the
//! [`Guarded`] value: dropping it, or this process dying in whatever way, closes
//! the pipe. A guard runs in a process group of its own, so a Ctrl-C in the
//! terminal reaches this process alone, which then decides.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;
use tokio::time::timeout;

use super::python::Python;

const GUARD: &str = include_str!("guard.py");

/// A guard gives its group one second; the rest is for a busy machine.
const ENDING_LIMIT: Duration = Duration::from_secs(10);

/// Starts children under guard and knows when the last is gone.
#[derive(Debug)]
pub(super) struct Supervisor {
    python: PathBuf,
    script: PathBuf,
    /// Every child holds a receiver until it is gone.
    alive: watch::Sender<()>,
}

/// A child under guard; dropped, it ends.
#[derive(Debug)]
pub(super) struct Guarded {
    child: Option<Child>,
    lifeline: Option<ChildStdin>,
    alive: watch::Receiver<()>,
}

impl Supervisor {
    /// Writes the guard to `script`.
    pub(super) fn new(python: &Python, script: PathBuf) -> io::Result<Self> {
        std::fs::write(&script, GUARD)?;
        Ok(Self { python: python.executable.clone(), script, alive: watch::Sender::new(()) })
    }

    /// A command that runs `program` under guard; arguments, environment and
    /// outputs given to it are the program's.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(&self.python);
        // Isolated and without site packages: the guard starts in 20 ms, and
        // no setting of the user's changes it.
        command.args(["-I", "-S"]).arg(&self.script).arg(program);
        command
    }

    /// Starts what [`command`](Self::command) made.
    pub(super) fn spawn(&self, mut command: Command) -> io::Result<Guarded> {
        let mut child = command.stdin(Stdio::piped()).process_group(0).kill_on_drop(false).spawn()?;
        Ok(Guarded { lifeline: child.stdin.take(), child: Some(child), alive: self.alive.subscribe() })
    }

    /// Waits until no child is left, within reason.
    pub(super) async fn all_gone(&self) {
        // What a guard could not end in this time, nobody can.
        let _ = timeout(ENDING_LIMIT, self.alive.closed()).await;
    }
}

impl Guarded {
    /// The child's standard output, if it was piped and not taken yet.
    pub(super) fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.as_mut().and_then(|child| child.stdout.take())
    }

    /// The child's standard error, if it was piped and not taken yet.
    pub(super) fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.as_mut().and_then(|child| child.stderr.take())
    }

    /// Its status, once it has ended.
    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        match &mut self.child {
            Some(child) => child.wait().await,
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&mut self) -> io::Result<Option<ExitStatus>> {
        match &mut self.child {
            Some(child) => child.try_wait(),
            None => Ok(None),
        }
    }

    /// Ends it, with all that it started.
    pub(super) async fn stop(mut self) {
        self.lifeline = None;
        // As above: there is no third means after the guard's two.
        let _ = timeout(ENDING_LIMIT, self.wait()).await;
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.lifeline = None;
        let (Some(mut child), Ok(runtime)) = (self.child.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let alive = self.alive.clone();
        runtime.spawn(async move {
            let _ = child.wait().await;
            drop(alive);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncBufReadExt, BufReader};

    /// Longer than any test: only its guard ends it.
    const SLEEPS: &str = "sleep 600 & echo $!; wait";

    struct Bench {
        supervisor: Supervisor,
        script: PathBuf,
    }

    impl Bench {
        async fn new(name: &str) -> Self {
            let script = std::env::temp_dir().join(format!("stepwait-guard-{name}-{}.py", std::process::id()));
            let python = Python::find().await.unwrap();
            Self { supervisor: Supervisor::new(&python, script.clone()).unwrap(), script }
        }

        fn shell(&self, script: &str) -> Guarded {
            let mut command = self.supervisor.command("sh");
            command.args(["-c", script]).stdout(Stdio::piped());
            self.supervisor.spawn(command).unwrap()
        }
    }

    impl Drop for Bench {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.script);
        }
    }

    async fn first_line(child: &mut Guarded) -> String {
        let mut lines = BufReader::new(child.take_stdout().unwrap()).lines();
        lines.next_line().await.unwrap().unwrap()
    }

    async fn is_alive(process: &str) -> bool {
        let status = Command::new("sh").args(["-c", &format!("kill -0 {process} 2>&-")]).status();
        status.await.unwrap().success()
    }

    #[tokio::test]
    async fn a_childs_status_is_its_guards() {
        let bench = Bench::new("status").await;
        assert_eq!(bench.shell("exit 7").wait().await.unwrap().code(), Some(7));
        assert_eq!(bench.shell("kill -9 $$").wait().await.unwrap().code(), Some(137));
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_status_127() {
        let bench = Bench::new("absent").await;
        let command = bench.supervisor.command("/no/such/program");
        let mut child = bench.supervisor.spawn(command).unwrap();
        assert_eq!(child.wait().await.unwrap().code(), Some(127));
    }

    #[tokio::test]
    async fn a_stopped_child_is_gone_with_all_that_it_started() {
        let bench = Bench::new("stopped").await;
        let mut child = bench.shell(SLEEPS);
        let grandchild = first_line(&mut child).await;
        assert!(is_alive(&grandchild).await);
        child.stop().await;
        assert!(!is_alive(&grandchild).await);
    }

    #[tokio::test]
    async fn all_are_gone_only_after_a_dropped_child_and_all_that_it_started() {
        let bench = Bench::new("dropped").await;
        let mut child = bench.shell(SLEEPS);
        let grandchild = first_line(&mut child).await;
        drop(child);
        bench.supervisor.all_gone().await;
        assert!(!is_alive(&grandchild).await);
    }

    #[tokio::test]
    async fn what_a_child_leaves_behind_goes_with_it() {
        let bench = Bench::new("orphan").await;
        let mut child = bench.shell("sleep 600 >&- & echo $!");
        let orphan = first_line(&mut child).await;
        assert_eq!(child.wait().await.unwrap().code(), Some(0));
        assert!(!is_alive(&orphan).await);
    }

    #[tokio::test]
    async fn a_child_that_does_not_heed_a_polite_signal_is_killed() {
        let bench = Bench::new("deaf").await;
        let mut child = bench.shell("trap '' TERM; echo $$; while true; do sleep 600; done");
        let deaf = first_line(&mut child).await;
        child.stop().await;
        assert!(!is_alive(&deaf).await);
    }
}
