//! What was agreed with the partner, where codes are read.
use super::{edifact_messages, *};

fn agreed() -> Terms {
    terms(json!({ "codes": [
        { "list": "LINE_ANSWER", "theirs": "XA", "ours": "IA" },
        { "list": "LINE_ANSWER", "theirs": "XR", "ours": "R2" },
        { "list": "LINE_ANSWER", "theirs": "XX", "ours": "QQ" },
        { "list": "LINE_ANSWER", "theirs": "88", "ours": "7" },
        { "list": "UNIT", "theirs": "STK", "ours": "H87" },
        { "list": "UNIT", "theirs": "CA", "ours": "XBX" },
        { "list": "LOCATION", "theirs": "9876", "ours": "DC12" },
        { "list": "ITEM", "theirs": "OLD-1", "ours": "B-1" },
        { "list": "ITEM", "theirs": "V-2", "ours": "B-2" },
    ] }))
}

fn codes_of(mapped: Mapped) -> (AnswerKind, Option<String>) {
    let Says::Lines(lines) = statement(mapped).says else { panic!("lines") };
    (lines[0].parts[0].kind, lines[0].parts[0].reason.clone())
}

#[test]
fn private_answers_mean_what_was_agreed() {
    let terms = agreed();
    let answer = |ack: &str| message_by("855", &["BAK*00*AC*PO-1*20260901", "PO1*1*5*EA", ack], &terms);
    assert_eq!(codes_of(answer("ACK*XA*5*EA")), (AnswerKind::Accepted, None));
    assert_eq!(codes_of(answer("ACK*XR*5*EA")), (AnswerKind::Rejected, Some("R2".to_owned())));
    let unknown = answer("ACK*XX*5*EA").command.unwrap_err().into_vec();
    let words = "ACK segment 4, element 1: XX (agreed to mean QQ) is not a status we know";
    assert_eq!(unknown[0].message, words, "both words are shown");
    let lines = ["BGM+231+SO-1+4", "DTM+137:20260902:102", "RFF+ON:PO-1", "LIN+1+88", "UNS+S"];
    let rejected = edifact_messages::message_by("ORDRSP", &lines, &terms);
    assert_eq!(codes_of(rejected), (AnswerKind::Rejected, Some("7".to_owned())));
}

#[test]
fn units_places_and_items_are_the_tenants() {
    let segments = [
        "BEG*00*SA*PO-1**20260901",
        "N1*ST*Dock*92*9876",
        "PO1*1*5*STK***BP*OLD-1",
        "PO1*2*5*CA***VN*V-2",
        "PO1*3*5*BX***VN*V-3",
    ];
    let Ok(Command::Order(order)) = message_by("850", &segments, &agreed()).command else { panic!("order") };
    assert_eq!(order.ship_to.as_ref().and_then(|party| party.code.as_deref()), Some("DC12"));
    let shown: Vec<_> =
        order.lines.iter().map(|line| (line.unit.as_str(), line.buyer_part.as_deref())).collect();
    assert_eq!(shown, [("H87", Some("B-1")), ("XBX", Some("B-2")), ("XBX", None)]);

    let segments = [
        "BGM+220+PO-1+9",
        "DTM+137:20260901:102",
        "NAD+DP+9876::92",
        "LIN+1++OLD-1:BP",
        "QTY+21:5:STK",
        "LIN+2++V-2:SA",
        "QTY+21:5:CA",
        "UNS+S",
    ];
    let mapped = edifact_messages::message_by("ORDERS", &segments, &agreed());
    let Ok(Command::Order(order)) = mapped.command else { panic!("order") };
    assert_eq!(order.ship_to.as_ref().and_then(|party| party.code.as_deref()), Some("DC12"));
    let shown: Vec<_> =
        order.lines.iter().map(|line| (line.unit.as_str(), line.buyer_part.as_deref())).collect();
    assert_eq!(shown, [("H87", Some("B-1")), ("XBX", Some("B-2"))]);
}

#[test]
fn a_quantity_is_a_difference_where_that_was_agreed_and_the_code_says_which_way() {
    use quayside_canonical::order_change::Direction::{self, Down, Up};
    let terms = terms(json!({ "changeQuantity": "DIFFERENCE" }));
    let set = |mapped: Mapped| -> (Option<i32>, Option<Direction>, bool) {
        let Effect::Change(changes) = change(mapped).effect else { panic!("changes") };
        let Change::Set(fields) = &changes.lines[0].change else { panic!("{changes:?}") };
        (fields.quantity.map(|q| q.to_string().parse().unwrap()), fields.direction, fields.is_difference)
    };
    let x12 = |code: &str, terms: &Terms| {
        set(message_by("860", &["BCH*04*SA*PO-1**2*20260901", &format!("POC*1*{code}*20*0*EA")], terms))
    };
    assert_eq!(x12("QI", &terms), (Some(20), Some(Up), true));
    assert_eq!(x12("QD", &terms), (Some(20), Some(Down), true));
    assert_eq!(x12("CA", &terms), (Some(20), None, false), "a code without direction states the total");
    assert_eq!(x12("QI", &self::terms(json!({}))), (Some(20), Some(Up), false));
    let edifact = |quantity: &str| {
        let segments = ["BGM+230+C-1+4", "DTM+137:20260902:102", "RFF+ON:PO-1", "LIN+1+3", quantity, "UNS+S"];
        set(edifact_messages::message_by("ORDCHG", &segments, &terms))
    };
    assert_eq!(edifact("QTY+21:20:EA"), (Some(20), Some(Up), true));
    assert_eq!(edifact("QTY+85:20:EA"), (Some(20), Some(Down), true));
}
