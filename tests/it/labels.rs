//! Labels: who gets them, and what they are.
use serde_json::json;

use crate::support::{Supplier, TestApp, of_order, shipment};

/// A shipment of two cartons on a pallet; the carton `loose` has no code. Its id.
async fn packed(app: &TestApp, supplier: &Supplier, order: &str, submit: bool) -> String {
    let content = |quantity: &str| json!([{ "purchaseOrderId": order, "line": "00010", "quantity": quantity, "lot": "L7" }]);
    let input = json!({ "number": format!("S-{}", app.number()), "submit": submit,
        "lines": [of_order(order, "00010", "60")], "carrier": { "scac": "UPSN" },
        "shipTo": { "name": "Lakeside DC", "address": ["1 Warehouse Road", "Columbus"] },
        "units": [
            { "key": "P 1/A", "packageType": "PX", "sscc": "106141411234567897", "grossWeight": { "value": "88", "unit": "KGM" } },
            { "key": "C1", "parent": "P 1/A", "packageType": "CT", "sscc": "306141410000000013", "contents": content("40") },
            { "key": "loose", "contents": content("20") }
        ] });
    shipment(&app.ship(&supplier.token, "createShipment", input).await)["id"].as_str().unwrap().to_owned()
}

/// Status, content type, disposition and body.
async fn fetch(app: &TestApp, token: &str, path: &str) -> (u16, String, String, String) {
    let request = app.http.get(app.url(path));
    let request = if token.is_empty() { request } else { request.bearer_auth(token) };
    let response = request.send().await.unwrap();
    let header = |name: &str| {
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    assert_eq!(header("x-content-type-options"), "nosniff");
    let (status, kind, kept) =
        (response.status().as_u16(), header("content-type"), header("content-disposition"));
    let body = String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned();
    (status, kind, kept, body)
}

#[tokio::test]
async fn labels_are_printed_for_every_unit_with_a_code() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let id = packed(&app, &supplier, &order, true).await;
    let query = "query($id: ID!) { shipment(id: $id) { labels { pdfUrl zplUrl } handlingUnits { key labels { zplUrl } } } }";
    let reply = app.graphql(&supplier.token, query, json!({ "id": id })).await;
    let shown = &reply.data()["shipment"];
    let (pdf, zpl) =
        (shown["labels"]["pdfUrl"].as_str().unwrap(), shown["labels"]["zplUrl"].as_str().unwrap());
    let (status, kind, kept, body) = fetch(&app, &supplier.token, pdf).await;
    assert_eq!((status, kind.as_str()), (200, "application/pdf"));
    assert_eq!(kept, format!("attachment; filename=\"labels-{id}.pdf\""));
    assert!(body.starts_with("%PDF-"));
    assert!(body.contains("/Count 2"), "a page for each of two units with a code");

    let (status, kind, _, body) = fetch(&app, &supplier.token, zpl).await;
    assert_eq!((status, kind.as_str()), (200, "text/plain; charset=utf-8"));
    assert_eq!(body.matches("^XA").count(), 2);
    assert!(body.contains("Lakeside DC") && body.contains("106141411234567897"), "{body}");
    let unit = shown["handlingUnits"][1]["labels"]["zplUrl"].as_str().unwrap();
    let (_, _, _, one) = fetch(&app, &supplier.token, unit).await;
    assert_eq!(one.matches("^XA").count(), 1);
    assert!(one.contains("306141410000000013") && one.contains("2 of 2"), "{one}");
    assert!(shown["handlingUnits"][2]["labels"].is_null());
    let (_, _, _, by_key) = fetch(&app, &supplier.token, &format!("/files/labels/{id}/C1.zpl")).await;
    assert_eq!(by_key, one, "by its key or its code");
    let (status, _, kept, _) =
        fetch(&app, &supplier.token, &format!("/files/labels/{id}/P%201%2FA.pdf?size=A6")).await;
    assert_eq!((status, kept.as_str()), (200, "attachment; filename=\"labels-P-1-A.pdf\""));
    let (_, _, _, fine) = fetch(&app, &supplier.token, &format!("{zpl}?dpi=300&size=A6")).await;
    assert!(fine.contains("^PW1240"), "{fine}");
}

#[tokio::test]
async fn what_cannot_be_printed_is_refused_with_a_code() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let id = packed(&app, &supplier, &order, true).await;
    let bare =
        app.announced(&supplier, &[of_order(&order, "00020", "1")]).await["id"].as_str().unwrap().to_owned();
    let refused = [
        (format!("{id}/loose.pdf"), 422, "NO_SSCC"),
        (format!("{bare}.zpl"), 422, "NO_SSCC"),
        (format!("{id}/C9.pdf"), 404, "NOT_FOUND"),
        (format!("{id}.png"), 404, "NOT_FOUND"),
        (id.clone(), 404, "NOT_FOUND"),
        ("shp_0.pdf".to_owned(), 404, "NOT_FOUND"),
        (format!("{id}.pdf?size=A5"), 400, "INVALID_VALUE"),
        (format!("{id}.zpl?dpi=600"), 400, "INVALID_VALUE"),
    ];
    for (path, expected, code) in refused {
        let (status, kind, _, body) = fetch(&app, &supplier.token, &format!("/files/labels/{path}")).await;
        assert_eq!((status, kind.as_str()), (expected, "application/problem+json"), "{path}");
        assert!(body.contains(code), "{path}: {body}");
    }
}

#[tokio::test]
async fn labels_are_for_the_supplier_and_once_announced_for_its_buyer() {
    let app = TestApp::start().await;
    let (tenant, elsewhere) = (app.tenant().await, app.tenant().await);
    let (supplier, neighbour) = (app.supplier(&tenant).await, app.supplier(&tenant).await);
    let (buyer, stranger) = (app.buyer(&tenant).await, app.buyer(&elsewhere).await);
    let order = app.placed(&tenant, &supplier).await;
    let draft = packed(&app, &supplier, &order, false).await;
    let status = async |token: &str, id: &str| fetch(&app, token, &format!("/files/labels/{id}.pdf")).await.0;
    assert_eq!(
        status(&supplier.token, &draft).await,
        200,
        "labels are stuck on before the goods are announced"
    );
    assert_eq!(status(&buyer.token, &draft).await, 404);
    let submit = json!({ "id": draft, "version": 1 });
    shipment(&app.ship(&supplier.token, "submitShipment", submit).await);
    assert_eq!(status(&buyer.token, &draft).await, 200);
    for token in [&neighbour.token, &stranger.token] {
        assert_eq!(status(token, &draft).await, 404);
    }
    assert_eq!(status("", &draft).await, 401);
    assert_eq!(status("qys_live_nonsense", &draft).await, 401);
    assert_eq!(status(&tenant.ingest_token, &draft).await, 401, "systems have their own entrances");

    let session = app.sign_in(&supplier.email).await;
    let browse = async |headers: &[(&str, &str)]| {
        let mut request =
            app.http.get(app.url(&format!("/files/labels/{draft}.pdf"))).header("cookie", &session.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(browse(&[("sec-fetch-site", "same-origin")]).await, 200);
    assert_eq!(
        browse(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]).await,
        200,
        "a link in a mail"
    );
    assert_eq!(browse(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")]).await, 403);
    assert_eq!(browse(&[("origin", "https://elsewhere.example")]).await, 403);
}
