//! DESADV and RECADV: what was shipped and received, in what, and what cannot be taken.
use quayside_canonical::{
    goods_statement::{FoundLine, ReceiptStatement, ShipmentPurpose, ShipmentStatement},
    receipt::ReceiptLine,
    shipment::ShipNotice,
    states::{GoodsCondition, ReceiptKind},
};

use super::{
    edifact_messages::{codes, message},
    *,
};

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
