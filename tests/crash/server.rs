//! The server as an operating system sees it: a process that is started and killed.
use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// How long a start may take, on a machine that does other things too.
const START: Duration = Duration::from_secs(60);

/// How a server is called that is not simply started on this machine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Launch {
    /// What stands before the program, such as `ip netns exec name`.
    pub(crate) before: Vec<String>,
    /// The address it listens on; this machine's own when nothing is said.
    pub(crate) host: Option<String>,
    /// What it is told beside its settings.
    pub(crate) environment: Vec<(String, String)>,
}

/// How `quayside` is called in this campaign.
#[derive(Clone)]
pub(crate) struct Program {
    launch: Launch,
    settings: Vec<(String, String)>,
    address: String,
    log: PathBuf,
}

/// A running server. Dropped, it is killed.
pub(crate) struct Server(Child);

impl Program {
    /// With the settings of the world, on a port that is free now.
    pub(crate) fn new(folder: &Path, settings: &[(&str, &str)], launch: Launch) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("{}:{port}", launch.host.as_deref().unwrap_or("127.0.0.1"));
        let name = |key: &str| format!("QUAYSIDE_{}", key.replace('.', "_").to_uppercase());
        let mut settings: Vec<_> =
            settings.iter().map(|(key, value)| (name(key), (*value).to_owned())).collect();
        settings.push((name("listen"), address.clone()));
        Self { launch, settings, address, log: folder.join("server.log") }
    }

    /// Where the server answers.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut words = self.launch.before.iter().map(String::as_str).chain([env!("CARGO_BIN_EXE_quayside")]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words);
        let foreign = std::env::vars_os().map(|(name, _)| name);
        for name in foreign.filter(|name| name.to_string_lossy().starts_with("QUAYSIDE_")) {
            command.env_remove(name);
        }
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let variables = self.settings.iter().chain(&self.launch.environment).cloned();
        command.args(arguments).envs(variables).stdin(Stdio::null()).stderr(log);
        command
    }

    /// Starts the server, and says how long it took to be ready.
    pub(crate) async fn start(&self) -> (Server, Duration) {
        let started = Instant::now();
        let mut server = self.launch();
        while !self.is_ready().await {
            server.check_alive();
            assert!(started.elapsed() < START, "the server is not ready: see {}", self.log.display());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        (server, started.elapsed())
    }

    /// Starts the server and does not wait.
    pub(crate) fn launch(&self) -> Server {
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        Server(self.command(&["serve"]).stdout(log).spawn().unwrap())
    }

    /// Whether the server says that it is ready.
    pub(crate) async fn is_ready(&self) -> bool {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build().unwrap();
        let reply = http.get(format!("{}/readyz", self.url())).send().await;
        reply.is_ok_and(|reply| reply.status().is_success())
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

    /// SIGKILL, whether it has ended before or not.
    pub(crate) fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// A server that ends by itself is a finding of its own.
    pub(crate) fn check_alive(&mut self) {
        let ended = self.ended();
        assert!(ended.is_none(), "the server ended by itself: {ended:?}");
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().unwrap()
    }

    /// Its resident memory, in KiB.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
