//! Host keys that are pinned: which server is the partner's, as somebody said who knows.
use std::fmt;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use sha2::{Digest as _, Sha256};

/// Every algorithm that is taken, the best first. Certificates are not: their fingerprint is not the key's.
const ANY: &str =
    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256";
/// By which algorithms a server shows a key of a type, which public keys and known hosts are written with.
const BY_TYPE: [(&str, &str); 5] = [
    ("ssh-ed25519", "ssh-ed25519"),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"),
    ("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"),
    ("ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"),
    ("ssh-rsa", "rsa-sha2-512,rsa-sha2-256"),
];
/// The same for the words that `ssh-keygen -l` ends a fingerprint with.
const BY_WORD: [(&str, &str); 3] = [
    ("(ED25519)", "ssh-ed25519"),
    ("(ECDSA)", "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521"),
    ("(RSA)", "rsa-sha2-512,rsa-sha2-256"),
];

/// The SHA-256 of a host key, as OpenSSH counts it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// That of a key as it comes over the wire.
    pub(super) fn of(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("SHA256:")?.trim_end_matches('=');
        let bytes = STANDARD_NO_PAD.decode(digits).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SHA256:{}", STANDARD_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A key that is known to be the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pin {
    fingerprint: Fingerprint,
    /// How the server shows it, where the type of the key was said.
    algorithms: Option<&'static str>,
}

impl Pin {
    /// Reads what OpenSSH writes: `SHA256:…`, also within a line of `ssh-keygen -l`, or a public key, also within
    /// a line of `known_hosts`.
    ///
    /// # Errors
    /// It is none of these: why, without the text.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.trim_start().starts_with('@') {
            return Err("a marked line of known_hosts is no key to trust");
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        if let Some(fingerprint) = words.iter().find(|word| word.starts_with("SHA256:")) {
            let fingerprint = Fingerprint::parse(fingerprint).ok_or("is no SHA-256 in base64")?;
            let last = words.last().copied().unwrap_or_default();
            let algorithms =
                BY_WORD.iter().find(|(word, _)| *word == last).map(|(_, algorithms)| *algorithms);
            return Ok(Self { fingerprint, algorithms });
        }
        let mut pairs = words.windows(2);
        let found =
            pairs.find_map(|pair| Some((pair[1], BY_TYPE.iter().find(|(name, _)| *name == pair[0])?)));
        let (blob, (name, algorithms)) =
            found.ok_or("is neither `SHA256:…` nor a public key of the types ed25519, ecdsa or rsa")?;
        let blob = STANDARD.decode(blob).map_err(|_| "the key is no base64")?;
        if !says(&blob, name) {
            return Err("the key is of another type than it says");
        }
        Ok(Self { fingerprint: Fingerprint::of(&blob), algorithms: Some(algorithms) })
    }

    pub(super) fn is(&self, fingerprint: Fingerprint) -> bool {
        self.fingerprint == fingerprint
    }
}

/// Whether a key begins with the name of its type, after four bytes of length.
fn says(blob: &[u8], name: &str) -> bool {
    let length = u32::try_from(name.len()).unwrap_or(u32::MAX).to_be_bytes();
    blob.strip_prefix(&length).is_some_and(|rest| rest.starts_with(name.as_bytes()))
}

/// Which algorithms to ask a server for. It has several keys and shows one: where the types of all pins are known,
/// only such a one is of use.
pub(super) fn algorithms(pins: &[Pin]) -> String {
    let known: Option<Vec<&str>> = pins.iter().map(|pin| pin.algorithms).collect();
    let Some(known) = known else { return ANY.to_owned() };
    let wanted = |name: &&str| known.iter().any(|list| list.split(',').any(|one| one == *name));
    ANY.split(',').filter(wanted).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key of the type with no sense in it.
    fn key(name: &str) -> String {
        let mut blob = u32::try_from(name.len()).unwrap().to_be_bytes().to_vec();
        blob.extend(name.as_bytes());
        blob.extend([0, 0, 0, 4, 1, 2, 3, 4]);
        STANDARD.encode(blob)
    }

    #[test]
    fn a_pin_is_read_in_every_way_openssh_writes_it() {
        let blob = key("ssh-ed25519");
        let print = Fingerprint::of(&STANDARD.decode(&blob).unwrap()).to_string();
        for text in [
            print.clone(),
            format!("  {print}=\n"),
            format!("256 {print} root@sftp (ED25519)"),
            format!("{print} (ED25519)"),
            format!("ssh-ed25519 {blob}"),
            format!("ssh-ed25519 {blob} root@sftp"),
            format!("[sftp.nordhaven.example]:2222,192.0.2.7 ssh-ed25519 {blob}"),
        ] {
            let pin = Pin::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(pin.fingerprint.to_string(), print, "{text}");
        }
    }

    #[test]
    fn what_is_no_pin_is_refused() {
        for text in [
            String::new(),
            "SHA256:".to_owned(),
            "SHA256:c2hvcnQ".to_owned(),
            "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48".to_owned(),
            "sftp.nordhaven.example".to_owned(),
            "ssh-ed25519".to_owned(),
            "ssh-ed25519 canary!".to_owned(),
            format!("ssh-dss {}", key("ssh-dss")),
            format!("ssh-rsa {}", key("ssh-ed25519")),
            format!("@revoked sftp ssh-ed25519 {}", key("ssh-ed25519")),
            format!("@cert-authority * ssh-ed25519 {}", key("ssh-ed25519")),
        ] {
            let problem = Pin::parse(&text).expect_err(&text);
            assert!(!problem.contains("canary"), "{problem}");
        }
    }

    #[test]
    fn a_server_is_asked_for_a_key_of_the_types_that_are_pinned() {
        let pin = |text: &str| Pin::parse(text).unwrap();
        let print = Fingerprint::of(b"x").to_string();
        let (rsa, ecdsa) = (pin(&format!("3072 {print} x (RSA)")), pin(&format!("256 {print} x (ECDSA)")));
        assert_eq!(algorithms(&[rsa]), "rsa-sha2-512,rsa-sha2-256");
        assert_eq!(
            algorithms(&[rsa, pin(&format!("ecdsa-sha2-nistp384 {}", key("ecdsa-sha2-nistp384")))]),
            "ecdsa-sha2-nistp384,rsa-sha2-512,rsa-sha2-256"
        );
        assert!(algorithms(&[ecdsa]).starts_with("ecdsa-sha2-nistp256,"));
        assert_eq!(algorithms(&[rsa, pin(&print)]), ANY, "a bare fingerprint may be any key's");
    }
}
