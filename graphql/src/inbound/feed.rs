//! A feed in the schema.
use async_graphql::ID;
use quayside_canonical::states::FeedWay;
use quayside_entity::inbound_feed;

use crate::types::{Code, DateTime, plain::plain};

plain! {
    /// What one of the buyer's systems says under one name, and how far it was read.
    InboundFeed {
        /// The connection.
        connection_id as "connectionId": ID,
        /// Its name.
        name as "name": String,
        /// How it comes.
        way as "way": Code<FeedWay>,
        /// Whether it was read to some point: then the next poll goes on from there.
        has_cursor as "hasCursor": bool,
        /// When it was polled last, whatever came of it.
        polled_at as "polledAt": Option<DateTime>,
        /// When it was last read without error; of a pushed feed, when something came by it last. The cursor is as old.
        succeeded_at as "succeededAt": Option<DateTime>,
        /// How often polling it has failed in a row.
        failures as "failures": i32,
        /// Why the last poll failed, in words, where it did.
        error as "error": Option<String>,
        /// When it is polled next, unless the connection is paused.
        next_poll_at as "nextPollAt": Option<DateTime>,
        /// How often it is polled, in seconds, where that is not how often all are.
        every_seconds as "everySeconds": Option<i32>,
    }
}

impl From<inbound_feed::Model> for InboundFeed {
    fn from(row: inbound_feed::Model) -> Self {
        Self {
            connection_id: ID(row.connection_id.to_string()),
            name: row.name,
            way: Code(row.way),
            has_cursor: row.cursor.is_some(),
            polled_at: row.polled_at.map(DateTime),
            succeeded_at: row.succeeded_at.map(DateTime),
            failures: row.failures,
            error: row.error,
            next_poll_at: (row.way == FeedWay::Poll).then_some(DateTime(row.next_at)),
            every_seconds: row.every_seconds,
        }
    }
}
