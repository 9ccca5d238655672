//! Anchors: where each tenant's chain stood, to be kept where the database's owner cannot change it.
use std::fmt;

use quayside_canonical::{TenantId, Timestamp};
use quayside_entity::event_head;
use sea_orm::QueryOrder;
use serde::{Deserialize, Serialize};

use crate::{Failure, SystemScope};

/// One line of an anchor file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Whose log.
    pub tenant: TenantId,
    /// How far it went.
    pub position: i64,
    /// The hash there, in hexadecimal.
    pub hash: String,
    /// When this was written down.
    pub time: Timestamp,
}

/// A line of an anchor file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line} is not an anchor: {reason}")]
pub struct InvalidAnchor {
    line: usize,
    reason: serde_json::Error,
}

/// As a line of JSON.
impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&json)
    }
}

/// The anchors of an earlier file: one JSON object a line, blank lines aside.
///
/// # Errors
/// A line is not an anchor.
pub fn read_anchors(text: &str) -> Result<Vec<Anchor>, InvalidAnchor> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(index, line)| {
        serde_json::from_str(line).map_err(|reason| InvalidAnchor { line: index + 1, reason })
    };
    lines.map(read).collect()
}

/// Where every tenant's chain stands now.
///
/// # Errors
/// The database failed.
pub async fn anchor(system: &SystemScope) -> Result<Vec<Anchor>, Failure> {
    let tx = system.read().await?;
    let heads =
        system.find::<event_head::Entity>().order_by_asc(event_head::Column::TenantId).all(&*tx).await?;
    let time = system.now();
    let anchors = heads.into_iter().map(|head| Anchor {
        tenant: head.tenant_id,
        position: head.position,
        hash: hex(&head.hash),
        time,
    });
    Ok(anchors.collect())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
