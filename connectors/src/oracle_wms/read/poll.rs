//! Asking: everything that came or changed in a stretch of time, page by page.
//!
//! The cursor is where the last stretch ended, or, in the middle of one, its two ends and the next page. Stretches
//! overlap, because a record may be written a moment after its own time; what comes twice is the same statement.
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::super::session::Session;
use super::{APPOINTMENTS, HISTORY_POLL, Reader, appointments, history};
use crate::text::one_line;
use crate::{Attempted, Codes, DeliveryError, Page};

/// A record of the history has some sixty members: more of them could exceed what is read of an answer.
const PAGE: &str = "100";
const OVERLAP_MINUTES: i64 = 5;

/// A stretch of time, and where we are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    page: u32,
}

impl Stretch {
    /// Reads a cursor; one that is not ours begins again.
    fn of(cursor: Option<&str>, now: DateTime<Utc>, days: u32) -> Self {
        let read = |text: &str| DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
        let mut parts = cursor.unwrap_or_default().split('|');
        let from = parts.next().and_then(read).unwrap_or_else(|| now - TimeDelta::days(i64::from(days)));
        let to = parts.next().and_then(read);
        let page = parts.next().and_then(|page| page.parse().ok()).unwrap_or(1);
        Self { from, to: to.unwrap_or(now), page }
    }

    fn next_page(&self) -> String {
        format!("{}|{}|{}", shown(self.from), shown(self.to), self.page.saturating_add(1))
    }

    fn end(&self) -> String {
        shown(self.from.max(self.to - TimeDelta::minutes(OVERLAP_MINUTES)))
    }
}

fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

pub(in super::super) async fn poll(
    session: &Session<'_>,
    codes: &Codes,
    feed: &str,
    cursor: Option<&str>,
) -> Attempted<Page> {
    let config = session.config;
    let stretch = Stretch::of(cursor, session.errand.at, config.poll_days);
    let (range, page) = (format!("{},{}", shown(stretch.from), shown(stretch.to)), stretch.page.to_string());
    let common = [("company_id__code", config.company.as_str()), ("page_size", PAGE), ("page", &page)];
    let (entity, mut filters) = match feed {
        HISTORY_POLL => (
            "inventory_history",
            vec![("create_ts__range", range.as_str()), ("history_activity_id__in", history::RECEIVING)],
        ),
        APPOINTMENTS => ("appointment", vec![("mod_ts__range", range.as_str())]),
        other => {
            let words = format!("`{}` is no feed that is asked for", one_line(other, 80));
            return Attempted::unsent(DeliveryError::Unmappable(words));
        }
    };
    filters.extend(common);
    // One facility where the connection is about one; else all that the user sees.
    filters.extend(config.facility.as_deref().map(|code| ("facility_id__code", code)));
    let reader = Reader { config, codes };
    session.page(entity, &filters, config.facility.as_deref()).await.and_then(|rows| {
        let documents = match feed {
            HISTORY_POLL => history::read(&reader, None, &rows.rows),
            _ => appointments::read(&reader, &rows.rows),
        };
        let next = if rows.more {
            Some(stretch.next_page())
        } else if rows.rows.is_empty() && stretch.page == 1 {
            cursor.map(str::to_owned)
        } else {
            Some(stretch.end())
        };
        Ok(Page { documents, cursor: next, more: rows.more })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_goes_on_where_it_was() {
        let now = DateTime::parse_from_rfc3339("2026-10-05T08:00:00Z").unwrap().to_utc();
        let first = Stretch::of(None, now, 7);
        assert_eq!((shown(first.from).as_str(), first.to, first.page), ("2026-09-28T08:00:00Z", now, 1));
        let later = now + TimeDelta::hours(1);
        let second = Stretch::of(Some(&first.next_page()), later, 7);
        assert_eq!(second, Stretch { page: 2, ..first.clone() }, "the end of a stretch does not move");
        assert_eq!(second.end(), "2026-10-05T07:55:00Z");
        assert_eq!(Stretch::of(Some(&second.end()), later, 7).to, later);
        assert_eq!(Stretch::of(Some("gibberish"), now, 7), first);
    }
}
