//! PostgreSQL and NATS of a test's own, by the project's scripts.
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A server that a script starts, kills and starts again.
#[derive(Clone)]
pub(crate) struct Script {
    name: &'static str,
    path: PathBuf,
    /// What tells it from the servers of other tests.
    instance: String,
}

impl Script {
    /// `scripts/<name>` for servers that are called `instance`.
    pub(crate) fn new(name: &'static str, instance: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name);
        Self { name, path, instance: instance.to_owned() }
    }

    /// Runs `scripts/<name> <what>` and gives what it prints.
    pub(crate) async fn run(&self, what: &'static str) -> String {
        let said = self.try_run(what).await;
        said.unwrap_or_else(|| panic!("scripts/{} {what} failed", self.name))
    }

    /// The same; nothing when it failed.
    pub(crate) async fn try_run(&self, what: &'static str) -> Option<String> {
        let script = self.clone();
        tokio::task::spawn_blocking(move || script.run_here(what)).await.unwrap()
    }

    fn run_here(&self, what: &str) -> Option<String> {
        let name = format!("quayside-{}-{}", self.name, uuid::Uuid::now_v7().simple());
        // What the script starts would keep an inherited pipe open for as long as it lives.
        let out = std::env::temp_dir().join(name);
        let mut command = Command::new(&self.path);
        command.arg(what).env("QUAYSIDE_TEST_INSTANCE", &self.instance);
        command.stdout(std::fs::File::create(&out).unwrap()).stderr(std::process::Stdio::null());
        let succeeded = command.status().unwrap().success();
        let said = std::fs::read_to_string(&out).unwrap();
        let _ = std::fs::remove_file(out);
        succeeded.then(|| said.trim().to_owned())
    }
}
