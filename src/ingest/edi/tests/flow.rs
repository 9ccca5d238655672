//! One rule, one test: what an interchange does, and what it does when it comes again.
use quayside_canonical::states::{DocumentOutcome, Environment, LineStatus, OrderStatus};
use quayside_domain::{
    Store, SystemScope,
    acknowledgments::query::standing_answers,
    interchanges,
    orders::query::{self, OrderFilter, Page},
};
use quayside_entity::purchase_order;
use sea_orm::ConnectionTrait;

use super::super::process;
use super::support::{
    ORDER, Partner, Terms, buyer, interchange, on_terms, one_partner, outcome, partner, send, send_file,
    sibling, store, tenant,
};

/// The order `PO-1`, and what its current revision says.
async fn order(
    store: &Store,
    partner: &Partner,
) -> (purchase_order::Model, quayside_canonical::order::PurchaseOrder) {
    let scope = buyer(store, partner);
    let tx = scope.read().await.unwrap();
    let filter = OrderFilter { number: Some("PO-1".to_owned()), ..OrderFilter::default() };
    let page = Page { after: None, before: None, limit: 2, from_end: false };
    let row = query::list(&tx, &scope, &filter, page).await.unwrap().pop().unwrap();
    let document = query::document_of(&tx, &scope, row.id, row.revision).await.unwrap().unwrap();
    (row, document)
}

async fn line_statuses(store: &Store, partner: &Partner) -> Vec<(String, LineStatus)> {
    let (row, _) = order(store, partner).await;
    let scope = buyer(store, partner);
    let tx = scope.read().await.unwrap();
    let standing = standing_answers(&tx, &scope, &[row.id]).await.unwrap().remove(&row.id).unwrap();
    standing.into_iter().map(|(line, standing)| (line, standing.status)).collect()
}

fn change(time: &str, number: u32, begin: &str, lines: &[&str]) -> String {
    let segments: Vec<&str> = std::iter::once(begin).chain(lines.iter().copied()).collect();
    interchange("PC", time, number, &[("860", &segments)])
}

fn answer(time: &str, number: u32, segments: &[&str]) -> String {
    interchange("PR", time, number, &[("855", segments)])
}

#[tokio::test]
async fn an_order_a_change_and_an_answer_make_one_history() {
    let (store, partner) = one_partner().await;
    let first = outcome(&store, &partner, &interchange("PO", "0800", 1, &[("850", ORDER)])).await;
    assert_eq!(first, (DocumentOutcome::Created, vec![]));

    let lines = ["POC*1*QD*60**EA*12.50", "POC*2*DI*0**EA*0", "POC*3*AI*5**EA*9.00**VP*NEW"];
    let file = change("0900", 2, "BCH*04*SA*PO-1**1*20260901", &lines);
    assert_eq!(outcome(&store, &partner, &file).await, (DocumentOutcome::Revised, vec![]));
    let (row, document) = order(&store, &partner).await;
    assert_eq!((row.revision, row.source_revision.as_str(), row.source_sequence), (2, "860-1", 1));
    assert_eq!(document.lines[0].quantity.to_string(), "60");
    assert!(document.lines[1].cancelled);
    assert_eq!(document.lines[2].supplier_part.as_deref(), Some("NEW"));

    let said = [
        "BAK*00*AC*PO-1*20260901****SO-9",
        "PO1*1*60*EA*12.50",
        "ACK*IA*50*EA*067*20260915",
        "ACK*IB*10*EA*067*20260920",
        "PO1*3*5*EA*9.00",
        "ACK*IR*0*EA",
    ];
    assert_eq!(
        outcome(&store, &partner, &answer("1000", 3, &said)).await,
        (DocumentOutcome::Answered, vec![])
    );
    let statuses = line_statuses(&store, &partner).await;
    let expected = [("1", LineStatus::Proposed), ("2", LineStatus::Cancelled), ("3", LineStatus::Proposed)];
    assert_eq!(statuses, expected.map(|(line, status)| (line.to_owned(), status)));
    assert_eq!(order(&store, &partner).await.0.status, OrderStatus::ChangeProposed);
}

#[tokio::test]
async fn what_comes_again_changes_nothing_whatever_its_envelope() {
    let (store, partner) = one_partner().await;
    let said: &[&str] = &["BAK*00*AT*PO-1*20260901"];
    let begin = "BCH*04*SA*PO-1**1*20260901";
    let grow: &[&str] = &["POC*1*QI*120**EA"];
    send(&store, &partner, &interchange("PO", "0800", 1, &[("850", ORDER)])).await;
    send(&store, &partner, &change("0900", 2, begin, grow)).await;
    send(&store, &partner, &answer("1000", 3, said)).await;
    let before = order(&store, &partner).await;
    assert_eq!(before.0.status, OrderStatus::Acknowledged);

    for file in [
        interchange("PO", "1100", 4, &[("850", ORDER)]),
        change("1101", 5, begin, grow),
        answer("1102", 6, said),
    ] {
        assert_eq!(outcome(&store, &partner, &file).await.0, DocumentOutcome::Unchanged, "{file}");
    }
    assert_eq!(order(&store, &partner).await, before);

    let other = change("1103", 7, begin, &["POC*1*QI*130**EA"]);
    let (conflict, codes) = outcome(&store, &partner, &other).await;
    assert_eq!((conflict, codes), (DocumentOutcome::Conflict, vec!["REVISION_CONFLICT".to_owned()]));
    assert_eq!(order(&store, &partner).await, before);
}

#[tokio::test]
async fn a_supplier_may_change_its_mind_and_change_it_back() {
    let (store, partner) = one_partner().await;
    send(&store, &partner, &interchange("PO", "0800", 1, &[("850", ORDER)])).await;
    let yes: &[&str] = &["BAK*00*AC*PO-1*20260901", "PO1*1*100*EA", "ACK*IA*100*EA*067*20260915"];
    let no: &[&str] = &["BAK*00*AC*PO-1*20260901", "PO1*1*100*EA", "ACK*IR*100*EA"];
    for (time, number, said, line) in [
        ("0900", 2, yes, LineStatus::Accepted),
        ("1000", 3, no, LineStatus::Proposed),
        ("1100", 4, yes, LineStatus::Accepted),
    ] {
        let taken = outcome(&store, &partner, &answer(time, number, said)).await;
        assert_eq!(taken.0, DocumentOutcome::Answered, "{time}");
        assert_eq!(line_statuses(&store, &partner).await[0].1, line, "{time}");
    }
}

#[tokio::test]
async fn changes_are_ranked_by_their_count_and_replacements_by_their_time() {
    let (store, partner) = one_partner().await;
    let replacement: Vec<&str> =
        std::iter::once("BEG*05*SA*PO-1**20260901").chain(ORDER[1..].iter().copied()).collect();
    let replace = |time, number| interchange("PO", time, number, &[("850", &replacement)]);
    let begin = |count: u32| format!("BCH*04*SA*PO-1**{count}*20260901");
    let grow = |count: u32, time, number, line: &str| change(time, number, &begin(count), &[line]);

    // The replacement is here before what it replaces.
    assert_eq!(outcome(&store, &partner, &replace("0900", 1)).await.0, DocumentOutcome::Created);
    let original = interchange("PO", "0800", 2, &[("850", ORDER)]);
    assert_eq!(outcome(&store, &partner, &original).await.0, DocumentOutcome::Late);

    let second = grow(2, "1000", 3, "POC*1*QI*150**EA");
    assert_eq!(outcome(&store, &partner, &second).await.0, DocumentOutcome::Waiting);
    let first = grow(1, "0930", 4, "POC*1*QI*140**EA");
    assert_eq!(outcome(&store, &partner, &first).await.0, DocumentOutcome::Revised);
    assert_eq!(order(&store, &partner).await.1.lines[0].quantity.to_string(), "150", "both, in their order");
    let late = grow(0, "1010", 8, "POC*1*QI*170**EA");
    assert_eq!(
        outcome(&store, &partner, &late).await,
        (DocumentOutcome::Late, vec!["CHANGE_LATE".to_owned()])
    );

    assert_eq!(outcome(&store, &partner, &replace("1100", 5)).await.0, DocumentOutcome::Revised);
    assert_eq!(order(&store, &partner).await.1.lines[0].quantity.to_string(), "100");
    let third = grow(3, "1200", 6, "POC*1*QI*160**EA");
    assert_eq!(outcome(&store, &partner, &third).await.0, DocumentOutcome::Revised);
    let cancel = change("1300", 7, "BCH*01*SA*PO-1**4*20260901", &[]);
    assert_eq!(outcome(&store, &partner, &cancel).await.0, DocumentOutcome::Revised);
    assert_eq!(order(&store, &partner).await.0.status, OrderStatus::Cancelled);
}

#[tokio::test]
async fn a_change_is_taken_whole_or_refused_with_every_reason() {
    let (store, partner) = one_partner().await;
    send(&store, &partner, &interchange("PO", "0800", 1, &[("850", ORDER)])).await;
    let lines = ["POC*1*AI*5**EA", "POC*9*DI*0**EA", "POC*2*QI*20**EA"];
    let result = send(&store, &partner, &change("0900", 2, "BCH*04*SA*PO-1**1*20260901", &lines)).await;
    let told: Vec<_> =
        result.messages[0].problems.iter().map(|p| (p.code.as_str(), p.field.join("."))).collect();
    let expected =
        [("LINE_EXISTS", "3.POC.01"), ("UNKNOWN_LINE", "4.POC.01"), ("QUANTITY_DIRECTION", "5.POC.01")];
    assert_eq!(told, expected.map(|(code, field)| (code, field.to_owned())));
    assert!(result.messages[0].problems[1].message.starts_with("POC segment 4, element 1: "), "{result:?}");
    assert_eq!(order(&store, &partner).await.0.revision, 1, "nothing was applied");
}

#[tokio::test]
async fn another_suppliers_order_is_as_unknown_as_one_that_never_was() {
    let store = store().await;
    let tenant = tenant(&store).await;
    let (theirs, ours) = (partner(&store, tenant, "V-100").await, partner(&store, tenant, "V-200").await);
    send(&store, &theirs, &interchange("PO", "0800", 1, &[("850", ORDER)])).await;
    let change = change("0900", 2, "BCH*04*SA*PO-1**1*20260901", &["POC*1*QI*120**EA"]);
    let answer = answer("0901", 3, &["BAK*00*AT*PO-1*20260901"]);
    for (file, other, outcome) in
        [(change, "000000008", DocumentOutcome::Waiting), (answer, "000000009", DocumentOutcome::Refused)]
    {
        let real = send(&store, &ours, &file).await.messages.remove(0);
        let file = file.replace("PO-1", "PO-7").replace("000000002", other).replace("000000003", other);
        let never = send(&store, &ours, &file).await.messages.remove(0);
        let why = |one: &interchanges::MessageResult| {
            let why = one.problems.first().or(one.warnings.first()).unwrap();
            (one.outcome, why.code.clone(), why.message.replace("PO-1", "PO-7"))
        };
        assert_eq!((why(&real).0, why(&real).1.as_str()), (outcome, "UNKNOWN_ORDER"));
        assert_eq!(why(&real), why(&never));
    }
    let mine = outcome(&store, &ours, &interchange("PO", "1000", 4, &[("850", ORDER)])).await;
    assert_eq!(mine, (DocumentOutcome::Refused, vec!["SUPPLIER_CHANGED".to_owned()]));
}

#[tokio::test]
async fn a_bad_set_spoils_nobody_and_a_bad_envelope_everybody() {
    let (store, partner) = one_partner().await;
    let other: Vec<&str> =
        std::iter::once("BEG*00*SA*PO-2**20260901").chain(ORDER[1..].iter().copied()).collect();
    let bad: &[&str] = &["BEG*00*SA*PO-3**20260901", "PO1*1*0*EA*1"];
    let ship: &[&str] = &["BSN*00*S1*20260901*0800"];
    let sets: &[(&str, &[&str])] = &[("850", ORDER), ("850", bad), ("856", ship), ("850", &other)];
    let file = interchange("PO", "0800", 1, sets).replace("GE*4*1~", "GE*5*1~");
    let result = send(&store, &partner, &file).await;
    assert!(result.messages.iter().all(|m| m.problems[0].code == "SET_COUNT_MISMATCH"), "{result:?}");
    assert_eq!(result.problems[0].code, "SET_COUNT_MISMATCH");

    let result = send(&store, &partner, &interchange("PO", "0800", 1, sets)).await;
    let outcomes: Vec<_> = result.messages.iter().map(|message| message.outcome.code()).collect();
    assert_eq!(outcomes, ["CREATED", "REFUSED", "REFUSED", "CREATED"]);
}

#[tokio::test]
async fn an_interchange_that_was_cut_off_goes_on_where_it_stopped() {
    let (store, partner) = one_partner().await;
    let change = change("0900", 2, "BCH*04*SA*PO-1**1*20260901", &["POC*1*QI*120**EA"]);
    let together = format!("{}{change}", interchange("PO", "0800", 1, &[("850", ORDER)]));
    let first = send_file(&store, &partner, together.as_bytes()).await;
    // As if the process had died after both messages were carried out and before anything was recorded of them.
    let tx = SystemScope::new(store.clone()).write().await.unwrap();
    for sql in [
        "delete from interchange_message",
        "update interchange set finished_at = null, status = 'RECEIVED'",
        "update interchange_file set result = null",
    ] {
        tx.execute_unprepared(sql).await.unwrap();
    }
    tx.commit().await.unwrap();

    let again = send_file(&store, &partner, together.as_bytes()).await;
    let outcomes: Vec<_> = again.messages().map(|message| message.outcome).collect();
    assert_eq!(outcomes, [DocumentOutcome::Unchanged, DocumentOutcome::Revised], "found done, told as done");
    let ids = |result: &interchanges::FileResult| {
        result.interchanges.iter().map(|one| one.interchange).collect::<Vec<_>>()
    };
    assert_eq!((again.file, ids(&again)), (first.file, ids(&first)));
    assert_eq!(order(&store, &partner).await.0.revision, 2);
}

#[tokio::test]
async fn the_same_interchange_sent_at_once_is_carried_out_once() {
    let (store, partner) = one_partner().await;
    let grow: &[&str] = &["BCH*04*SA*PO-1**1*20260901", "POC*1*QI*120**EA"];
    let file = format!(
        "{}{}",
        interchange("PO", "0800", 1, &[("850", ORDER)]),
        interchange("PC", "0900", 2, &[("860", grow)])
    );
    let once = || process(&store, &partner.entrance, file.clone().into());
    let (one, two, three) = tokio::join!(once(), once(), once());
    let bodies = [one.unwrap().body, two.unwrap().body, three.unwrap().body];
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    assert_eq!(order(&store, &partner).await.0.revision, 2);
}

#[tokio::test]
async fn trial_data_and_prices_without_a_currency_are_refused_where_not_agreed() {
    let terms = Terms { environment: Environment::Live, currency: None, ..Terms::default() };
    let (store, partner) = on_terms(terms).await;
    let file = interchange("PO", "0800", 1, &[("850", ORDER)]);
    assert_eq!(outcome(&store, &partner, &file).await.1, ["TEST_DATA"]);
    let file = file.replace("*T*>", "*P*>").replace("CUR*BY*USD~", "").replace("SE*9*", "SE*8*");
    assert_eq!(outcome(&store, &partner, &file).await.1, ["CURRENCY_MISSING"]);
}

#[tokio::test]
async fn a_request_is_answered_by_its_status_too() {
    use axum::http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE};
    let (store, partner) = one_partner().await;
    let headers = |kind| HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
    let file = interchange("PO", "0800", 1, &[("850", ORDER)]);
    let ask = async |kind, body: String| {
        let reply = super::super::interchange(&store, &partner.entrance, &headers(kind), body.into()).await;
        axum::response::IntoResponse::into_response(reply).status()
    };
    assert_eq!(ask("application/edi-x12", file.clone()).await, StatusCode::OK);
    assert_eq!(ask("text/plain; charset=utf-8", file.clone()).await, StatusCode::OK);
    assert_eq!(ask("application/edifact", file.clone()).await, StatusCode::OK);
    assert_eq!(ask("application/json", file).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(ask("application/octet-stream", "hello".to_owned()).await, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_peers_answers_and_changes_are_taken_against_the_orders_they_are_for() {
    let (store, partner) = one_partner().await;
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/edi/tests/samples/");
    for (number, file) in [("PO-ACCEPT", "accept"), ("PO-CHG", "change"), ("PO-OVER-SHIP", "over-ship")] {
        // The peer begins to count anew with each.
        let partner = sibling(&store, &partner, file).await;
        let said =
            std::fs::read_to_string(format!("{samples}x12-855/mockedi-{file}.855.response.x12")).unwrap();
        let begin = format!("BEG*00*SA*{number}**20260901");
        let lines = said.split('~').map(str::trim).filter(|segment| segment.starts_with("PO1"));
        let order: Vec<&str> = [begin.as_str(), "CUR*BY*USD"].into_iter().chain(lines).collect();
        let order = interchange("PO", "0800", 1, &[("850", &order)]);
        assert_eq!(outcome(&store, &partner, &order).await.0, DocumentOutcome::Created);
        assert_eq!(outcome(&store, &partner, &said).await, (DocumentOutcome::Answered, vec![]), "{file}");
    }
    let change = std::fs::read_to_string(format!("{samples}x12-860/mockedi-change.860.sent.x12")).unwrap();
    assert_eq!(outcome(&store, &partner, &change).await, (DocumentOutcome::Revised, vec![]));
}
