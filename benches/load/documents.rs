//! What the buyers order: the same orders in every run, and the requests about them.
use quayside_canonical::{
    Date, Micro, Timestamp,
    order::{Line, PurchaseOrder, SourceRevision},
};
use serde_json::{Value, json};

/// A supplier's open orders as a portal shows them: nine values a line, the supplier, and the answer given last.
const PAGE: &str = "query Page($first: Int!) { purchaseOrders(first: $first, filter: { status: [AWAITING_ANSWER] }) { \
    nodes { id number status currency createdAt supplier { name } lines { number buyerPart supplierPart description \
    quantity { value unit } unitPrice { amount } deliverTo status answer { acknowledgmentId holds parts { kind \
    quantity { value } promisedOn } } } } pageInfo { hasNextPage endCursor } } }";

const ONE: &str = "query One($id: ID!) { purchaseOrder(id: $id) { id number status revision answerDueAt \
    supplier { name } lines { number buyerPart supplierPart description quantity { value unit } unitPrice { amount } \
    deliverTo status answer { acknowledgmentId holds parts { kind quantity { value } promisedOn } } } \
    revisions { number sourceRevision receivedAt lines { number quantity { value } deliverTo } } } }";

const SUBMIT: &str = "mutation Submit($input: SubmitAcknowledgmentInput!) { submitAcknowledgment(input: $input) { \
    acknowledgment { id } userErrors { code message } } }";

const ANNOUNCE: &str = "mutation Announce($input: CreateShipmentInput!) { createShipment(input: $input) { \
    shipment { id status } userErrors { code message } } }";

/// An order by its place in the run: who gets it and what is on it follows from `seed` alone.
pub(crate) fn order(number: String, supplier: &str, seed: u64) -> PurchaseOrder {
    let mut dice = Dice(seed);
    let lines = 5 + dice.roll(6);
    let issued_at = Timestamp::from_micros(1_750_000_000_000_000 + i64::try_from(seed).unwrap_or_default());
    PurchaseOrder {
        translations: Vec::new(),
        number,
        supplier: supplier.to_owned(),
        revision: SourceRevision { id: "1".to_owned(), sequence: None, issued_at },
        currency: Some("EUR".to_owned()),
        ordered_on: Some(issued_at.date()),
        cancelled: false,
        incoterms: None,
        payment_terms: Some("30 days net".to_owned()),
        ship_to: None,
        notes: Vec::new(),
        lines: (1..=lines).map(|place| line(place, &mut dice)).collect(),
    }
}

/// An order of `lines` lines, each of so much that it is never all shipped.
pub(crate) fn large_order(number: String, supplier: &str, lines: u64) -> PurchaseOrder {
    let mut dice = Dice(lines);
    let large = |place| Line { quantity: Micro::from(100_000_000), ..line(place, &mut dice) };
    PurchaseOrder { lines: (1..=lines).map(large).collect(), ..order(number, supplier, lines) }
}

/// The number of the line at this place, from 1.
pub(crate) fn line_number(place: usize) -> String {
    format!("{:05}", place * 10)
}

fn line(place: u64, dice: &mut Dice) -> Line {
    let item = dice.roll(50_000);
    Line {
        translations: Vec::new(),
        number: format!("{:05}", place * 10),
        buyer_part: Some(format!("B-{item:06}")),
        supplier_part: Some(format!("S-{:06}", item * 7 % 99_991)),
        gtin: None,
        description: Some(format!("Hex bolt M{} x {}, zinc plated, DIN 933", 4 + item % 20, 10 + item % 90)),
        quantity: micro(1 + dice.roll(500), 1),
        unit: "EA".to_owned(),
        unit_price: Some(micro(10 + dice.roll(9_990), 100)),
        price_per: None,
        deliver_from: None,
        deliver_to: Date::from_ymd_opt(2027, 1, 1)
            .and_then(|day| day.checked_add_days(chrono::Days::new(dice.roll(300)))),
        ship_to: None,
        cancelled: false,
        schedules: Vec::new(),
        notes: Vec::new(),
    }
}

fn micro(value: u64, divisor: i64) -> Micro {
    Micro::from_millionths(i64::try_from(value).unwrap_or_default() * 1_000_000 / divisor)
}

/// One order as the ingest endpoint takes it.
pub(crate) fn json_of(order: &PurchaseOrder) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(order)
}

/// The first page of a supplier's open orders.
pub(crate) fn page(size: u32) -> Value {
    json!({ "query": PAGE, "variables": { "first": size } })
}

/// One order with its lines and revisions.
pub(crate) fn one(order: &str) -> Value {
    json!({ "query": ONE, "variables": { "id": order } })
}

/// An answer that takes every line as it was ordered.
pub(crate) fn submit(order: &str, lines: &[(String, Micro)], key: &str) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(line, quantity)| {
            json!({ "line": line, "parts": [{ "kind": "ACCEPTED", "quantity": quantity.to_string() }] })
        })
        .collect();
    let input = json!({ "purchaseOrderId": order, "revision": 1, "lines": lines, "idempotencyKey": key });
    json!({ "query": SUBMIT, "variables": { "input": input } })
}

/// A shipment of ten of each of `lines` lines of an order, on a pallet of 20 cartons that get their codes from the
/// supplier's range.
pub(crate) fn announce(number: &str, order: &str, lines: usize) -> Value {
    const CARTONS: usize = 20;
    let part = |place: usize| json!({ "orderNumber": order, "line": line_number(place), "quantity": "10" });
    let mut units = vec![json!({ "key": "P", "packageType": "PX" })];
    units.extend((1..=CARTONS).map(|carton| {
        let contents: Vec<Value> = (carton..=lines).step_by(CARTONS).map(part).collect();
        json!({ "key": format!("C{carton}"), "parent": "P", "packageType": "CT", "contents": contents })
    }));
    let lines: Vec<Value> = (1..=lines).map(part).collect();
    let input = json!({
        "number": number, "submit": true, "allocateSscc": true, "lines": lines, "units": units,
        "idempotencyKey": number
    });
    json!({ "query": ANNOUNCE, "variables": { "input": input } })
}

/// The first page of a list, with what a portal shows of each.
pub(crate) fn list(list: &str) -> Value {
    let fields = match list {
        "purchaseOrders" => {
            "id number status fulfillment ledger { line unit fulfillment ordered shipped inTransit received open }"
        }
        "shipments" => "id number status shipsAt submittedAt supplier { name }",
        "discrepancies" => "id kind status orderNumber line quantity { value unit } openedAt",
        _ => "id kind status severity subject summary openedAt dueAt",
    };
    json!({ "query": format!("{{ {list}(first: 25) {{ nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}") })
}

/// What follows one stream of events.
pub(crate) fn follow() -> Value {
    json!({ "query": "subscription { events { id type subject purchaseOrderId data } }" })
}

/// A small generator of numbers (SplitMix64): the same in every run and on every machine.
#[derive(Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `sides`.
    pub(crate) const fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}
