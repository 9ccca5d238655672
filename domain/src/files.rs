//! Bytes of files: kept once for each content and tenant, found again by their SHA-256.
//!
//! The port is narrow on purpose. The bytes are in the database for now; another place for them has to answer
//! the same two questions.
use quayside_canonical::{Actor, Channel, TenantId};
use quayside_entity::file_content;
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, Func, OnConflict},
};
use sha2::{Digest, Sha256};

use crate::{
    Failure, Scope, SystemScope,
    scope::{Origin, in_tenant},
    store::Tx,
};

/// A kind of file that we take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Portable Document Format.
    Pdf,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// An X12 or EDIFACT interchange.
    Edi,
    /// Comma-separated values.
    Csv,
    /// Plain text.
    Text,
}

impl FileKind {
    /// What a file is by what it holds; its name only tells one text from another. Nothing when it is of no kind
    /// that we take.
    #[must_use]
    pub fn of(name: &str, bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"%PDF-") {
            return Some(Self::Pdf);
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        if bytes.starts_with(b"\xff\xd8\xff") {
            return Some(Self::Jpeg);
        }
        if (bytes.starts_with(b"ISA") && bytes.len() >= 106)
            || bytes.starts_with(b"UNA")
            || bytes.starts_with(b"UNB+")
        {
            return Some(Self::Edi);
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let plain = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
        if text.is_empty() || !text.chars().all(plain) {
            return None;
        }
        let csv = name.to_lowercase().ends_with(".csv");
        Some(if csv { Self::Csv } else { Self::Text })
    }

    /// Its media type. Text is never HTML, whatever it says.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Edi => "application/edi",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

/// A name that can stand in a header and a folder: its last step, without control characters.
#[must_use]
pub fn safe_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept =
        last.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '<' | '>' | '|' | ':' | '*' | '?'));
    let name: String = kept.take(120).collect();
    let name = name.trim().trim_start_matches('.').to_owned();
    if name.is_empty() { "file".to_owned() } else { name }
}

/// Keeps `bytes`, and says by what they are found again.
pub(crate) async fn keep(tx: &Tx, scope: &Scope, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let sha256 = Sha256::digest(bytes).to_vec();
    let row = file_content::ActiveModel {
        tenant_id: Set(scope.tenant),
        sha256: Set(sha256.clone()),
        content: Set(bytes.to_vec()),
        created_at: Set(scope.now),
    };
    let again = OnConflict::new().do_nothing().to_owned();
    file_content::Entity::insert(row).on_conflict(again).exec_without_returning(&**tx).await?;
    Ok(sha256)
}

/// The bytes that an event of `tenant` names by their SHA-256, in hexadecimal digits.
///
/// # Errors
/// The database failed, or holds something else than was kept.
pub async fn named(system: &SystemScope, tenant: TenantId, sha256: &str) -> Result<Option<Vec<u8>>, Failure> {
    let Some(sha256) = digest_of(sha256) else { return Ok(None) };
    let scope = system.in_tenant(tenant, Actor::System, &Origin::new(Channel::System));
    let tx = system.read().await?;
    content(&tx, &scope, &sha256).await
}

fn digest_of(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    let pairs = (0..64).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16));
    pairs.collect::<Result<_, _>>().ok()
}

/// The bytes kept under `sha256`.
pub(crate) async fn content(tx: &Tx, scope: &Scope, sha256: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
    let row = in_tenant::<file_content::Entity>(scope).filter(file_content::Column::Sha256.eq(sha256));
    let Some(row) = row.one(&**tx).await? else { return Ok(None) };
    if Sha256::digest(&row.content).as_slice() != sha256 {
        return Err(Failure::Corrupt("a file is not what was kept".to_owned()));
    }
    Ok(Some(row.content))
}

/// `length` of the bytes kept under `sha256`, from the byte at `offset` on; fewer where the file ends before.
pub(crate) async fn part(
    tx: &Tx,
    scope: &Scope,
    sha256: &[u8],
    offset: i64,
    length: i64,
) -> Result<Option<Vec<u8>>, Failure> {
    // Both databases count from 1, PostgreSQL in 32 bits.
    let number = |count: i64| Expr::value(i32::try_from(count).unwrap_or(i32::MAX));
    let content = Expr::col(file_content::Column::Content);
    let cut = Func::cust("substr").args([content, number(offset.saturating_add(1)), number(length)]);
    let rows = in_tenant::<file_content::Entity>(scope)
        .filter(file_content::Column::Sha256.eq(sha256))
        .select_only()
        .expr_as(cut, "part");
    Ok(rows.into_tuple().one(&**tx).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_holds_whatever_it_is_called() {
        let kind = |name, bytes: &[u8]| FileKind::of(name, bytes);
        assert_eq!(kind("x.txt", b"%PDF-1.7 ..."), Some(FileKind::Pdf));
        assert_eq!(kind("x", b"\x89PNG\r\n\x1a\n..."), Some(FileKind::Png));
        assert_eq!(kind("x", b"\xff\xd8\xff\xe0"), Some(FileKind::Jpeg));
        assert_eq!(kind("x", &[b"ISA".as_slice(), &[b'*'; 110]].concat()), Some(FileKind::Edi));
        assert_eq!(kind("x", b"UNB+UNOA:1"), Some(FileKind::Edi));
        assert_eq!(kind("a.CSV", b"a,b\r\n1,2"), Some(FileKind::Csv));
        assert_eq!(kind("page.html", b"<script>alert(1)</script>"), Some(FileKind::Text), "shown as text");
        for (name, bytes) in [
            ("a.pdf", b"MZ\x90\x00".as_slice()),
            ("a.png", b"PK\x03\x04"),
            ("empty.txt", b""),
            ("latin.txt", b"Gr\xfc\xdfe"),
            ("bell.txt", b"\x07"),
        ] {
            assert_eq!(kind(name, bytes), None, "{name}");
        }
    }

    #[test]
    fn a_name_is_no_path_and_no_header() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("C:\\x\\Packing list.pdf"), "Packing list.pdf");
        assert_eq!(safe_name("a\"\r\nSet-Cookie: b"), "aSet-Cookie b");
        assert_eq!((safe_name(""), safe_name("..")), ("file".to_owned(), "file".to_owned()));
        assert_eq!(safe_name("Lieferschein Größe.pdf"), "Lieferschein Größe.pdf");
    }
}
