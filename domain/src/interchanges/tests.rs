//! Filing, recording and finishing.
use quayside_canonical::{
    InterchangeFileId, InterchangeId, Problem, SupplierId, TenantId, TradingPartnerId,
    partner::Identifier,
    states::{DocumentOutcome, EdiSyntax, InterchangeStatus, MessageStage, PartnerMode, RepeatPolicy},
};
use quayside_entity::trading_partner;
use sea_orm::{ActiveModelTrait, Set};

use super::{
    Arrival, Envelope, FileError, FileResult, Filed, Found, MessageRecord, MessageResult, Opened, Opening,
    REPEATED, fingerprint,
};
use crate::{BuyerScope, Store, SystemScope, partners::Door, testing};

async fn partner(store: &Store, tenant: TenantId, supplier: SupplierId, name: &str) -> TradingPartnerId {
    let id = TradingPartnerId::generate();
    let row = trading_partner::ActiveModel {
        environment: Set(quayside_canonical::states::Environment::Live),
        currency: Set(None),
        id: Set(id),
        tenant_id: Set(tenant),
        supplier_id: Set(supplier),
        name: Set(name.to_owned()),
        mode: Set(PartnerMode::Mirror),
        identifiers: Set("{}".to_owned()),
        created_at: Set(store.clock().now()),
        agreement: Set("{}".to_owned()),
        connection_id: Set(None),
        revision: Set(1),
        disabled_at: Set(None),
    };
    let tx = SystemScope::new(store.clone()).write().await.unwrap();
    row.insert(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn buyer() -> (Store, BuyerScope, TenantId, SupplierId) {
    let store = testing::store().await;
    let (tenant, supplier) = testing::tenant(&store).await;
    let scope = testing::scope(&store, tenant, None).as_buyer().unwrap();
    (store, scope, tenant, supplier)
}

fn message(place: i32, outcome: DocumentOutcome) -> MessageRecord {
    let refused = outcome == DocumentOutcome::Refused;
    let problem = Problem { code: "X".to_owned(), field: vec![], message: "why".to_owned() };
    let result = MessageResult {
        message_type: "850".to_owned(),
        group: Some("1".to_owned()),
        control_number: format!("{place:04}"),
        business_key: Some(format!("850 PO-{place} 00")),
        stage: if refused { MessageStage::Validated } else { MessageStage::Applied },
        outcome,
        subject: None,
        problems: if refused { vec![problem] } else { vec![] },
        warnings: vec![],
    };
    MessageRecord { place, result, order: None, needs_person: refused, bytes: (0, 3), waiting: None }
}

fn arrival(partner: TradingPartnerId, supplier: SupplierId, bytes: &[u8]) -> Arrival<'_> {
    Arrival {
        door: Door::Token(partner),
        supplier: Some(supplier),
        name: None,
        repeats: RepeatPolicy::TakeAfterFailure,
        bytes,
        limit: 10,
    }
}

fn envelope(number: &str, bytes: &[u8]) -> Envelope {
    let party = |id: &str| Some(Identifier { qualifier: "ZZ".to_owned(), id: id.to_owned() });
    Envelope {
        syntax: Some(EdiSyntax::X12),
        sender: party("THEM"),
        receiver: party("US"),
        control_number: Some(number.to_owned()),
        usage: Some("P".to_owned()),
        content_hash: fingerprint(bytes),
        length: bytes.len() as u64,
        terminator: Some(b'~'),
        ..Envelope::default()
    }
}

/// A partner that sends.
struct Sender {
    scope: BuyerScope,
    partner: TradingPartnerId,
    supplier: SupplierId,
    repeats: RepeatPolicy,
}

impl Sender {
    async fn file(&self, bytes: &[u8]) -> InterchangeFileId {
        match super::file(&self.scope, &arrival(self.partner, self.supplier, bytes)).await.unwrap() {
            Filed::New(id) | Filed::Unfinished(id) | Filed::Finished(id, _) => id,
        }
    }

    async fn open(&self, file: InterchangeFileId, number: &str, bytes: &[u8]) -> Opened {
        let opening = Opening {
            file,
            place: 1,
            partner: Some(self.partner),
            supplier: Some(self.supplier),
            way: None,
            repeats: self.repeats,
            envelope: &envelope(number, bytes),
            refusal: None,
            is_rejected: false,
        };
        super::open(&self.scope, opening).await.unwrap()
    }

    /// An interchange that is dealt with to the end; its one message comes to `outcome`.
    async fn send(&self, number: &str, bytes: &[u8], outcome: DocumentOutcome) -> InterchangeId {
        let file = self.file(bytes).await;
        let id = opened(&self.open(file, number, bytes).await);
        let messages = vec![message(1, outcome)];
        super::record(&self.scope, id, Some(self.supplier), messages).await.unwrap();
        super::finish(&self.scope, id, Found::default()).await.unwrap();
        super::close(&self.scope, file, &[id], Found::default()).await.unwrap();
        id
    }
}

fn opened(opened: &Opened) -> InterchangeId {
    match opened {
        Opened::Open { id, .. } | Opened::Done(id) => *id,
    }
}

fn refusal(opened: &Opened) -> Option<&str> {
    match opened {
        Opened::Open { refusal, .. } => refusal.as_ref().map(|problem| problem.code.as_str()),
        Opened::Done(_) => None,
    }
}

#[tokio::test]
async fn bytes_are_filed_once_per_partner_and_the_first_result_stands() {
    let (store, scope, tenant, supplier) = buyer().await;
    let one = partner(&store, tenant, supplier, "one").await;
    let two = partner(&store, tenant, supplier, "two").await;
    let file = async |partner| super::file(&scope, &arrival(partner, supplier, b"ISA")).await.unwrap();

    let Filed::New(first) = file(one).await else { panic!("nobody sent it before") };
    assert!(matches!(file(two).await, Filed::New(_)), "another partner's copy is another file");
    assert_eq!(file(one).await, Filed::Unfinished(first));

    let sender =
        Sender { scope: scope.clone(), partner: one, supplier, repeats: RepeatPolicy::TakeAfterFailure };
    let id = opened(&sender.open(first, "1", b"ISA").await);
    let messages = vec![message(1, DocumentOutcome::Created), message(2, DocumentOutcome::Refused)];
    super::record(&scope, id, Some(supplier), messages).await.unwrap();
    let late = vec![message(1, DocumentOutcome::Unchanged), message(2, DocumentOutcome::Refused)];
    super::record(&scope, id, Some(supplier), late).await.unwrap();
    assert_eq!(super::recorded(&scope, id).await.unwrap().into_iter().collect::<Vec<_>>(), [1, 2]);

    super::finish(&scope, id, Found::default()).await.unwrap();
    super::finish(&scope, id, Found { untold: 3, ..Found::default() }).await.unwrap();
    let result = super::close(&scope, first, &[id], Found::default()).await.unwrap();
    let read: FileResult = serde_json::from_str(&result).unwrap();
    let outcomes: Vec<_> = read.messages().map(|message| message.outcome).collect();
    assert_eq!(outcomes, [DocumentOutcome::Created, DocumentOutcome::Refused]);
    assert_eq!(read.interchanges[0].status, InterchangeStatus::PartlyApplied);
    assert_eq!(super::close(&scope, first, &[], Found::default()).await.unwrap(), result);
    assert_eq!(file(one).await, Filed::Finished(first, result));
    assert_eq!(events(&scope, id).await, 1, "received once, however often it is finished");

    let filed = super::filed(&scope, id).await.unwrap().unwrap();
    assert_eq!(filed.bytes, b"ISA");
}

#[tokio::test]
async fn a_number_that_was_used_is_used_up_unless_nothing_was_taken() {
    let (store, scope, tenant, supplier) = buyer().await;
    let partner = partner(&store, tenant, supplier, "one").await;
    let kind = Sender { scope, partner, supplier, repeats: RepeatPolicy::TakeAfterFailure };
    let strict = Sender { repeats: RepeatPolicy::Refuse, scope: kind.scope.clone(), ..kind };

    let taken = kind.send("1", b"one", DocumentOutcome::Created).await;
    let other = kind.file(b"one more").await;
    assert_eq!(refusal(&kind.open(other, "1", b"other").await), Some(REPEATED));
    let same = kind.file(b"one  again").await;
    assert_eq!(
        kind.open(same, "1", b"one").await,
        Opened::Done(taken),
        "the same interchange in another file"
    );

    let failed = kind.send("2", b"two", DocumentOutcome::Refused).await;
    let again = kind.file(b"two anew").await;
    let taken_again = kind.open(again, "2", b"better").await;
    assert!(matches!(&taken_again, Opened::Open { refusal: None, .. }), "{taken_again:?}");
    let strictly = strict.file(b"two never").await;
    assert_eq!(refusal(&strict.open(strictly, "2", b"other two").await), Some(REPEATED));
    assert_ne!(opened(&taken_again), failed);
}

#[tokio::test]
async fn the_same_bytes_are_tried_again_where_nothing_of_them_was_taken() {
    let (store, scope, tenant, supplier) = buyer().await;
    let partner = partner(&store, tenant, supplier, "one").await;
    let sender = Sender { scope: scope.clone(), partner, supplier, repeats: RepeatPolicy::TakeAfterFailure };
    sender.send("1", b"bad", DocumentOutcome::Refused).await;
    let strict = Arrival { repeats: RepeatPolicy::Refuse, ..arrival(partner, supplier, b"bad") };
    assert!(matches!(super::file(&scope, &strict).await.unwrap(), Filed::Finished(..)));
    let again = super::file(&scope, &arrival(partner, supplier, b"bad")).await.unwrap();
    assert!(matches!(again, Filed::New(_)), "{again:?}");
    sender.send("2", b"good", DocumentOutcome::Created).await;
    let again = super::file(&scope, &arrival(partner, supplier, b"good")).await.unwrap();
    assert!(matches!(again, Filed::Finished(..)), "{again:?}");
}

async fn events(scope: &BuyerScope, id: InterchangeId) -> usize {
    use quayside_entity::event;
    use sea_orm::{ColumnTrait, QueryFilter};
    let tx = scope.read().await.unwrap();
    let query = scope.find::<event::Entity>().filter(event::Column::EventType.eq("interchange.received"));
    query.filter(event::Column::Subject.eq(id.to_string())).all(&*tx).await.unwrap().len()
}

#[tokio::test]
async fn what_is_too_large_is_not_filed() {
    let (store, scope, tenant, supplier) = buyer().await;
    let partner = partner(&store, tenant, supplier, "one").await;
    let arrival = Arrival { limit: 5, ..arrival(partner, supplier, b"ISA*00") };
    let refused = super::file(&scope, &arrival).await;
    assert!(matches!(refused, Err(FileError::TooLarge { size: 6, limit: 5 })));
}
