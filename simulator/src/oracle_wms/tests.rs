//! The contract, as a caller meets it. Its whole life with the connector is in `connectors/tests/oracle_wms.rs`.
use super::*;
use crate::testing::{Hand, Server, request};

fn settings() -> OracleWmsSettings {
    OracleWmsSettings { clock: Hand::new().clock(), ..OracleWmsSettings::new("ws", "secret") }
}

async fn serve(settings: OracleWmsSettings) -> (OracleWms, Server) {
    let wms = OracleWms::open(settings).unwrap();
    let served = wms.clone();
    (wms, Server::start("/oracle", move |listener| crate::serve_oracle_wms(listener, served)).await)
}

/// `ws:secret`
const BASIC: &str = "Basic d3M6c2VjcmV0";

fn headers(media: &str) -> Vec<(String, String)> {
    [("authorization", BASIC), ("content-type", media)].map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec()
}

fn shipment(action: &str, rows: &str) -> String {
    format!(
        "<LgfData><Header><DocumentVersion>25D</DocumentVersion><OriginSystem>Host</OriginSystem>\
         <ClientEnvCode>QA</ClientEnvCode><ParentCompanyCode>ACME</ParentCompanyCode><Entity>ib_shipment</Entity>\
         <TimeStamp>2026-03-02T10:00:00</TimeStamp><MessageId>m1</MessageId></Header><ListOfIbShipments><ib_shipment>\
         <ib_shipment_hdr><shipment_nbr>A1</shipment_nbr><facility_code>DC01</facility_code>\
         <company_code>ACME</company_code><action_code>{action}</action_code></ib_shipment_hdr>{rows}\
         </ib_shipment></ListOfIbShipments></LgfData>"
    )
}

fn row(seq: &str, action: &str, item: &str) -> String {
    format!(
        "<ib_shipment_dtl><seq_nbr>{seq}</seq_nbr><action_code>{action}</action_code>\
         <item_alternate_code>{item}</item_alternate_code><shipped_qty>5</shipped_qty></ib_shipment_dtl>"
    )
}

async fn staged(server: &Server, document: &str, later: bool) -> crate::testing::Said {
    let later = if later { "true" } else { "false" };
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("xml_data", document), ("async", later)])
        .finish();
    let headers = headers("application/x-www-form-urlencoded");
    server.send(&request("POST", "/oracle/wms/api/init_stage_interface/", &headers, &body)).await
}

#[tokio::test]
async fn every_breach_of_the_contract_is_told_at_once() {
    let known = OracleWmsSettings { items: Some(vec!["I1".to_owned()]), ..settings() };
    let (wms, server) = serve(known).await;
    for (document, expected) in [
        ("<LgfData/>".to_owned(), "LgfData/Header not found"),
        ("<!DOCTYPE x><LgfData/>".to_owned(), "DTDs"),
        (shipment("CREATE", ""), "no details"),
        (shipment("MAKE", &row("1", "CREATE", "I1")), "Invalid action_code MAKE"),
        (shipment("UPDATE", &row("1", "UPDATE", "I1")), "Record not found"),
        (shipment("CREATE", &row("1", "UPDATE", "I1")), "detail 1 not found"),
        (shipment("CREATE", &row("1", "CREATE", "I2")), "Item I2 not found"),
        (shipment("CREATE", &row("x", "CREATE", "I1")), "seq_nbr x is not a number"),
        (shipment("CREATE", &(row("1", "CREATE", "I1") + &row("1", "CREATE", "I1"))), "there twice"),
        (
            shipment("CREATE", &row("1", "CREATE", "I1")).replace("ACME</company", "X</company"),
            "Company X not found",
        ),
        (shipment("CREATE", &row("1", "CREATE", "I1")).replace("m1", ""), "MessageId is required"),
    ] {
        let said = staged(&server, &document, false).await;
        assert_eq!(said.status, Some(400), "{document}");
        assert!(
            said.body.contains("<success>False</success>") && said.body.contains(expected),
            "{}",
            said.body
        );
    }
    assert!(wms.effects().is_empty(), "nothing was changed");
}

#[tokio::test]
async fn a_shipment_is_made_once_and_frozen_when_receiving_began() {
    let (wms, server) = serve(OracleWmsSettings { refuses_with_200: true, ..settings() }).await;
    let create = shipment("CREATE", &row("1", "CREATE", "I1"));
    let first = staged(&server, &create, false).await;
    assert!(
        first.body.contains("<success>True</success>") && first.body.contains("file group 41415"),
        "{}",
        first.body
    );
    let again = staged(&server, &create, false).await;
    assert_eq!(again.status, Some(200), "as before 21D");
    assert!(again.body.contains("already exists"), "{}", again.body);
    wms.receive("A1", &[]).unwrap();
    let late = staged(&server, &shipment("UPDATE", &row("1", "UPDATE", "I1")), false).await;
    assert!(late.body.contains("receiving has started"), "{}", late.body);
    assert_eq!((wms.effects().len(), wms.report().doubles), (1, 0));
}

#[tokio::test]
async fn what_is_handed_over_is_taken_without_a_look_and_judged_later() {
    let (wms, server) = serve(settings()).await;
    let said = staged(&server, &shipment("CREATE", ""), true).await;
    assert!(said.body.contains("<success>True</success>"), "{}", said.body);
    assert_eq!((wms.report().staged, wms.effects().len()), (1, 0));
    assert_eq!(wms.run_stage(), ["ib_shipment A1 has no details"]);
}

#[tokio::test]
async fn strangers_and_those_who_may_not_are_told_apart() {
    let may_not = OracleWmsSettings { facilities: vec![("DC01".to_owned(), false)], ..settings() };
    let (_wms, server) = serve(may_not).await;
    let said = staged(&server, &shipment("CREATE", &row("1", "CREATE", "I1")), false).await;
    assert_eq!(said.status, Some(403));
    let path = "/oracle/wms/lgfapi/v10/entity/facility/?code=DC01";
    assert_eq!(server.send(&request("GET", path, &[], "")).await.status, Some(401));
    let said = server.send(&request("GET", path, &headers("application/json"), "")).await;
    assert_eq!((said.status, said.code().as_str()), (Some(404), "NOT_FOUND"));
    let said = server.send(&request("GET", &path.replace("code=", "colour="), &headers(""), "")).await;
    assert_eq!((said.status, said.code().as_str()), (Some(400), "VALIDATION_ERROR"));
}

/// A Quayside that only listens: what it was told, and with what credentials.
async fn listening() -> (String, Arc<Mutex<Vec<(String, String, String)>>>) {
    use axum::extract::State;
    use axum::http::{HeaderMap, StatusCode, Uri};
    type Heard = Arc<Mutex<Vec<(String, String, String)>>>;
    async fn hear(State(heard): State<Heard>, uri: Uri, headers: HeaderMap, body: String) -> StatusCode {
        let said = headers["authorization"].to_str().unwrap().to_owned();
        let mut heard = heard.lock().unwrap();
        heard.push((uri.path().to_owned(), said, body));
        // The first is not taken: it has to come again before the next one does.
        if heard.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::ACCEPTED }
    }
    let heard = Heard::default();
    let router =
        Router::new().route("/con_1/{feed}", axum::routing::post(hear)).with_state(Arc::clone(&heard));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/con_1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, heard)
}

#[tokio::test]
async fn what_was_received_is_told_in_order_with_basic_until_it_is_taken() {
    let (url, heard) = listening().await;
    let telling = Telling { url, user: "wms".to_owned(), password: "canary".to_owned() };
    assert!(!format!("{telling:?}").contains("canary"));
    // Not served: the loop would take the first step before the test does.
    let wms = OracleWms::open(OracleWmsSettings { quayside: Some(telling), ..settings() }).unwrap();
    let document = tree::read(&shipment("CREATE", &row("1", "CREATE", "I1"))).unwrap();
    stage::apply(&mut wms.books(), wms.settings(), &document, (wms.settings().clock)()).unwrap();
    wms.receive("A1", &[]).unwrap();
    wms.verify("A1").unwrap();
    assert_eq!(wms.verify("A1").unwrap_err().to_string(), "shipment A1 is verified");

    assert_eq!(wms.work().await, 0, "the first is not taken");
    assert_eq!(wms.work().await, 2);
    assert_eq!((wms.work().await, wms.report().untold), (0, 0));

    let heard = heard.lock().unwrap().clone();
    let paths: Vec<&str> = heard.iter().map(|(path, ..)| path.as_str()).collect();
    assert_eq!(
        paths,
        ["/con_1/inventory-history", "/con_1/inventory-history", "/con_1/shipment-verification"]
    );
    assert!(heard.iter().all(|(_, said, _)| said == "Basic d21zOmNhbmFyeQ=="), "{heard:?}");
    assert_eq!(heard[0].2, heard[1].2, "word for word");
    assert!(heard[2].2.contains("<received_qty>5</received_qty>"), "{}", heard[2].2);
}
