//! The key that seals other systems' secrets: configured, or made once and kept in the data folder.
use std::{fs, io::Write, path::Path};

use anyhow::Context;
use quayside_domain::vault::{MasterKey, Vault};

use crate::config::Config;

/// The key's file in the data folder.
const FILE: &str = "secrets.key";

pub(super) fn vault(config: &Config) -> anyhow::Result<Vault> {
    let text = match &config.secrets.key {
        Some(key) => key.clone(),
        None => kept(&config.data_dir.join(FILE))?,
    };
    let key = MasterKey::parse(text.trim()).context("reading secrets.key")?;
    let mut vault = Vault::new(&config.secrets.key_id, &key)?;
    for (id, key) in &config.secrets.previous_keys {
        let key = MasterKey::parse(key).context("reading secrets.previous_keys")?;
        vault = vault.and_opens_with(id, &key).context("reading secrets.previous_keys")?;
    }
    Ok(vault)
}

/// The key kept at `path`; a new one when there is none yet. Two processes that start at once agree, because
/// only one of them can create the file.
fn kept(path: &Path) -> anyhow::Result<String> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => {
            let mut key = [0_u8; 32];
            getrandom::fill(&mut key).context("the system gave no random numbers")?;
            let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).context("keeping secrets.key")?;
            Ok(text)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
        }
        Err(error) => Err(error).with_context(|| format!("making {}", path.display())),
    }
}
