//! Telling people of events, in the transaction that recorded them.
use std::collections::{HashMap, HashSet};

use quayside_canonical::{
    EventId, MailId, NoticeId, SupplierId, UserId,
    notification::{MailStatus, MailWish, MailWishes},
    states::Severity,
};
use quayside_entity::{mail, notice};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::audience::{Reader, readers};
use crate::{
    Failure, Scope,
    store::{Tx, insert},
};

/// Who is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Audience {
    /// The buyer's procurement.
    Procurement,
    /// The buyer's admins.
    Admins,
    /// A person of the buyer's.
    Person(UserId),
    /// A supplier's people who may act.
    Supplier(SupplierId),
    /// A supplier's admins.
    SupplierAdmins(SupplierId),
}

/// What kind of news it is: people wish for mail by it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Topic {
    /// An exception that bad.
    Exception(Severity),
    /// The other side wrote.
    Message,
    /// An order of theirs, or a decision about it.
    Order,
    /// One of so many orders that nobody wants a mail for each.
    OneOfManyOrders,
    /// An endpoint of theirs does not listen: as bad as an exception that blocks work.
    Endpoint,
}

impl Topic {
    const fn wish(self, wishes: &MailWishes) -> MailWish {
        match self {
            Self::Exception(severity) => wishes.of(severity),
            Self::Message => wishes.messages,
            Self::Order => wishes.orders,
            Self::OneOfManyOrders if matches!(wishes.orders, MailWish::Immediate) => MailWish::Digest,
            Self::OneOfManyOrders => wishes.orders,
            Self::Endpoint => wishes.error,
        }
    }
}

/// Something that people are told.
#[derive(Clone, Debug)]
pub(crate) struct News {
    /// The event.
    pub(crate) event: EventId,
    /// Who is told.
    pub(crate) audience: Audience,
    /// What kind of news.
    pub(crate) topic: Topic,
    /// In one line.
    pub(crate) line: String,
    /// In full.
    pub(crate) body: String,
    /// Where it is to be seen: the path behind the server's address.
    pub(crate) link: String,
}

/// The longest subject, in characters.
const MAX_LINE: usize = 150;

/// One line without control characters: what came from outside cannot add a header to a mail.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.chars().count() <= max {
        return plain;
    }
    let cut: String = plain.chars().take(max.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// Writes the notices and mails of `news`. Who did it is not told. The events are appended already.
pub(crate) async fn tell(tx: &Tx, scope: &Scope, news: Vec<News>) -> Result<(), Failure> {
    if news.is_empty() {
        return Ok(());
    }
    let mut known: HashMap<Audience, Vec<Reader>> = HashMap::new();
    for audience in news.iter().map(|one| one.audience).collect::<HashSet<_>>() {
        known.insert(audience, readers(tx, scope, audience).await?);
    }
    let doer = scope.person.map(|person| person.user);
    let (mut mails, mut notices, mut told) = (Vec::new(), Vec::new(), HashSet::new());
    for one in news {
        for reader in known.get(&one.audience).into_iter().flatten() {
            let wish = one.topic.wish(&reader.wishes);
            if wish == MailWish::None || Some(reader.user) == doer || !told.insert((one.event, reader.user)) {
                continue;
            }
            let mail = (wish == MailWish::Immediate).then(|| letter(scope, reader, &one));
            notices.push(notice::Model {
                id: NoticeId::generate(),
                tenant_id: scope.tenant,
                event_id: one.event,
                user_id: reader.user,
                membership_id: reader.membership,
                line: one_line(&one.line, MAX_LINE),
                link: one.link.clone(),
                mail_id: mail.as_ref().map(|mail| mail.id),
                created_at: scope.now,
            });
            mails.extend(mail);
        }
    }
    insert(tx, mails.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await?;
    insert(tx, notices.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await
}

fn letter(scope: &Scope, reader: &Reader, news: &News) -> mail::Model {
    mail::Model {
        id: MailId::generate(),
        tenant_id: scope.tenant,
        membership_id: reader.membership,
        subject: one_line(&news.line, MAX_LINE),
        body: news.body.clone(),
        link: news.link.clone(),
        status: MailStatus::Waiting,
        attempts: 0,
        fence: 0,
        next_at: scope.now,
        error: None,
        created_at: scope.now,
        finished_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_subject_is_one_line_whatever_came_in() {
        assert_eq!(
            one_line("Order 1\r\nBcc: everybody@example.test", 80),
            "Order 1 Bcc: everybody@example.test"
        );
        assert_eq!(one_line("  a\t\u{7f} b ", 80), "a b");
        assert_eq!(one_line("äöüäöü", 4), "äöü…");
    }
}
