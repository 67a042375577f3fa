//! A `nats-server` with JetStream for one test.

use std::{
    fs, io,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The server's executable; Debian puts it where `PATH` often does not lead.
const EXECUTABLES: [&str; 2] = ["nats-server", "/usr/sbin/nats-server"];
/// How long the server may take to start.
const STARTS_WITHIN: Duration = Duration::from_secs(20);
/// How often it is looked whether it has.
const LOOK: Duration = Duration::from_millis(10);

/// A running server. It ends, and what it kept is gone, when this is dropped: also by a
/// panic.
#[derive(Debug)]
pub struct Nats {
    child: Option<Child>,
    port: u16,
    store: tempfile::TempDir,
}

impl Nats {
    /// Starts a server on a free port.
    ///
    /// # Errors
    ///
    /// When there is no `nats-server`, or it does not start.
    pub fn start() -> io::Result<Self> {
        let mut nats = Self { child: None, port: free_port()?, store: tempfile::tempdir()? };
        nats.resume()?;
        Ok(nats)
    }

    /// Its address, as `RELAY_JOURNAL` takes it.
    pub fn address(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Kills it. What it acknowledged stays.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself; then there is nothing to do.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it again, on the same port and with what it kept.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub fn resume(&mut self) -> io::Result<()> {
        self.kill();
        let mut child = spawn(self.port, self.store.path())?;
        let ports = self.store.path().join(format!("nats-server_{}.ports", child.id()));
        let begun = Instant::now();
        // The server writes the file when it listens.
        while !fs::metadata(&ports).is_ok_and(|file| file.len() > 0) {
            if let Some(status) = child.try_wait()? {
                return Err(io::Error::other(format!("nats-server ended: {status}")));
            }
            if begun.elapsed() > STARTS_WITHIN {
                // It may end by itself meanwhile.
                let _ = child.kill();
                return Err(io::Error::other("nats-server did not start in time"));
            }
            thread::sleep(LOOK);
        }
        self.child = Some(child);
        Ok(())
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(port: u16, store: &Path) -> io::Result<Child> {
    let start = |executable| {
        Command::new(executable)
            .args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd"])
            .arg(store)
            .arg("--ports_file_dir")
            .arg(store)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    };
    EXECUTABLES
        .into_iter()
        .find_map(|executable| start(executable).ok())
        .ok_or_else(|| io::Error::other("there is no nats-server; cargo xtask setup installs it"))
}

/// A port that was free a moment ago. It stays the server's when it starts again.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
