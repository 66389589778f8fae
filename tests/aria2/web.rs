//! What aria2 downloads: a report, a file that never ends, and nothing else.

use crate::Trouble;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// The report.
pub(crate) const REPORT: &str = "month,total\n2026-10,42\n";

/// How much of the endless file is said to come, 1 GiB.
const ENDLESS_BYTES: u64 = 1024 * 1024 * 1024;

/// The web server; it serves until the process ends.
pub(crate) struct Web(SocketAddr);

impl Web {
    pub(crate) fn start() -> Result<Self, Trouble> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // A download that was called off hangs up, which is no error here.
                thread::spawn(move || serve(stream));
            }
        });
        Ok(Self(address))
    }

    pub(crate) fn url(&self, file: &str) -> String {
        format!("http://{}/{file}", self.0)
    }
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    match first.split(' ').nth(1) {
        Some("/report.csv") => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{REPORT}", REPORT.len())
        }
        Some("/endless.csv") => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {ENDLESS_BYTES}\r\n\r\n{REPORT}")?;
            // Nothing more comes; this waits until the other side hangs up.
            lines.map_while(Result::ok).for_each(drop);
            Ok(())
        }
        _ => write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    }
}
