//! What a partner's system says about what we sent: syntax, and content.
use quayside_canonical::{
    states::{AdviceOutcome, EdiDocument, SyntaxVerdict},
    syntax_report::{ApplicationAdvice, SentMessage, SyntaxReport},
};
use quayside_edi::raw::RawSegment;

use super::{edifact_messages, *};

fn report(mapped: Mapped) -> SyntaxReport {
    match mapped.command.unwrap() {
        Command::Report(report) => *report,
        other => panic!("{other:?}"),
    }
}

fn advice(mapped: Mapped) -> ApplicationAdvice {
    match mapped.command.unwrap() {
        Command::Advice(advice) => *advice,
        other => panic!("{other:?}"),
    }
}

fn words(report: &SyntaxReport) -> Vec<&str> {
    report.faults().map(|fault| fault.words.as_str()).collect()
}

const SENT: SentMessage<'static> =
    SentMessage { interchange: "101", group_kind: Some("PO"), group: Some("7"), message: "0002" };

#[test]
fn a_997_tells_set_segment_and_element_in_plain_words() {
    let found = report(message(
        "997",
        &[
            "AK1*PO*7",
            "AK2*850*0001",
            "AK5*A",
            "AK2*850*0002",
            "AK3*PO1*8**8",
            "AK4*2*330*6*1X0",
            "AK3*N1*9**3",
            "AK5*R*5",
            "AK9*P*2*2*1",
        ],
    ));
    assert_eq!(found.verdict_on(SENT), Some(SyntaxVerdict::Rejected));
    assert_eq!(found.verdict_on(SentMessage { message: "1", ..SENT }), Some(SyntaxVerdict::Accepted));
    assert_eq!(found.verdict_on(SentMessage { group: Some("8"), ..SENT }), None);
    assert_eq!(
        words(&found),
        [
            "PO1 segment 8, element 2 ('1X0'): the value has a character it must not have",
            "N1 segment 9: the segment is mandatory and missing",
        ]
    );
    let fault = found.faults().next().unwrap();
    assert_eq!((fault.code.as_str(), fault.position, fault.element), ("AK403 6", Some(8), Some(2)));
    let whole = report(message("997", &["AK1*PO*7", "AK9*R*2*2*0*5"]));
    assert_eq!(whole.verdict_on(SENT), Some(SyntaxVerdict::Rejected));
    assert_eq!(words(&whole), ["the number of sets in the trailer is wrong"]);
    assert_eq!(refusals(message("997", &["AK1*PO*7", "AK9*Q*2*2*0"])), ["UNKNOWN_CODE 3.AK9.01.01"]);
}

#[test]
fn a_999_does_the_same_by_an_implementation_guide() {
    let found = report(message(
        "999",
        &["AK1*PO*7*005010", "AK2*850*0002", "IK3*SN1*14**8", "IK4*2*382*6*2X7", "IK5*R*5", "AK9*R*1*1*0"],
    ));
    assert_eq!(found.verdict_on(SENT), Some(SyntaxVerdict::Rejected));
    assert_eq!(
        words(&found),
        ["SN1 segment 14, element 2 ('2X7'): the value has a character it must not have"]
    );
}

#[test]
fn a_ta1_is_about_the_envelope_alone() {
    let ta1 = |code: &str, note: &str| {
        let segment = RawSegment::new("TA1", ["000000101", "260901", "1200", code, note].map(Into::into));
        x12::map_interchange_acknowledgment(&segment, None, &terms(json!({})))
    };
    let taken = report(ta1("A", "000"));
    assert_eq!((taken.verdict_on(SENT), words(&taken).len()), (None, 0));
    let twice = report(ta1("R", "025"));
    assert_eq!(twice.verdict_on(SENT), Some(SyntaxVerdict::Rejected));
    assert_eq!(words(&twice), ["the control number was used before"]);
    assert_eq!(refusals(ta1("Q", "000")).len(), 1);
    assert_ne!(ta1("A", "000").key, ta1("R", "025").key);
}

#[test]
fn a_contrl_tells_the_same() {
    let contrl = |segments: &[&str]| report(edifact_messages::message("CONTRL", segments));
    let sent = SentMessage { interchange: "101", group_kind: None, group: None, message: "1" };
    let found = contrl(&["UCI+101+A:14+B:14+7", "UCM+1+ORDERS:D:96A:UN+4", "UCS+16+12", "UCD+37+2:2"]);
    assert_eq!(found.verdict_on(sent), Some(SyntaxVerdict::Rejected));
    assert_eq!(found.verdict_on(SentMessage { message: "2", ..sent }), Some(SyntaxVerdict::Accepted));
    assert_eq!(
        words(&found),
        [
            "segment 16: the value is invalid",
            "segment 16, element 1, component 2: the characters are not of the kind they must be",
        ]
    );
    let sender = found.interchange.unwrap().sender.unwrap();
    assert_eq!((sender.qualifier.as_str(), sender.id.as_str()), ("14", "A"));
    assert_eq!(contrl(&["UCI+101+A:14+B:14+8"]).verdict_on(sent), None, "it arrived, no more");
    assert_eq!(contrl(&["UCI+101+A:14+B:14+4+26"]).verdict_on(sent), Some(SyntaxVerdict::Rejected));
}

#[test]
fn an_824_says_which_document_was_not_taken_and_why() {
    let found = advice(message(
        "824",
        &[
            "BGN*11*ADV-1*20260902*1621",
            "OTI*TR*PO*PO-1*****7*0001*850",
            "TED*848*Unknown ship-to*N1*9*4**DC99",
            "NTE*GEN*Ask Tom",
            "OTI*TA*SI*S-1*****7*0002*856",
            "OTI*IE*IX*NA*****7*0003",
            "TED*024",
        ],
    ));
    let [order, shipment, item] = found.findings.as_slice() else { panic!("{found:?}") };
    assert_eq!((order.outcome, order.about.document), (AdviceOutcome::Rejected, Some(EdiDocument::Order)));
    assert_eq!((order.about.order.as_deref(), order.about.message.as_deref()), (Some("PO-1"), Some("0001")));
    assert_eq!(
        order.reasons[0].words,
        "N1 segment 9, element 4 ('DC99'): a value is incorrect: Unknown ship-to Ask Tom"
    );
    assert_eq!((shipment.outcome, shipment.about.number.as_deref()), (AdviceOutcome::Accepted, Some("S-1")));
    assert_eq!((item.of_item, item.about.reference.as_deref()), (true, None));
    assert_eq!(item.reasons[0].words, "another reason");
}

#[test]
fn an_aperak_does_the_same_as_far_as_it_says() {
    let aperak = |segments: &[&str]| advice(edifact_messages::message("APERAK", segments)).findings.remove(0);
    let errors = ["RFF+ON:PO-1", "ERC+12", "FTX+AAO+++Unknown item:B-1", "RFF+LI:10"];
    let found = aperak(&[&["BGM+313+A-1+27"], &errors[..]].concat());
    assert_eq!((found.outcome, found.about.document), (AdviceOutcome::Rejected, Some(EdiDocument::Order)));
    assert_eq!((found.about.order.as_deref(), found.reasons[0].code.as_str()), (Some("PO-1"), "12"));
    assert_eq!(found.reasons[0].words, "Unknown item B-1 (LI 10)");
    let unsaid = aperak(&["BGM++A-1+9", "RFF+ACW:M-1", "ERC+1", "FTX+AAI+++Accepted"]);
    assert_eq!((unsaid.outcome, unsaid.about.reference.as_deref()), (AdviceOutcome::Unclear, Some("M-1")));
    assert_eq!(aperak(&["BGM+312+A-1+9", "RFF+ON:PO-1"]).outcome, AdviceOutcome::Accepted);
}

#[test]
fn an_invoice_is_not_for_us() {
    for mapped in [
        message("810", &["BIG*20260901*INV-1", "IT1*1*5*EA*2", "TDS*1000"]),
        edifact_messages::message("INVOIC", &["BGM+380+INV-1+9", "DTM+137:20260902:102", "UNS+S"]),
    ] {
        let problems = mapped.command.unwrap_err().into_vec();
        assert_eq!(problems[0].code, "NOT_SUPPORTED");
        assert!(problems[0].message.contains("the ERP states"), "{}", problems[0].message);
    }
    assert!(!TAKEN.contains(&"810") && !TAKEN.contains(&"INVOIC"));
}
