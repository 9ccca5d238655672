use std::{collections::BTreeSet, time::Duration};

use quayside_canonical::{
    ConnectionId, Field, Problems, ReceiptId, SentInterchangeId, TradingPartnerId,
    events::ReceiptRecorded,
    exchange::{ControlNumbers, Letter, NumbersNeeded, WrittenInterchange, WrittenMessage},
    partner::{Agreement, Identifier},
    states::{
        AdviceOutcome, ConnectionStatus, EdiDocument, ExceptionKind, ExceptionStatus, ExchangePurpose,
        PartnerMode, QuantityBasis, ReceiptKind, SentStatus, SyntaxVerdict,
    },
    syntax_report::{
        AdviceReason, Advised, ApplicationAdvice, Finding, ReportedGroup, ReportedMessage, SyntaxFault,
        SyntaxReport,
    },
};
use quayside_entity::{exception_case, exchange_pending, sent_interchange, sent_message, trading_partner};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder, Set};

use super::*;
use crate::{
    deliveries::{AttemptResult, record},
    fixtures::World,
    outbox::{self, Fact},
};

/// Of a connection that gets what names it, and nothing by itself.
const NOTHING_ELSE: &str = r#"{"eventTypes":["message.posted"]}"#;

/// A letter that says its numbers.
struct Numbers(usize);

impl Letter for Numbers {
    fn needs(&self) -> NumbersNeeded {
        NumbersNeeded { groups: 1, messages: self.0 }
    }

    fn write(&self, numbers: &ControlNumbers) -> Result<WrittenInterchange, Problems> {
        if self.0 == 0 {
            return Err(Problems::one("CANNOT_BE_WRITTEN", &Field::root(), "there is nothing in it"));
        }
        let message = |number: &i64| WrittenMessage {
            document: EdiDocument::ReceivingAdvice,
            kind: "861".to_owned(),
            group_kind: Some("RC".to_owned()),
            group: numbers.groups.first().map(ToString::to_string),
            control_number: Some(format!("{number:04}")),
        };
        Ok(WrittenInterchange {
            bytes: format!("{numbers:?}").into_bytes(),
            control_number: format!("{:09}", numbers.interchange),
            media_type: "application/edi-x12",
            file_name: "861.x12".to_owned(),
            messages: numbers.messages.iter().map(message).collect(),
        })
    }
}

struct Exchange {
    world: World,
    partner: TradingPartnerId,
    connection: ConnectionId,
}

impl Exchange {
    async fn new() -> Self {
        let world = World::new().await;
        let (partner, connection) = (world.partner().await, world.connect("EDI", NOTHING_ELSE).await);
        let new = Self { world, partner, connection };
        let ours = vec![Identifier { qualifier: "ZZ".to_owned(), id: "BUYER".to_owned() }];
        new.agree(&Agreement { ours, confirmed_within_minutes: 60, ..Agreement::default() }).await;
        new
    }

    async fn agree(&self, agreement: &Agreement) {
        let tx = self.world.system.write().await.unwrap();
        let revision = self.row_of_partner().await.revision + 1;
        let row = trading_partner::ActiveModel {
            id: Set(self.partner),
            mode: Set(PartnerMode::Exchange),
            identifiers: Set(r#"[{"qualifier":"ZZ","id":"SUPPLIER"}]"#.to_owned()),
            agreement: Set(serde_json::to_string(agreement).unwrap()),
            connection_id: Set(Some(self.connection)),
            revision: Set(revision),
            ..Default::default()
        };
        row.update(&*tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn row_of_partner(&self) -> trading_partner::Model {
        let row = self.world.system.find::<trading_partner::Entity>();
        let row = row.filter(trading_partner::Column::Id.eq(self.partner));
        row.one(self.world.store.worker()).await.unwrap().unwrap()
    }

    async fn partner(&self) -> Partner {
        partners_of(&self.world.system, self.world.tenant).await.unwrap().remove(0)
    }

    /// A receipt, as an event in the log.
    async fn receipt(&self) -> Occasion {
        let event = ReceiptRecorded {
            receipt: ReceiptId::generate(),
            supplier: self.world.supplier,
            number: "R-1".to_owned(),
            source: "con_1".to_owned(),
            kind: ReceiptKind::Increment,
            basis: QuantityBasis::Delta,
            replaces: None,
            shipment_number: None,
            shipment: None,
            location: None,
            received_at: self.world.system.now(),
            sequence: None,
            lines: Vec::new(),
        };
        let about = outbox::About {
            subject: event.receipt.to_string(),
            supplier: Some(self.world.supplier),
            order: None,
        };
        let fact = Fact::new(about, &event).unwrap();
        let id = fact.id;
        self.world.append(vec![fact]).await.commit().await.unwrap();
        self.world.dispatch().await;
        let behind = behind(&self.world.system).await.unwrap().remove(0);
        let (occasions, _) = next(&self.world.system, behind).await.unwrap();
        occasions.into_iter().find(|occasion| occasion.event.id == id).unwrap()
    }

    async fn compose(&self, occasion: &Occasion, messages: usize) -> Composed {
        let partner = self.partner().await;
        let purpose = ExchangePurpose::Document;
        let plan = Plan { partner: &partner, occasion, purpose, order: None, name: "Receipt R-1" };
        let about = vec![About { number: Some("R-1".to_owned()), subject: None }; messages];
        compose(&self.world.system, plan, |_| Ok(Some((Numbers(messages), about.clone())))).await.unwrap()
    }

    async fn sent(&self) -> Vec<sent_interchange::Model> {
        let rows = self.world.system.find::<sent_interchange::Entity>();
        let rows = rows.order_by_asc(sent_interchange::Column::ControlNumber);
        rows.all(self.world.store.worker()).await.unwrap()
    }

    async fn messages(&self) -> Vec<sent_message::Model> {
        let rows = self.world.system.find::<sent_message::Entity>();
        let rows = rows.order_by_asc(sent_message::Column::ControlNumber);
        rows.all(self.world.store.worker()).await.unwrap()
    }

    async fn cases(&self, kind: ExceptionKind) -> Vec<exception_case::Model> {
        let rows = self.world.system.find::<exception_case::Entity>();
        let rows = rows.filter(exception_case::Column::Kind.eq(kind));
        rows.all(self.world.store.worker()).await.unwrap()
    }

    async fn open(&self, kind: ExceptionKind) -> usize {
        let cases = self.cases(kind).await;
        cases.iter().filter(|case| case.status != ExceptionStatus::Resolved).count()
    }

    async fn pending(&self) -> usize {
        let rows = self.world.system.find::<exchange_pending::Entity>();
        rows.all(self.world.store.worker()).await.unwrap().len()
    }

    /// One that is made and delivered.
    async fn delivered(&self) -> SentInterchangeId {
        let occasion = self.receipt().await;
        let Composed::Made(id) = self.compose(&occasion, 1).await else { panic!("not made") };
        self.world.dispatch().await;
        let claimed = self.world.claim_one().await;
        assert_eq!(claimed.event_type, "interchange.composed");
        let result = AttemptResult::Delivered { reference: None };
        assert!(record(&self.world.system, &claimed, &self.world.attempt(result)).await.unwrap());
        id
    }

    async fn status(&self, id: SentInterchangeId) -> SentStatus {
        self.sent().await.into_iter().find(|row| row.id == id).unwrap().status
    }

    async fn hear(&self, report: &SyntaxReport) -> Heard {
        hear_report(&self.world.buyer(), self.partner, report).await.unwrap()
    }
}

/// A 997 about one group with one set.
fn report(group: &str, set: &str, verdict: SyntaxVerdict) -> SyntaxReport {
    let faults = match verdict {
        SyntaxVerdict::Rejected => vec![SyntaxFault {
            code: "AK403 7".to_owned(),
            segment: Some("RCD".to_owned()),
            position: Some(4),
            element: Some(2),
            words: "RCD segment 4, element 2: the code is not one that is known".to_owned(),
            ..SyntaxFault::default()
        }],
        _ => Vec::new(),
    };
    let message = ReportedMessage { kind: Some("861".to_owned()), number: set.to_owned(), verdict, faults };
    let group = ReportedGroup {
        kind: Some("RC".to_owned()),
        number: group.to_owned(),
        verdict,
        faults: Vec::new(),
        messages: vec![message],
    };
    SyntaxReport { document: "997".to_owned(), groups: vec![group], ..SyntaxReport::default() }
}

#[tokio::test]
async fn an_occasion_brings_about_one_interchange_and_numbers_have_no_gaps() {
    let exchange = Exchange::new().await;
    let (first, second) = (exchange.receipt().await, exchange.receipt().await);
    let Composed::Made(id) = exchange.compose(&first, 2).await else { panic!("not made") };
    assert_eq!(exchange.compose(&first, 2).await, Composed::Known(id));
    assert!(matches!(exchange.compose(&second, 0).await, Composed::Pending(_)), "it cannot be written");
    assert!(matches!(exchange.compose(&second, 1).await, Composed::Made(_)));

    let numbers: Vec<String> = exchange.sent().await.into_iter().map(|row| row.control_number).collect();
    assert_eq!(numbers, ["000000001", "000000002"], "what was not written used no number");
    let messages = exchange.messages().await;
    let found: Vec<_> = messages
        .iter()
        .map(|it| (it.group_number.as_deref().unwrap(), it.control_number.as_deref().unwrap()))
        .collect();
    assert_eq!(found, [("1", "0001"), ("1", "0002"), ("2", "0003")]);
    assert_eq!(exchange.pending().await, 0);
}

#[tokio::test]
async fn those_who_compose_at_the_same_time_share_the_numbers_out() {
    let exchange = Exchange::new().await;
    let mut occasions = Vec::new();
    for _ in 0..6 {
        occasions.push(exchange.receipt().await);
    }
    let twice = occasions.iter().chain(&occasions).map(|occasion| exchange.compose(occasion, 1));
    let composed = futures_util::future::join_all(twice).await;
    let made = composed.iter().filter(|composed| matches!(composed, Composed::Made(_))).count();
    let known = composed.iter().filter(|composed| matches!(composed, Composed::Known(_))).count();
    assert_eq!((made, known), (6, 6));
    let numbers: BTreeSet<String> = exchange.sent().await.into_iter().map(|row| row.control_number).collect();
    let expected: BTreeSet<String> = (1..=6).map(|number| format!("{number:09}")).collect();
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn it_goes_to_the_connection_it_names_alone_and_in_order() {
    let exchange = Exchange::new().await;
    exchange.world.connect("ERP", r#"{"eventTypes":["interchange.composed"]}"#).await;
    for _ in 0..2 {
        let occasion = exchange.receipt().await;
        exchange.compose(&occasion, 1).await;
    }
    exchange.world.dispatch().await;
    let deliveries = exchange.world.deliveries().await;
    let mine: Vec<_> = deliveries.iter().filter(|it| it.event_type == "interchange.composed").collect();
    assert_eq!(mine.len(), 2);
    assert!(mine.iter().all(|delivery| delivery.connection_id == exchange.connection), "{mine:?}");
    assert_eq!(mine[0].order_key, mine[1].order_key, "one waits for the other");
}

#[tokio::test]
async fn a_partner_that_is_not_set_up_is_told_of_once_and_gets_it_when_it_is() {
    let exchange = Exchange::new().await;
    let agreed = exchange.partner().await.agreement;
    exchange.agree(&Agreement { ours: Vec::new(), ..agreed.clone() }).await;
    let (first, second) = (exchange.receipt().await, exchange.receipt().await);
    for occasion in [&first, &second, &first] {
        assert!(matches!(exchange.compose(occasion, 1).await, Composed::Pending(_)));
    }
    let cases = exchange.cases(ExceptionKind::EdiNotSent).await;
    assert_eq!(cases.len(), 1, "{cases:?}");
    assert_eq!(cases[0].subject, exchange.partner.to_string());
    let expected =
        "Nothing can be sent to EDI by EDI: it is not agreed by which identifier we are known to EDI";
    assert_eq!(cases[0].summary, expected);
    assert_eq!(exchange.pending().await, 2);
    let waiting_now = waiting(&exchange.world.system, &exchange.partner().await).await.unwrap();
    assert!(waiting_now.is_empty(), "nothing changed since it was tried");

    exchange.agree(&agreed).await;
    let waiting_now = waiting(&exchange.world.system, &exchange.partner().await).await.unwrap();
    let events: Vec<_> = waiting_now.iter().map(|waiting| waiting.occasion.event.id).collect();
    assert_eq!(events, [first.event.id, second.event.id], "in the order it happened");
    for waiting in &waiting_now {
        assert!(matches!(exchange.compose(&waiting.occasion, 1).await, Composed::Made(_)));
    }
    assert_eq!((exchange.pending().await, exchange.open(ExceptionKind::EdiNotSent).await), (0, 0));
}

#[tokio::test]
async fn a_connection_that_is_not_used_reaches_nobody() {
    let exchange = Exchange::new().await;
    let tx = exchange.world.system.write().await.unwrap();
    let row = quayside_entity::connection::ActiveModel {
        id: Set(exchange.connection),
        status: Set(ConnectionStatus::Disabled),
        ..Default::default()
    };
    row.update(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    let occasion = exchange.receipt().await;
    let Composed::Pending(problems) = exchange.compose(&occasion, 1).await else { panic!("made") };
    assert_eq!(problems.as_slice()[0].message, "EDI is reached through no connection that is in use");
}

#[tokio::test]
async fn what_was_looked_through_is_not_looked_through_again() {
    let exchange = Exchange::new().await;
    exchange.receipt().await;
    let before = behind(&exchange.world.system).await.unwrap().remove(0);
    assert_eq!(before.followed, 0);
    let (occasions, upto) = next(&exchange.world.system, before).await.unwrap();
    assert_eq!((occasions.len(), upto), (1, before.last));
    followed(&exchange.world.system, exchange.world.tenant, upto).await.unwrap();
    assert!(behind(&exchange.world.system).await.unwrap().is_empty());
    followed(&exchange.world.system, exchange.world.tenant, 0).await.unwrap();
    assert!(behind(&exchange.world.system).await.unwrap().is_empty(), "the note does not go back");
}

#[tokio::test]
async fn a_997_confirms_what_was_sent() {
    let exchange = Exchange::new().await;
    let id = exchange.delivered().await;
    assert_eq!(exchange.status(id).await, SentStatus::Sent);
    let heard = exchange.hear(&report("000000001", "1", SyntaxVerdict::Accepted)).await;
    assert_eq!(heard, Heard { known: true, subject: Some(id.to_string()), problems: Vec::new() });
    assert_eq!(exchange.status(id).await, SentStatus::Confirmed);
    assert_eq!(exchange.messages().await[0].verdict, Some(SyntaxVerdict::Accepted));
}

#[tokio::test]
async fn a_997_that_rejects_opens_an_exception_that_names_the_segment() {
    let exchange = Exchange::new().await;
    let id = exchange.delivered().await;
    exchange.hear(&report("1", "0001", SyntaxVerdict::Rejected)).await;
    assert_eq!(exchange.status(id).await, SentStatus::Rejected);
    let cases = exchange.cases(ExceptionKind::EdiRejected).await;
    let expected =
        "The partner rejected 861 R-1 by 997: RCD segment 4, element 2: the code is not one that is known";
    assert_eq!(cases[0].summary, expected);
    assert_eq!(
        exchange.messages().await[0].faults,
        r#"["RCD segment 4, element 2: the code is not one that is known"]"#
    );

    exchange.hear(&report("1", "0001", SyntaxVerdict::Rejected)).await;
    assert_eq!(exchange.cases(ExceptionKind::EdiRejected).await.len(), 1, "the same word again is one");
    exchange.hear(&report("1", "0001", SyntaxVerdict::AcceptedWithErrors)).await;
    assert_eq!(exchange.status(id).await, SentStatus::Confirmed);
    assert_eq!(exchange.open(ExceptionKind::EdiRejected).await, 0);
}

#[tokio::test]
async fn what_is_not_confirmed_in_time_is_overdue_until_it_is() {
    let exchange = Exchange::new().await;
    let id = exchange.delivered().await;
    exchange.world.advance(Duration::from_secs(59 * 60));
    assert_eq!(mark_overdue(&exchange.world.system).await.unwrap(), 0);
    exchange.world.advance(Duration::from_secs(60));
    assert_eq!(mark_overdue(&exchange.world.system).await.unwrap(), 1);
    assert_eq!(mark_overdue(&exchange.world.system).await.unwrap(), 0, "once");
    assert_eq!(exchange.status(id).await, SentStatus::Overdue);
    let cases = exchange.cases(ExceptionKind::EdiUnconfirmed).await;
    assert!(
        cases[0].summary.starts_with("EDI was to confirm interchange 000000001 (861 R-1) by "),
        "{cases:?}"
    );

    exchange.hear(&report("1", "1", SyntaxVerdict::Accepted)).await;
    assert_eq!(exchange.status(id).await, SentStatus::Confirmed);
    assert_eq!(exchange.open(ExceptionKind::EdiUnconfirmed).await, 0);
}

#[tokio::test]
async fn what_was_not_sent_is_not_overdue() {
    let exchange = Exchange::new().await;
    let occasion = exchange.receipt().await;
    exchange.compose(&occasion, 1).await;
    exchange.world.advance(Duration::from_secs(24 * 3_600));
    assert_eq!(mark_overdue(&exchange.world.system).await.unwrap(), 0);
}

#[tokio::test]
async fn a_report_about_what_we_did_not_send_is_told() {
    let exchange = Exchange::new().await;
    let stranger = report("77", "0001", SyntaxVerdict::Accepted);
    assert_eq!(exchange.hear(&stranger).await, Heard::default(), "nothing was ever sent: it answers another");
    exchange.delivered().await;
    let heard = exchange.hear(&stranger).await;
    assert!(!heard.known);
    assert_eq!(heard.problems[0].message, "the 997 is about group 77 (RC), which we did not send");
    let mut other_kind = report("1", "0001", SyntaxVerdict::Accepted);
    other_kind.groups[0].kind = Some("PO".to_owned());
    assert!(!exchange.hear(&other_kind).await.known, "numbers count for each kind of group");
}

fn advice(about: Advised, outcome: AdviceOutcome) -> ApplicationAdvice {
    let reason = AdviceReason {
        code: "POI".to_owned(),
        words: "BEG segment 2, element 3: no such purchase order".to_owned(),
        ..AdviceReason::default()
    };
    let finding = Finding { outcome, of_item: false, about, reasons: vec![reason], place: Field::root() };
    ApplicationAdvice {
        document: "824".to_owned(),
        number: "A-1".to_owned(),
        findings: vec![finding],
        place: Field::root(),
    }
}

#[tokio::test]
async fn a_refusal_in_substance_opens_an_exception_about_what_was_sent() {
    let exchange = Exchange::new().await;
    let id = exchange.delivered().await;
    let buyer = exchange.world.buyer();
    let about = Advised {
        group: Some("000000001".to_owned()),
        message: Some("0001".to_owned()),
        number: Some("R-1".to_owned()),
        kind: Some("861".to_owned()),
        ..Advised::default()
    };
    let taken = advice(about.clone(), AdviceOutcome::Accepted);
    let heard = hear_advice(&buyer, exchange.partner, &taken).await.unwrap();
    assert!(heard.known);
    assert_eq!(exchange.open(ExceptionKind::EdiRejected).await, 0);
    hear_advice(&buyer, exchange.partner, &advice(about, AdviceOutcome::Rejected)).await.unwrap();
    let cases = exchange.cases(ExceptionKind::EdiRejected).await;
    assert_eq!(cases[0].subject, id.to_string());
    assert_eq!(cases[0].summary, "EDI rejected 861 R-1: BEG segment 2, element 3: no such purchase order");

    let unknown = Advised { number: Some("X".to_owned()), ..Advised::default() };
    let heard =
        hear_advice(&buyer, exchange.partner, &advice(unknown, AdviceOutcome::Rejected)).await.unwrap();
    assert_eq!(heard.problems[0].code, "UNKNOWN_REFERENCE");
    assert_eq!(exchange.open(ExceptionKind::EdiRejected).await, 2, "it is told of all the same");
}

#[tokio::test]
async fn the_same_bytes_are_sent_once_more() {
    let exchange = Exchange::new().await;
    let id = exchange.delivered().await;
    exchange.hear(&report("1", "1", SyntaxVerdict::Rejected)).await;
    let buyer = exchange.world.buyer();
    let before = raw(&buyer, id).await.unwrap();
    let request = Resend { interchange: id, reason: "they lost it".to_owned(), validate_only: false };
    let key = "k1".parse().unwrap();
    assert!(!resend(&buyer, &request, Some(&key)).await.unwrap().replayed);
    assert!(resend(&buyer, &request, Some(&key)).await.unwrap().replayed);
    let again = resend(&buyer, &request, None).await;
    assert!(matches!(again, Err(ResendError::OnItsWay)), "{again:?}");
    assert_eq!(exchange.status(id).await, SentStatus::Composed);

    let claimed = exchange.world.claim_one().await;
    let result = AttemptResult::Delivered { reference: None };
    assert!(record(&exchange.world.system, &claimed, &exchange.world.attempt(result)).await.unwrap());
    assert_eq!(exchange.status(id).await, SentStatus::Sent);
    assert_eq!(raw(&buyer, id).await.unwrap(), before);
    assert_eq!(exchange.sent().await.len(), 1);

    let other = World::on(exchange.world.store.clone()).await;
    let stranger = resend(&other.buyer(), &request, None).await;
    assert!(matches!(stranger, Err(ResendError::NotFound)), "{stranger:?}");
    assert_eq!(raw(&other.buyer(), id).await.unwrap(), None);
    assert!(by_ids(&other.as_supplier(), &[id]).await.unwrap().is_empty());
    assert_eq!(by_ids(&exchange.world.as_supplier(), &[id]).await.unwrap().len(), 1);
}
