use quayside_canonical::states::{ExceptionKind, ExceptionStatus, Severity};
use quayside_entity::event;
use sea_orm::{ColumnTrait, QueryFilter};

use super::*;
use crate::{Scope, testing};

fn about(subject: &str) -> NewException {
    NewException {
        kind: ExceptionKind::UnknownCode,
        subject: subject.to_owned(),
        supplier: None,
        order: None,
        severity: Severity::Warning,
        summary: "The unit XX is in no list.".to_owned(),
        detail: serde_json::json!({ "unit": "XX" }),
    }
}

async fn events(scope: &Scope, event_type: &str) -> usize {
    let tx = scope.read().await.unwrap();
    let rows = crate::scope::in_tenant::<event::Entity>(scope);
    rows.filter(event::Column::EventType.eq(event_type)).all(&*tx).await.unwrap().len()
}

#[tokio::test]
async fn a_cause_has_one_open_exception_and_may_have_another_after_that_is_resolved() {
    let store = testing::store().await;
    let (tenant, _) = testing::tenant(&store).await;
    let scope = testing::scope(&store, tenant, None);

    let tx = scope.write().await.unwrap();
    let opened = open_many(&tx, &scope, vec![about("a"), about("a"), about("b")]).await.unwrap();
    assert_eq!(opened.len(), 2, "the second about the same cause changes nothing");
    assert_eq!(open(&tx, &scope, about("a")).await.unwrap(), None);
    assert!(resolve(&tx, &scope, ExceptionKind::UnknownCode, "a", "the list was extended").await.unwrap());
    assert!(!resolve(&tx, &scope, ExceptionKind::UnknownCode, "a", "twice").await.unwrap());
    assert!(open(&tx, &scope, about("a")).await.unwrap().is_some());
    tx.commit().await.unwrap();

    assert_eq!(events(&scope, "exception.opened").await, 3);
    assert_eq!(events(&scope, "exception.resolved").await, 1);
}

#[tokio::test]
async fn the_list_is_the_tenants_own_newest_first_and_pages_without_overlap() {
    let store = testing::store().await;
    let (tenant, _) = testing::tenant(&store).await;
    let (other, _) = testing::tenant(&store).await;
    for (tenant, subject) in [(tenant, "a"), (tenant, "b"), (other, "theirs"), (tenant, "c")] {
        let scope = testing::scope(&store, tenant, None);
        let tx = scope.write().await.unwrap();
        open(&tx, &scope, about(subject)).await.unwrap();
        tx.commit().await.unwrap();
    }
    let buyer = testing::scope(&store, tenant, None);
    let open_ones = Filter { status: Some(ExceptionStatus::Open), ..Filter::default() };

    let first = list(&buyer, &open_ones, None, 2).await.unwrap();
    let last = first.last().unwrap();
    let second = list(&buyer, &open_ones, Some((last.opened_at, last.id)), 2).await.unwrap();
    let subjects: Vec<_> = first.iter().chain(&second).map(|row| row.subject.as_str()).collect();
    assert_eq!(subjects, ["c", "b", "a"]);

    let overdue = Filter { kind: Some(ExceptionKind::AcknowledgmentOverdue), ..Filter::default() };
    assert!(list(&buyer, &overdue, None, 10).await.unwrap().is_empty());
}
