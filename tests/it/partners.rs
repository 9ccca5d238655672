//! Trading partners, managed by procurement: checked as a whole, and shown to the supplier they are.
use std::{
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};

use quayside_canonical::identity::Role;
use serde_json::{Value, json};

use crate::support::{Reply, Supplier, Tenant, TestApp, mutation, order};

const SEEN: &str = "tradingPartner { id name mode environment currency revision disabledAt transport connectionId
    supplier { id number } identifiers { qualifier id } tokens { id name } agreement { version syntax
    answeredWithinMinutes confirmedWithinMinutes applicationAdvice ours { qualifier id }
    delimiters { element segment lineBreaks } documents { document way mode version } codes { list theirs ours } } }";

struct World {
    app: TestApp,
    tenant: Tenant,
    supplier: Supplier,
    buyer: String,
}

impl World {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let tenant = app.tenant().await;
        let supplier = app.supplier(&tenant).await;
        let buyer = app.buyer(&tenant).await.token;
        Self { app, tenant, supplier, buyer }
    }

    async fn send_as(&self, token: &str, name: &str, selection: &str, input: Value) -> Reply {
        let kind = format!("{}Input", name[..1].to_uppercase() + &name[1..]);
        let query = mutation(name, &kind, selection);
        self.app.graphql(token, &query, json!({ "input": input })).await
    }

    async fn send(&self, name: &str, input: Value) -> Reply {
        self.send_as(&self.buyer, name, SEEN, input).await
    }

    fn vendor(&self, name: &str, key: &str) -> Value {
        json!({ "supplierId": self.supplier.id.to_string(), "name": name, "mode": "MIRROR", "environment": "TEST",
            "identifiers": [{ "qualifier": "ZZ", "id": name.to_uppercase() }], "idempotencyKey": key })
    }

    /// A vendor that was set up, as it is shown.
    async fn made(&self, name: &str) -> Value {
        let reply = self.send("createTradingPartner", self.vendor(name, name)).await;
        partner(&reply, "createTradingPartner")
    }

    async fn token(&self, partner: &Value) -> Value {
        let input = json!({ "id": partner["id"], "name": "van", "idempotencyKey": "token" });
        let reply =
            self.send_as(&self.buyer, "createTradingPartnerToken", "apiToken { id } secret", input).await;
        reply.data()["createTradingPartnerToken"].clone()
    }

    /// The status that an interchange gets with a token.
    async fn hand_in(&self, secret: &str, bytes: &'static str) -> u16 {
        let request = self.app.http.post(self.app.url("/edi/v1/interchanges")).bearer_auth(secret);
        request.body(bytes).send().await.unwrap().status().as_u16()
    }

    /// `quayside partner …` as the operator runs it: whether it worked, and what it says.
    fn run(&self, arguments: &[&str], input: &str) -> (bool, String) {
        let mut process = Command::new(env!("CARGO_BIN_EXE_quayside"))
            .args(["partner", arguments[0], "--tenant", &self.tenant.slug])
            .args(&arguments[1..])
            .env("QUAYSIDE_DATA_DIR", &self.app.scratch().folder)
            .env("QUAYSIDE_DATABASE_URL", &self.app.scratch().url)
            .env("QUAYSIDE_SECRETS_KEY", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = process.wait_with_output().unwrap();
        let said = if output.status.success() { output.stdout } else { output.stderr };
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    async fn events(&self, subject: &Value) -> Vec<Value> {
        self.app.settle().await;
        let types =
            ["created", "updated", "disabled", "enabled"].map(|name| format!("trading_partner.{name}"));
        let types: Vec<&str> = types.iter().map(String::as_str).collect();
        let events = self.app.events_of(&self.buyer, &types).await;
        events.into_iter().filter(|event| event["subject"] == *subject).collect()
    }
}

fn partner(reply: &Reply, name: &str) -> Value {
    let payload = &reply.data()[name];
    assert_eq!(payload["userErrors"], json!([]), "{}", reply.body);
    payload["tradingPartner"].clone()
}

fn codes_at(reply: &Reply, name: &str) -> Vec<String> {
    let errors = reply.data()[name]["userErrors"].as_array().unwrap();
    let shown = |error: &Value| {
        let field: Vec<_> = error["field"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        format!("{} {}", error["code"].as_str().unwrap(), field.join("."))
    };
    errors.iter().map(shown).collect()
}

#[tokio::test]
async fn procurement_sets_a_vendor_up_changes_and_stops_it() {
    let world = World::start().await;
    let mut input = world.vendor("Nordhaven", "k1");
    input["agreement"] = json!({ "ours": [{ "qualifier": "ZZ", "id": "NORTHDIST" }], "version": "005010",
        "delimiters": { "element": "|", "lineBreaks": true }, "confirmedWithinMinutes": 60,
        "documents": [{ "document": "ORDER_ANSWER", "way": "IN", "mode": "MIRROR", "version": "004010" }],
        "codes": [{ "list": "UNIT", "theirs": "STK", "ours": "EA" }] });
    let mut tried = input.clone();
    tried["validateOnly"] = json!(true);
    let reply = world.send("createTradingPartner", tried).await;
    assert_eq!(partner(&reply, "createTradingPartner"), Value::Null, "{}", reply.body);

    let made = partner(&world.send("createTradingPartner", input.clone()).await, "createTradingPartner");
    assert_eq!((&made["revision"], &made["environment"]), (&json!(1), &json!("TEST")));
    assert_eq!(made["supplier"]["number"], json!(world.supplier.number));
    assert_eq!((&made["transport"], &made["tokens"]), (&Value::Null, &json!([])));
    let agreement = &made["agreement"];
    assert_eq!(agreement["delimiters"], json!({ "element": "|", "segment": null, "lineBreaks": true }));
    assert_eq!(agreement["codes"], json!([{ "list": "UNIT", "theirs": "STK", "ours": "EA" }]));
    assert_eq!(agreement["applicationAdvice"], true, "as usual");
    let again = world.send("createTradingPartner", input.clone()).await;
    assert!(again.is_replay());
    assert_eq!(partner(&again, "createTradingPartner")["id"], made["id"]);
    input["name"] = json!("Another");
    assert_eq!(world.send("createTradingPartner", input).await.error_code(), "IDEMPOTENCY_KEY_REUSED");

    let change = |revision: i32, key: &str| {
        json!({ "id": made["id"], "revision": revision, "environment": "LIVE", "currency": "EUR",
            "agreement": { "answeredWithinMinutes": 240, "codes": [] }, "idempotencyKey": key })
    };
    let now = partner(&world.send("updateTradingPartner", change(1, "u1")).await, "updateTradingPartner");
    assert_eq!((&now["revision"], &now["environment"]), (&json!(2), &json!("LIVE")), "{now}");
    assert_eq!(now["agreement"]["version"], "005010", "what is not said stays");
    assert_eq!(
        (&now["agreement"]["codes"], &now["agreement"]["answeredWithinMinutes"]),
        (&json!([]), &json!(240))
    );
    assert!(world.send("updateTradingPartner", change(1, "u1")).await.is_replay());
    let stale = world.send("updateTradingPartner", change(1, "u2")).await;
    assert_eq!(codes_at(&stale, "updateTradingPartner"), ["STALE_REVISION input.revision"]);
    let mut back = change(2, "u3");
    back["currency"] = Value::Null;
    back["agreement"] = json!({ "answeredWithinMinutes": null });
    back["validateOnly"] = json!(true);
    assert_eq!(
        partner(&world.send("updateTradingPartner", back.clone()).await, "updateTradingPartner"),
        Value::Null
    );
    back["validateOnly"] = json!(false);
    let now = partner(&world.send("updateTradingPartner", back).await, "updateTradingPartner");
    assert_eq!((&now["currency"], &now["agreement"]["answeredWithinMinutes"]), (&Value::Null, &Value::Null));

    let stop = json!({ "id": made["id"], "reason": "no contract", "idempotencyKey": "d" });
    let stopped = partner(&world.send("disableTradingPartner", stop.clone()).await, "disableTradingPartner");
    assert!(stopped["disabledAt"].is_string(), "{stopped}");
    assert!(world.send("disableTradingPartner", stop).await.is_replay());
    let twice = json!({ "id": made["id"], "reason": "no contract", "idempotencyKey": "d2" });
    let twice = world.send("disableTradingPartner", twice).await;
    assert_eq!(codes_at(&twice, "disableTradingPartner"), ["INVALID_STATE input.id"]);
    let start = json!({ "id": made["id"], "idempotencyKey": "e" });
    let started = partner(&world.send("enableTradingPartner", start).await, "enableTradingPartner");
    assert_eq!((&started["disabledAt"], &started["revision"]), (&Value::Null, &json!(5)));

    let events = world.events(&made["id"]).await;
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    let wanted = ["created", "updated", "updated", "disabled", "enabled"]
        .map(|name| format!("trading_partner.{name}"));
    assert_eq!(types, wanted);
    let changed = ["agreement.answeredWithinMinutes", "agreement.codes", "currency", "environment"];
    assert_eq!(events[1]["data"]["changed"], json!(changed));
    assert_eq!(events[3]["data"]["reason"], "no contract");
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once_and_nothing_is_kept() {
    let world = World::start().await;
    let theirs = world.supplier.edi_id.clone();
    let input = json!({ "supplierId": "sup_00000000000000000000000000000001", "name": "Nordhaven ", "mode": "EXCHANGE",
        "environment": "LIVE", "currency": "euro", "connectionId": world.tenant.erp.to_string(),
        "identifiers": [{ "qualifier": "ZZ", "id": theirs }, { "id": "0123456789012345" }],
        "agreement": {
            "version": "004011", "confirmedWithinMinutes": -5, "answeredWithinMinutes": 0,
            "delimiters": { "element": "|", "component": "|", "repetition": "^", "segment": "" },
            "documents": [{ "document": "ORDER", "way": "IN", "mode": "EXCHANGE" }],
            "codes": [{ "list": "UNIT", "theirs": "X", "ours": "EA" }, { "list": "UNIT", "theirs": "X", "ours": "KGM" },
                { "list": "LINE_ANSWER", "theirs": "OK", "ours": "YES" }] },
        "idempotencyKey": "k" });
    let reply = world.send("createTradingPartner", input).await;
    let mut found = codes_at(&reply, "createTradingPartner");
    found.sort();
    // The partner that every supplier of the tests has comes by token, this one through a connection: not TAKEN.
    assert_eq!(
        found,
        [
            "AMBIGUOUS input.agreement.codes.1.theirs",
            "DUPLICATE input.agreement.delimiters.component",
            "INVALID_DELIMITER input.agreement.delimiters.segment",
            "INVALID_TEXT input.identifiers.1",
            "INVALID_TEXT input.name",
            "INVALID_VALUE input.currency",
            "NOT_FOUND input.supplierId",
            "NOT_USED input.agreement.delimiters.repetition",
            "OUT_OF_RANGE input.agreement.answeredWithinMinutes",
            "OUT_OF_RANGE input.agreement.confirmedWithinMinutes",
            "REQUIRED input.agreement.ours",
            "UNKNOWN_CODE input.agreement.codes.2.ours",
            "UNKNOWN_VERSION input.agreement.version",
            "WRONG_KIND input.connectionId",
            "WRONG_WAY input.agreement.documents.0.way",
        ],
        "{}",
        reply.body
    );
    let all =
        world.app.graphql(&world.buyer, "{ tradingPartners(first: 9) { nodes { id } } }", json!({})).await;
    assert_eq!(all.data()["tradingPartners"]["nodes"], json!([{ "id": world.supplier.partner.to_string() }]));

    let mut taken = world.vendor(&format!("Supplier {}", world.supplier.number), "t");
    taken["identifiers"] = json!([{ "qualifier": "ZZ", "id": world.supplier.edi_id }]);
    let taken = world.send("createTradingPartner", taken).await;
    assert_eq!(codes_at(&taken, "createTradingPartner"), ["TAKEN input.name", "TAKEN input.identifiers.0"]);
}

#[tokio::test]
async fn of_two_at_once_with_the_same_identifier_one_is_set_up() {
    let world = World::start().await;
    let vendor = |name: &str| {
        let mut input = world.vendor(name, name);
        input["identifiers"] = json!([{ "qualifier": "ZZ", "id": "SAME" }]);
        input
    };
    let (one, two) = tokio::join!(
        world.send("createTradingPartner", vendor("One")),
        world.send("createTradingPartner", vendor("Two")),
    );
    let mut found = [codes_at(&one, "createTradingPartner"), codes_at(&two, "createTradingPartner")];
    found.sort();
    assert_eq!(found, [vec![], vec!["TAKEN input.identifiers.0".to_owned()]]);
}

#[tokio::test]
async fn words_for_the_tenants_own_things_are_held_against_its_master_data() {
    let world = World::start().await;
    let mut input = world.vendor("Nordhaven", "k");
    input["agreement"] = json!({ "codes": [
        { "list": "ITEM", "theirs": "1", "ours": "B-1" }, { "list": "ITEM", "theirs": "2", "ours": "B-2" },
        { "list": "LOCATION", "theirs": "9", "ours": "DC9" }, { "list": "UNIT", "theirs": "R", "ours": "ROLL" }] });
    input["validateOnly"] = json!(true);
    let reply = world.send("createTradingPartner", input.clone()).await;
    assert_eq!(
        codes_at(&reply, "createTradingPartner"),
        ["UNKNOWN_CODE input.agreement.codes.3.ours"],
        "who keeps no items and locations is not asked for them"
    );
    let item = json!({ "number": "B-1", "unit": "ROLL" });
    let kept = world.app.ingest_at(&world.tenant, "/ingest/v1/items", &item, &[]).await;
    assert!(kept.status < 300, "{}", kept.body);
    let reply = world.send("createTradingPartner", input).await;
    assert_eq!(codes_at(&reply, "createTradingPartner"), ["UNKNOWN_CODE input.agreement.codes.1.ours"]);
}

#[tokio::test]
async fn a_supplier_sees_what_it_is_and_changes_nothing() {
    let world = World::start().await;
    let made = world.made("Nordhaven").await;
    world.token(&made).await;
    let query = "query($id: ID!) { tradingPartner(id: $id) { name transport connectionId tokens { id } identifiers { id }
        agreement { version answeredWithinMinutes } } node(id: $id) { id } }";
    let seen = world.app.graphql(&world.supplier.token, query, json!({ "id": made["id"] })).await;
    let seen = seen.data();
    assert_eq!(seen["tradingPartner"]["identifiers"], json!([{ "id": "NORDHAVEN" }]));
    assert_eq!(
        (&seen["tradingPartner"]["tokens"], &seen["tradingPartner"]["connectionId"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(seen["node"]["id"], made["id"]);
    let buyers = world.app.graphql(&world.buyer, query, json!({ "id": made["id"] })).await;
    assert_eq!(buyers.data()["tradingPartner"]["tokens"].as_array().unwrap().len(), 1);

    let list = "query($c: ID) { tradingPartners(first: 9, connectionId: $c) { nodes { id } } }";
    let own = world.app.graphql(&world.supplier.token, list, json!({})).await;
    assert_eq!(own.data()["tradingPartners"]["nodes"].as_array().unwrap().len(), 2);
    let named =
        world.app.graphql(&world.supplier.token, list, json!({ "c": world.tenant.erp.to_string() })).await;
    assert_eq!(named.data()["tradingPartners"]["nodes"], json!([]));

    let (_, admin) = world.app.person(&world.tenant, Some(world.supplier.id), Role::SupplierAdmin).await;
    let (_, auditor) = world.app.person(&world.tenant, None, Role::Auditor).await;
    let looked = world.app.graphql(&auditor, query, json!({ "id": made["id"] })).await;
    assert_eq!(looked.data()["tradingPartner"]["name"], "Nordhaven");
    for (who, whose) in [("the supplier's admin", &admin), ("an auditor", &auditor)] {
        for (name, selection, input) in [
            ("createTradingPartner", SEEN, world.vendor("Mine", "k")),
            ("updateTradingPartner", SEEN, json!({ "id": made["id"], "revision": 1, "idempotencyKey": "k" })),
            (
                "disableTradingPartner",
                SEEN,
                json!({ "id": made["id"], "reason": "r", "idempotencyKey": "k" }),
            ),
            ("enableTradingPartner", SEEN, json!({ "id": made["id"], "validateOnly": true })),
            (
                "createTradingPartnerToken",
                "secret",
                json!({ "id": made["id"], "name": "n", "idempotencyKey": "k" }),
            ),
        ] {
            let reply = world.send_as(whose, name, selection, input).await;
            assert_eq!(reply.error_code(), "FORBIDDEN", "{who}: {name}");
        }
    }
}

#[tokio::test]
async fn a_partners_token_is_shown_once_and_revoked_by_whoever_makes_them() {
    let world = World::start().await;
    let made = world.made("Nordhaven").await;
    let token = world.token(&made).await;
    let secret = token["secret"].as_str().unwrap();
    assert!(secret.starts_with("qyp_test_"), "the partner's environment");
    let again = world.token(&made).await;
    assert_eq!((&again["apiToken"], &again["secret"]), (&token["apiToken"], &Value::Null));
    assert_eq!(world.hand_in(secret, "not EDI").await, 422, "let in, and nothing to read");

    let wrong =
        json!({ "id": made["id"], "name": "", "expiresAt": "2020-01-01T00:00:00Z", "validateOnly": true });
    let wrong = world.send_as(&world.buyer, "createTradingPartnerToken", "secret", wrong).await;
    assert_eq!(
        codes_at(&wrong, "createTradingPartnerToken"),
        ["INVALID_LENGTH input.name", "IN_THE_PAST input.expiresAt"]
    );

    let revoke = json!({ "id": token["apiToken"]["id"], "idempotencyKey": "r" });
    let reply = world.send_as(&world.buyer, "revokeApiToken", "apiToken { revokedAt }", revoke).await;
    assert!(reply.data()["revokeApiToken"]["apiToken"]["revokedAt"].is_string(), "{}", reply.body);
    assert_eq!(world.hand_in(secret, "not EDI").await, 401);
    let shown = "query($id: ID!) { tradingPartner(id: $id) { tokens { id } } }";
    let shown = world.app.graphql(&world.buyer, shown, json!({ "id": made["id"] })).await;
    assert_eq!(shown.data()["tradingPartner"]["tokens"], json!([]));
}

#[tokio::test]
async fn an_answer_is_due_as_agreed_with_the_partner() {
    let world = World::start().await;
    let due = async |number: &str| {
        let reply = world.app.ingest(&world.tenant, &order(&world.supplier, number)).await;
        let query = "query($id: ID!) { purchaseOrder(id: $id) { answerDueAt updatedAt } }";
        let seen = world.app.graphql(&world.buyer, query, json!({ "id": reply.body["order"] })).await;
        seen.data()["purchaseOrder"]["answerDueAt"].as_str().unwrap().to_owned()
    };
    assert_eq!(due("4500000001").await, "2026-11-25T08:00:00Z", "48 hours, by the policy");
    let change = json!({ "id": world.supplier.partner.to_string(), "revision": 1,
        "agreement": { "answeredWithinMinutes": 90 }, "idempotencyKey": "u" });
    partner(&world.send("updateTradingPartner", change).await, "updateTradingPartner");
    assert_eq!(due("4500000002").await, "2026-11-23T09:30:00Z");
    world.app.advance(Duration::from_secs(91 * 60));
    world.app.settle().await;
    let late = world.app.events_of(&world.buyer, &["acknowledgment.overdue"]).await;
    assert_eq!(late.len(), 1, "{late:?}");
    assert_eq!(late[0]["data"]["orderNumber"], "4500000002");
}

#[tokio::test]
async fn pages_of_partners_hold_each_once() {
    let world = World::start().await;
    for name in ["One", "Two", "Three"] {
        world.made(name).await;
        world.app.advance(Duration::from_secs(1));
    }
    let query = "query($after: String) { tradingPartners(first: 3, after: $after) {
        nodes { name } pageInfo { hasNextPage endCursor } } }";
    let first = world.app.graphql(&world.buyer, query, json!({})).await;
    let page = &first.data()["tradingPartners"];
    let names: Vec<_> = page["nodes"].as_array().unwrap().iter().map(|node| node["name"].clone()).collect();
    assert_eq!(names, ["Three", "Two", "One"]);
    assert_eq!(page["pageInfo"]["hasNextPage"], true);
    let rest = json!({ "after": page["pageInfo"]["endCursor"] });
    let rest = world.app.graphql(&world.buyer, query, rest).await;
    let rest = &rest.data()["tradingPartners"];
    assert_eq!(rest["nodes"], json!([{ "name": format!("Supplier {}", world.supplier.number) }]));
    assert_eq!(rest["pageInfo"]["hasNextPage"], false);
}

#[tokio::test]
async fn the_command_line_does_the_same() {
    let world = World::start().await;
    let run = |arguments: &[&str], input: &str| world.run(arguments, input);
    let supplier = world.supplier.number.as_str();
    let create = [
        "create",
        "--name",
        "Nordhaven",
        "--supplier",
        supplier,
        "--id",
        "ZZ:NORDHAVEN",
        "--environment",
        "TEST",
    ];
    let (ok, id) = run(&create, "");
    assert!(ok, "{id}");
    let id = id.trim().to_owned();
    let (ok, shown) = run(&["show", "--name", "Nordhaven"], "");
    let mut shown: Value = serde_json::from_str(&shown).unwrap();
    assert!(ok);
    assert_eq!((&shown["id"], &shown["mode"], &shown["revision"]), (&json!(id), &json!("MIRROR"), &json!(1)));

    shown["agreement"]["version"] = json!("005010");
    let edited = shown.to_string();
    let (ok, said) = run(&["update", "--name", "Nordhaven", "--file", "-", "--currency", "EUR"], &edited);
    assert!(ok && said.trim() == format!("{id} revision 2"), "{said}");
    let (ok, said) = run(&["update", "--name", "Nordhaven", "--revision", "1", "--mode", "EXCHANGE"], "");
    assert!(
        !ok && said.contains("STALE_REVISION at revision") && said.contains("REQUIRED at connectionId"),
        "{said}"
    );
    let (ok, said) = run(&["disable", "--name", "Nordhaven", "--reason", "moved"], "");
    assert!(ok && said.contains("revision 3"), "{said}");
    let (_, list) = run(&["list"], "");
    assert!(
        list.contains(&format!("{id}\tNordhaven\t{supplier}\tMIRROR\tTEST\thttps\tDISABLED since")),
        "{list}"
    );
    let (ok, _) = run(&["enable", "--name", "Nordhaven"], "");
    assert!(ok);
    let events = world.events(&json!(id)).await;
    let changed: Vec<_> = events.iter().filter_map(|event| event["data"].get("changed")).collect();
    assert_eq!(changed, [&json!(["agreement.version", "currency"])]);
}
