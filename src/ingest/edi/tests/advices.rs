//! Receiving advices that name the shipment and no order.
use quayside_canonical::states::DocumentOutcome;
use quayside_domain::Store;

use super::support::{ORDER, Partner, edifact, interchange, one_partner, outcome, partner, send};

/// Two lines of one item, and one of another.
const TWINS: &[&str] = &[
    "BEG*00*SA*PO-2**20260901",
    "CUR*BY*USD",
    "PO1*1*10*EA*12.50**VP*TWIN",
    "PO1*2*20*EA*12.50**VP*TWIN",
    "CTT*2",
];

/// A shipment of all of both orders.
const SHIPPED: &[&str] = &[
    "BSN*00*S-1*20260901*0800",
    "HL*1**S",
    "HL*2*1*O",
    "PRF*PO-1",
    "HL*3*2*I",
    "LIN*1*VP*WIDGET",
    "SN1**100*EA",
    "HL*4*2*I",
    "LIN*2*VP*BRACKET",
    "SN1**40*EA",
    "HL*5*1*O",
    "PRF*PO-2",
    "HL*6*5*I",
    "LIN*1*VP*TWIN",
    "SN1**10*EA",
    "HL*7*5*I",
    "LIN*2*VP*TWIN",
    "SN1**20*EA",
];

async fn shipped() -> (Store, Partner) {
    let (store, partner) = one_partner().await;
    send(&store, &partner, &interchange("PO", "0800", 1, &[("850", ORDER), ("850", TWINS)])).await;
    let said = outcome(&store, &partner, &interchange("SH", "0900", 2, &[("856", SHIPPED)])).await;
    assert_eq!(said, (DocumentOutcome::Recorded, vec![]));
    (store, partner)
}

/// An 861 of so much of the goods a LIN names, of the shipment of this number.
fn x12(number: u32, shipment: &str, lin: &str) -> String {
    let (begin, reference) = (format!("BRA*R-{number}*20260905*00*1"), format!("REF*MA*{shipment}"));
    let said = [begin.as_str(), reference.as_str(), "DTM*050*20260905", "RCD**5*EA", lin];
    interchange("RC", "1000", number, &[("861", &said)])
}

/// The same as a RECADV.
fn of_edifact(number: u32, shipment: &str, lin: &str) -> String {
    let (begin, reference) = (format!("BGM+632+R-{number}+9"), format!("RFF+AAK:{shipment}"));
    let dates = ["DTM+137:20260905:102", "DTM+50:20260905:102"];
    let said = [
        &[begin.as_str()],
        &dates[..],
        &[reference.as_str(), "NAD+BY+NORTHDIST::92", "CPS+1", lin, "QTY+194:5:EA"],
    ];
    edifact(&format!("R{number}"), "RECADV", &said.concat())
}

#[tokio::test]
async fn goods_of_no_order_are_looked_for_in_their_shipment() {
    let (store, partner) = shipped().await;
    let cases = [
        ("LIN**VP*WIDGET", "LIN+++WIDGET:SA", DocumentOutcome::Recorded, None),
        ("LIN*2*VP*TWIN*PL*2", "LIN+2++TWIN:SA", DocumentOutcome::Recorded, None),
        ("LIN**VP*TWIN", "LIN+++TWIN:SA", DocumentOutcome::Refused, Some("AMBIGUOUS_LINE")),
        ("LIN**PL*1", "LIN+1", DocumentOutcome::Refused, Some("AMBIGUOUS_LINE")),
        ("LIN**VP*OTHER", "LIN+++OTHER:SA", DocumentOutcome::Refused, Some("UNKNOWN_LINE")),
    ];
    for ((one, other, expected, code), number) in cases.into_iter().zip((10..).step_by(2)) {
        for file in [x12(number, "S-1", one), of_edifact(number + 1, "S-1", other)] {
            let (outcome, codes) = outcome(&store, &partner, &file).await;
            assert_eq!((outcome, codes.first().map(String::as_str)), (expected, code), "{file}");
        }
    }
    let message = send(&store, &partner, &x12(90, "S-1", "LIN**VP*TWIN")).await.messages.remove(0);
    let words = &message.problems[0].message;
    assert!(
        words.contains("TWIN could be PO-2 line 1 or PO-2 line 2 of shipment S-1: name the order"),
        "{words}"
    );
}

#[tokio::test]
async fn another_suppliers_shipment_is_as_unknown_as_one_that_never_was() {
    let (store, theirs) = shipped().await;
    let ours = partner(&store, theirs.tenant, "V-200").await;
    for (number, shipment) in [(20, "S-1"), (22, "S-9")] {
        for file in [x12(number, shipment, "LIN**VP*WIDGET"), of_edifact(number, shipment, "LIN+++WIDGET:SA")]
        {
            let said = outcome(&store, &ours, &file).await;
            assert_eq!(said, (DocumentOutcome::Refused, vec!["UNKNOWN_SHIPMENT".to_owned()]), "{file}");
        }
    }
}
