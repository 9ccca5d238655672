//! Filing, recording and finishing.
use quayside_canonical::{
    Problem, SupplierId, TenantId, TradingPartnerId,
    states::{DocumentOutcome, PartnerMode},
};
use quayside_entity::trading_partner;
use sea_orm::{ActiveModelTrait, Set};

use super::{Envelope, FileError, Filed, InterchangeResult, MessageRecord, MessageResult};
use crate::{BuyerScope, Store, SystemScope, testing};

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
        control_number: format!("{place:04}"),
        business_key: Some(format!("850 PO-{place} 00")),
        outcome,
        subject: None,
        problems: if refused { vec![problem] } else { vec![] },
        warnings: vec![],
    };
    MessageRecord { place, result, order: None, needs_person: refused }
}

#[tokio::test]
async fn bytes_are_filed_once_per_partner_and_the_first_result_stands() {
    let (store, scope, tenant, supplier) = buyer().await;
    let one = partner(&store, tenant, supplier, "one").await;
    let two = partner(&store, tenant, supplier, "two").await;
    let file = async |partner| super::file(&scope, partner, supplier, b"ISA", 10).await.unwrap();

    let Filed::New(id) = file(one).await else { panic!("nobody sent it before") };
    assert!(matches!(file(two).await, Filed::New(_)), "another partner's copy is another interchange");
    assert_eq!(file(one).await, Filed::Unfinished(id));

    let messages = [message(1, DocumentOutcome::Created), message(2, DocumentOutcome::Refused)];
    super::record(&scope, id, supplier, &messages).await.unwrap();
    let late = [message(1, DocumentOutcome::Unchanged), message(2, DocumentOutcome::Refused)];
    super::record(&scope, id, supplier, &late).await.unwrap();
    assert_eq!(super::recorded(&scope, id).await.unwrap().into_iter().collect::<Vec<_>>(), [1, 2]);

    let result = super::finish(&scope, id, one, supplier, Envelope::default()).await.unwrap();
    let read: InterchangeResult = serde_json::from_str(&result).unwrap();
    let outcomes: Vec<_> = read.messages.iter().map(|message| message.outcome).collect();
    assert_eq!(outcomes, [DocumentOutcome::Created, DocumentOutcome::Refused]);
    let other = Envelope { untold: 3, ..Envelope::default() };
    assert_eq!(super::finish(&scope, id, one, supplier, other).await.unwrap(), result);
    assert_eq!(file(one).await, Filed::Finished(id, result));
    assert_eq!(events(&scope, id).await, 1, "received once, however often it is finished");
}

async fn events(scope: &BuyerScope, id: quayside_canonical::InterchangeId) -> usize {
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
    let refused = super::file(&scope, partner, supplier, b"ISA*00", 5).await;
    assert!(matches!(refused, Err(FileError::TooLarge { size: 6, limit: 5 })));
}
