//! A page that was polled, as it is kept: the documents in our words, so that what was refused can be tried again
//! without asking for it once more.
use quayside_canonical::{Problems, states::InboundKind};
use quayside_connectors::{Inbound, Stated};
use quayside_domain::Failure;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::apply::{key_of, kind_of};

/// One document of a page.
#[derive(Serialize, Deserialize)]
struct Kept {
    kind: InboundKind,
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    problems: Option<Problems>,
    /// Of a hint, the feed it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    feed: Option<String>,
}

/// The page as it is kept.
pub(super) fn write(documents: &[Inbound]) -> Result<Vec<u8>, Failure> {
    let kept: Result<Vec<_>, Failure> = documents.iter().map(keep).collect();
    Ok(serde_json::to_vec(&kept?)?)
}

/// The documents of a page that was kept. Hints are left out: their feeds were polled since.
pub(super) fn read(page: &[u8]) -> Result<Vec<Inbound>, Failure> {
    let kept: Vec<Kept> = serde_json::from_slice(page)?;
    kept.into_iter().map(unkeep).collect()
}

fn keep(document: &Inbound) -> Result<Kept, Failure> {
    let mut kept = Kept {
        kind: kind_of(document),
        key: key_of(document).to_owned(),
        document: None,
        problems: None,
        feed: None,
    };
    match document {
        Inbound::PurchaseOrder(stated) => put(&mut kept, stated)?,
        Inbound::Receipt(stated) => put(&mut kept, stated)?,
        Inbound::Appointment(stated) => put(&mut kept, stated)?,
        Inbound::InvoiceStatus(stated) => put(&mut kept, stated)?,
        Inbound::Unreadable { problems, .. } => kept.problems = Some(problems.clone()),
        Inbound::Changed { feed, .. } => kept.feed = Some((*feed).to_owned()),
        // Filed as what it is, by itself: see `poll`.
        Inbound::Interchange { .. } => {}
    }
    Ok(kept)
}

fn put<T: Serialize>(kept: &mut Kept, stated: &Stated<T>) -> Result<(), Failure> {
    match &stated.document {
        Ok(document) => kept.document = Some(serde_json::to_value(document)?),
        Err(problems) => kept.problems = Some(problems.clone()),
    }
    Ok(())
}

fn unkeep(kept: Kept) -> Result<Inbound, Failure> {
    Ok(match kept.kind {
        InboundKind::PurchaseOrder => Inbound::PurchaseOrder(stated(kept)?),
        InboundKind::Receipt => Inbound::Receipt(stated(kept)?),
        InboundKind::Appointment => Inbound::Appointment(stated(kept)?),
        InboundKind::InvoiceStatus => Inbound::InvoiceStatus(stated(kept)?),
        InboundKind::Unknown | InboundKind::Change | InboundKind::Interchange => {
            Inbound::Unreadable { key: kept.key, problems: kept.problems.unwrap_or_default() }
        }
    })
}

fn stated<T: DeserializeOwned>(kept: Kept) -> Result<Stated<T>, Failure> {
    let document = match kept.document {
        Some(document) => Ok(serde_json::from_value(document)?),
        None => Err(kept.problems.unwrap_or_default()),
    };
    Ok(Stated { key: kept.key, document })
}

#[cfg(test)]
mod tests {
    use quayside_canonical::{
        Field,
        document::{read_invoice_status, read_purchase_order, read_receipt},
    };
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_reads_back_what_was_written() {
        let revision = json!({ "id": "2", "issuedAt": "2026-11-23T08:00:00Z" });
        let order = json!({ "number": "45", "supplier": "V-1", "currency": "EUR", "revision": revision,
            "lines": [{ "number": "00010", "buyerPart": "B", "quantity": "1.5", "unit": "EA", "unitPrice": "3.10" }] });
        let receipt = json!({ "number": "GR", "kind": "FINAL", "receivedAt": "2026-11-23T08:00:00Z",
            "lines": [{ "order": "45", "line": "00010", "quantity": "1" }] });
        let invoice = json!({ "invoice": "IN", "revision": revision, "order": "45", "line": "00010",
            "status": "PAID", "quantity": "1" });
        let wrong = Problems::one("X", &Field::root().at("a"), "why");
        let page = vec![
            Inbound::PurchaseOrder(Stated { key: "45".to_owned(), document: read_purchase_order(&order) }),
            Inbound::Receipt(Stated { key: "GR".to_owned(), document: read_receipt(&receipt) }),
            Inbound::InvoiceStatus(Stated { key: "IN".to_owned(), document: read_invoice_status(&invoice) }),
            Inbound::Appointment(Stated { key: "AP".to_owned(), document: Err(wrong.clone()) }),
            Inbound::Unreadable { key: "?".to_owned(), problems: wrong },
        ];
        let Inbound::Receipt(stated) = &page[1] else { unreachable!() };
        assert!(stated.document.is_ok(), "{stated:?}");
        assert_eq!(read(&write(&page).unwrap()).unwrap(), page);
        assert_eq!(write(&page).unwrap(), write(&page).unwrap(), "the same page is the same bytes");
    }
}
