//! Positions as the outside sees them: opaque, and good for one tenant only.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use quayside_canonical::TenantId;

/// The text is no cursor of this tenant's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor of this feed; leave it out to begin at the start")]
pub struct InvalidCursor;

/// Changes when the layout does: a version, the tenant's 16 bytes, the position's 8.
const VERSION: u8 = 1;

/// The cursor of a position in a tenant's log.
#[must_use]
pub fn encode_cursor(tenant: TenantId, position: i64) -> String {
    let mut bytes = Vec::with_capacity(25);
    bytes.push(VERSION);
    bytes.extend_from_slice(tenant.0.as_bytes());
    bytes.extend_from_slice(&position.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The position a cursor of this tenant stands for.
///
/// # Errors
/// The text is not a cursor, or another tenant's.
pub fn decode_cursor(tenant: TenantId, cursor: &str) -> Result<i64, InvalidCursor> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| InvalidCursor)?;
    let [VERSION, rest @ ..] = bytes.as_slice() else { return Err(InvalidCursor) };
    let position = rest.strip_prefix(tenant.0.as_bytes().as_slice()).ok_or(InvalidCursor)?;
    let position = i64::from_be_bytes(position.try_into().map_err(|_| InvalidCursor)?);
    if position < 0 { Err(InvalidCursor) } else { Ok(position) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_tenant_only() {
        let (tenant, other) = (TenantId::generate(), TenantId::generate());
        let cursor = encode_cursor(tenant, 42);
        assert_eq!(decode_cursor(tenant, &cursor), Ok(42));
        assert_eq!(decode_cursor(other, &cursor), Err(InvalidCursor));
        for bad in ["", "42", "AQ", &cursor[1..], &format!("{cursor}AA"), &encode_cursor(tenant, -1)] {
            assert_eq!(decode_cursor(tenant, bad), Err(InvalidCursor), "{bad:?}");
        }
    }
}
