//! EDIFACT messages, code by code.
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

pub(super) fn codes(warnings: &[quayside_canonical::Problem]) -> Vec<&str> {
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
        (&["LIN+1", "QTY+83:3"], "NO_STATEMENT 2.BGM.03.01"),
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
