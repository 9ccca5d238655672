//! 861: lines with what was received, returned and questioned.

use crate::x12::messages::ReceivingAdvice;

use super::*;

const ADVICE: &str = "BRA*GRN-90001*20260206*00*2*0910*07*1~REF*MA*ASN-55001~PER*RC*ANN*TE*555~DTM*050*20260205*1130~PRF*PO-1~\
    TD1*CTN*3~TD3*TL**7~N1*ST*ACME DC*92*DC12~REF*DK*4~\
    RCD*1*55*CA*2*CA*3*CA*01*2*CA*02****1*CA*04****60~SN1**60*CA~LIN*001*BP*A100*VN*SKU-A101*LT*LOT-2291~PID*F****WIDGET~\
    REF*SE*S1~DTM*036*20271231~PRF*PO-2*R1~MAN*GM*00106141411234567897~SLN*1**I*2*EA~PID*F****A PART~N1*SU*BLUE*92*V1~\
    RCD******1*EA*09~LIN*7*BP*B~CTT*2*55~";

fn advice(body: &str) -> ReceivingAdvice {
    message!(ReceivingAdvice, "861", body)
}

#[test]
fn an_advice_is_read_whole() {
    let advice = advice(ADVICE);

    assert_eq!((advice.number.as_str(), advice.purpose.as_str()), ("GRN-90001", "00"));
    assert_eq!((advice.date.to_string(), advice.advice_type.as_str()), ("2026-02-06".into(), "2"));
    let codes = [&advice.condition, &advice.action].map(|code| code.as_ref().map(|code| code.as_str()));
    assert_eq!(
        (advice.time.map(|time| time.to_string()), codes),
        (Some("09:10:00".into()), [Some("07"), Some("1")])
    );
    let heading = &advice.heading;
    assert_eq!(heading.references("MA").map(|number| number.as_str()).collect::<Vec<_>>(), ["ASN-55001"]);
    assert_eq!((heading.ladings.len(), heading.equipment.len(), heading.section.dates.len()), (1, 1, 1));
    assert_eq!(heading.section.parties[0].references.len(), 1);
    assert_eq!(advice.order_numbers(), ["PO-1", "PO-2"]);
    let orders = advice.lines.iter().map(|line| advice.order_number(line).map(|number| number.as_str()));
    assert_eq!(orders.collect::<Vec<_>>(), [Some("PO-2"), Some("PO-1")], "a line before the heading");
}

#[test]
fn a_line_keeps_received_returned_and_questioned_apart() {
    let advice = advice(ADVICE);
    let line = &advice.lines[0];

    let shown = |quantity: &Option<crate::x12::messages::Quantity>| {
        quantity.as_ref().map(|q| format!("{} {}", q.value.value, q.unit.as_ref().expect("a unit").value))
    };
    assert_eq!(
        (line.id.text.as_str(), shown(&line.received), shown(&line.returned)),
        ("1", Some("55 CA".into()), Some("2 CA".into()))
    );
    let questions: Vec<_> = line
        .questions
        .iter()
        .map(|question| (shown(&question.quantity), question.condition.as_ref().map(|code| code.as_str())))
        .collect();
    assert_eq!(
        questions,
        [
            (Some("3 CA".into()), Some("01")),
            (Some("2 CA".into()), Some("02")),
            (Some("1 CA".into()), Some("04"))
        ]
    );
    assert_eq!(line.received_to_date.map(|number| number.to_string()), Some("60".into()));
    let detail = &line.detail;
    assert_eq!(detail.shipped.as_ref().map(|shipped| shipped.quantity.value.to_string()), Some("60".into()));
    assert_eq!(detail.lots().map(|lot| lot.as_str()).collect::<Vec<_>>(), ["LOT-2291"]);
    assert_eq!(detail.serials().map(|serial| serial.as_str()).collect::<Vec<_>>(), ["S1"]);
    assert_eq!(detail.marks[0].sscc(), Some(Ok("106141411234567897".into())));
    assert_eq!(detail.components[0].other.len(), 1, "the PID after SLN describes the component");
    assert_eq!((detail.section.descriptions.len(), detail.section.parties.len()), (1, 1));
    let position = advice.control.position(line.questions[2].condition.as_ref().expect("a code").at);
    assert!(position.to_string().starts_with("RCD17, segment 11, byte "), "{position}");

    let held = &advice.lines[1];
    assert_eq!(
        (held.id.text.as_str(), held.id.assumed, &held.received),
        ("7", false, &None),
        "LIN01 names it"
    );
    assert_eq!(shown(&held.questions[0].quantity), Some("1 EA".into()));
}

#[test]
fn what_is_malformed_refuses_the_set_and_names_the_element() {
    for (line, code, place) in [
        ("RCD*1*X*EA~", Code::NumberInvalid, "RCD02"),
        ("RCD*1*-5*EA~", Code::QuantityNegative, "RCD02"),
        ("RCD*1*5*EA***-1*EA*01~", Code::QuantityNegative, "RCD06"),
        ("RCD*1*5*EA******************-9~", Code::QuantityNegative, "RCD21"),
        ("RCD*1*5*EA*******************1~", Code::TooManyElements, "RCD22"),
        ("HL*1**S~", Code::SegmentNotInSet, "HL"),
        ("BSN*00*S*20260203*1415~", Code::SegmentNotInSet, "BSN"),
        ("CTT*0~RCD*1*5*EA~", Code::SegmentOutOfOrder, "RCD"),
        ("BRA*GRN-2*20260206*00*1~", Code::SegmentRepeated, "BRA"),
        ("rcd*1*5*EA~", Code::SegmentIdInvalid, "rcd"),
    ] {
        let reading = read("861", &format!("BRA*GRN-1*20260206*00*1~{line}"));
        let problem = reading.problems.iter().find(|problem| problem.rejects()).expect(line);
        assert_eq!((problem.code, reading.message.is_some()), (code, false), "{line}");
        assert!(problem.position.to_string().starts_with(place), "{problem}");
    }
    assert_eq!(codes(&read("861", "RCD*1*5*EA~")), [Code::SegmentMissing]);
    assert_eq!(codes(&read("861", "BRA*GRN-1*20260206*00~")), [Code::ElementMissing]);
}

#[test]
fn what_is_odd_is_kept_and_told() {
    for (line, code) in [
        ("RCD**5*EA~LIN**VN*A~", Code::LineIdMissing),
        ("RCD*1*5*EA***2*EA~", Code::ElementConditionMissing),
        ("RCD*1*5~", Code::ElementConditionMissing),
        ("RCD*1~", Code::ElementConditionMissing),
        ("RCD*1*5*EA***2*EA*77~", Code::CodeUnknown),
        ("LIN**VN*A~RCD*1*5*EA~", Code::SegmentUnexpected),
        ("RCD*1*5*EA~SCH*1*EA***002*20260901~", Code::SegmentUnexpected),
        ("RCD*1*5*EA~PIZ*1~", Code::SegmentUnknown),
        ("RCD*1*5*EA~CTT*2~", Code::LineCountMismatch),
        ("RCD*1*5*EA~CTT*1*6~", Code::HashTotalMismatch),
    ] {
        let reading = read("861", &format!("BRA*GRN-1*20260206*00*1~{line}"));
        assert_eq!((codes(&reading), reading.message.is_some()), (vec![code], true), "{line}");
    }
    let strict = Options { unknown: Unknown::Reject, ..Options::default() };
    for body in ["BRA*GRN-1*20260206*00*9~", "BRA*GRN-1*20260206*00*1~RCD*1*5*EA***2*EA*77~"] {
        assert!(
            read("861", body).message.is_some()
                && read_with("861", "004010", body, &strict).message.is_none()
        );
    }
}
