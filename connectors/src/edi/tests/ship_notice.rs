//! 856: what was shipped, in what, and what cannot be taken.
use quayside_canonical::{
    goods_statement::{FoundLine, ShipmentPurpose, ShipmentStatement},
    shipment::ShipNotice,
};
use serde_json::json;

use super::*;

fn shipment(mapped: Mapped) -> ShipmentStatement {
    match mapped.command.unwrap() {
        Command::Shipment(statement) => *statement,
        other => panic!("{other:?}"),
    }
}

/// The notice, with lines named as the message names them.
fn notice(mapped: Mapped) -> ShipNotice {
    let found = shipment(mapped).resolve(|named| {
        let line = named.line.clone().or(named.gtin.clone()).unwrap_or_default();
        Ok(FoundLine { order: named.order.clone(), line })
    });
    found.unwrap()
}

const BEGIN: &str = "BSN*00*S-1*20260901*1200*0001";

/// A notice of one order with these levels under it; the next HL is 3.
fn with(levels: &[&str]) -> Mapped {
    message("856", &[&[BEGIN, "HL*1**S", "HL*2*1*O", "PRF*PO-1"], levels].concat())
}

#[test]
fn a_whole_shipment_survives_the_way() {
    let segments = [
        "BSN*00*ASN-55001*20260203*1415*0001",
        "HL*1**S*1",
        "TD1*PLT*1****G*412.5*LB*30*CF",
        "TD5*B*2*ABFS*M*ABF FREIGHT",
        "TD3*TL*AB*538821******SEAL9911",
        "REF*BM*BOL-771200",
        "REF*CN*PRO-4417788",
        "REF*SN*SEAL9912",
        "DTM*011*20260203*1400",
        "DTM*017*20260205",
        "N1*SF*BLUE SUPPLY CO*92*V-7781",
        "N1*ST*ACME DC EAST*92*DC12",
        "N4*NEWARK*NJ*07114*US",
        "HL*2*1*O*1",
        "PRF*PO-10045*R7**20260115",
        "HL*3*2*T*1",
        "TD1*PLT94*1****G*400*LB",
        "MAN*GM*00106141411234567897",
        "HL*4*3*P*1",
        "MAN*GM*306141410000000013",
        "PO4*12*1*EA*CTN*G*10*LB",
        "HL*5*4*I*0",
        "LIN*1*BP*A100*VN*SKU-A101*UK*10614141123459*LT*LOT-2291",
        "SN1*1*60*CA**120*CA",
        "DTM*036*20271231",
        "REF*SE*SN-1",
        "REF*SE*SN-2",
        "CTT*5*60",
    ];
    let mapped = message("856", &segments);
    assert_eq!((mapped.key.as_str(), mapped.warnings.as_slice()), ("856 ASN-55001 00", &[][..]));
    let statement = shipment(mapped.clone());
    assert_eq!(
        (statement.purpose, statement.goods[0].named.release.as_deref()),
        (ShipmentPurpose::Announce, Some("R7"))
    );
    let expected = json!({
        "number": "ASN-55001",
        "shipsAt": "2026-02-03T14:00:00Z",
        "arrivesAt": "2026-02-05T00:00:00Z",
        "carrier": { "scac": "ABFS", "name": "ABF FREIGHT" },
        "transportMode": "3",
        "billOfLading": "BOL-771200",
        "proNumber": "PRO-4417788",
        "trailer": "AB538821",
        "seals": ["SEAL9911", "SEAL9912"],
        "grossWeight": { "value": "412.5", "unit": "LBR" },
        "volume": { "value": "30", "unit": "FTQ" },
        "shipFrom": { "code": "V-7781", "name": "BLUE SUPPLY CO" },
        "shipTo": { "code": "DC12", "name": "ACME DC EAST", "address": ["NEWARK", "NJ", "07114", "US"] },
        "lines": [{ "order": "PO-10045", "line": "1", "quantity": "60", "unit": "XCS" }],
        "units": [
            {
                "key": "3", "packageType": "PX", "sscc": "106141411234567897",
                "grossWeight": { "value": "400", "unit": "LBR" },
            },
            {
                "key": "4", "parent": "3", "packageType": "CT", "sscc": "306141410000000013",
                "grossWeight": { "value": "10", "unit": "LBR" },
                "contents": [{
                    "order": "PO-10045", "line": "1", "quantity": "60", "lot": "LOT-2291",
                    "expiresOn": "2027-12-31", "serials": ["SN-1", "SN-2"],
                }],
            },
        ],
    });
    let mut found = serde_json::to_value(notice(mapped)).unwrap();
    for party in ["shipFrom", "shipTo"] {
        let address = found[party].as_object_mut().unwrap();
        if address.get("address") == Some(&json!([])) {
            address.remove("address");
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn an_item_is_named_by_every_name_it_has() {
    let item = |lin: &str, sn1: &str| shipment(with(&["HL*3*2*I", lin, sn1])).goods.remove(0).named;
    let named = item("LIN*7*VP*V-1*IN*B-1*UP*061414000079", "SN1*9*5*EA");
    let names = [&named.line, &named.supplier_part, &named.buyer_part, &named.gtin];
    let names = names.map(|name| name.as_deref());
    assert_eq!(names, [Some("7"), Some("V-1"), Some("B-1"), Some("061414000079")]);
    assert_eq!(named.place.steps(), ["7", "LIN", "01"]);
    assert_eq!(item("LIN**VN*V-1", "SN1*9*5*EA").line.as_deref(), Some("9"));
    assert_eq!(item("LIN*7*VN*V-1*PL*30", "SN1**5*EA").line.as_deref(), Some("30"), "PL is the buyer's own");
    assert_eq!(item("LIN**EN*4006381333931", "SN1**5*EA").line, None);
    let odd = item("LIN**UP*614141000036*EN*R08916DSSDDBDI7", "SN1**5*EA");
    assert_eq!(odd.gtin.as_deref(), Some("614141000036"), "what cannot be a GTIN is passed over");
    assert_eq!(refusals(with(&["HL*3*2*I", "LIN**EC*1", "SN1**5*EA"])), ["LINE_MISSING 6.HL"]);
}

#[test]
fn packs_under_an_item_share_it() {
    let item = ["HL*3*2*I", "LIN*1*VN*A*LT*L0", "SN1**100*EA"];
    let two = ["HL*4*3*P", "SN1**60*EA", "REF*LT*L1", "HL*5*3*P", "SN1**30*EA"];
    let mapped = with(&[&item[..], &two].concat());
    assert_eq!(
        mapped.warnings.iter().map(|warning| warning.code.as_str()).collect::<Vec<_>>(),
        ["GOODS_LOOSE"]
    );
    let found = notice(mapped);
    assert_eq!((found.lines.len(), found.lines[0].quantity.to_string()), (1, "100".to_owned()));
    let contents = found.units.iter().flat_map(|unit| &unit.contents).map(|content| &content.batch);
    let contents: Vec<_> =
        contents.map(|batch| (batch.quantity.to_string(), batch.lot.clone().unwrap())).collect();
    assert_eq!(contents, [("60".to_owned(), "L1".to_owned()), ("30".to_owned(), "L0".to_owned())]);
    assert_eq!(found.lines[0].batches[0].quantity.to_string(), "10", "loose, and of a lot");

    let only = notice(with(&[&item[..], &["HL*4*3*P", "MAN*GM*00006141410000010011"]].concat()));
    assert_eq!(only.units[0].contents[0].batch.quantity.to_string(), "100");

    for (packs, refusal) in [
        (&["HL*4*3*P", "HL*5*3*P", "SN1**30*EA"][..], "REQUIRED 9.HL"),
        (&["HL*4*3*P", "SN1**60*EA", "HL*5*3*P", "SN1**50*EA"], "CONTRADICTION 12.SN1.02"),
        (&["HL*4*3*P", "SN1**6*CA"], "SEVERAL_UNITS 10.SN1.02"),
        (&["HL*4*3*P", "LIN**VN*B", "SN1**6*EA"], "LEVEL_NOT_TAKEN 9.HL"),
    ] {
        assert_eq!(refusals(with(&[&item[..], packs].concat()))[0], refusal, "{packs:?}");
    }
}

#[test]
fn goods_may_be_loose_or_in_a_pack_that_names_them() {
    let loose =
        notice(with(&["HL*3*2*I", "LIN*1*VN*A", "SN1**5*EA", "HL*4*2*I", "LIN*1*VN*A*LT*L", "SN1**2*EA"]));
    assert_eq!(
        (loose.units.len(), loose.lines.len(), loose.lines[0].quantity.to_string()),
        (0, 1, "7".to_owned())
    );
    assert_eq!(loose.lines[0].batches.len(), 1);
    let pack = notice(with(&["HL*3*2*P", "MAN*GM*00006141410000010011", "LIN*1*VN*A", "SN1**5*EA"]));
    assert_eq!(pack.units[0].contents[0].line, "1");
    let marked = notice(with(&["HL*3*2*I", "MAN*GM*00006141410000010011", "LIN*1*VN*A", "SN1**5*EA"]));
    assert_eq!((marked.units[0].key.as_str(), marked.units[0].contents.len()), ("3", 1));
    let other_way_round = message(
        "856",
        &[
            BEGIN,
            "HL*1**S",
            "HL*2*1*P",
            "MAN*CP*1Z9",
            "HL*3*2*O",
            "PRF*PO-1",
            "HL*4*3*I",
            "LIN*1*VN*A",
            "SN1**5*EA",
        ],
    );
    assert_eq!(notice(other_way_round).units[0].contents[0].order, "PO-1", "0003: orders inside packs");
}

#[test]
fn a_shipment_may_be_of_several_orders() {
    let orders = ["HL*4*1*O", "PRF*PO-2", "HL*5*4*I", "LIN*1*VN*A", "SN1**7*EA"];
    let found = notice(with(&[&["HL*3*2*I", "LIN*1*VN*A", "SN1**5*EA"], &orders[..]].concat()));
    let lines: Vec<_> =
        found.lines.iter().map(|line| (line.order.as_str(), line.quantity.to_string())).collect();
    assert_eq!(lines, [("PO-1", "5".to_owned()), ("PO-2", "7".to_owned())]);
}

#[test]
fn a_shipment_is_refused_with_every_reason_and_its_place() {
    let segments = [
        "BSN*22*S-1*20260901*1200",
        "HL*1**S",
        "HL*2*1*I",
        "LIN*1*VN*A",
        "SN1**5*EA",
        "HL*3*1*O",
        "PRF*PO-1",
        "HL*4*3*I",
        "LIN*1*VN*A",
        "HL*5**S",
    ];
    assert_eq!(refusals(message("856", &segments)), ["PURPOSE_NOT_TAKEN 2.BSN.01"]);
    let known = [&[BEGIN], &segments[1..]].concat();
    assert_eq!(
        refusals(message("856", &known)),
        ["SEVERAL_SHIPMENTS 11.HL", "ORDER_MISSING 4.HL", "REQUIRED 9.HL", "REQUIRED 2.BSN.02"]
    );
    let item = ["LIN*1*VN*A", "SN1**5*EA"];
    for (levels, refusal) in [
        (&["HL*3*2*I", "LIN*1*VN*A", "SN1**0*EA"][..], "INVALID_VALUE 8.SN1.02"),
        (&["HL*3*2*K", item[0], item[1]], "LEVEL_NOT_TAKEN 6.HL"),
        (&["HL*3*2*P", item[1]], "ITEM_MISSING 6.HL"),
        (
            &[
                "HL*3*2*P",
                "MAN*GM*00006141410000010011",
                "MAN*AA*006141410000010028",
                "HL*4*3*I",
                item[0],
                item[1],
            ],
            "SEVERAL_SSCC 8.MAN.02",
        ),
        (
            &[
                "HL*3*2*P",
                "MAN*GM*00006141410000010011",
                "HL*4*2*P",
                "MAN*GM*006141410000010011",
                "HL*5*4*I",
                item[0],
                item[1],
            ],
            "DUPLICATE_SSCC 9.MAN.02",
        ),
    ] {
        assert_eq!(refusals(with(levels))[0], refusal, "{levels:?}");
    }
}

#[test]
fn what_is_uncertain_is_left_out_and_told() {
    let begin = [
        BEGIN,
        "HL*1**S",
        "TD1*CTN*1****G*5*LB",
        "TD1*PLT*1****G*6*LB",
        "TD5*B*2*ABFS*H",
        "REF*BM*1",
        "REF*BM*2",
    ];
    let rest = [
        "DTM*011*20260203*1400*ET",
        "N1*ST*A*92*1",
        "N1*ST*B*92*2",
        "HL*2*1*O",
        "PRF*PO-1",
        "HL*3*2*I",
        "LIN*1*VN*A*LT*L1",
        "SN1**5*EA",
        "REF*LT*L2",
        "HL*4*3*F",
        "LIN**VN*PART",
        "SN1**9*EA",
    ];
    let mapped = message("856", &[&begin[..], &rest].concat());
    let warnings: Vec<_> = mapped.warnings.iter().map(|warning| warning.code.as_str()).collect();
    let expected = [
        "TIME_ZONE_LEFT_OUT",
        "TRANSPORT_MODE_LEFT_OUT",
        "REFERENCE_LEFT_OUT",
        "MEASURE_LEFT_OUT",
        "PARTY_LEFT_OUT",
        "LOT_LEFT_OUT",
        "COMPONENT_LEFT_OUT",
    ];
    assert_eq!(warnings, expected);
    let found = notice(mapped);
    assert_eq!((found.ship_to, found.gross_weight, found.bill_of_lading.as_deref()), (None, None, Some("1")));
}

#[test]
fn what_replaces_or_takes_back_is_named_by_its_envelope() {
    let stamped = |purpose: &str| {
        let mapped = message(
            "856",
            &[
                &format!("BSN*{purpose}*S-1*20260901*1200"),
                "HL*1**S",
                "HL*2*1*O",
                "PRF*PO-1",
                "HL*3*2*I",
                "LIN*1*VN*A",
                "SN1**5*EA",
            ],
        );
        (mapped.key.clone(), shipment(mapped).purpose)
    };
    let stamp = "20260901T123000-000000007-000000001";
    assert_eq!(stamped("05"), (format!("856 S-1 05 {stamp}"), ShipmentPurpose::Replace));
    assert_eq!(stamped("04"), (format!("856 S-1 05 {stamp}"), ShipmentPurpose::Replace));
    let cancelled = message("856", &["BSN*01*S-1*20260901*1200", "HL*1**S"]);
    assert_eq!(cancelled.key, format!("856 S-1 01 {stamp}"));
    let statement = shipment(cancelled);
    assert_eq!((statement.purpose, statement.goods.len()), (ShipmentPurpose::Cancel, 0));
}

#[test]
fn samples_of_both_layouts_say_the_same() {
    let shape = |name: &str| {
        let found = notice(sample(name));
        let contents = found.units.iter().map(|unit| unit.contents.len()).sum::<usize>();
        (found.lines.len(), found.units.len(), contents)
    };
    assert_eq!(shape("x12-856/gen-pickpack-tilde.856"), (4, 6, 12));
    assert_eq!(shape("x12-856/gen-standard-pipe-newline.856"), (4, 12, 12));
    assert_eq!(shape("x12-856/aaronhuggins-node-x12__856.edi"), (2, 0, 0));
    assert_eq!(shape("x12-856/mockedi-accept.856.despatch.x12"), (3, 0, 0));
    assert_eq!(refusals(sample("malformed/sscc-dup-in-asn.x12")), ["DUPLICATE_SSCC 17.MAN.02"]);
}
