//! The server as an operating system sees it: a process that is started and killed.
use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a start may take, on a machine that does other things too.
const START: Duration = Duration::from_secs(60);

/// How `quayside` is called in this campaign.
#[derive(Clone)]
pub(crate) struct Program {
    settings: Vec<(String, String)>,
    address: String,
    log: PathBuf,
}

/// A running server. Dropped, it is killed.
pub(crate) struct Server(Child);

impl Program {
    /// With the settings of the world and, maybe, a planted defect; on a port that is free now.
    pub(crate) fn new(folder: &Path, settings: &[(&str, &str)], plant: Option<&str>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let name = |key: &str| format!("QUAYSIDE_{}", key.replace('.', "_").to_uppercase());
        let mut settings: Vec<_> =
            settings.iter().map(|(key, value)| (name(key), (*value).to_owned())).collect();
        settings.push((name("listen"), address.clone()));
        settings.push((name("test.plant"), plant.unwrap_or_default().to_owned()));
        Self { settings, address, log: folder.join("server.log") }
    }

    /// Where the server answers.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quayside"));
        let foreign = std::env::vars_os().map(|(name, _)| name);
        for name in foreign.filter(|name| name.to_string_lossy().starts_with("QUAYSIDE_")) {
            command.env_remove(name);
        }
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        command.args(arguments).envs(self.settings.iter().cloned()).stdin(Stdio::null()).stderr(log);
        command
    }

    /// Starts the server, and says how long it took to be ready.
    pub(crate) async fn start(&self) -> (Server, Duration) {
        let started = Instant::now();
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let mut server = Server(self.command(&["serve"]).stdout(log).spawn().unwrap());
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build().unwrap();
        loop {
            let reply = http.get(format!("{}/readyz", self.url())).send().await;
            if reply.is_ok_and(|reply| reply.status().is_success()) {
                return (server, started.elapsed());
            }
            server.check_alive();
            assert!(started.elapsed() < START, "the server is not ready: see {}", self.log.display());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Runs a command to its end, and gives its exit code and what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.command(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

impl Server {
    /// SIGKILL: the process does not get to do anything more. It must not have ended before.
    pub(crate) fn kill(mut self) {
        self.check_alive();
    }

    /// A server that ends by itself is a finding of its own.
    pub(crate) fn check_alive(&mut self) {
        let ended = self.0.try_wait().unwrap();
        assert!(ended.is_none(), "the server ended by itself: {ended:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
