//! What a user logs in with.
use std::os::unix::net::UnixStream;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ssh2::{ErrorCode, KeyboardInteractivePrompt, Prompt, Session};

use super::{code, config::Config};
use crate::drop_folder::PlaceError;
use crate::secret::Secret;

/// How often OpenSSH's own encryption of keys may be repeated. `ssh-keygen` repeats it 16 to 24 times, others 128; each
/// takes us milliseconds at every login, and a key says by itself how many there are.
const MOST_ROUNDS: u32 = 128;

/// A key or a password.
#[derive(Debug, Clone)]
pub(super) enum Credential {
    /// A private key, as libssh2 reads it.
    Key { private: Secret, passphrase: Option<Secret> },
    /// A password.
    Password(Secret),
}

impl Credential {
    /// The one that is configured.
    ///
    /// # Errors
    /// There is none, or more than one, or it cannot be used: why, without a value.
    pub(super) fn of(config: &Config) -> Result<Self, String> {
        let secrets = [&config.private_key, &config.passphrase, &config.password];
        if secrets.iter().any(|secret| secret.as_ref().is_some_and(|secret| secret.expose().contains('\0'))) {
            return Err("a secret must not hold a NUL".to_owned());
        }
        match (&config.private_key, &config.passphrase, &config.password) {
            (Some(key), passphrase, None) => {
                let private = Secret::new(format!("{}\n", key.expose().trim().replace("\r\n", "\n")));
                check(private.expose(), passphrase.as_ref().map(Secret::expose))?;
                Ok(Self::Key { private, passphrase: passphrase.clone() })
            }
            (None, None, Some(password)) if !password.expose().is_empty() => {
                Ok(Self::Password(password.clone()))
            }
            _ => Err("either private_key, with passphrase where it is encrypted, or password".to_owned()),
        }
    }

    /// Logs in.
    pub(super) fn log_in(&self, session: &Session, user: &str) -> Result<(), PlaceError> {
        let done = match self {
            Self::Key { private, passphrase } => {
                let passphrase = passphrase.as_ref().map(Secret::expose);
                session.userauth_pubkey_memory(user, None, private.expose(), passphrase)
            }
            Self::Password(password) => say(session, user, password),
        };
        done.map_err(|error| rejected(&error))
    }
}

/// Gives a password in the way that the server asks for it.
fn say(session: &Session, user: &str, password: &Secret) -> Result<(), ssh2::Error> {
    let offered = session.auth_methods(user)?;
    if session.authenticated() {
        return Ok(());
    }
    match offered.split(',').find(|method| matches!(*method, "password" | "keyboard-interactive")) {
        Some("keyboard-interactive") if !offered.split(',').any(|method| method == "password") => {
            session.userauth_keyboard_interactive(user, &mut Answers(password))
        }
        _ => session.userauth_password(user, password.expose()),
    }
}

/// Answers every question that is not to be seen with the password.
struct Answers<'a>(&'a Secret);

impl KeyboardInteractivePrompt for Answers<'_> {
    fn prompt<'a>(&mut self, _: &str, _: &str, prompts: &[Prompt<'a>]) -> Vec<String> {
        let answer = |prompt: &Prompt<'_>| if prompt.echo { "" } else { self.0.expose() };
        prompts.iter().map(|prompt| answer(prompt).to_owned()).collect()
    }
}

/// What it means that a login failed. A connection that broke off meanwhile has the same codes as a rejection, and
/// other words.
fn rejected(error: &ssh2::Error) -> PlaceError {
    let broke_off = ["Waiting for", "Unable to send"].iter().any(|words| error.message().starts_with(words));
    match error.code() {
        ErrorCode::Session(code::AUTHENTICATION_FAILED | code::UNVERIFIED | code::METHOD_NONE)
            if !broke_off =>
        {
            PlaceError::Unauthorized
        }
        ErrorCode::Session(code::PASSWORD_EXPIRED) => PlaceError::Unauthorized,
        _ => PlaceError::Away(format!("the login broke off: {}", error.message())),
    }
}

/// Whether a private key can be used.
fn check(key: &str, passphrase: Option<&str>) -> Result<(), String> {
    let wrong = |words: &str| Err(format!("private_key: {words}"));
    if !key.starts_with("-----BEGIN ") || key.matches("-----BEGIN ").count() != 1 {
        return wrong("expected one key, from its BEGIN to its END");
    }
    let encrypted = match header(key) {
        Header::Open => false,
        Header::Encrypted => true,
        Header::Costly => {
            return wrong("its encryption is not bounded: `ssh-keygen -p -a 16` writes it anew");
        }
        Header::Strange => return wrong("cannot be read"),
    };
    match (encrypted, passphrase) {
        (true, None) => wrong("is encrypted, and there is no passphrase"),
        (false, Some(_)) => Err("passphrase: the key is not encrypted".to_owned()),
        _ if can_be_read(key, passphrase) => Ok(()),
        (true, _) => wrong("cannot be read, or not with this passphrase"),
        (false, _) => wrong("cannot be read: expected ed25519, ecdsa or rsa, as OpenSSH writes it or in PEM"),
    }
}

enum Header {
    Open,
    Encrypted,
    /// How much work it takes to open it is for the key to say, and it says too much, or it cannot be told.
    Costly,
    Strange,
}

fn header(key: &str) -> Header {
    if key.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return Header::Costly;
    }
    let Some(body) = key.strip_prefix("-----BEGIN OPENSSH PRIVATE KEY-----") else {
        return if key.contains("Proc-Type: 4,ENCRYPTED") { Header::Encrypted } else { Header::Open };
    };
    let body: String = body.split("-----").next().unwrap_or_default().split_whitespace().collect();
    let rounds = STANDARD.decode(body).ok().and_then(|bytes| rounds(&bytes));
    match rounds {
        Some(None) => Header::Open,
        Some(Some(rounds)) if rounds <= MOST_ROUNDS => Header::Encrypted,
        Some(Some(_)) => Header::Costly,
        None => Header::Strange,
    }
}

/// How often the encryption of a key in OpenSSH's format is repeated; `Some(None)` where there is none.
fn rounds(bytes: &[u8]) -> Option<Option<u32>> {
    let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    let (cipher, rest) = field(rest)?;
    let (derivation, rest) = field(rest)?;
    let (options, _) = field(rest)?;
    if cipher == b"none" && derivation == b"none" {
        return Some(None);
    }
    let (_salt, rounds) = field(options)?;
    (derivation == b"bcrypt").then_some(())?;
    Some(Some(u32::from_be_bytes(rounds.try_into().ok()?)))
}

/// A text with its length before it, and what comes after.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// Asks libssh2, which reads a key before it sends anything: here into a line whose other end is gone.
fn can_be_read(key: &str, passphrase: Option<&str>) -> bool {
    let (Ok(mut session), Ok((line, _))) = (Session::new(), UnixStream::pair()) else { return false };
    session.set_blocking(false);
    session.set_tcp_stream(line);
    // Only so that it has the line.
    let _ = session.handshake();
    let tried = session.userauth_pubkey_memory("nobody", None, key, passphrase);
    tried.is_err_and(|error| matches!(error.code(), ErrorCode::Session(code::SOCKET_SEND | code::AGAIN)))
}

#[cfg(test)]
mod tests {
    use openssl::{
        ec::{EcGroup, EcKey},
        nid::Nid,
        pkey::PKey,
        rsa::Rsa,
        symm::Cipher,
    };

    use super::*;

    /// Made by `ssh-keygen` for these tests, and used nowhere else; the second with the passphrase `canary phrase`.
    const ED25519: &str = include_str!("keys/ed25519");
    const LOCKED: &str = include_str!("keys/locked");

    fn text(pem: Vec<u8>) -> String {
        String::from_utf8(pem).unwrap()
    }

    #[test]
    fn a_key_is_read_in_the_formats_people_have() {
        let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let ec = EcKey::generate(&curve).unwrap();
        let old = rsa.rsa().unwrap();
        for (what, key, passphrase) in [
            ("OpenSSH", ED25519.to_owned(), None),
            ("OpenSSH, encrypted", LOCKED.to_owned(), Some("canary phrase")),
            ("PKCS#8", text(rsa.private_key_to_pem_pkcs8().unwrap()), None),
            (
                "PKCS#8, ed25519",
                text(PKey::generate_ed25519().unwrap().private_key_to_pem_pkcs8().unwrap()),
                None,
            ),
            ("PKCS#1", text(old.private_key_to_pem().unwrap()), None),
            ("SEC 1", text(ec.private_key_to_pem().unwrap()), None),
            (
                "PKCS#1, encrypted",
                text(old.private_key_to_pem_passphrase(Cipher::aes_256_cbc(), b"pass").unwrap()),
                Some("pass"),
            ),
        ] {
            assert_eq!(check(&key, passphrase), Ok(()), "{what}");
        }
    }

    #[test]
    fn a_key_that_cannot_be_used_is_refused_in_words() {
        let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let modern = text(rsa.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"pass").unwrap());
        let public = text(rsa.public_key_to_pem().unwrap());
        let damaged = ED25519.replacen("b3BlbnNzaC1rZXk", "b3BlbnNzaC1rZXo", 1);
        for (key, passphrase, about) in [
            ("canary".to_owned(), None, "BEGIN"),
            (format!("{ED25519}{ED25519}"), None, "one key"),
            (public, None, "cannot be read"),
            (damaged, None, "cannot be read"),
            (LOCKED.to_owned(), None, "no passphrase"),
            (LOCKED.to_owned(), Some("canary"), "this passphrase"),
            (ED25519.to_owned(), Some("canary"), "not encrypted"),
            (modern, Some("pass"), "not bounded"),
        ] {
            let problem = check(&key, passphrase).unwrap_err();
            assert!(problem.contains(about) && !problem.contains("canary"), "{problem}");
        }
    }

    #[test]
    fn a_key_does_not_say_how_long_we_calculate() {
        let mut bytes = b"openssh-key-v1\0".to_vec();
        for part in [&b"aes256-ctr"[..], b"bcrypt", b"\0\0\0\x04salt\xff\xff\xff\xff"] {
            bytes.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
            bytes.extend(part);
        }
        let key = format!(
            "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
            STANDARD.encode(&bytes)
        );
        assert!(check(&key, Some("x")).unwrap_err().contains("not bounded"));
        for cut in 0..bytes.len() {
            assert_eq!(rounds(&bytes[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn a_login_that_broke_off_is_no_rejection() {
        let error = |code, words| rejected(&ssh2::Error::new(ErrorCode::Session(code), words));
        let refused = PlaceError::Unauthorized;
        assert_eq!(error(code::AUTHENTICATION_FAILED, "Authentication failed (username/password)"), refused);
        assert_eq!(error(code::UNVERIFIED, "Invalid signature for supplied public key"), refused);
        assert_eq!(error(code::METHOD_NONE, "No signing signature matched"), refused);
        assert_eq!(error(code::PASSWORD_EXPIRED, "Password Expired"), refused);
        for (code, words) in [
            (code::UNVERIFIED, "Waiting for publickey USERAUTH response"),
            (code::AUTHENTICATION_FAILED, "Waiting for keyboard USERAUTH response"),
            (code::SOCKET_SEND, "Unable to send userauth-password request"),
            (-9, "timed out"),
        ] {
            assert!(matches!(error(code, words), PlaceError::Away(_)), "{words}");
        }
    }
}
