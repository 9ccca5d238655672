//! Whole orders in EXCHANGE mode over a drop folder: from the ERP's release to the receipt, as the vendor's files see it,
//! in both syntaxes; what goes wrong on the way; and a process that dies at each step.
use std::{fs, future::poll_fn, path::PathBuf, pin::pin, task::Poll, time::Duration};

use quayside_simulator::{EdiSupplier, EdiSupplierSettings};
use serde_json::{Value, json};

use super::{
    FIRST, transport,
    vendor::{Says, Syntax, Taken, Vendor, at_rest},
};
use crate::support::{Supplier, Tenant, TestApp, goods::receipt, mutation, revision, scratch_folder};

/// Longer than a feed waits between polls, and than any lease lasts.
const A_WHILE: Duration = Duration::from_secs(70);
/// How soon the vendor is to confirm what it gets.
const SOON: u32 = 60;
const ORDER: &str = "4500001";

struct World {
    app: TestApp,
    tenant: Tenant,
    supplier: Supplier,
    buyer: String,
    root: PathBuf,
    vendor: Vendor,
}

impl World {
    /// A vendor that went live in EXCHANGE mode, set up by procurement.
    async fn start(syntax: Syntax) -> Self {
        let root = scratch_folder();
        let app = TestApp::with(&[("edi.folders", &format!("{FIRST}={}", root.display()))]).await;
        let tenant = app.tenant().await;
        let supplier = app.supplier(&tenant).await;
        let buyer = app.buyer(&tenant).await.token;
        let folder = root.join("vendor");
        fs::create_dir_all(folder.join("in")).unwrap();
        let connection = transport(&app, &tenant, "edi-folder", json!({ "folder": folder }), &[]).await;
        let (word, version) = match syntax {
            Syntax::X12 => ("X12", "004010"),
            Syntax::Edifact => ("EDIFACT", "D96A"),
        };
        let input = json!({ "id": supplier.partner.to_string(), "revision": 1, "mode": "EXCHANGE", "environment": "LIVE",
            "connectionId": connection.to_string(), "idempotencyKey": "go-live",
            "agreement": { "ours": [{ "qualifier": "ZZ", "id": "BUYER" }], "syntax": word, "version": version,
                "confirmedWithinMinutes": SOON } });
        let query =
            mutation("updateTradingPartner", "UpdateTradingPartnerInput", "tradingPartner { revision }");
        let reply = app.graphql(&buyer, &query, json!({ "input": input })).await;
        assert!(reply.refusals().is_empty(), "{}", reply.body);
        let vendor = Vendor::new(syntax, &folder, &supplier.edi_id);
        Self { app, tenant, supplier, buyer, root, vendor }
    }

    /// A name in X12, or in EDIFACT.
    fn named(&self, x12: &'static str, edifact: &'static str) -> &'static str {
        if self.vendor.syntax == Syntax::X12 { x12 } else { edifact }
    }

    /// The ERP hands in a revision of an order.
    async fn hand_in(&self, number: &str, sequence: i64, quantity: &str) {
        let reply =
            self.app.ingest(&self.tenant, &revision(&self.supplier, number, sequence, quantity)).await;
        assert!(reply.status < 300, "{}", reply.body);
    }

    /// What the vendor finds of a revision.
    async fn release(&self, number: &str, sequence: i64, quantity: &str) -> Taken {
        self.hand_in(number, sequence, quantity).await;
        self.app.settle().await;
        self.take_one()
    }

    #[track_caller]
    fn take_one(&self) -> Taken {
        let taken = self.vendor.take();
        assert_eq!(taken.len(), 1, "{taken:#?}");
        taken.into_iter().next().unwrap()
    }

    /// The kinds of what the vendor finds.
    fn take_kinds(&self) -> Vec<String> {
        self.vendor.take().into_iter().map(|file| file.kind).collect()
    }

    async fn put(&self, says: &[Says]) -> Vec<String> {
        let texts = self.vendor.put(says);
        self.settle_later().await;
        texts
    }

    async fn settle_later(&self) {
        self.app.advance(A_WHILE);
        self.app.settle().await;
    }

    async fn ask(&self, query: &str, variables: Value) -> Value {
        self.app.graphql(&self.buyer, query, variables).await.data().clone()
    }

    /// What was sent, in the order of control numbers: number, type and status of each.
    async fn sent(&self) -> Vec<(i64, String, String)> {
        let query = "{ sentInterchanges(first: 50) { nodes { controlNumber status documents { type } } } }";
        let data = self.ask(query, json!({})).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut sent: Vec<_> = data["sentInterchanges"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| {
                let number = text(&node["controlNumber"]).parse().unwrap();
                (number, text(&node["documents"][0]["type"]), text(&node["status"]))
            })
            .collect();
        sent.sort();
        sent
    }

    /// The order's standing, its answers with what the ERP made of them, and its shipments.
    async fn order(&self, number: &str) -> Value {
        let query = "query($number: String!) { purchaseOrder(number: $number) { status fulfillment revision
            lines { number status } acknowledgments { deliveries { status } } shipments { number status } } }";
        self.ask(query, json!({ "number": number })).await["purchaseOrder"].clone()
    }

    /// The open exceptions, as kinds and sentences.
    async fn open_exceptions(&self) -> Vec<(String, String)> {
        let query = "{ exceptions(first: 50, filter: { open: true }) { nodes { kind summary } } }";
        let data = self.ask(query, json!({})).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let nodes = data["exceptions"]["nodes"].as_array().unwrap().iter();
        nodes.map(|node| (text(&node["kind"]), text(&node["summary"]))).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn numbers(sent: &[(i64, String, String)]) -> Vec<i64> {
    sent.iter().map(|(number, ..)| *number).collect()
}

#[tokio::test]
async fn a_whole_order_goes_by_x12_files() {
    whole_order(Syntax::X12).await;
}

#[tokio::test]
async fn a_whole_order_goes_by_edifact_files() {
    whole_order(Syntax::Edifact).await;
}

async fn whole_order(syntax: Syntax) {
    let world = World::start(syntax).await;
    let vendor = &world.vendor;
    let report = world.named("997", "CONTRL");

    let first = world.release(ORDER, 1, "100").await;
    assert_eq!((first.kind.as_str(), first.number), (world.named("850", "ORDERS"), 1));
    assert!(first.text.contains(ORDER) && first.text.contains("BUYER"), "{}", first.text);
    assert_eq!(world.sent().await, [(1, first.kind.clone(), "SENT".to_owned())]);
    let mut put = world.put(&[vendor.confirms(&first), vendor.answers(ORDER, "100")]).await;
    assert_eq!(world.sent().await[0].2, "CONFIRMED");
    let answer = world.take_one();
    assert_eq!(answer.kind, report, "their answer is confirmed, their confirmation is not");
    let order = world.order(ORDER).await;
    assert_eq!(order["status"], "ACKNOWLEDGED");
    assert_eq!(order["acknowledgments"][0]["deliveries"][0]["status"], "DELIVERED", "the ERP has it");

    let change = world.release(ORDER, 2, "80").await;
    assert_eq!(change.kind, world.named("860", "ORDCHG"));
    assert!(change.text.contains("00010") && !change.text.contains("00020"), "{}", change.text);
    assert_eq!(world.order(ORDER).await["lines"][0]["status"], "OUTDATED");
    put.extend(world.put(&[vendor.confirms(&change), vendor.answers(ORDER, "80")]).await);
    put.extend(world.put(&[vendor.ships("ASN-1", ORDER, "80")]).await);
    assert_eq!(world.take_kinds(), [report, report]);
    let order = world.order(ORDER).await;
    assert_eq!((&order["status"], &order["fulfillment"]), (&json!("ACKNOWLEDGED"), &json!("SHIPPED")));
    assert_eq!(order["shipments"][0]["number"], "ASN-1");

    let mut received = receipt("GR-1", "FINAL", "ASN-1", (ORDER, "00010", "80"), "GOOD");
    received["lines"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "order": ORDER, "line": "00020", "quantity": "12.5", "condition": "GOOD" }));
    let reply = world.app.receive(&world.tenant, &received).await;
    assert!(reply.status < 300, "{}", reply.body);
    world.app.settle().await;
    let advice = world.take_one();
    assert_eq!(advice.kind, world.named("861", "RECADV"));
    assert!(advice.text.contains("GR-1") && advice.text.contains("ASN-1"), "{}", advice.text);
    put.extend(world.put(&[vendor.confirms(&advice)]).await);

    let kinds = [&first.kind, report, &change.kind, report, report, &advice.kind];
    let sent = world.sent().await;
    assert_eq!(numbers(&sent), [1, 2, 3, 4, 5, 6]);
    assert_eq!(sent.iter().map(|(_, kind, _)| kind.as_str()).collect::<Vec<_>>(), kinds);
    let documents = sent.iter().filter(|(_, kind, _)| kind != report);
    assert_eq!(documents.filter(|(.., status)| status == "CONFIRMED").count(), 3, "{sent:?}");
    assert_eq!(world.order(ORDER).await["fulfillment"], "CLOSED");
    assert_eq!(world.open_exceptions().await, []);

    for text in &put {
        vendor.put_text(text);
    }
    world.settle_later().await;
    assert!(vendor.take().is_empty(), "the same files again change nothing");
    assert_eq!(world.sent().await, sent);
    let order = world.order(ORDER).await;
    let count = |what: &str| order[what].as_array().unwrap().len();
    assert_eq!((count("acknowledgments"), count("shipments")), (2, 1), "{order:#}");
}

#[tokio::test]
async fn what_goes_wrong_in_x12_is_told_to_both_sides() {
    goes_wrong(Syntax::X12).await;
}

#[tokio::test]
async fn what_goes_wrong_in_edifact_is_told_to_both_sides() {
    goes_wrong(Syntax::Edifact).await;
}

async fn goes_wrong(syntax: Syntax) {
    let world = World::start(syntax).await;
    let vendor = &world.vendor;
    let (report, advice) = (world.named("997", "CONTRL"), world.named("824", "APERAK"));

    world.put(&[vendor.answers("4599999", "100")]).await;
    let told = vendor.take();
    assert_eq!(told.iter().map(|file| file.kind.as_str()).collect::<Vec<_>>(), [report, advice]);
    assert!(told[1].text.contains("4599999"), "{}", told[1].text);
    world.put(&[vendor.confirms(&told[1])]).await;

    let order = world.release(ORDER, 1, "100").await;
    let right = vendor.interchange(&[vendor.answers(ORDER, "100")]);
    let broken = match syntax {
        Syntax::X12 => right.replace("SE*7*", "SE*8*"),
        Syntax::Edifact => right.replace("UNT+12+", "UNT+13+"),
    };
    assert_ne!(right, broken);
    vendor.put_text(&broken);
    world.settle_later().await;
    let told = world.take_one();
    assert_eq!(told.kind, report);
    let refused = world.named("AK5*R", "+4'");
    assert!(told.text.contains(refused), "{}", told.text);
    assert_eq!(world.order(ORDER).await["status"], "AWAITING_ANSWER", "nothing of it was applied");

    world.put(&[vendor.rejects(&order)]).await;
    let rejected = world.open_exceptions().await;
    let rejected = rejected.iter().find(|(kind, _)| kind == "EDI_REJECTED").unwrap();
    assert!(rejected.1.contains(&format!("{} {ORDER}", order.kind)), "{rejected:?}");
    assert!(rejected.1.contains(world.named("CUR", "segment 3")), "{rejected:?}");

    let late = world.release("4500002", 1, "100").await;
    world.app.advance(Duration::from_secs(u64::from(SOON) * 60 + 1));
    world.app.settle().await;
    let overdue = world.open_exceptions().await;
    let overdue = overdue.iter().find(|(kind, _)| kind == "EDI_UNCONFIRMED").unwrap();
    assert!(overdue.1.contains("4500002"), "{overdue:?}");
    let status = |sent: &[(i64, String, String)], number: u32| {
        sent.iter().find(|(one, ..)| *one == i64::from(number)).unwrap().2.clone()
    };
    assert_eq!(status(&world.sent().await, late.number), "OVERDUE");
    world.put(&[vendor.confirms(&late)]).await;
    let sent = world.sent().await;
    assert_eq!(
        (status(&sent, late.number), status(&sent, order.number)),
        ("CONFIRMED".into(), "REJECTED".into())
    );
    assert!(world.open_exceptions().await.iter().all(|(kind, _)| kind != "EDI_UNCONFIRMED"));
    let all = numbers(&sent);
    assert_eq!(all, (1..=i64::try_from(all.len()).unwrap()).collect::<Vec<_>>(), "no gaps");
}

#[tokio::test]
async fn the_simulated_supplier_confirms_answers_and_ships_what_lies_in_its_folder() {
    let world = World::start(Syntax::X12).await;
    let folder = world.root.join("vendor");
    let supplier =
        EdiSupplier::open(EdiSupplierSettings::new(&folder, world.supplier.edi_id.as_str())).unwrap();
    world.hand_in(ORDER, 1, "100").await;
    world.app.settle().await;
    supplier.work().unwrap();
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder.join("in")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort_by_key(|path| path.to_str().unwrap().rsplit('-').next().unwrap().to_owned());
    for (path, place) in files.iter().zip(0..) {
        at_rest(path, place);
    }
    world.settle_later().await;
    let order = world.order(ORDER).await;
    assert_eq!((&order["status"], &order["fulfillment"]), (&json!("ACKNOWLEDGED"), &json!("SHIPPED")));
    assert_eq!(world.sent().await[0].2, "CONFIRMED");
    supplier.work().unwrap();
    let report = supplier.report();
    assert_eq!(report.heard.get("997"), Some(&2), "one for its 855, one for its 856: {report:?}");
    assert!(report.rejected.is_empty(), "{report:?}");
    assert_eq!(world.open_exceptions().await, []);
}

/// How the background work ends.
#[derive(Clone, Copy, Debug)]
enum Death {
    /// It cannot write a row of this table.
    Before(&'static str),
    /// It is stopped when it has had its turn so many times: in the middle of a call, a transaction, a file.
    After(usize),
}

const DEATHS: [Death; 12] = [
    Death::Before("event_log"),
    Death::Before("sent_interchange"),
    Death::Before("exchange_cursor"),
    Death::Before("delivery"),
    Death::Before("delivery_attempt"),
    Death::Before("inbound_message"),
    Death::After(1),
    Death::After(20),
    Death::After(60),
    Death::After(120),
    Death::After(200),
    Death::After(300),
];

#[tokio::test]
async fn a_process_that_dies_at_any_step_loses_and_repeats_nothing() {
    let world = World::start(Syntax::X12).await;
    let setting = format!("{FIRST}={}", world.root.display());
    let next = world.app.neighbour_with(&[("edi.folders", &setting)]).await;
    for (place, death) in DEATHS.into_iter().enumerate() {
        let number = format!("46{place:05}");
        world.hand_in(&number, 1, "100").await;
        let mut orders = dies(&world, &next, death).await;
        orders.extend(world.vendor.take());
        assert_eq!(orders.len(), 1, "{death:?}: {orders:#?}");
        assert!(orders[0].text.contains(&number), "{death:?}: {orders:#?}");

        let vendor = &world.vendor;
        vendor.put(&[vendor.confirms(&orders[0]), vendor.answers(&number, "100")]);
        let mut reports = dies(&world, &next, death).await;
        reports.extend(world.vendor.take());
        let kinds: Vec<&str> = reports.iter().map(|file| file.kind.as_str()).collect();
        assert_eq!(kinds, ["997"], "{death:?}");
        let order = world.order(&number).await;
        assert_eq!(order["status"], "ACKNOWLEDGED", "{death:?}: {:?}", world.open_exceptions().await);
        let answers = order["acknowledgments"].as_array().unwrap();
        let delivered = answers[0]["deliveries"][0]["status"] == "DELIVERED";
        assert!(answers.len() == 1 && delivered, "{death:?}: {answers:#?}");
    }
    let sent = world.sent().await;
    let wanted = i64::try_from(2 * DEATHS.len()).unwrap();
    assert_eq!(numbers(&sent), (1..=wanted).collect::<Vec<_>>(), "no gaps, nothing twice");
    let orders = sent.iter().filter(|(_, kind, _)| kind == "850");
    assert!(orders.into_iter().all(|(.., status)| status == "CONFIRMED"), "{sent:?}");
    assert_eq!(world.open_exceptions().await, []);
}

/// The background work runs into its death, the vendor takes what lies there, and the next process goes on.
async fn dies(world: &World, next: &TestApp, death: Death) -> Vec<Taken> {
    world.app.advance(A_WHILE);
    match death {
        Death::Before(table) => {
            arm(&world.app, table).await;
            let _ = world.app.app.work().settle().await;
            disarm(&world.app, table).await;
        }
        Death::After(turns) => stopped(world.app.app.work().settle(), turns).await,
    }
    let taken = world.vendor.take();
    for _ in 0..3 {
        next.advance(A_WHILE);
        next.settle().await;
    }
    taken
}

/// Lets `work` have so many turns, and drops it.
async fn stopped(work: impl Future, mut turns: usize) {
    let mut work = pin!(work);
    poll_fn(|context| {
        if turns == 0 {
            return Poll::Ready(());
        }
        turns -= 1;
        work.as_mut().poll(context).map(drop)
    })
    .await;
}

async fn arm(app: &TestApp, table: &str) {
    let insert = format!("create trigger dies before insert on {table}");
    let statements = if app.scratch().is_postgres() {
        vec![
            "create or replace function dies() returns trigger language plpgsql as $$ begin raise exception 'dies'; end $$".to_owned(),
            format!("{insert} for each row execute function dies()"),
        ]
    } else {
        vec![format!("{insert} begin select raise(abort, 'dies'); end")]
    };
    app.scratch().tamper(&statements.iter().map(String::as_str).collect::<Vec<_>>()).await;
}

async fn disarm(app: &TestApp, table: &str) {
    let on = if app.scratch().is_postgres() { format!(" on {table}") } else { String::new() };
    app.scratch().tamper(&[&format!("drop trigger dies{on}")]).await;
}
