//! aria2, listening on a free port of this machine until it is dropped.

use crate::Trouble;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs, process, thread};

/// What calls are authorized with; the server is reached from this machine only.
pub(crate) const PASSWORD: &str = "correct-horse-battery";

/// The server.
pub(crate) struct Server {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    /// Starts it, if it is installed.
    pub(crate) fn start() -> Result<Option<Self>, Trouble> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let folder = env::temp_dir().join(format!("stepwait-aria2-{}", process::id()));
        fs::create_dir_all(&folder)?;
        let started = Command::new("aria2c")
            .args(["--enable-rpc", "--no-conf", "--console-log-level=notice", "--enable-color=false", "--max-tries=1"])
            // Should these tests be killed, it ends by itself.
            .arg(format!("--stop-with-process={}", process::id()))
            .arg(format!("--rpc-listen-port={port}"))
            .args(["--rpc-user=stepwait", &format!("--rpc-passwd={PASSWORD}")])
            .arg(format!("--dir={}", folder.display()))
            .args(["--allow-overwrite=false", "--auto-file-renaming=true"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = match started {
            Ok(process) => process,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::remove_dir_all(&folder)?;
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let output = process.stdout.take().ok_or("aria2c has no output")?;
        // From here on it is stopped whatever happens.
        let server = Self { process, folder, port };
        let mut lines = BufReader::new(output).lines();
        let listens = lines.by_ref().map_while(Result::ok).any(|line| line.contains("listening on TCP port"));
        if !listens {
            return Err("aria2c ended before it listened".into());
        }
        // Its output is read to the end, or it would stop when the pipe is full.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(Some(server))
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where downloads go, and what else the tests write.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, and its folder may be gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
