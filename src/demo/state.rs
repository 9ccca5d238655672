//! What the demo has to remember between starts: tokens are shown once, and ERP and WMS keep their ports.
use std::{collections::BTreeMap, fs, io::Write, path::Path};

use anyhow::Context;
use serde::{Deserialize, Serialize};

const FILE: &str = "demo.json";

/// The demo's own notes.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    pub(super) erp_port: u16,
    pub(super) erp_secret: String,
    pub(super) wms_port: u16,
    pub(super) wms_secret: String,
    pub(super) accounts: Vec<Account>,
    pub(super) tokens: BTreeMap<String, String>,
}

/// Somebody who can sign in.
#[derive(Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) email: String,
    pub(super) password: String,
    pub(super) role: String,
}

impl State {
    /// The notes of an earlier start.
    pub(super) fn read(folder: &Path) -> anyhow::Result<Option<Self>> {
        let path = folder.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => {
                Ok(Some(serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    /// Keeps the notes, for the owner's eyes only.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(folder.join(FILE)).context("keeping the demo's notes")?;
        Ok(file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?)
    }
}
