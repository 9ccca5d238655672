//! One story in both syntaxes is one command.
//!
//! What names the message and not what it says may differ: the name of a revision or a document that was restated,
//! the code a reason is told by, and the number the sender counts packs by.
use serde_json::Value;

use super::{edifact_messages, *};

/// What a command says, whichever message it came in.
fn said(mapped: Mapped) -> Value {
    let value = match mapped.command.unwrap() {
        Command::Order(order) => serde_json::to_value(order),
        Command::Change(change) => serde_json::to_value(change),
        Command::Answer(statement) => serde_json::to_value(statement),
        Command::Shipment(statement) => serde_json::to_value(statement),
        Command::Receipt(statement) => serde_json::to_value(statement),
        Command::Report(report) => serde_json::to_value(report),
        Command::Advice(advice) => serde_json::to_value(advice),
    };
    let mut value = value.unwrap();
    neutral(&mut value);
    value
}

fn neutral(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("issuedAt") {
                fields.remove("id");
            }
            for code in ["reason", "rest_rejected_for", "condition_code", "conditionCode"] {
                if let Some(Value::String(text)) = fields.get_mut(code) {
                    *text = "said".to_owned();
                }
            }
            fields.values_mut().for_each(neutral);
        }
        Value::Array(all) => all.iter_mut().for_each(neutral),
        _ => {}
    }
}

/// The same story, told twice.
fn same(x12: (&str, &[&str]), edifact: (&str, &[&str])) -> Value {
    let one = said(message(x12.0, x12.1));
    let other = said(edifact_messages::message(edifact.0, edifact.1));
    assert_eq!(one, other, "{} and {}", x12.0, edifact.0);
    one
}

#[test]
fn an_order() {
    let order = same(
        (
            "850",
            &[
                "BEG*00*SA*PO-1**20260901",
                "CUR*BY*EUR",
                "FOB*CC***01*DAP**Hamburg",
                "ITD*01*3*2**10**30",
                "N9*AA**Call before you come",
                "N1*ST*Lager Nord*92*DC12",
                "N3*Kai 1",
                "N4*Hamburg*HH*20457*DE",
                "PO1*10*250*PC*40*HP*BP*B-1*VN*V-1*EN*4006381333931",
                "PID*F*08***Hex bolt",
                "DTM*064*20260910",
                "DTM*063*20260920",
                "SCH*100*PC***002*20260911",
                "SCH*150*PC***002*20260915",
                "PO1*20*7*KG*2.82**VN*V-2",
                "DTM*002*20260930",
            ],
        ),
        (
            "ORDERS",
            &[
                "BGM+220+PO-1+9",
                "DTM+137:20260901:102",
                "FTX+AAI+++Call before you come",
                "NAD+DP+DC12::92++Lager Nord+Kai 1+Hamburg+HH+20457+DE",
                "CUX+2:EUR:9",
                "PAT+22++5:3:D:10",
                "PCD+12:2",
                "PAT+1++5:3:D:30",
                "TOD+6++DAP",
                "LOC+1+:::Hamburg",
                "LIN+10++4006381333931:EN",
                "PIA+1+B-1:BP+V-1:SA",
                "IMD+F++:::Hex bolt",
                "QTY+21:250:PCE",
                "DTM+64:20260910:102",
                "DTM+63:20260920:102",
                "PRI+AAA:40:::100:PCE",
                "SCC+1",
                "QTY+21:100:PCE",
                "DTM+2:20260911:102",
                "SCC+1",
                "QTY+21:150:PCE",
                "DTM+2:20260915:102",
                "LIN+20++V-2:SA",
                "QTY+21:7:KGM",
                "DTM+2:20260930:102",
                "PRI+AAA:2.82",
                "UNS+S",
            ],
        ),
    );
    assert_eq!(order["lines"][0]["unit"], "H87");
}

#[test]
fn a_change() {
    let change = same(
        (
            "860",
            &[
                "BCH*04*SA*PO-1**2*20260901",
                "POC*1*CA*60*0*EA*9.5**VN*V-1",
                "DTM*002*20260930",
                "POC*2*DI",
                "POC*3*AI*5*5*EA***VN*V-3",
                "POC*4*NC",
            ],
        ),
        (
            "ORDCHG",
            &[
                "BGM+230+C-1::2+4",
                "DTM+137:20260901:102",
                "RFF+ON:PO-1",
                "LIN+1+3+V-1:SA",
                "QTY+21:60:EA",
                "DTM+2:20260930:102",
                "PRI+AAA:9.5",
                "LIN+2+2",
                "LIN+3+1+V-3:SA",
                "QTY+21:5:EA",
                "LIN+4+4",
                "UNS+S",
            ],
        ),
    );
    assert_eq!(change["effect"]["Change"]["lines"].as_array().unwrap().len(), 4);
    same(
        ("860", &["BCH*01*SA*PO-1***20260901"]),
        ("ORDCHG", &["BGM+230+C-2+1", "DTM+137:20260901:102", "RFF+ON:PO-1", "UNS+S"]),
    );
}

#[test]
fn an_answer() {
    let answer = same(
        (
            "855",
            &[
                "BAK*00*AC*PO-1*20260901****SO-1",
                "N9*AA**Thank you",
                "PO1*1*100*EA*2*PE*VN*V-1",
                "ACK*IA*60*EA*067*20260905",
                "ACK*IB*40*EA*067*20260912",
                "PO1*2*50*EA*2*PE*VN*V-2",
                "ACK*IQ*35*EA*067*20260905",
                "PO1*3*5*EA",
                "ACK*IR",
                "PO1*4*5*EA",
                "ACK*IS*5*EA****VN*V-9",
                "PO1*5*5*EA",
                "ACK*IH",
            ],
        ),
        (
            "ORDRSP",
            &[
                "BGM+231+SO-1+4",
                "DTM+137:20260901:102",
                "FTX+AAI+++Thank you",
                "RFF+ON:PO-1",
                "LIN+1+5+V-1:SA",
                "QTY+113:60:EA",
                "DTM+67:20260905:102",
                "QTY+83:40:EA",
                "DTM+67:20260912:102",
                "PRI+AAA:2",
                "LIN+2+6+V-2:SA",
                "QTY+113:35:EA",
                "DTM+67:20260905:102",
                "PRI+AAA:2",
                "LIN+3+7",
                "QTY+21:5:EA",
                "LIN+4+5+V-4:SA",
                "PIA+3+V-9:SA",
                "QTY+113:5:EA",
                "LIN+5+52",
                "UNS+S",
            ],
        ),
    );
    let lines = answer["says"]["Lines"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["parts"][1]["kind"]), (4, &Value::from("BACKORDERED")));
    same(
        ("855", &["BAK*00*AT*PO-1*20260901****SO-1"]),
        ("ORDRSP", &["BGM+231+SO-1+29", "DTM+137:20260901:102", "RFF+ON:PO-1", "UNS+S"]),
    );
}

#[test]
fn a_proposal() {
    let asked = same(
        (
            "865",
            &[
                "BCA*19**PO-1***20260901***SO-1",
                "POC*1*RS*100**EA***VN*V-1",
                "DTM*067*20260920",
                "POC*2*DI*5**EA",
                "POC*3*RQ*80**EA",
                "DTM*067*20260920",
            ],
        ),
        (
            "ORDRSP",
            &[
                "BGM+231+SO-1+19",
                "DTM+137:20260901:102",
                "RFF+ON:PO-1",
                "LIN+1+5+V-1:SA",
                "DTM+67:20260920:102",
                "LIN+2+7",
                "LIN+3+23",
                "QTY+21:80:EA",
                "DTM+67:20260920:102",
                "UNS+S",
            ],
        ),
    );
    assert_eq!(asked["says"]["Lines"][0]["amends"], true);
    assert_eq!(asked["says"]["Lines"][0]["parts"][0]["promised_on"], "2026-09-20");
}

#[test]
fn a_shipment() {
    let shipment = same(
        (
            "856",
            &[
                "BSN*00*ASN-1*20260901*1230*0001",
                "HL*1**S*1",
                "TD1*PLT*1****G*412.5*KG",
                "TD5*B*2*ABFS*M*ABF FREIGHT",
                "TD3*TL**538821******SEAL-1",
                "REF*BM*BOL-1",
                "REF*CN*PRO-1",
                "DTM*011*20260903*1400",
                "DTM*017*20260905",
                "N1*SF**92*V-7781",
                "N1*ST**92*DC12",
                "HL*2*1*O*1",
                "PRF*PO-1",
                "HL*3*2*T*1",
                "TD1*PLT94*1****G*400*KG",
                "MAN*GM*00106141411234567897",
                "HL*4*3*P*1",
                "TD1*CTN25",
                "MAN*GM*306141410000000013",
                "HL*5*4*I*0",
                "LIN*10*BP*B-1*VN*V-1*EN*4006381333931*LT*LOT-1",
                "SN1*10*60*PC",
                "DTM*036*20271231",
                "REF*SE*SN-1",
                "REF*SE*SN-2",
            ],
        ),
        (
            "DESADV",
            &[
                "BGM+351+ASN-1+9",
                "DTM+137:20260901:102",
                "DTM+11:202609031400:203",
                "DTM+17:20260905:102",
                "MEA+AAY+G+KGM:412.5",
                "RFF+ON:PO-1",
                "RFF+BM:BOL-1",
                "RFF+CN:PRO-1",
                "NAD+SF+V-7781::92",
                "NAD+DP+DC12::92",
                "TDT+20++30+31+ABFS::182:ABF FREIGHT",
                "EQD+TE+538821",
                "SEL+SEAL-1",
                "CPS+1",
                "CPS+3+1",
                "PAC+1++201",
                "MEA+PD+AAB+KGM:400",
                "PCI+33E",
                "GIN+BJ+106141411234567897",
                "CPS+4+3",
                "PAC+1++CT",
                "PCI+33E",
                "GIN+BJ+306141410000000013",
                "LIN+1++4006381333931:EN",
                "PIA+1+B-1:BP+V-1:SA",
                "QTY+12:60:PCE",
                "GIN+BN+SN-1+SN-2",
                "RFF+ON:PO-1:10",
                "PCI+36E",
                "DTM+36:20271231:102",
                "GIN+BX+LOT-1",
            ],
        ),
    );
    assert_eq!(shipment["notice"]["units"][1]["parent"], "3");
    assert_eq!(shipment["goods"][0]["batch"]["serials"], json!(["SN-1", "SN-2"]));
    same(
        ("856", &["BSN*01*ASN-1*20260901*1230", "HL*1**S"]),
        ("DESADV", &["BGM+351+ASN-1+1", "DTM+137:20260901:102"]),
    );
}

#[test]
fn a_receipt() {
    let receipt = same(
        (
            "861",
            &[
                "BRA*GR-1*20260905*00*1",
                "REF*MA*ASN-1",
                "DTM*050*20260905*0915",
                "PRF*PO-1",
                "N1*ST**92*DC12",
                "RCD*10*96*PC***4*PC*01",
                "LIN**VN*V-1*LT*LOT-1",
                "RCD*20*38*PC***2*PC*09*1*PC*02",
            ],
        ),
        (
            "RECADV",
            &[
                "BGM+632+GR-1+9",
                "DTM+137:20260905:102",
                "DTM+50:202609050915:203",
                "RFF+AAK:ASN-1",
                "RFF+ON:PO-1",
                "NAD+DP+DC12::92",
                "CPS+1",
                "LIN+10++V-1:SA",
                "PIA+1+LOT-1:NB",
                "QTY+48:100:PCE",
                "QTY+124:4:PCE",
                "LIN+20",
                "QTY+194:38:PCE",
                "QTY+195:2:PCE",
                "QTY+119:1:PCE",
            ],
        ),
    );
    assert_eq!(
        (&receipt["document"]["kind"], receipt["lines"].as_array().unwrap().len()),
        (&json!("FINAL"), 4)
    );
}
