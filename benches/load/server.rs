//! The server as users run it: the release-built binary in a process of its own.
use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};

use crate::client::Client;

/// The key of every process of a run.
pub(crate) const SECRETS_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The program with the settings of this run and none of the driver's surroundings.
pub(crate) fn command(folder: &Path, url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quayside"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("QUAYSIDE_")) {
        command.env_remove(name);
    }
    command
        .env("QUAYSIDE_DATA_DIR", folder)
        .env("QUAYSIDE_DATABASE_URL", url)
        .env("QUAYSIDE_SECRETS_KEY", SECRETS_KEY);
    command
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From its start to its first answer to `first_request`.
    pub(crate) started_in: Duration,
}

impl Server {
    /// Starts the server on the database at `url` and waits for its first answer.
    pub(crate) fn start(folder: &Path, url: &str, first_request: &[u8]) -> anyhow::Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let log = folder.join("server.log");
        let mut command = command(folder, url);
        let started = Instant::now();
        let child = command
            .arg("serve")
            .env("QUAYSIDE_LISTEN", address.to_string())
            .env("QUAYSIDE_API_COST_POINTS", "1000000000")
            .env("QUAYSIDE_API_COST_RESTORE", "1000000000")
            .env("QUAYSIDE_API_STREAMS", "10000")
            .env("QUAYSIDE_HTTP_MAX_CONNECTIONS", "10000")
            .env("QUAYSIDE_DELIVERY_ALLOW_LOOPBACK", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::from(File::create(&log)?))
            .stderr(Stdio::from(File::options().append(true).open(&log)?))
            .spawn()
            .context("starting the server")?;
        let mut server = Self { child, address, started_in: Duration::ZERO };
        server.wait_until_ready(first_request, started)?;
        server.started_in = started.elapsed();
        Ok(server)
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_ready(&mut self, request: &[u8], started: Instant) -> anyhow::Result<()> {
        loop {
            if let Ok(mut client) = Client::connect(self.address) {
                client.send(request)?;
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}; its log is server.log in the scratch folder");
            }
            ensure!(started.elapsed() < Duration::from_secs(60), "the server does not listen");
            std::thread::sleep(Duration::from_micros(500));
        }
    }

    /// Holds the server still, so that nothing it does in the background disturbs a yardstick.
    pub(crate) fn hold(&self) -> anyhow::Result<Held<'_>> {
        self.signal("-STOP")?;
        Ok(Held(self))
    }

    /// Asks the server to stop and waits until it has.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        self.signal("-TERM")?;
        self.child.wait()?;
        Ok(())
    }

    fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let sent = Command::new("kill").arg(signal).arg(self.pid().to_string()).status()?;
        ensure!(sent.success(), "the server is gone");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` there is nothing left to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that is held still. It goes on when this is dropped.
pub(crate) struct Held<'a>(&'a Server);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let _ = self.0.signal("-CONT");
    }
}
