//! 856: the tree in each of its layouts, and what is said when it is none.

use std::time::Instant;

use crate::x12::messages::ShipNotice;

use super::*;

/// Packs above items, two orders in one shipment, a pallet in between.
const PICK_AND_PACK: &str = "BSN*00*ASN-55001*20260203*1415*0001~DTM*111*20260203~HL*1**S*1~TD1*PLT*1****G*412.5*LB*30*CF~\
    TD5*B*2*ABFS*M*ABF FREIGHT~TD3*TL*ABCD*538821******SEAL9911~REF*BM*BOL-771200~REF*CN*PRO-4417788~\
    DTM*011*20260203*1400~DTM*017*20260205~FOB*PP~N1*SF*BLUE SUPPLY*92*V-7781~N3*1 ROAD~N1*ST*ACME DC*92*DC12~\
    HL*2*1*O*1~PRF*PO-10045*R7*3*20260115*1*CT9*SA~REF*IA*77~HL*3*2*T*1~MAN*GM*00106141411234567897~HL*4*3*P*1~\
    MAN*GM*306141410000000013**CP*1Z999~PO4*12*1*EA~HL*5*4*I*0~LIN*001*BP*A100*VN*SKU-A101*LT*LOT-2291~\
    SN1*1*60*CA*180*120*CA**AC~SLN*1*2*I*2*EA*1*PE**VN*PART-1~PKG*F*68**CTN*BOXED~REF*SE*SER-1~DTM*036*20271231~\
    HL*6*1*O*1~PRF*PO-10046~HL*7*6*P~MAN*AA*006141410000010011~HL*8*7*I~LIN**UP*614141000036~SN1**2.5*EA~CTT*8*62.5~";

/// Items above their packs.
const STANDARD: &str = "BSN*05*S-2*20260203*1415*0002~HL*1**S~HL*2*1*O~PRF*PO-1~HL*3*2*I~LIN*1*VN*A~SN1*1*100*EA~\
    HL*4*3*P~SN1**60*EA~MAN*GM*00006141410000010011~HL*5*3*P~SN1**40*EA~MAN*GM*00006141410000010028~CTT*5*100~";

fn notice(body: &str) -> ShipNotice {
    message!(ShipNotice, "856", body)
}

/// The problems of a notice with these levels, and whether it was read all the same.
fn with(levels: &str) -> (Vec<Code>, bool) {
    let reading = read("856", &format!("BSN*00*S-1*20260203*1415~{levels}"));
    (codes(&reading), reading.message.is_some())
}

#[test]
fn packs_above_items_are_read_whole() {
    let notice = notice(PICK_AND_PACK);

    assert_eq!((notice.purpose.as_str(), notice.number.as_str()), ("00", "ASN-55001"));
    assert_eq!((notice.date.to_string(), notice.time.to_string()), ("2026-02-03".into(), "14:15:00".into()));
    assert_eq!(notice.structure.as_ref().map(|structure| structure.as_str()), Some("0001"));
    assert_eq!(notice.heading.section.dates.len(), 1);
    let shape: Vec<_> =
        notice.levels.iter().map(|level| (level.code.as_str(), level.parent, level.depth)).collect();
    let first = [("S", None, 1), ("O", Some(0), 2), ("T", Some(1), 3), ("P", Some(2), 4), ("I", Some(3), 5)];
    assert_eq!(shape, [&first[..], &[("O", Some(0), 2), ("P", Some(5), 3), ("I", Some(6), 4)]].concat());
    assert_eq!((notice.levels[0].children.as_slice(), notice.levels[4].children.len()), (&[1, 5][..], 0));
    assert_eq!(notice.order_numbers(), ["PO-10045", "PO-10046"]);
    let orders = notice.items().map(|(at, _)| notice.order_number(at).map(|number| number.as_str()));
    assert_eq!(orders.collect::<Vec<_>>(), [Some("PO-10045"), Some("PO-10046")]);
}

#[test]
fn a_shipment_tells_how_it_travels() {
    let shipment = &notice(PICK_AND_PACK).levels[0].detail;

    let lading = &shipment.ladings[0];
    assert_eq!(lading.packages.map(|packages| packages.to_string()), Some("1".into()));
    let weight = lading.weight.as_ref().map(|weight| (weight.value.to_string(), weight.unit.is_some()));
    assert_eq!(weight, Some(("412.5".into(), true)));
    assert_eq!(lading.volume.as_ref().map(|volume| volume.value.to_string()), Some("30".into()));
    let equipment = &shipment.equipment[0];
    let numbers = [&equipment.initial, &equipment.number, &equipment.seal];
    let numbers = numbers.map(|number| number.as_ref().map(|number| number.as_str()));
    assert_eq!(numbers, [Some("ABCD"), Some("538821"), Some("SEAL9911")]);
    assert_eq!(shipment.section.routings[0].carrier.as_ref().map(|carrier| carrier.as_str()), Some("ABFS"));
    assert_eq!(shipment.references("CN").map(|number| number.as_str()).collect::<Vec<_>>(), ["PRO-4417788"]);
    let parties = shipment.section.parties.iter().map(|party| party.role.as_str());
    assert_eq!(parties.collect::<Vec<_>>(), ["SF", "ST"]);
    assert!(shipment.section.other.is_empty());
}

#[test]
fn an_item_tells_what_and_how_much_of_which_lot() {
    let notice = notice(PICK_AND_PACK);
    let order = &notice.levels[1].detail.orders[0];
    let names = [&order.release, &order.change, &order.line_id, &order.contract, &order.order_type];
    let names = names.map(|name| name.as_ref().map(|name| name.as_str()));
    assert_eq!(names, [Some("R7"), Some("3"), Some("1"), Some("CT9"), Some("SA")]);
    assert_eq!(order.date.map(|date| date.to_string()), Some("2026-01-15".into()));

    let item = &notice.levels[4].detail;
    assert_eq!(item.line_id.as_ref().map(|id| id.as_str()), Some("001"));
    let shipped = item.shipped.as_ref().expect("SN1");
    let units = [shipped.quantity.unit.as_ref(), shipped.ordered.as_ref().and_then(|o| o.unit.as_ref())];
    assert_eq!(units.map(|unit| unit.map(|unit| unit.as_str())), [Some("CA"), Some("CA")]);
    assert_eq!(shipped.quantity.value.to_string(), "60");
    assert_eq!(shipped.shipped_to_date.map(|number| number.to_string()), Some("180".into()));
    assert_eq!(shipped.status.as_ref().map(|status| status.as_str()), Some("AC"));
    assert_eq!(item.components[0].product_ids[0].id.as_str(), "PART-1");
    assert_eq!(item.packaging[0].text.as_ref().map(|text| text.as_str()), Some("BOXED"));
    assert_eq!(item.lots().map(|lot| lot.as_str()).collect::<Vec<_>>(), ["LOT-2291"]);
    assert_eq!(item.serials().map(|serial| serial.as_str()).collect::<Vec<_>>(), ["SER-1"]);
    assert_eq!(item.section.dates[0].qualifier.as_str(), "036");
    let position = notice.control.position(shipped.quantity.value.at);
    assert!(position.to_string().starts_with("SN102, segment 26, byte "), "{position}");
}

#[test]
fn an_sscc_is_read_with_and_without_its_identifier() {
    let notice = notice(PICK_AND_PACK);
    let pack = &notice.levels[3].detail.marks;
    let sscc = |level: usize| notice.levels[level].detail.marks[0].sscc();
    assert_eq!(sscc(2), Some(Ok("106141411234567897".to_owned())));
    assert_eq!(sscc(3), Some(Ok("306141410000000013".to_owned())));
    assert_eq!(sscc(6), Some(Ok("006141410000010011".to_owned())));
    assert_eq!((pack[1].qualifier.as_str(), pack[1].number.as_str(), pack[1].sscc()), ("CP", "1Z999", None));

    let level = |mark: &str| with(&format!("HL*1**S~HL*2*1*P~MAN*{mark}~"));
    for good in [
        "GM*(00)006141410000010011",
        "GM*00 0 0614141 000001001 1",
        "AI*00006141410000010011",
        "AI*0110614141123459",
    ] {
        assert_eq!(level(good), (vec![], true), "{good}");
    }
    for bad in [
        "GM*00006141410000010012",
        "GM*1234567890123456",
        "AA*X06141410000010011",
        "GM*0000006141410000010011",
    ] {
        assert_eq!(level(bad), (vec![Code::SsccInvalid], true), "{bad}");
    }
}

#[test]
fn items_above_packs_are_read_too() {
    let notice = notice(STANDARD);

    let (item, level) = notice.items().next().expect("an item");
    assert_eq!((item, level.children.as_slice(), notice.items().count()), (2, &[3, 4][..], 1));
    let packs = level.children.iter().map(|pack| &notice.levels[*pack].detail);
    let quantities = packs.filter_map(|pack| pack.shipped.as_ref()).map(|s| s.quantity.value.to_string());
    assert_eq!(quantities.collect::<Vec<_>>(), ["60", "40"]);
    assert_eq!(notice.order_number(3).map(|number| number.as_str()), Some("PO-1"));
    assert_eq!(notice.upwards(3).map(|level| level.code.as_str()).collect::<Vec<_>>(), ["P", "I", "O", "S"]);
}

#[test]
fn items_may_hang_straight_under_orders_or_shipments() {
    let plain =
        notice("BSN*00*S-1*20260203*1415*0004~HL*1**S~HL*2*1*O~PRF*PO-1~HL*3*2*I~LIN*1*VN*A~SN1**5*EA~");
    assert_eq!((plain.items().count(), plain.order_numbers()), (1, vec!["PO-1"]));
    // Each item names its order itself, as makers of cars have it.
    let each = "BSN*00*S-1*20260203*1415~HL*1**S~HL*2*1*I~LIN*30*BP*A~SN1**5*EA*9~PRF*PO-1~CLD*1*5*PLT~REF*LS*7~\
        HL*3*1*I~LIN*10*BP*B~SN1**6*EA~PRF*PO-2~HL*4*1*I~LIN*20*BP*C*PO*PO-3~SN1**1*EA~";
    let each = notice(each);
    assert_eq!(each.order_numbers(), ["PO-1", "PO-2", "PO-3"]);
    let kept = each.levels[1].detail.section.other.iter().map(|segment| segment.id.as_str());
    assert_eq!(kept.collect::<Vec<_>>(), ["CLD", "REF"], "the REF after CLD is of the load");
}

#[test]
fn a_tree_that_is_none_refuses_the_set_and_names_the_element() {
    let order = "HL*1**S~HL*2*1*O~PRF*PO-1~";
    for (levels, code, place) in [
        ("CTT*0~", Code::SegmentMissing, "ST, segment 1"),
        (&format!("{order}HL*2*1*I~"), Code::HierarchyIdRepeated, "HL01, segment 6"),
        (&format!("{order}HL*02*1*I~"), Code::HierarchyIdRepeated, "HL01, segment 6"),
        (&format!("{order}HL*3*9*I~"), Code::HierarchyParentUnknown, "HL02, segment 6"),
        (&format!("{order}HL*3*3*I~"), Code::HierarchyParentUnknown, "HL02, segment 6"),
        (&format!("{order}HL*3*4*P~HL*4*3*P~"), Code::HierarchyParentUnknown, "HL02, segment 6"),
        ("HL*1**~", Code::ElementMissing, "HL03"),
        (&format!("{order}LIN*1*VN*A~LIN*2*VN*B~"), Code::SegmentRepeated, "LIN, segment 7"),
        (&format!("{order}SN1**1*EA~SN1**1*EA~"), Code::SegmentRepeated, "SN1, segment 7"),
        (&format!("{order}PRF*PO-2~"), Code::SegmentRepeated, "PRF, segment 6"),
        (&format!("{order}SN1**-1*EA~"), Code::QuantityNegative, "SN102"),
        (&format!("{order}SN1**1*EA*-2~"), Code::QuantityNegative, "SN104"),
        (&format!("{order}SN1**1~"), Code::ElementMissing, "SN103"),
        (&format!("{order}SN1**1X*EA~"), Code::NumberInvalid, "SN102"),
        (&format!("{order}LIN**VN~"), Code::ElementMissing, "LIN03"),
        (&format!("{order}PO1*1*5*EA~"), Code::SegmentNotInSet, "PO1"),
        (&format!("{order}RCD*1*5*EA~"), Code::SegmentNotInSet, "RCD"),
        (&format!("{order}CTT*2~HL*3*2*I~"), Code::SegmentOutOfOrder, "HL, segment 7"),
        ("BSN*00*S-2*20260203*1415~HL*1**S~", Code::SegmentRepeated, "BSN"),
    ] {
        let reading = read("856", &format!("BSN*00*S-1*20260203*1415~{levels}"));
        let problem = reading.problems.iter().find(|problem| problem.rejects()).expect(levels);
        assert_eq!((problem.code, reading.message.is_some()), (code, false), "{levels}");
        assert!(problem.position.to_string().starts_with(place), "{problem}");
    }
    assert_eq!(codes(&read("856", "HL*1**S~")), [Code::SegmentMissing]);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let (found, read) = with("HL*1**S~HL*2*7*O~PRF*PO-1**X*20261301~HL*2*2*I~LIN*1*VN*A~SN1**-1*EA~CTT*9*5~");

    let expected = [
        Code::DateInvalid,
        Code::HierarchyParentUnknown,
        Code::HierarchyIdRepeated,
        Code::QuantityNegative,
        Code::LineCountMismatch,
        Code::HashTotalMismatch,
    ];
    assert_eq!((found, read), (expected.to_vec(), false));
}

#[test]
fn what_is_odd_is_kept_and_told() {
    let item = "HL*1**S~HL*2*1*O~PRF*PO-1~HL*3*2*I~LIN*1*VN*A~SN1**5*EA~";
    for (levels, code) in [
        ("HL*1**S~HL*2*1*I~LIN*1*VN*A~SN1**5*EA~".into(), Code::ItemWithoutOrder),
        (format!("{item}HL*4**O~"), Code::HierarchyRoot),
        ("HL*1**O~PRF*PO-1~".into(), Code::HierarchyRoot),
        (format!("{item}HL*4*2*ZZ~"), Code::CodeUnknown),
        (format!("{item}PIZ*1~"), Code::SegmentUnknown),
        (format!("{item}MSG*HELLO~"), Code::SegmentUnexpected),
        (format!("MAN*CP*1~{item}"), Code::SegmentUnexpected),
        (format!("{item}MAN*GM*00006141410000010011~MAN*GM*006141410000010011~"), Code::SsccRepeated),
        (format!("{item}CTT*1~"), Code::LineCountMismatch),
        (format!("{item}CTT*3*6~"), Code::HashTotalMismatch),
        (format!("{item}CTT*3*5~REF*BM*1~"), Code::SegmentOutOfOrder),
    ] {
        assert_eq!(with(&levels), (vec![code], true), "{levels}");
    }
    let read = read("856", &format!("BSN*00*S-1*20260203*1415~{item}PIZ*1~N1*ST*A~TD1*CTN*1~MAN*CP*7~"));
    let Some(Message::ShipNotice(notice)) = read.message else { panic!("{:?}", read.problems) };
    let item = &notice.levels[2].detail;
    assert_eq!(item.section.other[0].id, "PIZ");
    assert_eq!((item.ladings.len(), item.marks.len()), (1, 1), "an N1 loop has neither");
}

#[test]
fn a_deep_chain_of_levels_is_refused_fast() {
    let chain = |levels: usize| {
        let under = (2..=levels).map(|level| format!("HL*{level}*{}*P~", level - 1));
        under.fold("HL*1**S~".to_owned(), |body, level| body + &level)
    };
    assert_eq!(with(&chain(32)), (vec![], true));
    let before = Instant::now();
    assert_eq!(with(&chain(20_000)), (vec![Code::HierarchyTooDeep], false));
    assert!(before.elapsed().as_secs() < 20, "{:?}", before.elapsed());
}

#[test]
fn a_loop_may_stand_only_so_often() {
    let body = format!("BRA*G*20260206*00*1~{}", "RCD*1*5*EA~".repeat(200_001));
    let reading = read("861", &body);
    assert_eq!((codes(&reading), reading.message), (vec![Code::LoopTooOften], None));
}
