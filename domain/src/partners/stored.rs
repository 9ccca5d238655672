//! What a row of a trading partner says.
use quayside_canonical::partner::{Agreement, Identifier};
use quayside_entity::trading_partner;
use serde_json::Value;

use crate::Failure;

/// What the partner calls itself. None, where nothing is on file.
///
/// # Errors
/// The row holds no identifiers where it should.
pub fn identifiers_of(row: &trading_partner::Model) -> Result<Vec<Identifier>, Failure> {
    let stored: Value = serde_json::from_str(&row.identifiers)?;
    if stored.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(Vec::new());
    }
    Ok(serde_json::from_value(stored)?)
}

/// What is agreed with the partner.
///
/// # Errors
/// The row holds no agreement where it should.
pub fn agreement_of(row: &trading_partner::Model) -> Result<Agreement, Failure> {
    Ok(serde_json::from_str(&row.agreement)?)
}
