//! EDIFACT messages, code by code.
use quayside_canonical::{
    goods_statement::{FoundLine, ReceiptStatement, ShipmentPurpose, ShipmentStatement},
    receipt::ReceiptLine,
    shipment::ShipNotice,
    states::{GoodsCondition, ReceiptKind},
};
use quayside_edi::edifact::{Interchanges as Files, messages as edifact_messages};

use super::*;

/// Every message of a file, mapped.
pub(super) fn file(text: &str, terms: &Terms) -> Vec<Mapped> {
    let mut found = Vec::new();
    for interchange in Files::new(text.as_bytes(), Options::default()) {
        for raw in interchange.unwrap().messages() {
            let reading = edifact_messages::read(raw, &Options::default());
            let message = reading.message.unwrap_or_else(|| panic!("{:?}", reading.problems));
            found.push(edifact::map(&message, raw, terms));
        }
    }
    found
}

/// A message out of its segments between UNH and UNT.
pub(super) fn message_by(kind: &str, segments: &[&str], terms: &Terms) -> Mapped {
    let text = format!(
        "UNB+UNOC:3+A:14+B:14+260901:1230+7'UNH+1+{kind}:D:96A:UN'{}'UNT+{}+1'UNZ+1+7'",
        segments.join("'"),
        segments.len() + 2
    );
    file(&text, terms).remove(0)
}

pub(super) fn message(kind: &str, segments: &[&str]) -> Mapped {
    message_by(kind, segments, &terms(json!({})))
}

fn codes(warnings: &[quayside_canonical::Problem]) -> Vec<&str> {
    warnings.iter().map(|warning| warning.code.as_str()).collect()
}

const BEGIN: [&str; 2] = ["BGM+220+PO-1+9", "DTM+137:20260901:102"];

fn order_of(segments: &[&str]) -> (PurchaseOrder, Vec<String>) {
    let all = [&BEGIN[..], segments, &["UNS+S"]].concat();
    let Mapped { command, warnings, .. } = message("ORDERS", &all);
    match command.unwrap() {
        Command::Order(order) => (*order, warnings.into_iter().map(|warning| warning.code).collect()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_line_is_read_by_all_its_names_and_numbers() {
    let (order, warnings) = order_of(&[
        "FTX+AAI+++Call before:you come",
        "NAD+DP+DC12::92++Lager Nord:Halle 3+Kai 1+Hamburg++20457+DE",
        "CUX+2:EUR:9",
        "PAT+22++5:3:D:10",
        "PCD+12:2",
        "PAT+1++5:3:D:30",
        "TOD+6++DAP",
        "LOC+1+:::Hamburg",
        "LIN+10++4006381333931:EN",
        "PIA+1+B-1:BP+V-1:SA",
        "IMD+F++:::Sechskantschraube M8x40 verzinkt, 1:00 Stueck",
        "IMD+F++:::Guete 8.8",
        "QTY+21:250,5:PCE",
        "DTM+64:20260910:102",
        "DTM+63:20260920:102",
        "FTX+LIN+++Dry",
        "PRI+AAA:40:::100:PCE",
        "SCC+1",
        "QTY+21:100:PCE",
        "DTM+2:20260911:102",
        "SCC+1",
        "QTY+21:150.5:PCE",
        "DTM+2:20260915:102",
        "LIN+20+4006381333948",
        "QTY+21:7",
        "DTM+2:2026090120260905:718",
        "PRI+AAA:2.82:::1:KGM",
        "LIN+21++5410013101234:EN+1:20",
        "QTY+21:1:PCE",
    ]);
    assert_eq!(
        warnings,
        ["COMPONENT_LEFT_OUT", "UNIT_ASSUMED"],
        "a kilogram may be the unit of pieces unsaid"
    );
    let expected = json!({
        "number": "PO-1",
        "supplier": "V-100",
        "revision": { "id": "ORDERS-9", "issuedAt": "2026-09-01T00:00:00Z" },
        "currency": "EUR",
        "orderedOn": "2026-09-01",
        "incoterms": { "code": "DAP", "place": "Hamburg" },
        "paymentTerms": "2 % within 10 days, net 30 days",
        "shipTo": {
            "code": "DC12",
            "name": "Lager Nord",
            "address": ["Halle 3", "Kai 1", "Hamburg", "20457", "DE"],
        },
        "notes": ["Call before you come"],
        "lines": [
            {
                "number": "10", "buyerPart": "B-1", "supplierPart": "V-1", "gtin": "4006381333931",
                "description": "Sechskantschraube M8x40 verzinkt, 100 Stueck", "quantity": "250.5", "unit": "H87",
                "unitPrice": "40", "pricePer": "100",
                "deliverFrom": "2026-09-10", "deliverTo": "2026-09-20",
                "schedules": [
                    { "quantity": "100", "deliverTo": "2026-09-11" },
                    { "quantity": "150.5", "deliverTo": "2026-09-15" },
                ],
                "notes": ["Guete 8.8", "Dry"],
            },
            {
                "number": "20", "gtin": "4006381333948", "quantity": "7", "unit": "H87", "unitPrice": "2.82",
                "deliverFrom": "2026-09-01", "deliverTo": "2026-09-05",
            },
        ],
    });
    assert_eq!(serde_json::to_value(order).unwrap(), expected);
}

#[test]
fn an_order_is_refused_with_every_reason_and_its_place() {
    let refused = message(
        "ORDERS",
        &[
            "BGM+220+PO-1+2",
            "DTM+137:20260901:102",
            "DTM+2:20260901:102",
            "DTM+2:20260902:102",
            "LIN+1++A:SA",
            "PRI+AAA:2",
            "LIN+1++A:SA",
            "QTY+21:1.1234567:EA",
            "UNS+S",
        ],
    );
    let expected = [
        "PURPOSE_NOT_TAKEN 2.BGM.03.01",
        "AMBIGUOUS_DATE 5.DTM.01.02",
        "DUPLICATE_LINE 8.LIN.01.01",
        "REQUIRED 6.LIN",
        "INVALID_VALUE 9.QTY.01.02",
        "REQUIRED 8.LIN",
    ];
    assert_eq!(refusals(refused.clone()), expected);
    let words = &refused.command.unwrap_err().into_vec()[1].message;
    assert_eq!(words, "DTM segment 5, element 1, component 2: date 2 is 2026-09-01 and 2026-09-02");
    let unpriced =
        message("ORDERS", &[BEGIN[0], BEGIN[1], "LIN+1++A:SA", "QTY+21:1:EA", "PRI+AAA:2", "UNS+S"]);
    assert_eq!(refusals(unpriced), ["CURRENCY_MISSING 6.PRI"]);
}

#[test]
fn replacements_are_named_by_their_envelope() {
    let segments = ["BGM+220+PO-1+5", "DTM+137:20261001:102", "LIN+1++A:SA", "QTY+21:5:EA", "UNS+S"];
    let mapped = message("ORDERS", &segments);
    let stamp = "20260901T123000-00000000000007-00000000000001";
    assert_eq!(mapped.key, format!("ORDERS PO-1 5 {stamp}"));
    let change = change(mapped);
    assert_eq!(change.revision.id, format!("ORDERS-5-{stamp}"));
    assert_eq!(change.revision.issued_at.to_string(), "2026-10-01T00:00:00Z", "never older than the order");
    assert!(matches!(change.effect, Effect::Replace(_)) && change.if_unknown.is_some());
}

fn changed(bgm: &str, line: &[&str]) -> Mapped {
    let all = [&[bgm, "DTM+137:20260902:102", "RFF+ON:PO-1"], line, &["UNS+S"]].concat();
    message("ORDCHG", &all)
}

#[test]
fn each_action_of_a_change_is_taken_for_what_it_is() {
    let line = |action: &str| {
        let lin = format!("LIN+1+{action}+A:SA");
        let stated = [lin.as_str(), "QTY+21:60:EA", "DTM+2:20260930:102", "PRI+AAA:9.5"];
        match change(changed("BGM+230+C-7+4", &stated)).effect {
            Effect::Change(changes) => changes.lines[0].change.clone(),
            other => panic!("{other:?}"),
        }
    };
    let Change::Set(set) = line("3") else { panic!("3 changes") };
    assert_eq!(
        (set.quantity.map(|q| q.to_string()).as_deref(), set.unit_price.is_some(), set.window.is_some()),
        (Some("60"), true, true)
    );
    assert!(matches!(line("1"), Change::Add(_)));
    assert_eq!((line("2"), line("4")), (Change::Cancel, Change::Keep));
    assert!(matches!(line(""), Change::Set(_)));
    assert_eq!(
        codes(&changed("BGM+230+C-7+4", &["LIN+1++A:SA", "QTY+21:60:EA"]).warnings),
        ["CHANGE_ASSUMED"]
    );
    let refused = changed("BGM+230+C-7+4", &["LIN+1+7+A:SA", "QTY+21:60:EA"]);
    assert_eq!(refusals(refused), ["CHANGE_NOT_TAKEN 5.LIN.02.01"]);
}

#[test]
fn changes_are_named_by_their_count_or_their_number() {
    let revision = |bgm: &str| {
        let change = change(changed(bgm, &["LIN+1+2"]));
        (change.revision.id, change.revision.sequence)
    };
    assert_eq!(revision("BGM+230+C-7+4"), ("ORDCHG-C-7".to_owned(), None));
    let stamped = "ORDCHG-20260901T123000-00000000000007-00000000000001".to_owned();
    assert_eq!(revision("BGM+230+PO-1+4"), (stamped, None), "the order's number names no change");
    assert!(matches!(change(changed("BGM+230+C-8+1", &[])).effect, Effect::Cancel));
    let replaced = change(changed("BGM+230+C-9+5", &["LIN+1++A:SA", "QTY+21:6:EA"])).effect;
    assert!(matches!(replaced, Effect::Change(changes) if changes.only_these));
    let lost = message("ORDCHG", &["BGM+230+C-7+4", "DTM+137:20260902:102", "LIN+1+2", "UNS+S"]);
    assert_eq!(refusals(lost), ["ORDER_MISSING 2.BGM"]);
}

fn answered(bgm: &str, lines: &[&str]) -> Mapped {
    let all = [&[bgm, "DTM+137:20260902:102", "RFF+ON:PO-1"], lines, &["UNS+S"]].concat();
    message("ORDRSP", &all)
}

#[test]
fn the_verdict_is_read_wherever_it_stands() {
    let alone =
        |function: &str, response: &str| answered(&format!("BGM+231+SO-1+{function}+{response}"), &[]);
    for (function, response) in [("29", ""), ("9", "AP"), ("29", "AP"), ("", "AD")] {
        assert_eq!(statement(alone(function, response)).says, Says::AcceptsAll, "{function} {response}");
    }
    for (function, response, reason) in [("27", "", "27"), ("9", "RE", "RE"), ("27", "RE", "27")] {
        let says = Says::RejectsAll { reason: reason.to_owned() };
        assert_eq!(statement(alone(function, response)).says, says, "{function} {response}");
    }
    for (function, response, refusal) in [
        ("29", "RE", "CONTRADICTION 2.BGM.04.01"),
        ("27", "AP", "CONTRADICTION 2.BGM.04.01"),
        ("9", "AC", "NO_STATEMENT 2.BGM.04.01"),
        ("4", "", "NO_STATEMENT 2.BGM.03.01"),
        ("9", "AB", "NO_STATEMENT 2.BGM.04.01"),
        ("12", "", "NO_STATEMENT 2.BGM.03.01"),
        ("1", "", "UNKNOWN_CODE 2.BGM.03.01"),
        ("9", "XX", "UNKNOWN_CODE 2.BGM.04.01"),
    ] {
        assert_eq!(refusals(alone(function, response)), [refusal], "{function} {response}");
    }
    let lines = ["LIN+1+7", "LIN+2+5"];
    assert_eq!(refusals(answered("BGM+231+SO-1+27", &lines)), ["CONTRADICTION 2.BGM.03.01"]);
    assert_eq!(
        codes(&answered("BGM+231+SO-1+29", &lines).warnings),
        ["CONTRADICTION"],
        "the lines were taken"
    );
    assert_eq!(codes(&answered("BGM+231+SO-1+29+AC", &lines).warnings), ["CONTRADICTION"]);
    assert_eq!(statement(answered("BGM+231+SO-1+9", &lines)).supplier_reference.as_deref(), Some("SO-1"));
}

/// Kind, quantity and day of the parts of the first line.
fn parts(mapped: Mapped) -> Vec<String> {
    let Says::Lines(lines) = statement(mapped).says else { panic!("lines") };
    let word = |part: &quayside_canonical::statement::StatedPart| {
        let quantity = part.quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
        let day = part.promised_on.map(|day| day.to_string()).unwrap_or_default();
        format!("{} {quantity} {day}", part.kind)
    };
    lines[0].parts.iter().map(word).collect()
}

#[test]
fn quantities_split_a_line_and_have_the_days_behind_them() {
    let line = |segments: &[&str]| parts(answered("BGM+231+SO-1+4", segments));
    let own_days = ["LIN+1+6", "QTY+113:60", "DTM+67:20260905:102", "QTY+83:40", "DTM+67:20260912:102"];
    assert_eq!(line(&own_days), ["ACCEPTED 60 2026-09-05", "BACKORDERED 40 2026-09-12"]);
    let one_day = ["LIN+1", "QTY+21:100", "QTY+113:35", "QTY+83:65", "DTM+67:20260905:102"];
    assert_eq!(line(&one_day), ["ACCEPTED 35 2026-09-05", "BACKORDERED 65 2026-09-05"]);
    let scheduled = [
        "LIN+1+6",
        "QTY+21:100",
        "SCC+1",
        "QTY+113:60",
        "DTM+67:20260905:102",
        "SCC+1",
        "QTY+113:40",
        "DTM+67:20260912:102",
    ];
    assert_eq!(line(&scheduled), ["ACCEPTED 60 2026-09-05", "ACCEPTED 40 2026-09-12"]);
    let several = [
        "LIN+1+3",
        "QTY+113:60",
        "DTM+67:20260905:102",
        "RFF+LI:10",
        "LIN+2+3",
        "QTY+113:40",
        "DTM+67:20260912:102",
        "RFF+LI:10",
        "LIN+3+7",
        "RFF+LI:20",
    ];
    let Says::Lines(lines) = statement(answered("BGM+231+SO-1+4", &several)).says else { panic!("lines") };
    let shown: Vec<_> = lines.iter().map(|line| (line.line.as_str(), line.parts.len())).collect();
    assert_eq!(shown, [("10", 2), ("20", 1)], "a line of the order may be answered by several LIN");
    assert_eq!(lines[0].rest_rejected_for.as_deref(), Some("3"));
    let twice = answered("BGM+231+SO-1+4", &["LIN+1+5", "QTY+21:1", "LIN+1+5", "QTY+21:1"]);
    assert_eq!(refusals(twice), ["DUPLICATE_LINE 7.LIN.01.01"]);
}

#[test]
fn each_action_says_what_becomes_of_a_line() {
    let first = |segments: &[&str]| {
        let Says::Lines(lines) = statement(answered("BGM+231+SO-1+4", segments)).says else {
            panic!("lines")
        };
        lines[0].clone()
    };
    assert_eq!(first(&["LIN+1+5"]).parts[0].kind, AnswerKind::Accepted);
    let changed = first(&["LIN+1+3", "QTY+21:48", "PRI+AAA:550"]);
    assert_eq!(changed.rest_rejected_for.as_deref(), Some("3"), "what is not taken will not come");
    assert!(changed.parts[0].price.is_some_and(|price| !price.changed));
    let rejected = first(&["LIN+1+7", "FTX+LIN+++Discontinued"]);
    assert_eq!(rejected.parts[0].reason.as_deref(), Some("7 Discontinued"));
    let other = first(&["LIN+1+6+A:SA", "PIA+3+V-2:SA", "QTY+113:5"]).parts[0].clone();
    assert_eq!(other.substitute.map(|other| other.supplier_part).as_deref(), Some("V-2"));
    assert!(first(&["LIN+1+23", "QTY+113:5"]).amends, "a proposal changes what was answered");
    assert_eq!(
        first(&["LIN+1+4006381333931", "QTY+113:5"]).parts[0].quantity,
        Some(5.into()),
        "a GTIN is no action"
    );
    for (segments, refusal) in [
        (&["LIN+1+99"][..], "UNKNOWN_CODE 5.LIN.02.01"),
        (&["LIN+1+1"], "LINE_ADDED 5.LIN.02.01"),
        (&["LIN+1+5", "QTY+113:0"], "INVALID_VALUE 6.QTY"),
        (&["LIN+1", "QTY+83:3"], "REQUIRED 6.QTY"),
        (&["LIN+1+5", "RFF+LI:1", "LIN+2+5", "RFF+LI:1"], "QUANTITY_MISSING 5.LIN.02.01"),
    ] {
        assert_eq!(refusals(answered("BGM+231+SO-1+4", segments))[0], refusal, "{segments:?}");
    }
}

#[test]
fn an_undecided_line_stays_open() {
    let mapped = answered("BGM+231+SO-1+4", &["LIN+1+52", "LIN+2+5", "LIN+3", "QTY+21:5"]);
    assert_eq!(codes(&mapped.warnings), ["NO_STATEMENT", "NO_STATEMENT"]);
    let Says::Lines(lines) = statement(mapped).says else { panic!("one line is answered") };
    assert_eq!(lines.iter().map(|line| line.line.as_str()).collect::<Vec<_>>(), ["2"]);
    assert_eq!(refusals(answered("BGM+231+SO-1+4", &["LIN+1+52"])), ["NO_STATEMENT 2.BGM.03.01"]);
}

fn shipped(segments: &[&str]) -> Mapped {
    message("DESADV", &[&["BGM+351+S-1+9", "DTM+137:20260903:102", "RFF+ON:PO-1"], segments].concat())
}

fn shipment(mapped: Mapped) -> ShipmentStatement {
    match mapped.command.unwrap() {
        Command::Shipment(statement) => *statement,
        other => panic!("{other:?}"),
    }
}

fn notice(mapped: Mapped) -> ShipNotice {
    let found = shipment(mapped).resolve(|named| {
        Ok(FoundLine { order: named.order.clone(), line: named.line.clone().unwrap_or_default() })
    });
    found.unwrap()
}

#[test]
fn levels_become_packs_in_packs() {
    let mapped = shipped(&[
        "CPS+1",
        "PAC+3++201",
        "CPS+2+1",
        "PAC+1++201",
        "MEA+PD+AAB+KGM:263.2",
        "PCI+33E",
        "GIN+BJ+006141410000010004",
        "PAC+20++CT",
        "CPS+3+2",
        "PAC+1++CT",
        "PCI+33E",
        "GIN+ML+00306141410000000013",
        "LIN+1++4006381333931:EN",
        "QTY+12:35:PCE",
        "PCI+36E",
        "DTM+36:20271231:102",
        "GIN+BX+LOT-1",
        "RFF+ON:PO-9:10",
        "CPS+4+2",
        "PAC+1++CT",
        "LIN+2++4006381333948:EN",
        "QTY+12:5:PCE",
    ]);
    assert_eq!(mapped.warnings, [], "{:?}", mapped.warnings);
    let units: Vec<_> = notice(mapped.clone())
        .units
        .into_iter()
        .map(|unit| (unit.key, unit.parent, unit.sscc.map(|sscc| sscc.to_string()), unit.package_type))
        .collect();
    let text = |text: &str| Some(text.to_owned());
    let expected = [
        ("2".to_owned(), None, text("006141410000010004"), text("PX")),
        ("3".to_owned(), text("2"), text("306141410000000013"), text("CT")),
        ("4".to_owned(), text("2"), None, text("CT")),
    ];
    assert_eq!(units, expected);
    let goods = shipment(mapped).goods;
    assert_eq!((goods[0].named.order.as_str(), goods[0].named.line.as_deref()), ("PO-9", Some("10")));
    assert_eq!((goods[0].batch.lot.as_deref(), goods[0].packed_in.as_deref()), (Some("LOT-1"), Some("3")));
    assert_eq!(goods[0].batch.expires_on.map(|day| day.to_string()).as_deref(), Some("2027-12-31"));
    assert_eq!((goods[1].named.order.as_str(), goods[1].packed_in.as_deref()), ("PO-1", Some("4")));
}

#[test]
fn goods_beside_several_packages_are_loose_unless_the_line_marks_its_own() {
    let packs = ["CPS+1", "PAC+2++CT", "PCI+33E", "GIN+BJ+006141410000010004+006141410000010011"];
    let line = ["LIN+1++4006381333931:EN", "QTY+12:35:PCE"];
    let loose = shipped(&[&packs[..], &line].concat());
    assert_eq!(codes(&loose.warnings), ["GOODS_LOOSE"]);
    let loose = shipment(loose);
    assert_eq!((loose.goods[0].packed_in.as_deref(), loose.notice.units.len()), (None, 2));

    let own = [
        "PCI+33E",
        "QTY+12:20",
        "GIN+AW+006141410000010004",
        "PCI+33E",
        "QTY+12:10",
        "GIN+AW+006141410000010011",
    ];
    let marked = shipped(&[&packs[..], &line, &own].concat());
    assert_eq!(codes(&marked.warnings), ["GOODS_LOOSE"]);
    let goods = shipment(marked).goods;
    let shares: Vec<_> =
        goods.iter().map(|goods| (goods.packed_in.as_deref(), goods.batch.quantity.to_string())).collect();
    let expected = [(Some("1.1"), "20".to_owned()), (Some("1.2"), "10".to_owned()), (None, "5".to_owned())];
    assert_eq!(shares, expected);
    let unsaid = ["PCI+33E", "GIN+AW+006141410000010004+006141410000010011"];
    assert_eq!(refusals(shipped(&[&packs[..], &line, &unsaid].concat())), ["REQUIRED 9.LIN"]);
}

#[test]
fn a_shipment_is_refused_for_what_it_does_not_say() {
    assert_eq!(refusals(shipped(&["CPS+1", "LIN+1++A:SA"])), ["REQUIRED 6.LIN"]);
    let of_none =
        message("DESADV", &["BGM+351+S-1+9", "DTM+137:20260903:102", "CPS+1", "LIN+1++A:SA", "QTY+12:1"]);
    assert_eq!(refusals(of_none)[0], "ORDER_MISSING 5.LIN");
    let gone = message("DESADV", &["BGM+351+S-1+1", "DTM+137:20260903:102"]);
    assert_eq!(shipment(gone).purpose, ShipmentPurpose::Cancel);
}

fn received(segments: &[&str]) -> Mapped {
    let heading =
        ["BGM+632+R-1+9", "DTM+137:20260905:102", "RFF+AAK:S-1", "RFF+ON:PO-1", "NAD+DP+DC12::92", "CPS+1"];
    message("RECADV", &[&heading[..], segments].concat())
}

fn receipt(mapped: Mapped) -> ReceiptStatement {
    match mapped.command.unwrap() {
        Command::Receipt(statement) => *statement,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_came_is_told_by_its_condition() {
    use GoodsCondition::{Damaged, Good, QualityHold, Unknown};
    let shown = |segments: &[&str]| {
        let line = [&["LIN+1++A:SA"], segments].concat();
        let word = |line: &ReceiptLine| (line.quantity.to_string().parse::<i32>().unwrap(), line.condition);
        receipt(received(&line)).lines.iter().map(|(_, line)| word(line)).collect::<Vec<_>>()
    };
    assert_eq!(shown(&["QTY+48:100"]), [(100, Good)]);
    assert_eq!(shown(&["QTY+194:38", "QTY+195:2"]), [(38, Good), (2, QualityHold)]);
    assert_eq!(shown(&["QTY+48:100", "QTY+124:4"]), [(96, Good), (4, Damaged)], "48 counts all that came");
    assert_eq!(
        shown(&["QTY+12:100", "QTY+48:96", "QTY+124:4"]),
        [(96, Good), (4, Damaged)],
        "the rest of 12"
    );
    assert_eq!(shown(&["QTY+12:100", "QTY+48:100", "QVR+-4:12+AF"]), [(96, Good), (4, Damaged)]);
    assert_eq!(shown(&["QTY+48:40", "QTY+194:38"]), [(38, Good), (2, Unknown)]);
    assert_eq!(shown(&["QTY+48:0"]), [(0, Good)], "nothing came, and that is told");
    assert_eq!(refusals(received(&["LIN+1++A:SA"])), ["REQUIRED 8.LIN"]);
    assert_eq!(refusals(received(&["LIN+1++A:SA", "QTY+48:1", "QTY+124:4"])), ["CONTRADICTION 8.LIN"]);
}

#[test]
fn what_is_short_is_the_last_word_on_its_shipment() {
    let kind = |segments: &[&str]| receipt(received(segments)).document.kind;
    assert_eq!(kind(&["LIN+1++A:SA", "QTY+12:100", "QTY+48:90", "QVR+-10:12+BP"]), ReceiptKind::Final);
    assert_eq!(kind(&["LIN+1++A:SA", "QTY+48:90", "QTY+119:10"]), ReceiptKind::Final);
    assert_eq!(kind(&["LIN+1++A:SA", "QTY+12:100", "QTY+48:120", "QVR+20:12+AC"]), ReceiptKind::Increment);
    let document = receipt(received(&["LIN+1++A:SA", "QTY+48:90"])).document;
    assert_eq!((document.shipment.as_deref(), document.location.as_deref()), (Some("S-1"), Some("DC12")));
}
