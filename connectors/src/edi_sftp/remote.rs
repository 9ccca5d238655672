//! A server, logged in to. Everything here blocks; [`super::session`] runs it where that blocks nobody.
use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    path::Path,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ssh2::{
    ErrorCode, File, FileStat, HostKeyType, MethodType, OpenFlags, OpenType, RenameFlags, Session, Sftp,
};

use super::{
    Settings, code,
    pin::{self, Fingerprint},
};
use crate::drop_folder::{Listed, Place, PlaceError};

/// Entries of a folder that are looked at. What is beyond is seen once these are gone.
const MOST_LISTED: usize = 10_000;
/// Bytes that are written by one call.
const PIECE: usize = 1 << 20;
/// Bytes that are read by one call. libssh2 asks for four times as much at once, however short the file is.
const READ_PIECE: usize = 64 << 10;
/// How long a server is waited for at the end.
const FAREWELL: Duration = Duration::from_secs(2);
/// What the third version of the protocol has no other word for.
const UNSAID: &str = "the server refuses it and does not say why; it may be full, or the name taken";
/// Rights of what is made, less what the server's own rule takes away.
const FILE_RIGHTS: i32 = 0o664;
const FOLDER_RIGHTS: i32 = 0o775;

/// A session with a server.
pub(super) struct Remote {
    settings: Arc<Settings>,
    sftp: Sftp,
    session: Session,
    /// The same socket that the session has.
    line: TcpStream,
}

impl Remote {
    /// Greets the server, looks at its key, and only then logs in.
    ///
    /// # Errors
    /// Nothing was done on the server.
    pub(super) fn open(
        settings: Arc<Settings>,
        line: TcpStream,
        patience: Duration,
    ) -> Result<Self, PlaceError> {
        let away = |error: io::Error| PlaceError::Away(error.to_string());
        let broken = |error: ssh2::Error| PlaceError::Away(format!("no SSH session: {}", error.message()));
        let mut session = Session::new().map_err(broken)?;
        session.set_timeout(u32::try_from(patience.as_millis()).unwrap_or(u32::MAX).max(1));
        session.method_pref(MethodType::HostKey, &pin::algorithms(&settings.pins)).map_err(broken)?;
        session.set_tcp_stream(line.try_clone().map_err(away)?);
        session.handshake().map_err(broken)?;
        check(&settings, &session)?;
        settings.credential.log_in(&session, &settings.config.user)?;
        let sftp = session.sftp().map_err(|error| {
            PlaceError::Away(format!("the server opens no SFTP session: {}", error.message()))
        })?;
        Ok(Self { settings, sftp, session, line })
    }

    fn path(&self, folder: &str, name: &str) -> String {
        self.settings.config.path(folder, name)
    }

    /// What a failure means for a file. After one of the line nothing can be asked any more: an answer that comes late
    /// would be taken for the next one's.
    fn explained(&self, what: &str, error: &ssh2::Error) -> PlaceError {
        let error = explained(what, error);
        if matches!(error, PlaceError::Away(_)) {
            let _ = self.line.shutdown(Shutdown::Both);
        }
        error
    }

    /// The same for reading and writing, whose errors have lost their code.
    fn broken_off(&self, what: &str, error: &io::Error) -> PlaceError {
        let last = ssh2::Error::last_session_error(&self.session).map(|last| last.code());
        if last == Some(ErrorCode::Session(code::SFTP_PROTOCOL)) {
            return match (error.kind(), error.to_string().as_str()) {
                (ErrorKind::NotFound, _) => PlaceError::Missing(what.to_owned()),
                (_, "failure") => PlaceError::Denied(format!("{what}: {UNSAID}")),
                _ => PlaceError::Denied(format!("{what}: the server says \"{error}\"")),
            };
        }
        let _ = self.line.shutdown(Shutdown::Both);
        PlaceError::Away(format!("{what}: {error}"))
    }

    /// Does it, in a folder that is made where it is missing; the folder around it is not.
    fn within<T>(&self, folder: &str, work: impl Fn() -> Result<T, ssh2::Error>) -> Result<T, ssh2::Error> {
        match work() {
            Err(error) if is_missing(&error) => {
                self.make(folder)?;
                work()
            }
            done => done,
        }
    }

    fn make(&self, folder: &str) -> Result<(), ssh2::Error> {
        self.sftp.mkdir(Path::new(&self.path(folder, "")), FOLDER_RIGHTS)
    }

    fn entries(&self, folder: &str, what: &str) -> Result<Vec<Listed>, PlaceError> {
        let opened = self.sftp.opendir(self.path(folder, ""));
        let mut entries = opened.map_err(|error| self.explained(what, &error))?;
        let mut found = Vec::new();
        for _ in 0..MOST_LISTED {
            match entries.readdir() {
                Ok((name, stat)) => {
                    // A name that is no text is none that we gave, and nobody could be told of it.
                    let Some(name) = name.to_str().filter(|name| !name.contains('/')) else { continue };
                    found.extend(listed(name, &stat)?);
                }
                // How libssh2 says that there is no more.
                Err(error) if error.code() == ErrorCode::Session(code::FILE) => break,
                Err(error) => return Err(self.explained(what, &error)),
            }
        }
        Ok(found)
    }

    /// Writes, and asks the server to keep it through a power cut, which some cannot.
    fn fill(&self, mut file: File, bytes: &[u8], what: &str) -> Result<(), PlaceError> {
        for piece in bytes.chunks(PIECE) {
            file.write_all(piece).map_err(|error| self.broken_off(what, &error))?;
        }
        match file.fsync() {
            Err(error) if matches!(error.code(), ErrorCode::Session(_)) => {
                return Err(self.explained(what, &error));
            }
            _ => {}
        }
        file.close().map_err(|error| self.explained(what, &error))
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.session.set_timeout(u32::try_from(FAREWELL.as_millis()).unwrap_or(1));
        let _ = self.sftp.shutdown();
        let _ = self.session.disconnect(None, "done", None);
        let _ = self.line.shutdown(Shutdown::Both);
    }
}

/// Whether the server is the one that is pinned.
fn check(settings: &Settings, session: &Session) -> Result<(), PlaceError> {
    let Some((key, kind)) = session.host_key() else {
        return Err(PlaceError::Away("the server showed no host key".to_owned()));
    };
    let shown = Fingerprint::of(key);
    if settings.pins.iter().any(|pin| pin.is(shown)) {
        return Ok(());
    }
    let kind = match kind {
        HostKeyType::Ed25519 => "ED25519",
        HostKeyType::Ecdsa256 | HostKeyType::Ecdsa384 | HostKeyType::Ecdsa521 => "ECDSA",
        HostKeyType::Rsa => "RSA",
        _ => "unknown",
    };
    Err(PlaceError::Forbidden {
        code: "HOST_KEY_MISMATCH",
        message: format!(
            "the server's host key is {shown} ({kind}), which is not pinned; nothing was sent. \
             Compare it with what the partner says by another way before you change host_keys"
        ),
    })
}

fn is_missing(error: &ssh2::Error) -> bool {
    matches!(error.code(), ErrorCode::SFTP(code::NO_SUCH_FILE | code::NO_SUCH_PATH))
}

fn explained(what: &str, error: &ssh2::Error) -> PlaceError {
    match error.code() {
        ErrorCode::SFTP(code::NO_SUCH_FILE | code::NO_SUCH_PATH) => PlaceError::Missing(what.to_owned()),
        ErrorCode::SFTP(code::PERMISSION_DENIED) => {
            PlaceError::Denied(format!("{what}: the server does not permit it"))
        }
        ErrorCode::SFTP(code::FAILURE) => PlaceError::Denied(format!("{what}: {UNSAID}")),
        ErrorCode::SFTP(code::NO_SPACE | code::QUOTA) => {
            PlaceError::Denied(format!("{what}: the server has no room left"))
        }
        ErrorCode::SFTP(code::NO_CONNECTION | code::CONNECTION_LOST) | ErrorCode::Session(_) => {
            PlaceError::Away(format!("{what}: {}", error.message()))
        }
        ErrorCode::SFTP(_) => PlaceError::Denied(format!("{what}: the server says \"{}\"", error.message())),
    }
}

/// A file; nothing where it is another thing. What a server does not say of it is not guessed.
fn listed(name: &str, stat: &FileStat) -> Result<Option<Listed>, PlaceError> {
    let unsaid = |what: &str| PlaceError::Denied(format!("{name}: the server does not say {what}"));
    if stat.perm.is_none() {
        return Err(unsaid("whether it is a file"));
    }
    if !stat.is_file() {
        return Ok(None);
    }
    let size = stat.size.ok_or_else(|| unsaid("how long it is"))?;
    let seconds = stat.mtime.and_then(|seconds| i64::try_from(seconds).ok());
    let modified = seconds.and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0));
    let modified = modified.ok_or_else(|| unsaid("since when it is so"))?;
    Ok(Some(Listed { name: name.to_owned(), size, modified }))
}

#[async_trait]
impl Place for Remote {
    async fn list(&self, folder: &str) -> Result<Vec<Listed>, PlaceError> {
        let what = format!("the folder `{folder}`");
        match self.entries(folder, &what) {
            // Some servers open a folder that is not there, and say so when it is read.
            Err(PlaceError::Missing(_)) => {
                let made = self.make(folder);
                made.map(|()| Vec::new()).map_err(|error| self.explained(&what, &error))
            }
            listed => listed,
        }
    }

    async fn find(&self, folder: &str, name: &str) -> Result<Option<Listed>, PlaceError> {
        match self.sftp.lstat(Path::new(&self.path(folder, name))) {
            Ok(stat) => listed(name, &stat),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(self.explained(&format!("{folder}/{name}"), &error)),
        }
    }

    async fn read(&self, folder: &str, name: &str, most: u64) -> Result<Vec<u8>, PlaceError> {
        let what = format!("{folder}/{name}");
        let opened = self.sftp.open(self.path(folder, name));
        let mut file = opened.map_err(|error| self.explained(&what, &error))?.take(most);
        let (mut bytes, mut piece) = (Vec::new(), vec![0; READ_PIECE]);
        loop {
            match file.read(&mut piece) {
                Ok(0) => return Ok(bytes),
                Ok(count) => bytes.extend_from_slice(&piece[..count]),
                Err(error) => return Err(self.broken_off(&what, &error)),
            }
        }
    }

    async fn write(&self, folder: &str, name: &str, bytes: &[u8]) -> Result<(), PlaceError> {
        let (what, path) = (format!("{folder}/{name}"), self.path(folder, name));
        let flags = OpenFlags::WRITE | OpenFlags::TRUNCATE;
        let opened = self.within(folder, || self.sftp.open_mode(&path, flags, FILE_RIGHTS, OpenType::File));
        self.fill(opened.map_err(|error| self.explained(&what, &error))?, bytes, &what)?;
        // Some servers take what they have no room for.
        match self.find(folder, name).await? {
            Some(there) if there.size == bytes.len() as u64 => Ok(()),
            _ => Err(PlaceError::Denied(format!("{what}: the server did not keep all of it"))),
        }
    }

    /// By SFTP's plain request, which refuses to overwrite.
    async fn rename(&self, from: (&str, &str), to: (&str, &str)) -> Result<(), PlaceError> {
        let what = format!("{}/{}", from.0, from.1);
        let (source, target) = (self.path(from.0, from.1), self.path(to.0, to.1));
        let rename = || self.sftp.rename(Path::new(&source), Path::new(&target), Some(RenameFlags::empty()));
        let done = match rename() {
            // Which of the two is missing is not said.
            Err(error) if is_missing(&error) && self.find(from.0, from.1).await?.is_some() => {
                self.within(to.0, rename)
            }
            done => done,
        };
        done.map_err(|error| self.explained(&what, &error))
    }

    async fn remove(&self, folder: &str, name: &str) -> Result<(), PlaceError> {
        let removed = self.sftp.unlink(Path::new(&self.path(folder, name)));
        removed.map_err(|error| self.explained(&format!("{folder}/{name}"), &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DeliveryError;

    fn error(code: ErrorCode) -> PlaceError {
        explained("out/850.edi", &ssh2::Error::from_errno(code))
    }

    #[test]
    fn what_the_server_refuses_did_not_happen_and_what_broke_off_is_unknown() {
        for code in [3, 4, 5, 8, 9, 11, 12, 13, 14, 15, 99] {
            let refused = error(ErrorCode::SFTP(code));
            assert!(matches!(refused, PlaceError::Denied(_)), "{code}: {refused}");
            assert_eq!(refused.after().word(), "retry", "{code}");
        }
        for code in [ErrorCode::Session(-9), ErrorCode::Session(-13), ErrorCode::SFTP(7), ErrorCode::SFTP(6)]
        {
            let lost = error(code);
            assert_eq!(lost.clone().after().word(), "unconfirmed", "{code}");
            assert_eq!(lost.before().word(), "retry", "{code}");
        }
        for code in [2, 10] {
            assert_eq!(error(ErrorCode::SFTP(code)), PlaceError::Missing("out/850.edi".to_owned()));
        }
        let DeliveryError::Retry { reason, .. } = error(ErrorCode::SFTP(14)).after() else { panic!() };
        assert!(reason.contains("no room"), "{reason}");
    }

    #[test]
    fn what_a_server_does_not_say_is_not_guessed() {
        let file = FileStat {
            size: Some(4),
            uid: None,
            gid: None,
            perm: Some(0o100_644),
            atime: None,
            mtime: Some(1_700_000_000),
        };
        assert_eq!(listed("a", &file).unwrap().unwrap().size, 4);
        let folder = FileStat { perm: Some(0o040_755), ..file.clone() };
        let link = FileStat { perm: Some(0o120_777), ..file.clone() };
        assert_eq!((listed("a", &folder), listed("a", &link)), (Ok(None), Ok(None)));
        for (stat, about) in [
            (FileStat { perm: None, ..file.clone() }, "whether it is a file"),
            (FileStat { size: None, ..file.clone() }, "how long"),
            (FileStat { mtime: None, ..file.clone() }, "since when"),
            (FileStat { mtime: Some(u64::MAX), ..file }, "since when"),
        ] {
            let problem = listed("a", &stat).unwrap_err().to_string();
            assert!(problem.contains(about), "{problem}");
        }
    }
}
