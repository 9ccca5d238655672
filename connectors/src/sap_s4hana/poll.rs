//! Orders by the time of their last change.
//!
//! A sweep begins a little before the newest change that was seen, because a change is visible only some time after
//! it was stamped, and goes on order by order: after the last (time, number) it has read. An order that changes during
//! a sweep moves to its end and is read again; none is passed over. What comes twice is recognised by its revision.
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::config::Config;
use super::map::{stated, unmappable};
use super::services::{Question, Service, quoted};
use super::session::Talk;
use super::wire::PurchaseOrder;
use crate::{Codes, DeliveryError, Inbound, Page};

/// How long a change may take from its stamp to the eyes of others.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);

/// Where a sweep is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// It has not begun: everything from then on.
    From(String),
    /// After this order, which was last changed then.
    After { changed: String, order: String },
}

impl Place {
    /// `2026-11-23T10:00:00Z` when all was read up to then, `2026-11-23T10:00:00Z/4500000001` on the way.
    fn read(cursor: &str) -> Result<Self, DeliveryError> {
        let (changed, order) =
            cursor.split_once('/').map_or((cursor, None), |(time, order)| (time, Some(order)));
        let time = DateTime::parse_from_rfc3339(changed).map_err(|_| {
            unmappable("the cursor of the orders is not one of ours: poll from the beginning")
        })?;
        Ok(match order {
            Some(order) => Self::After { changed: changed.to_owned(), order: order.to_owned() },
            None => Self::From(stamp(time.to_utc() - OVERLAP)),
        })
    }

    fn filter(&self) -> String {
        match self {
            Self::From(time) => format!("LastChangeDateTime ge {time}"),
            Self::After { changed, order } => format!(
                "(LastChangeDateTime gt {changed} or (LastChangeDateTime eq {changed} and PurchaseOrder gt {}))",
                quoted(order)
            ),
        }
    }
}

fn stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// One page.
pub(super) async fn orders(
    talk: &mut Talk<'_>,
    config: &Config,
    now: DateTime<Utc>,
    codes: &Codes,
    cursor: Option<&str>,
) -> Result<Page, DeliveryError> {
    let place = match cursor {
        Some(cursor) => Place::read(cursor)?,
        None => Place::From(stamp(now - TimeDelta::days(i64::from(config.look_back_days)))),
    };
    let mut size = config.page_size;
    let reply = loop {
        match talk.read_page(&question(config, &place, size)).await? {
            Some(reply) => break reply,
            None if size > 1 => size /= 2,
            None => {
                return Err(DeliveryError::Refused {
                    code: "TOO_LONG".to_owned(),
                    message: format!(
                        "one order is longer than we read; it is the next one where {}",
                        place.filter()
                    ),
                });
            }
        }
    };
    let list = super::map::page(&reply.body)?;
    Ok(page(config, codes, cursor, &list.value, list.value.len() >= usize::from(size) || list.next.is_some()))
}

fn question(config: &Config, place: &Place, size: u16) -> Question {
    let mut filter = place.filter();
    for (name, wanted) in
        [("CompanyCode", &config.company_codes), ("PurchasingOrganization", &config.purchasing_organizations)]
    {
        let any: Vec<String> = wanted.iter().map(|code| format!("{name} eq {}", quoted(&code.0))).collect();
        if !any.is_empty() {
            filter.push_str(&format!(" and ({})", any.join(" or ")));
        }
    }
    let notes = if config.note_types.is_empty() {
        ""
    } else {
        ",_PurchaseOrderNote($select=PurchaseOrder,TextObjectType,Language,PlainLongText)"
    };
    let path = format!(
        "PurchaseOrder?$filter={filter}&$orderby=LastChangeDateTime,PurchaseOrder&$top={size}&$select={}&$expand={}{notes}",
        super::map::HEADER,
        super::map::items(),
    );
    Question { service: Service::Orders, path }
}

fn page(config: &Config, codes: &Codes, cursor: Option<&str>, orders: &[PurchaseOrder], more: bool) -> Page {
    let released = orders.iter().filter(|order| !order.release_is_not_completed);
    let documents = released.map(|order| Inbound::PurchaseOrder(stated(config, codes, order))).collect();
    let last = orders.last().and_then(|order| Some((order.last_change_date_time.as_deref()?, order)));
    let reached = match (last, cursor) {
        (Some((changed, order)), _) if more => Some(format!("{changed}/{}", order.purchase_order)),
        (Some((changed, _)), _) => Some(changed.to_owned()),
        // The end of a sweep that had more to come.
        (None, Some(cursor)) => Some(cursor.split('/').next().unwrap_or(cursor).to_owned()),
        (None, None) => None,
    };
    Page { documents, cursor: reached, more: more && last.is_some() }
}
