//! The versions of the standard: what is the same in all of them is read the same, and what differs is told.

use super::*;
use crate::testing::without_places;

const VERSIONS: &[&str] =
    &["003060", "003070", "004010", "004010VICS", "004030", "005010", "005030", "006020", "007020", "008010"];

/// A set of each kind, `{…}` around its dates.
const BODIES: &[(&str, &str)] = &[
    (
        "850",
        "BEG*00*SA*PO-1**{20260115}~CUR*BY*USD~REF*DP*042~FOB*PP*DE**01*FCA~ITD*01*3*2**10**30~DTM*002*{20260205}~\
         N1*ST*NORTH DC*92*DC12~N3*1 DOCK RD~N4*DALLAS*TX*75261*US~PO1*1*120*CA*32.50*PE*BP*A100*VN*SKU~PID*F****WIDGET~\
         PO4*12*1*EA~SCH*60*CA***002*{20260205}~CTT*1~",
    ),
    (
        "855",
        "BAK*00*AC*PO-1*{20260115}****SO-8*{20260116}~PO1*1*120*CA*32.50*PE*BP*A100~ACK*IA*60*CA*068*{20260203}~\
         ACK*IB*60*CA*067*{20260210}~CTT*1~",
    ),
    ("860", "BCH*04*SA*PO-1**2*{20260115}~POC*1*QI*150*30*CA*32.50*PE*BP*A100~CTT*1~"),
    ("865", "BCA*04*AC*PO-1**2*{20260115}~POC*1*QI*150*30*CA*32.50*PE*BP*A100~ACK*IA*150*CA~CTT*1~"),
    (
        "856",
        "BSN*00*ASN-1*{20260201}*1200*0001~DTM*011*{20260201}~HL*1**S~TD1*CTN25*2****G*10*LB~REF*BM*B1~HL*2*1*O~\
         PRF*PO-1***{20260115}~HL*3*2*P~MAN*GM*00006141410000000012~HL*4*3*I~LIN*1*VN*SKU~SN1*1*60*CA~CTT*4~",
    ),
    ("861", "BRA*R-1*{20260202}*00*2~PRF*PO-1~RCD*1*58*CA***2*CA*02~LIN*1*VN*SKU~CTT*1~"),
    ("810", "BIG*{20260203}*INV-1*{20260115}*PO-1~IT1*1*60*CA*32.5**VN*SKU~TDS*195000~CTT*1~"),
    ("824", "BGN*00*ADV-1*{20260203}~OTI*TR*PO*PO-1~TED*007*NO DATE~"),
    ("997", "AK1*PO*1~AK2*850*0001~AK3*PO1*8**8~AK4*2*330*6*1X0~AK5*R*5~AK9*R*1*1*0~"),
    ("999", "AK1*PO*1~AK2*850*0001~IK3*PO1*8**8~IK4*2*330*6*1X0~IK5*R*5~AK9*R*1*1*0~"),
];

fn body(text: &str, version: &str) -> String {
    // Dates have six digits before 004010.
    let short = version < "004010";
    let mut out = String::new();
    for piece in text.split('{') {
        match piece.split_once('}') {
            Some((date, rest)) => {
                out.push_str(if short { &date[2..] } else { date });
                out.push_str(rest);
            }
            None => out.push_str(piece),
        }
    }
    out
}

#[test]
fn what_all_versions_share_is_read_the_same_in_each() {
    for (set, text) in BODIES {
        let reference = without_places(&read(set, &body(text, "004010")).message);
        for version in VERSIONS {
            let reading = read_with(set, version, &body(text, version), &Options::default());
            assert_eq!(reading.problems, [], "{set} in {version}");
            // Invoices and advices keep dates as they stand.
            if *version >= "004010" || !matches!(*set, "810" | "824") {
                assert_eq!(without_places(&reading.message), reference, "{set} in {version}");
            }
            assert!(reading.message.is_some());
        }
    }
}

#[test]
fn a_version_before_or_after_the_ones_we_read_refuses_the_group() {
    for version in ["003050", "002040", "009010", "4010", "X"] {
        let text = format!(
            "ISA*00*{:10}*00*{:10}*ZZ*{:15}*ZZ*{:15}*260901*1200*U*00401*000000007*0*P*>~\
             GS*PO*A*B*20260901*1200*3*X*{version}~ST*850*0001~BEG*00*SA*PO-1**20260115~PO1*1*1*EA~SE*4*0001~GE*1*3~\
             IEA*1*000000007~",
            "", "", "A", "B"
        );
        let interchange =
            Interchanges::new(text.as_bytes(), Options::default()).next().expect("one").expect("memory");
        let codes: Vec<Code> = interchange.groups[0].problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [Code::GroupVersionUnsupported], "{version}");
        assert!(interchange.groups[0].rejected());
    }
}

#[test]
fn lengths_are_measured_up_to_004010_and_grow_after_it() {
    let long = format!("BEG*00*SA*{}**{{20260115}}~PO1*1*1*EA~", "N".repeat(23));
    for version in VERSIONS {
        let reading = read_with("850", version, &body(&long, version), &Options::default());
        let expected: &[Code] = if *version <= "004010VICS" { &[Code::ElementTooLong] } else { &[] };
        assert_eq!(codes(&reading), expected, "{version}");
        assert!(reading.message.is_some(), "a warning at the most");
    }
}

#[test]
fn more_elements_than_004010_has_are_refused_in_it_and_told_of_later() {
    let more = "BEG*00*SA*PO-1**{20260115}********13~PO1*1*1*EA~";
    for version in VERSIONS {
        let reading = read_with("850", version, &body(more, version), &Options::default());
        assert_eq!(codes(&reading), [Code::TooManyElements], "{version}");
        assert_eq!(reading.message.is_some(), *version > "004010VICS", "{version}");
    }
}

#[test]
fn six_digits_are_a_date_with_a_warning_from_004010_on() {
    for version in VERSIONS {
        let reading = read_with("850", version, "BEG*00*SA*PO-1**260115~PO1*1*1*EA~", &Options::default());
        let expected: &[Code] = if *version < "004010" { &[] } else { &[Code::ShortDate] };
        assert_eq!(codes(&reading), expected, "{version}");
    }
}

#[test]
fn a_composite_of_later_versions_is_kept() {
    // From 004030 on POC05 and others are cut by the component separator wherever the sender likes.
    for version in ["004010", "005010", "008010"] {
        let text = "BCH*04*SA*PO-1**2*20260115~POC*1*QI*150*30*CA>1>2*32.50*PE~CTT*1~";
        let reading = read_with("860", version, text, &Options::default());
        let Some(Message::OrderChange(change)) = reading.message else { panic!("{:?}", reading.problems) };
        assert_eq!(change.lines[0].line.unit.as_ref().map(|unit| unit.as_str()), Some("CA"));
    }
}
