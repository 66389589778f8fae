//! Which process is at the other end of a connection, and its end.
//!
//! The engine runs the functions; it does not say in which process an invocation
//! runs. Whom a function calls can tell by the port that it calls from; by both
//! ends only, for a system may give one port to several connections at once that
//! lead elsewhere. Linux shows who holds which connection under `/proc` (proc(5));
//! elsewhere `lsof` does.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use tokio::process::Command;

/// The process that has the TCP connection over IPv4 from the one of these addresses
/// to the other, if one has.
///
/// # Errors
/// When the system does not say.
pub async fn holder_of(from: SocketAddr, to: SocketAddr) -> io::Result<Option<u32>> {
    match tokio::fs::read_to_string("/proc/net/tcp").await {
        Ok(table) => Ok(socket_of(&table, from, to).and_then(|inode| process_with(Path::new("/proc"), &inode))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let selected = format!("-iTCP:{}", from.port());
            let listed = Command::new("lsof").args(["-n", "-P", "-Fpn", &selected]).output().await?;
            Ok(process_in(&String::from_utf8_lossy(&listed.stdout), from, to))
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

/// The inode of the socket at the first end of this connection, in the kernel's table.
fn socket_of(table: &str, from: SocketAddr, to: SocketAddr) -> Option<String> {
    let (from, to) = (shown(from)?, shown(to)?);
    table.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        // Behind the addresses stand seven others, the last of them the inode.
        (fields.next()? == from && fields.next()? == to).then(|| fields.nth(6).map(str::to_owned))?
    })
}

/// An address as the kernel's table shows it: in hexadecimal digits, the host's as
/// the machine keeps it in the byte order of the network.
fn shown(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else {
        return None;
    };
    Some(format!("{:08X}:{:04X}", u32::from_ne_bytes(address.ip().octets()), address.port()))
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

/// The process at the first end of this connection, in what `lsof -Fpn` lists: a
/// line with `p` for each process, and below it one with `n` for each connection.
fn process_in(listed: &str, from: SocketAddr, to: SocketAddr) -> Option<u32> {
    let wanted = format!("{from}->{to}");
    let mut process = None;
    for line in listed.lines() {
        match line.split_at_checked(1) {
            Some(("p", number)) => process = number.parse().ok(),
            Some(("n", connection)) if connection == wanted => return process,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::{TcpListener, TcpSocket, TcpStream};

    /// Two connections from one port, each with the listener of its own that it leads to.
    async fn from_one_port() -> [(TcpStream, TcpListener); 2] {
        let mut port = 0;
        let mut connections = Vec::new();
        for _ in 0..2 {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_reuseaddr(true).unwrap();
            socket.bind(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
            let stream = socket.connect(listener.local_addr().unwrap()).await.unwrap();
            port = stream.local_addr().unwrap().port();
            connections.push((stream, listener));
        }
        connections.try_into().unwrap()
    }

    #[tokio::test]
    async fn a_connection_of_this_process_is_held_by_it() {
        for (stream, _listener) in from_one_port().await {
            let (from, to) = (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
            assert_eq!(holder_of(from, to).await.unwrap(), Some(std::process::id()));
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn connections_from_one_port_are_told_apart_by_where_they_lead() {
        use std::os::fd::AsRawFd as _;
        use std::os::unix::fs::MetadataExt as _;

        let connections = from_one_port().await;
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        for (stream, _) in &connections {
            let found = socket_of(&table, stream.local_addr().unwrap(), stream.peer_addr().unwrap()).unwrap();
            let own = std::fs::metadata(format!("/proc/self/fd/{}", stream.as_raw_fd())).unwrap();
            assert_eq!(found, own.ino().to_string());
        }
        let [one, other] = connections.map(|(stream, _)| stream.local_addr().unwrap());
        assert_eq!(one, other);
    }

    #[test]
    fn a_connection_is_found_by_the_ends_that_are_asked_for() {
        let listed = "p10\nf7\nn127.0.0.1:80->127.0.0.1:5000\n\
                      p11\nf3\nn127.0.0.1:5000->127.0.0.1:81\n\
                      p12\nf3\nn127.0.0.1:5000->127.0.0.1:80\n";
        let [server, client, other] =
            ["127.0.0.1:80", "127.0.0.1:5000", "127.0.0.1:81"].map(|end| end.parse().unwrap());
        assert_eq!(process_in(listed, client, server), Some(12));
        assert_eq!(process_in(listed, client, other), Some(11));
        assert_eq!(process_in(listed, server, client), Some(10));
        assert_eq!(process_in(listed, other, client), None);
    }

    #[tokio::test]
    async fn a_killed_process_ends_by_that_signal() {
        let mut child = Command::new("sleep").arg("600").kill_on_drop(true).spawn().unwrap();
        kill(child.id().unwrap()).await.unwrap();
        let status = child.wait().await.unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    }
}
