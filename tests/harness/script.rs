//! PostgreSQL and NATS of this test's own, by the project's scripts.
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A server that a script starts, kills and starts again.
#[derive(Clone)]
pub(crate) struct Script {
    name: &'static str,
    path: PathBuf,
}

impl Script {
    /// `scripts/<name>`.
    pub(crate) fn new(name: &'static str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name);
        Self { name, path }
    }

    /// Runs `scripts/<name> <what>` and gives what it prints.
    pub(crate) async fn run(&self, what: &'static str) -> String {
        let (script, name) = (self.path.clone(), self.name);
        let run = move || {
            let mut command = Command::new(script);
            command.arg(what).env("QUAYSIDE_TEST_INSTANCE", "cluster");
            // What the script starts would keep an inherited pipe open for as long as it lives.
            let out = tempfile(name);
            command.stdout(std::fs::File::create(&out).unwrap()).stderr(std::process::Stdio::null());
            let status = command.status().unwrap();
            let said = std::fs::read_to_string(&out).unwrap();
            let _ = std::fs::remove_file(out);
            assert!(status.success(), "scripts/{name} {what} failed");
            said.trim().to_owned()
        };
        tokio::task::spawn_blocking(run).await.unwrap()
    }
}

fn tempfile(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("quayside-{name}-{}", uuid::Uuid::now_v7().simple()))
}
