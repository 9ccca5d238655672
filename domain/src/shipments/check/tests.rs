//! Every rule about a ship notice, one at a time and all at once.
use std::collections::{BTreeMap, HashMap};

use quayside_canonical::{
    Micro, Problems, PurchaseOrderId, SupplierId, TenantId,
    order::Party,
    policy::{Policy, Rules},
    shipment::{Batch, Carrier, Content, HandlingUnit, Measure, ShipNotice, ShippedLine},
    states::{FulfillmentStatus, LineStatus},
};
use quayside_entity::line_state;

use super::{announced, draft, with_order_numbers};
use crate::shipments::ground::{Ground, LineGround, OrderGround};

fn micro(text: &str) -> Micro {
    text.parse().unwrap()
}

/// Order `PO-1`: 100 pieces on line 10, 12.5 kg on line 20. A case of the item on line 10 holds 12 pieces.
fn ground(policy: &Policy) -> Ground {
    let id = PurchaseOrderId::generate();
    let cases = HashMap::from([("EA".to_owned(), (1, 1)), ("XCS".to_owned(), (12, 1))]);
    let lines = BTreeMap::from([
        ("10".to_owned(), line(id, "10", "100", "EA", cases)),
        ("20".to_owned(), line(id, "20", "12.5", "KGM", HashMap::new())),
    ]);
    let order = OrderGround { id, number: "PO-1".to_owned(), cancelled: false, lines };
    Ground { orders: HashMap::from([("PO-1".to_owned(), order)]), rules: Rules::from_layers(&[policy]) }
}

fn line(
    order: PurchaseOrderId,
    number: &str,
    ordered: &str,
    unit: &str,
    factors: HashMap<String, (i64, i64)>,
) -> LineGround {
    let state = line_state::Model {
        order_id: order,
        line: number.to_owned(),
        tenant_id: TenantId::generate(),
        supplier_id: SupplierId::generate(),
        status: LineStatus::AwaitingAnswer,
        acknowledgment_id: None,
        answered_revision: None,
        unit: unit.to_owned(),
        ordered: micro(ordered),
        cancelled: Micro::ZERO,
        acknowledged: Micro::ZERO,
        backordered: Micro::ZERO,
        shipped: Micro::ZERO,
        in_transit: Micro::ZERO,
        received: Micro::ZERO,
        accepted: Micro::ZERO,
        held: Micro::ZERO,
        rejected: Micro::ZERO,
        returned: Micro::ZERO,
        short_closed: Micro::ZERO,
        invoiced: Micro::ZERO,
        fulfillment: FulfillmentStatus::NotShipped,
        due_on: None,
        late_at: None,
    };
    LineGround { state, own_in_transit: Micro::ZERO, item: None, factors }
}

fn of_line(line: &str, quantity: &str) -> ShippedLine {
    ShippedLine {
        order: "PO-1".to_owned(),
        line: line.to_owned(),
        quantity: micro(quantity),
        unit: None,
        batches: Vec::new(),
    }
}

fn notice(lines: Vec<ShippedLine>) -> ShipNotice {
    ShipNotice { number: "S-1".to_owned(), lines, ..ShipNotice::default() }
}

fn unit(key: &str, parent: Option<&str>, contents: Vec<Content>) -> HandlingUnit {
    HandlingUnit {
        key: key.to_owned(),
        parent: parent.map(str::to_owned),
        contents,
        ..HandlingUnit::default()
    }
}

fn content(line: &str, quantity: &str) -> Content {
    let batch = Batch { quantity: micro(quantity), ..Batch::default() };
    Content { order: "PO-1".to_owned(), line: line.to_owned(), batch }
}

fn shown(problems: &Problems) -> Vec<String> {
    problems.as_slice().iter().map(|it| format!("{} {}", it.code, it.field.join("."))).collect()
}

/// What is wrong with announcing it under rules without any tolerance.
fn wrong(notice: &ShipNotice) -> Vec<String> {
    shown(&announced(notice, &ground(&Policy::default())).1)
}

#[test]
fn a_plain_notice_is_taken_in_the_units_of_the_order() {
    let mut cases = of_line("10", "7");
    cases.unit = Some("XCS".to_owned());
    let (lines, problems) =
        announced(&notice(vec![cases, of_line("20", "12.5")]), &ground(&Policy::default()));
    assert!(problems.is_empty(), "{problems}");
    let taken: Vec<_> = lines.iter().map(|line| (line.quantity.to_string(), line.unit.as_str())).collect();
    assert_eq!(taken, [("84".to_owned(), "EA"), ("12.5".to_owned(), "KGM")]);
}

#[test]
fn a_unit_converts_exactly_or_is_refused() {
    let ground = ground(&Policy::default());
    let line = &ground.orders["PO-1"].lines["10"];
    assert_eq!(line.convert(micro("0.25"), Some("XCS")), Some(micro("3")));
    assert_eq!(line.convert(micro("5"), None), Some(micro("5")));
    assert_eq!(line.convert(micro("1"), Some("KGM")), None, "not a unit of this item");
    let mut weighed = of_line("10", "3");
    weighed.unit = Some("KGM".to_owned());
    assert_eq!(wrong(&notice(vec![weighed])), ["UNIT_MISMATCH lines.0.unit"]);
    let factors = HashMap::from([("EA".to_owned(), (1, 1)), ("XCS".to_owned(), (3, 1))]);
    let thirds = self::line(PurchaseOrderId::generate(), "10", "1", "XCS", factors);
    assert_eq!(thirds.convert(micro("1"), Some("EA")), None, "a third of a case is no exact number");
    assert_eq!(thirds.convert(micro("6"), Some("EA")), Some(micro("2")));
}

#[test]
fn what_is_not_there_is_named_where_it_stands() {
    let mut other = of_line("10", "1");
    other.order = "PO-2".to_owned();
    let notice = notice(vec![of_line("99", "1"), other]);
    assert_eq!(wrong(&notice), ["UNKNOWN_LINE lines.0.line", "UNKNOWN_ORDER lines.1.order"]);
    let of_draft = shown(&draft(&notice, &ground(&Policy::default())));
    assert_eq!(of_draft, wrong(&notice), "a draft has to be about orders of one's own too");
}

#[test]
fn what_the_buyer_cancelled_is_not_shipped() {
    let mut order = ground(&Policy::default());
    order.orders.get_mut("PO-1").unwrap().cancelled = true;
    let problems = announced(&notice(vec![of_line("10", "1")]), &order).1;
    assert_eq!(shown(&problems), ["ORDER_CANCELLED lines.0.order"]);
    let mut line = ground(&Policy::default());
    let state = &mut line.orders.get_mut("PO-1").unwrap().lines.get_mut("10").unwrap().state;
    state.cancelled = state.ordered;
    let problems = announced(&notice(vec![of_line("10", "1")]), &line).1;
    assert_eq!(shown(&problems), ["LINE_CANCELLED lines.0.line"]);
}

#[test]
fn as_much_may_be_shipped_as_is_wanted_and_tolerated() {
    let most = |policy: &Policy, change: fn(&mut LineGround), quantity: &str| {
        let mut ground = ground(policy);
        change(ground.orders.get_mut("PO-1").unwrap().lines.get_mut("10").unwrap());
        shown(&announced(&notice(vec![of_line("10", quantity)]), &ground).1)
    };
    let over = ["OVER_SHIPPED lines.0.quantity".to_owned()];
    let (exact, five) =
        (Policy::default(), Policy { over_ship_percent: Some(micro("5")), ..Policy::default() });
    assert!(most(&exact, |_| (), "100").is_empty());
    assert_eq!(most(&exact, |_| (), "100.000001"), over);
    assert!(most(&five, |_| (), "105").is_empty());
    assert_eq!(most(&five, |_| (), "105.000001"), over);
    // What is on its way or kept counts; what was rejected may be sent again; one's own earlier version does not count.
    assert_eq!(most(&exact, |line| line.state.in_transit = micro("40"), "60.5"), over);
    assert_eq!(most(&exact, |line| line.state.accepted = micro("40"), "60.5"), over);
    assert_eq!(most(&exact, |line| line.state.held = micro("40"), "60.5"), over);
    assert!(most(&exact, |line| line.state.rejected = micro("40"), "100").is_empty());
    let own = |line: &mut LineGround| {
        line.state.in_transit = micro("40");
        line.own_in_transit = micro("40");
    };
    assert!(most(&exact, own, "100").is_empty());
    assert_eq!(most(&exact, |line| line.state.short_closed = micro("10"), "91"), over);
}

#[test]
fn an_answer_comes_first_where_the_tenant_wants_it() {
    let strict = Policy { answer_before_shipment: Some(true), ..Policy::default() };
    let mut ground = ground(&strict);
    let open = announced(&notice(vec![of_line("10", "1")]), &ground);
    assert_eq!(shown(&open.1), ["NOT_ACKNOWLEDGED lines.0.line"]);
    ground.orders.get_mut("PO-1").unwrap().lines.get_mut("10").unwrap().state.status = LineStatus::Accepted;
    let (lines, problems) = announced(&notice(vec![of_line("10", "1")]), &ground);
    assert!(problems.is_empty() && lines[0].agreed);
    let (lines, problems) = announced(&notice(vec![of_line("10", "1")]), &self::ground(&Policy::default()));
    assert!(problems.is_empty() && !lines[0].agreed, "otherwise it is taken, and told");
}

#[test]
fn packed_and_loose_goods_add_up_to_the_line() {
    let mut packed = notice(vec![of_line("10", "100"), of_line("20", "12.5")]);
    packed.units = vec![
        unit("P1", None, Vec::new()),
        unit("C1", Some("P1"), vec![content("10", "40"), content("20", "12.5")]),
        unit("I1", Some("C1"), vec![content("10", "50")]),
    ];
    let loose = Batch { quantity: micro("10"), lot: Some("L1".to_owned()), ..Batch::default() };
    packed.lines[0].batches = vec![loose];
    assert!(wrong(&packed).is_empty());
    packed.lines[0].batches.clear();
    assert_eq!(wrong(&packed), ["CONTENTS_DO_NOT_ADD_UP lines.0.quantity"]);
    packed.lines.remove(0);
    let strange = ["UNKNOWN_LINE units.1.contents.0", "UNKNOWN_LINE units.2.contents.0"];
    assert_eq!(wrong(&packed), strange);
    let told = shown(&draft(&packed, &ground(&Policy::default())));
    assert!(told.is_empty(), "a draft may be packed later: {told:?}");
}

#[test]
fn units_stand_in_one_another_and_never_in_themselves() {
    let tree = |units: Vec<HandlingUnit>| {
        let mut notice = notice(vec![of_line("10", "1")]);
        notice.units = units;
        shown(&draft(&notice, &ground(&Policy::default())))
    };
    assert!(
        tree(vec![unit("a", None, vec![]), unit("b", Some("a"), vec![]), unit("c", Some("b"), vec![])])
            .is_empty()
    );
    assert_eq!(tree(vec![unit("a", Some("z"), vec![])]), ["UNKNOWN_UNIT units.0.parent"]);
    assert_eq!(tree(vec![unit("a", Some("a"), vec![])]), ["UNITS_TOO_DEEP units.0.parent"]);
    let circle = tree(vec![unit("a", Some("b"), vec![]), unit("b", Some("a"), vec![])]);
    assert_eq!(circle, ["UNITS_TOO_DEEP units.0.parent", "UNITS_TOO_DEEP units.1.parent"]);
    assert_eq!(tree(vec![unit("a", None, vec![]), unit("a", None, vec![])]), ["DUPLICATE_UNIT units.1.key"]);
    let chain = |depth: usize| {
        let parent = |n: usize| (n > 0).then(|| format!("u{}", n - 1));
        tree((0..depth).map(|n| unit(&format!("u{n}"), parent(n).as_deref(), vec![])).collect())
    };
    assert!(chain(32).is_empty());
    assert_eq!(chain(33), ["UNITS_TOO_DEEP units.32.parent"]);
    let sscc = Some("106141411234567897".parse().unwrap());
    let twice = ["a", "b"].map(|key| HandlingUnit { sscc, ..unit(key, None, vec![]) });
    assert_eq!(tree(twice.to_vec()), ["DUPLICATE_SSCC units.1.sscc"]);
}

#[test]
fn everything_that_is_not_well_formed_is_told_at_once() {
    let bad = ShipNotice {
        number: " ".to_owned(),
        ships_at: Some("2026-12-02T00:00:00Z".parse().unwrap()),
        arrives_at: Some("2026-12-01T00:00:00Z".parse().unwrap()),
        carrier: Some(Carrier { scac: Some("upsn".to_owned()), name: Some(String::new()) }),
        transport_mode: Some("road".to_owned()),
        bill_of_lading: Some("x".repeat(81)),
        pro_number: None,
        trailer: Some("a\u{7}".to_owned()),
        seals: vec!["ok".to_owned(), String::new()],
        gross_weight: Some(Measure { value: Micro::ZERO, unit: String::new() }),
        volume: None,
        ship_from: Some(Party { code: Some(String::new()), ..Party::default() }),
        ship_to: None,
        notes: vec!["x".repeat(2_001)],
        lines: vec![
            ShippedLine {
                batches: vec![Batch {
                    quantity: micro("1"),
                    lot: Some(String::new()),
                    expires_on: Some("2026-01-01".parse().unwrap()),
                    produced_on: Some("2026-01-02".parse().unwrap()),
                    serials: vec!["s".to_owned(), "s".to_owned()],
                    origin: Some("Germany".to_owned()),
                }],
                ..of_line("10", "0")
            },
            of_line("10", "1"),
        ],
        units: vec![HandlingUnit {
            package_type: Some("pallet".to_owned()),
            gross_weight: Some(Measure { value: micro("1"), unit: " ".to_owned() }),
            contents: vec![content("10", "-1")],
            ..unit("", None, Vec::new())
        }],
    };
    let expected = [
        "REQUIRED number",
        "INVALID_VALUE arrivesAt",
        "INVALID_VALUE carrier.scac",
        "REQUIRED carrier.name",
        "INVALID_VALUE transportMode",
        "TOO_LONG billOfLading",
        "INVALID_VALUE trailer",
        "REQUIRED seals.1",
        "TOO_LONG notes.0",
        "INVALID_VALUE grossWeight.value",
        "REQUIRED grossWeight.unit",
        "REQUIRED shipFrom.code",
        "INVALID_VALUE lines.0.quantity",
        "REQUIRED lines.0.batches.0.lot",
        "INVALID_VALUE lines.0.batches.0.expiresOn",
        "INVALID_VALUE lines.0.batches.0.origin",
        "DUPLICATE_SERIAL lines.0.batches.0.serials",
        "INVALID_VALUE lines.0.batches.0.serials",
        "DUPLICATE_LINE lines.1",
        "REQUIRED units.0.key",
        "INVALID_VALUE units.0.packageType",
        "REQUIRED units.0.grossWeight.unit",
        "INVALID_VALUE units.0.contents.0.quantity",
    ];
    assert_eq!(shown(&draft(&bad, &ground(&Policy::default()))), expected);
}

#[test]
fn a_shipment_has_lines_and_not_too_many() {
    assert_eq!(wrong(&notice(Vec::new())), ["REQUIRED lines"]);
    let many = notice((0..5_001).map(|n| of_line(&format!("{n}"), "1")).collect());
    assert!(wrong(&many).contains(&"TOO_MANY lines".to_owned()));
}

#[test]
fn an_order_may_be_called_by_its_id_and_by_its_number_in_one_notice() {
    let ground = ground(&Policy::default());
    let mut by_id = of_line("10", "1");
    by_id.order = ground.orders["PO-1"].id.to_string();
    let mut notice = notice(vec![by_id.clone(), of_line("20", "1"), by_id]);
    notice.units = vec![unit("P1", None, vec![content("20", "1")])];
    notice.units[0].contents[0].order = ground.orders["PO-1"].id.to_string();
    let notice = with_order_numbers(notice, &ground);
    assert!(notice.lines.iter().all(|line| line.order == "PO-1"));
    assert_eq!(notice.units[0].contents[0].order, "PO-1");
    assert_eq!(shown(&draft(&notice, &ground)), ["DUPLICATE_LINE lines.2"]);
}
