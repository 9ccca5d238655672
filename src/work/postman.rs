//! Carries mail: to a mail server, or into files where none is set.
use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use quayside_canonical::{MailId, Timestamp};
use quayside_domain::{
    Failure, SystemScope,
    notifications::{self, LEASE, Letter, Outcome},
    planted,
};
use tokio_util::sync::CancellationToken;

use super::{NAP, rest};
use crate::config::MailConfig;

/// The time handing one mail over may take: well within the lease of a batch's first.
const DEADLINE: Duration = Duration::from_secs(20);

/// Sends mail.
pub struct Postman {
    way: Way,
    from: Mailbox,
    /// The server's address, for links.
    address: String,
}

enum Way {
    Server(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Folder(PathBuf),
}

impl Postman {
    /// A postman as the settings say. Links in mails begin with `address`; without a mail server mails are files in
    /// `folder`.
    ///
    /// # Errors
    /// The sender or the mail server's address cannot be used.
    pub fn new(config: &MailConfig, folder: PathBuf, address: String) -> anyhow::Result<Self> {
        let from = config.from.parse().context("reading mail.from")?;
        let way = match &config.smtp_url {
            Some(url) => {
                let server =
                    AsyncSmtpTransport::<Tokio1Executor>::from_url(url).context("reading mail.smtp_url")?;
                Way::Server(Box::new(server.timeout(Some(DEADLINE)).build()))
            }
            None => {
                std::fs::create_dir_all(&folder).context("making the folder for mail")?;
                Way::Folder(folder)
            }
        };
        Ok(Self { way, from, address })
    }

    /// Sends what is due now, once, and says how many mails that were.
    ///
    /// # Errors
    /// The database failed.
    pub async fn send_due(&self, system: &SystemScope) -> Result<usize, Failure> {
        let letters = notifications::claim(system).await?;
        let sent = letters.len();
        for letter in letters {
            // Another worker may have it by then.
            if system.now().plus(DEADLINE) >= letter.lease_until {
                break;
            }
            planted::moment("mail", "before it is sent").await?;
            let outcome = self.send(&letter).await;
            planted::moment("mail", "after it is sent").await?;
            let word = match &outcome {
                Outcome::Sent => "sent",
                Outcome::Retry(why) => {
                    tracing::warn!(mail.id = %letter.id, error = why, "a mail has to wait");
                    "retry"
                }
                Outcome::Refused(why) => {
                    tracing::error!(mail.id = %letter.id, error = why, "a mail was given up");
                    "refused"
                }
            };
            metrics::counter!("quayside_mails_total", "outcome" => word).increment(1);
            notifications::record(system, &letter, &outcome).await?;
        }
        Ok(sent)
    }

    /// Sends until told to stop.
    pub(super) async fn run(self: &Arc<Self>, system: &SystemScope, stop: &CancellationToken) {
        let never = tokio::sync::Notify::new();
        while !stop.is_cancelled() {
            match self.send_due(system).await {
                Ok(sent) if sent > 0 => continue,
                Ok(_) => {}
                Err(failure) => tracing::warn!(error = %failure, "mail has to wait"),
            }
            rest(&never, NAP * 2, stop).await;
        }
    }

    async fn send(&self, letter: &Letter) -> Outcome {
        let message = match self.message(letter) {
            Ok(message) => message,
            Err(error) => return Outcome::Refused(format!("it cannot be written: {error:#}")),
        };
        match &self.way {
            Way::Folder(folder) => match put(folder, letter.id, &message.formatted()).await {
                Ok(()) => Outcome::Sent,
                Err(error) => Outcome::Retry(error.to_string()),
            },
            Way::Server(server) => match tokio::time::timeout(DEADLINE, server.send(message)).await {
                Ok(Ok(_)) => Outcome::Sent,
                Ok(Err(error)) if error.is_permanent() => Outcome::Refused(error.to_string()),
                Ok(Err(error)) => Outcome::Retry(error.to_string()),
                Err(_) => Outcome::Retry("the mail server took too long".to_owned()),
            },
        }
    }

    fn message(&self, letter: &Letter) -> anyhow::Result<Message> {
        let (address, name) = &letter.to;
        let to = Mailbox::new(Some(name.clone()), address.parse()?);
        let host = self.from.email.domain();
        let body = format!(
            "{}\n\n{}{}\n\n--\nYou get this because you take part in purchase orders on Quayside. What you want to be \
             told, and when, you choose in your notification preferences.\n",
            letter.body, self.address, letter.link
        );
        Ok(Message::builder()
            .from(self.from.clone())
            .to(to)
            // The same for every attempt: a reader's program can tell a second copy.
            .message_id(Some(format!("<{}@{host}>", letter.id)))
            .date(moment(letter.written_at))
            .subject(format!("[Quayside] {}", letter.subject))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(body)?)
    }
}

fn moment(at: Timestamp) -> std::time::SystemTime {
    let micros = u64::try_from(at.micros()).unwrap_or(0);
    std::time::SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
}

/// Whole or not at all: a file half written is never seen under its name, and the same mail is the same file.
async fn put(folder: &std::path::Path, id: MailId, bytes: &[u8]) -> std::io::Result<()> {
    let (unfinished, finished) = (folder.join(format!(".{id}")), folder.join(format!("{id}.eml")));
    tokio::fs::write(&unfinished, bytes).await?;
    tokio::fs::rename(unfinished, finished).await
}

/// RFC 3834: nobody's out-of-office note is to answer this.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

const _: () = assert!(DEADLINE.as_secs() * 2 < LEASE.as_secs(), "a mail is sent within its lease");

#[cfg(test)]
mod tests {
    use super::*;

    fn config(smtp_url: Option<&str>) -> MailConfig {
        let from = "Quayside <quayside@orders.example.com>".to_owned();
        MailConfig { smtp_url: smtp_url.map(str::to_owned), from, digest_hour: 6 }
    }

    #[tokio::test]
    async fn a_mail_server_is_named_with_or_without_encryption() {
        for url in [
            "smtp://localhost:2525",
            "smtps://quay:secret@mail.example.com",
            "smtp://quay:secret@mail.example.com:587?tls=required",
        ] {
            let postman = Postman::new(&config(Some(url)), PathBuf::new(), String::new());
            assert!(matches!(postman.unwrap().way, Way::Server(_)), "{url}");
        }
        assert!(Postman::new(&config(Some("smtps://")), PathBuf::new(), String::new()).is_err());
    }

    #[tokio::test]
    async fn a_mail_that_is_put_twice_is_one_file() {
        let folder = std::env::temp_dir().join(format!("quayside-mail-{}", uuid::Uuid::now_v7().simple()));
        tokio::fs::create_dir_all(&folder).await.unwrap();
        let id = MailId::generate();
        for text in [b"once".as_slice(), b"twice"] {
            put(&folder, id, text).await.unwrap();
        }
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(files, [folder.join(format!("{id}.eml"))]);
        assert_eq!(std::fs::read(&files[0]).unwrap(), b"twice");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
