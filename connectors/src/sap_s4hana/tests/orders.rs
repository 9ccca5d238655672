//! Orders in.
use super::life::{World, order};
use super::*;
use crate::stub::{PATIENT, Say, Stub, errand, local_http};

fn orders<'a>(page: &'a Page) -> Vec<&'a crate::Stated<quayside_canonical::order::PurchaseOrder>> {
    let order = |document: &'a Inbound| match document {
        Inbound::PurchaseOrder(order) => order,
        other => panic!("{other:?}"),
    };
    page.documents.iter().map(order).collect()
}

fn stated(change: impl FnOnce(&mut Value)) -> crate::Stated<quayside_canonical::order::PurchaseOrder> {
    let mut answer = golden_json("purchase_orders.answer.json");
    change(&mut answer["value"][0]);
    let config: Config = serde_json::from_value(config("https://sap.example.com")).unwrap();
    let page = map::page(answer.to_string().as_bytes()).unwrap();
    map::stated(&config, &codes(), &page.value[0])
}

#[test]
fn an_order_of_saps_becomes_exactly_this_one_of_ours() {
    let stated = stated(|_| ());
    assert_eq!(stated.key, "4500000017");
    let written = serde_json::to_string_pretty(&stated.document.unwrap()).unwrap() + "\n";
    assert_eq!(written, golden("purchase_orders.order.json"));
}

#[test]
fn everything_that_is_wrong_with_an_order_is_told_at_once() {
    let problems = stated(|order| {
        order["DocumentCurrency"] = json!("DOLLAR");
        order["_PurchaseOrderItem"][0]["IsReturnsItem"] = json!(true);
        order["_PurchaseOrderItem"][1]["_PurchaseOrderScheduleLineTP"][0]["DelivDateCategory"] = json!("2");
        order["_PurchaseOrderItem"][1]["OrderQuantity"] = json!("1e3");
    });
    let problems = problems.document.unwrap_err();
    let found: Vec<_> = problems.as_slice().iter().map(|p| (p.code.as_str(), p.field.join("."))).collect();
    assert_eq!(
        found,
        [
            ("RETURNS_ITEM", "lines.0".to_owned()),
            ("DELIVERY_PERIOD", "lines.1.schedules".to_owned()),
            ("INVALID_VALUE", "currency".to_owned()),
            ("INVALID_VALUE", "lines.1.quantity".to_owned()),
        ]
    );
}

#[test]
fn what_was_deleted_or_blocked_in_sap_is_said() {
    let order = stated(|order| {
        order["PurchaseOrderDeletionCode"] = json!("L");
        order["_PurchaseOrderItem"][0]["PurchasingDocumentDeletionCode"] = json!("S");
    });
    let order = order.document.unwrap();
    assert!(order.cancelled && order.lines[2].cancelled && !order.lines[0].cancelled);
    assert_eq!(order.lines[0].notes, ["The buyer has blocked this item for now."]);
}

#[tokio::test]
async fn the_same_order_read_twice_is_the_same_and_a_changed_one_is_another_revision() {
    let world = World::start().await;
    let first = world.poll(None).await;
    let cursor = first.cursor.as_deref();
    assert_eq!(cursor, Some("2026-03-01T08:30:00.123Z"));
    let again = world.poll(cursor).await;
    assert_eq!(again.documents, first.documents, "the overlap brings it again, word for word");
    assert_eq!((again.cursor.as_deref(), again.more), (cursor, false));

    let mut changed = order();
    changed["LastChangeDateTime"] = json!("2026-03-01T09:00:00Z");
    changed["_PurchaseOrderItem"][0]["OrderQuantity"] = json!("13.000");
    changed["_PurchaseOrderItem"][0]["_PurchaseOrderScheduleLineTP"][0]["ScheduleLineOrderQuantity"] =
        json!("13.000");
    world.sap.put_order(changed);
    let later = world.poll(cursor).await;
    let (before, after) =
        (orders(&first)[0].document.as_ref().unwrap(), orders(&later)[0].document.as_ref().unwrap());
    assert!(after.revision.rank() > before.revision.rank());
    assert_eq!(after.lines[0].quantity, "13".parse().unwrap());
}

#[tokio::test]
async fn a_sweep_reads_every_order_once_also_when_they_changed_in_the_same_moment() {
    for server_limit in [100, 2] {
        let world = World::with(json!({ "page_size": 3 })).await;
        let sap = quayside_simulator::Sap::new(quayside_simulator::SapSettings {
            page_limit: server_limit,
            ..quayside_simulator::SapSettings::new(SECRET)
        });
        for index in 0..8 {
            let mut order = order();
            order["PurchaseOrder"] = json!(format!("45000001{index:02}"));
            order["LastChangeDateTime"] =
                json!(if index < 6 { "2026-03-01T08:00:00Z" } else { "2026-03-01T08:30:00Z" });
            sap.put_order(order);
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(quayside_simulator::serve_sap(listener, sap));
        let connector = connector(config_with(&url, json!({ "page_size": 3 })));
        let (mut cursor, mut seen, mut pages) = (None::<String>, Vec::new(), 0);
        loop {
            let source = connector.source().unwrap();
            let page = source
                .poll(&world.http, &errand(), &codes(), ORDERS, cursor.as_deref())
                .await
                .outcome
                .unwrap();
            seen.extend(orders(&page).iter().map(|order| order.key.clone()));
            cursor = page.cursor;
            pages += 1;
            if !page.more {
                break;
            }
        }
        serving.abort();
        let expected: Vec<String> = (0..8).map(|index| format!("45000001{index:02}")).collect();
        assert_eq!(seen, expected, "server limit {server_limit}");
        assert_eq!(cursor.as_deref(), Some("2026-03-01T08:30:00Z"));
        assert!(pages >= 3);
    }
}

#[tokio::test]
async fn an_order_whose_release_is_under_way_is_passed_over() {
    let world = World::start().await;
    let mut draft = order();
    draft["ReleaseIsNotCompleted"] = json!(true);
    world.sap.put_order(draft);
    let page = world.poll(None).await;
    assert!(page.documents.is_empty());
    assert_eq!(page.cursor.as_deref(), Some("2026-03-01T08:30:00.123Z"));
}

#[tokio::test]
async fn only_orders_of_the_wanted_organisations_are_asked_for() {
    let world =
        World::with(json!({ "company_codes": ["1010", "2010"], "purchasing_organizations": ["1710"] })).await;
    assert!(world.poll(None).await.documents.is_empty());
    let world = World::with(json!({ "company_codes": ["1710", "2010"] })).await;
    assert_eq!(world.poll(None).await.documents.len(), 1);
}

#[tokio::test]
async fn a_page_that_is_too_long_is_asked_for_in_smaller_pieces() {
    let long = "x".repeat(1024 * 1024 + 1);
    let stub = Stub::start(Say::answer(200, "", &long)).await;
    let connector = connector(config_with(stub.url.trim_end_matches("/events"), json!({ "page_size": 4 })));
    let source = connector.source().unwrap();
    let polled = source.poll(&local_http(PATIENT), &errand(), &codes(), ORDERS, None).await;
    assert!(polled.outcome.unwrap_err().to_string().contains("longer than we read"));
    let tops: Vec<bool> = ["$top=4&", "$top=2&", "$top=1&"]
        .iter()
        .zip(stub.requests())
        .map(|(top, request)| request.contains(top))
        .collect();
    assert_eq!(tops, [true, true, true]);
}

#[tokio::test]
async fn a_poll_that_goes_wrong_says_how() {
    for (status, body, word) in
        [(401, "", "unauthorized"), (500, "", "retry"), (200, "<html>", "retry"), (400, "{}", "refused")]
    {
        let stub = Stub::start(Say::answer(status, "", body)).await;
        let connector = connector(config(stub.url.trim_end_matches("/events")));
        let source = connector.source().unwrap();
        let polled = source.poll(&local_http(PATIENT), &errand(), &codes(), ORDERS, None).await;
        assert_eq!(polled.outcome.unwrap_err().word(), word, "{status}");
    }
    let connector = connector(config("https://sap.example.com"));
    let source = connector.source().unwrap();
    for (feed, cursor) in [(ORDER_EVENTS, None), (ORDERS, Some("yesterday"))] {
        let polled = source.poll(&local_http(PATIENT), &errand(), &codes(), feed, cursor).await;
        assert_eq!(polled.outcome.unwrap_err().word(), "unmappable", "{feed}");
    }
}

#[test]
fn a_notification_says_that_a_poll_is_due() {
    let connector = connector(config("https://sap.example.com"));
    let source = connector.source().unwrap();
    let receive = |body: &str| {
        source.receive(
            &codes(),
            ORDER_EVENTS,
            &Message { media_type: "application/json", body: body.as_bytes() },
        )
    };
    let changed = Inbound::Changed { feed: ORDERS, key: "4500000017".to_owned() };
    assert_eq!(receive(&golden("purchase_order_changed.message.json")), Ok(vec![changed]));
    for wrong in [
        "hello",
        "{}",
        r#"{"type":"sap.s4.beh.salesorder.v1.SalesOrder.Changed.v1","data":{"PurchaseOrder":"1"}}"#,
        r#"{"type":"sap.s4.beh.purchaseorder.v1.PurchaseOrder.Changed.v1","data":{"PurchaseOrder":" "}}"#,
    ] {
        assert!(receive(wrong).is_err(), "{wrong}");
    }
    let message = Message { media_type: "application/json", body: b"{}" };
    assert!(source.receive(&codes(), ORDERS, &message).is_err());
}
