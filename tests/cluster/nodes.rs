//! The processes of Quayside, as an operating system sees them.
use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a start may take, on a machine that does other things too.
const START: Duration = Duration::from_secs(90);
/// How long a process may take to end when it is asked to.
const STOP: Duration = Duration::from_secs(40);

/// One of the processes. Dropped, it is killed.
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    arguments: Vec<&'static str>,
    settings: Vec<(String, String)>,
    folder: std::path::PathBuf,
    process: Option<Child>,
}

/// Ports that are free now.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Node {
    /// A process that is not started yet.
    pub(crate) fn new(
        name: &str,
        arguments: &[&'static str],
        settings: &[(&str, &str)],
        folder: &Path,
    ) -> Self {
        let (address, folder) = (free_address(), folder.join(name));
        std::fs::create_dir_all(&folder).unwrap();
        let listen = if arguments[0] == "work" { "work.listen" } else { "listen" };
        let (text, data) = (address.to_string(), folder.display().to_string());
        let own = [(listen, text.as_str()), ("data_dir", data.as_str())];
        let variable = |(key, value): (&str, &str)| {
            (format!("QUAYSIDE_{}", key.replace('.', "_").to_uppercase()), value.to_owned())
        };
        let settings = settings.iter().copied().chain(own).map(variable).collect();
        Self {
            name: name.to_owned(),
            address,
            arguments: arguments.to_vec(),
            settings,
            folder,
            process: None,
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quayside"));
        let foreign = std::env::vars_os().map(|(name, _)| name);
        for name in foreign.filter(|name| name.to_string_lossy().starts_with("QUAYSIDE_")) {
            command.env_remove(name);
        }
        let log = File::options().create(true).append(true).open(self.folder.join("log")).unwrap();
        command.args(arguments).envs(self.settings.iter().cloned()).stdin(Stdio::null()).stderr(log);
        command
    }

    /// Starts it without waiting.
    pub(crate) fn launch(&mut self) {
        assert!(self.process.is_none(), "{} runs already", self.name);
        self.process = Some(self.command(&self.arguments.clone()).stdout(Stdio::null()).spawn().unwrap());
    }

    /// Waits until it is ready, and says how long that took.
    pub(crate) async fn ready(&mut self) -> Duration {
        let begun = Instant::now();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(3)).build().unwrap();
        loop {
            let reply = http.get(format!("http://{}/readyz", self.address)).send().await;
            if reply.is_ok_and(|reply| reply.status().is_success()) {
                return begun.elapsed();
            }
            self.check_alive();
            let log = self.folder.join("log");
            assert!(begun.elapsed() < START, "{} is not ready: see {}", self.name, log.display());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A process that ends by itself is a finding of its own.
    pub(crate) fn check_alive(&mut self) {
        let ended = self.process.as_mut().and_then(|process| process.try_wait().unwrap());
        assert!(ended.is_none(), "{} ended by itself: {ended:?}, see {}", self.name, self.folder.display());
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.check_alive();
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Any other signal, such as `-STOP`.
    pub(crate) fn signal(&self, name: &str) {
        if let Some(process) = &self.process {
            signal(process, name);
        }
    }

    /// SIGTERM, and waits for its end, which must be in time and in order. Says how long it took.
    pub(crate) async fn stop(&mut self) -> Duration {
        self.check_alive();
        let Some(mut process) = self.process.take() else { return Duration::ZERO };
        let begun = Instant::now();
        signal(&process, "-TERM");
        loop {
            if let Some(ended) = process.try_wait().unwrap() {
                assert!(ended.success(), "{} was asked to stop and ended with {ended}", self.name);
                return begun.elapsed();
            }
            if begun.elapsed() > STOP {
                let _ = process.kill();
                panic!("{} does not stop", self.name);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn signal(process: &Child, signal: &str) {
    let told = Command::new("kill").args([signal, &process.id().to_string()]).status().unwrap();
    assert!(told.success());
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
