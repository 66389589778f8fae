//! Which process is at the other end of a connection, and its end.
//!
//! The engine runs the functions; it does not say in which process an invocation
//! runs. Whom a function calls can tell by the port that it calls from. Linux
//! shows who holds which port under `/proc` (proc(5)); elsewhere `lsof` does.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use tokio::process::Command;

/// The process that has a TCP connection over IPv4 from this address, if one has.
///
/// # Errors
/// When the system does not say.
pub async fn holder_of(local: SocketAddr) -> io::Result<Option<u32>> {
    match tokio::fs::read_to_string("/proc/net/tcp").await {
        Ok(table) => Ok(socket_of(&table, local).and_then(|inode| process_with(Path::new("/proc"), &inode))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let selected = format!("-iTCP:{}", local.port());
            let listed = Command::new("lsof").args(["-n", "-P", "-Fpn", &selected]).output().await?;
            Ok(process_in(&String::from_utf8_lossy(&listed.stdout), local))
        }
        Err(error) => Err(error),
    }
}

/// Kills a process by a signal that nothing can heed (SIGKILL).
///
/// # Errors
/// When there is no such process, or it is somebody else's.
pub async fn kill(process: u32) -> io::Result<()> {
    let status = Command::new("kill").args(["-KILL", &process.to_string()]).status().await?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("process {process} could not be killed"))) }
}

/// The inode of the socket with this local address, in the kernel's table.
fn socket_of(table: &str, local: SocketAddr) -> Option<String> {
    let SocketAddr::V4(local) = local else {
        return None;
    };
    // The address as the machine keeps it, in the byte order of the network.
    let shown = format!("{:08X}:{:04X}", u32::from_ne_bytes(local.ip().octets()), local.port());
    table.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        // Behind the local address stand eight others, the last of them the inode.
        (fields.next()? == shown).then(|| fields.nth(7).map(str::to_owned))?
    })
}

/// The first process that has the socket among its descriptors.
fn process_with(proc: &Path, inode: &str) -> Option<u32> {
    let wanted = format!("socket:[{inode}]");
    let numbers = std::fs::read_dir(proc).ok()?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let numbers: BTreeSet<u32> = numbers.collect();
    numbers.into_iter().find(|number| {
        let descriptors = std::fs::read_dir(proc.join(number.to_string()).join("fd"));
        descriptors.into_iter().flatten().flatten().any(|descriptor| {
            std::fs::read_link(descriptor.path()).is_ok_and(|target| target.as_os_str() == wanted.as_str())
        })
    })
}

/// The process of a connection from this address, in what `lsof -Fpn` lists: a
/// line with `p` for each process, and below it one with `n` for each connection.
fn process_in(listed: &str, local: SocketAddr) -> Option<u32> {
    let from = format!("{local}->");
    let mut process = None;
    for line in listed.lines() {
        match line.split_at_checked(1) {
            Some(("p", number)) => process = number.parse().ok(),
            Some(("n", connection)) if connection.starts_with(&from) => return process,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::{TcpListener, TcpStream};

    #[tokio::test]
    async fn a_connection_of_this_process_is_held_by_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        assert_eq!(holder_of(stream.local_addr().unwrap()).await.unwrap(), Some(std::process::id()));
    }

    #[test]
    fn a_connection_is_found_by_the_end_that_is_asked_for() {
        let listed = "p10\nf7\nn127.0.0.1:80->127.0.0.1:5000\np11\nf3\nn127.0.0.1:5000->127.0.0.1:80\n";
        assert_eq!(process_in(listed, "127.0.0.1:5000".parse().unwrap()), Some(11));
        assert_eq!(process_in(listed, "127.0.0.1:80".parse().unwrap()), Some(10));
        assert_eq!(process_in(listed, "127.0.0.1:81".parse().unwrap()), None);
    }

    #[tokio::test]
    async fn a_killed_process_ends_by_that_signal() {
        let mut child = Command::new("sleep").arg("600").kill_on_drop(true).spawn().unwrap();
        kill(child.id().unwrap()).await.unwrap();
        let status = child.wait().await.unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    }
}
