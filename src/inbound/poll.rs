//! One poll: ask, take what came, and only then record how far the feed is read.
use chrono::{DateTime, Utc};
use quayside_connectors::{Content, DeliveryError, Errand, Inbound, Page, Source, filed_as};
use quayside_domain::{
    BuyerScope, Failure, SystemScope,
    inbound::{self, Claimed, Filed, PollResult, RENEW_EVERY, Read},
    scope::Origin,
};
use quayside_entity::connection;
use tracing::Instrument;

use super::{Intake, apply::apply, origin, page, scope_of};

impl Intake {
    /// Polls a feed and records what came of it.
    ///
    /// # Errors
    /// The outcome could not be recorded. The lease runs out, and the same page comes again.
    pub(super) async fn poll(&self, system: &SystemScope, claimed: Claimed) -> Result<(), Failure> {
        let origin = origin();
        let span = tracing::info_span!(
            "poll",
            connection.id = %claimed.connection.id,
            feed = claimed.feed,
            correlation.id = %origin.correlation,
        );
        async {
            let result = tokio::select! {
                result = self.ask(system, &claimed, &origin) => result,
                () = hold(system, &claimed) => {
                    tracing::warn!("somebody else polls this feed by now");
                    return Ok(());
                }
            };
            let word = word(&result);
            metrics::counter!("quayside_polls_total", "outcome" => word).increment(1);
            tracing::debug!(outcome = word, "polled");
            if !inbound::record(system, &claimed, &result, self.settings.every).await? {
                tracing::info!("the poll was overtaken; its page comes again");
            }
            Ok(())
        }
        .instrument(span)
        .await
    }

    async fn ask(&self, system: &SystemScope, claimed: &Claimed, origin: &Origin) -> PollResult {
        let made = match self.made(system, &claimed.connection).await {
            Ok(made) => made,
            Err(reason) => return failed(format!("the connection cannot be used: {reason}")),
        };
        let Some(source) = made.connector.source().filter(|source| reads(*source, &claimed.feed)) else {
            return PollResult::NotRead;
        };
        let http = match self.clients.of(system, claimed.tenant).await {
            Ok(http) => http,
            Err(not) => return failed(format!("the connection cannot be used: {}", not.words())),
        };
        let errand = Errand {
            correlation_id: origin.correlation.to_string(),
            request_id: None,
            traceparent: None,
            at: DateTime::<Utc>::from_timestamp_micros(system.now().micros()).unwrap_or_default(),
        };
        let cursor = claimed.cursor.as_deref();
        let asked = source.poll(&http, &errand, &made.codes, &claimed.feed, cursor);
        match tokio::time::timeout(self.settings.deadline, asked).await {
            Err(_) => failed(format!("it took longer than {} seconds", self.settings.deadline.as_secs())),
            Ok(attempted) => match attempted.outcome {
                Ok(page) => self.take(system, claimed, origin, page).await,
                Err(error) => refused(error),
            },
        }
    }

    async fn take(&self, system: &SystemScope, claimed: &Claimed, origin: &Origin, page: Page) -> PollResult {
        let taken = async {
            let scope = scope_of(system, claimed.tenant, claimed.connection.id, origin)?;
            let (files, documents): (Vec<_>, Vec<_>) =
                page.documents.into_iter().partition(|one| matches!(one, Inbound::Interchange { .. }));
            self.file(system, &scope, claimed, &files).await?;
            let outcomes = apply(system.store(), &scope, &documents).await?;
            Ok::<_, Failure>(Read {
                outcomes,
                page: page::write(&documents)?,
                cursor: page.cursor,
                more: page.more,
            })
        };
        match taken.await {
            Ok(read) => PollResult::Read(read),
            Err(failure) => {
                tracing::warn!(error = %failure, "a page could not be taken");
                failed("the page could not be taken on our side; it is asked for again".to_owned())
            }
        }
    }

    /// Files what came as files, each as a message of its own. Once that is committed the file need not be offered
    /// again: whatever becomes of what it holds, it is dealt with from there.
    async fn file(
        &self,
        system: &SystemScope,
        scope: &BuyerScope,
        claimed: &Claimed,
        files: &[Inbound],
    ) -> Result<(), Failure> {
        for file in files {
            let Inbound::Interchange { name, content } = file else { continue };
            self.file_one(system, scope, (&claimed.connection, &claimed.feed), (name, content)).await?;
        }
        Ok(())
    }

    async fn file_one(
        &self,
        system: &SystemScope,
        scope: &BuyerScope,
        (connection, feed): (&connection::Model, &str),
        (name, content): (&str, &Content),
    ) -> Result<(), Failure> {
        let media_type = filed_as(name, content);
        match inbound::file(scope, connection, feed, &media_type, &content.bytes).await? {
            Filed::Earlier(earlier) => {
                let again = inbound::come_again(scope, earlier.row.id).await?;
                tracing::info!(file = name, again, "a file came again");
            }
            Filed::New(message) => {
                if let Err(failure) = self.deal_with(system, &message).await {
                    tracing::warn!(message.id = %message.id, error = %failure, "a message has to wait");
                }
            }
        }
        Ok(())
    }
}

/// Says again and again that the feed is being polled, until somebody else has it.
async fn hold(system: &SystemScope, claimed: &Claimed) {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        match inbound::renew(system, claimed).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(failure) => tracing::warn!(error = %failure, "a feed could not be held on to"),
        }
    }
}

/// Whether the connection is set up to poll this feed.
fn reads(source: &dyn Source, feed: &str) -> bool {
    source.feeds().iter().any(|known| known.name == feed)
}

fn failed(reason: String) -> PollResult {
    PollResult::Failed { reason, after: None }
}

/// Reading has no effect there, so that it does not matter whether the call arrived.
fn refused(error: DeliveryError) -> PollResult {
    match error {
        DeliveryError::Unauthorized => PollResult::Unauthorized,
        DeliveryError::Retry { reason, after } => PollResult::Failed { reason, after },
        DeliveryError::Unconfirmed { reason } | DeliveryError::Unmappable(reason) => failed(reason),
        DeliveryError::Refused { code, message } => failed(format!("{code}: {message}")),
    }
}

const fn word(result: &PollResult) -> &'static str {
    match result {
        PollResult::Read(_) => "read",
        PollResult::Failed { .. } => "failed",
        PollResult::Unauthorized => "unauthorized",
        PollResult::NotRead => "not_read",
    }
}

/// A poll that may take longer than its lease says so in time.
const _: () = assert!(RENEW_EVERY.as_secs() * 2 < inbound::LEASE.as_secs());
