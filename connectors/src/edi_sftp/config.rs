//! What a server is configured with.
use std::collections::BTreeSet;

use serde::Deserialize;

use super::{credential::Credential, pin::Pin};
use crate::drop_folder::Layout;
use crate::secret::Secret;

/// The longest path of a folder.
const LONGEST_PATH: usize = 512;
/// The most keys that one server is known by.
const MOST_PINS: usize = 16;

/// What a server is configured with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The server's name or address.
    pub host: String,
    /// Its port.
    #[serde(default = "port")]
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// The keys that the server may show, as OpenSSH writes them or their fingerprints.
    pub host_keys: Vec<String>,
    /// The folder on the server that the others are in; that of the login where it is empty.
    #[serde(default)]
    pub folder: String,
    /// What the folders in it are called.
    #[serde(default)]
    pub(crate) folders: Layout,
    /// A file that was written to less than so many seconds ago is still being written.
    #[serde(default = "settle_seconds")]
    pub settle_seconds: u32,
    /// The user's private key.
    #[serde(default)]
    pub private_key: Option<Secret>,
    /// What the key is encrypted with.
    #[serde(default)]
    pub passphrase: Option<Secret>,
    /// The user's password, where there is no key.
    #[serde(default)]
    pub password: Option<Secret>,
}

fn port() -> u16 {
    22
}

fn settle_seconds() -> u32 {
    5
}

impl Config {
    /// The pins and what is logged in with.
    ///
    /// # Errors
    /// It cannot work: why, without a value.
    pub(super) fn read(&self) -> Result<(Vec<Pin>, Credential), String> {
        let host_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if !(1..=253).contains(&self.host.len()) || !self.host.chars().all(host_letter) {
            return Err("host: expected a name or an address".to_owned());
        }
        if self.port == 0 {
            return Err("port: must not be 0".to_owned());
        }
        if !(1..=255).contains(&self.user.len()) || self.user.chars().any(char::is_control) {
            return Err("user: expected 1 to 255 characters".to_owned());
        }
        if self.settle_seconds > 24 * 60 * 60 {
            return Err("settle_seconds: at most a day".to_owned());
        }
        if !matches!(self.folder.as_str(), "" | "/") && !is_path(self.folder.trim_matches('/')) {
            return Err("folder: expected a path without `..`".to_owned());
        }
        self.check_folders()?;
        Ok((self.pins()?, Credential::of(self)?))
    }

    /// Some servers tell no capitals from small letters, and two folders in one would feed us what we wrote.
    fn check_folders(&self) -> Result<(), String> {
        let names = self.folders.names();
        if !names.iter().all(|name| is_path(name)) {
            return Err("folders: each is a path below `folder`, without `..`".to_owned());
        }
        let different: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        if different.len() < names.len() {
            return Err("folders: no two may be the same".to_owned());
        }
        Ok(())
    }

    fn pins(&self) -> Result<Vec<Pin>, String> {
        if !(1..=MOST_PINS).contains(&self.host_keys.len()) {
            return Err(format!(
                "host_keys: expected the server's key or its fingerprint, at most {MOST_PINS}"
            ));
        }
        let numbered = self.host_keys.iter().enumerate();
        let pin = |(index, text): (usize, &String)| {
            Pin::parse(text).map_err(|problem| format!("host_keys[{index}]: {problem}"))
        };
        numbered.map(pin).collect()
    }

    /// A file of the server.
    pub(super) fn path(&self, folder: &str, name: &str) -> String {
        let base = self.folder.trim_end_matches('/');
        let parts = [base, folder, name];
        let path = parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/");
        if base.is_empty() && self.folder.starts_with('/') { format!("/{path}") } else { path }
    }

    /// The same for people.
    pub(super) fn url(&self, folder: &str, name: &str) -> String {
        let path = self.path(folder, name);
        let path = if path.starts_with('/') { path } else { format!("/~/{path}") };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("sftp://{host}:{}{path}", self.port)
    }
}

/// Plain steps downwards.
fn is_path(text: &str) -> bool {
    let is_step = |step: &str| !matches!(step, "" | "." | "..") && !step.chars().any(char::is_control);
    text.len() <= LONGEST_PATH && text.split('/').all(is_step)
}
