//! Just enough HTTP to ask a server on this machine whether it is up.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use anyhow::{Result, bail};

/// A server on this machine that takes longer is not up yet.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Enough for the status line.
const STATUS_BYTES: u64 = 64;

/// Whether a GET of the path is answered with 200.
pub(crate) fn is_up(port: u16, path: &str) -> bool {
    status(port, path).is_ok_and(|line| line.split(' ').nth(1) == Some("200"))
}

/// Fails, naming the flag to change, when something else listens on the port.
pub(crate) fn check_free(port: u16, flag: &str) -> Result<()> {
    match TcpListener::bind(loopback(port)) {
        Ok(_) => Ok(()),
        Err(problem) => {
            let hint = match port.checked_add(1000) {
                Some(other) => format!("{flag} {other}"),
                None => format!("{flag} 9000"),
            };
            bail!("Port {port} can't be used ({problem}). Choose another with {hint}")
        }
    }
}

fn status(port: u16, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&loopback(port), TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    // In one piece: a server that answers and closes after the first would reset the rest.
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut start = Vec::new();
    stream.take(STATUS_BYTES).read_to_end(&mut start)?;
    Ok(String::from_utf8_lossy(&start).into_owned())
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_its_flag() {
        let taken = TcpListener::bind(loopback(0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let problem = check_free(port, "--sim-port").unwrap_err().to_string();
        assert!(problem.contains(&port.to_string()) && problem.contains("--sim-port"), "{problem}");
    }

    #[test]
    fn only_a_200_is_up() {
        for (reply, expected) in
            [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 503 Busy\r\n\r\n", false), ("", false)]
        {
            let server = TcpListener::bind(loopback(0)).unwrap();
            let port = server.local_addr().unwrap().port();
            let answering = std::thread::spawn(move || {
                let (mut stream, _) = server.accept().unwrap();
                let mut request = [0; 256];
                let _ = stream.read(&mut request).unwrap();
                stream.write_all(reply.as_bytes()).unwrap();
            });
            assert_eq!(is_up(port, "/healthz"), expected, "{reply}");
            answering.join().unwrap();
        }
    }
}
