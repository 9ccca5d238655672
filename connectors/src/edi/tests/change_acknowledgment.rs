//! 865: answers to changes, and changes the supplier asks for.
use super::*;

fn said(segments: &[&str]) -> Says {
    statement(message("865", segments)).says
}

fn lines(segments: &[&str]) -> Vec<quayside_canonical::statement::StatedLine> {
    match said(segments) {
        Says::Lines(lines) => lines,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_lines_it_is_about_what_the_change_touched() {
    let alone = |code: &str| said(&[&format!("BCA*00*{code}*PO-1**2*20260901")]);
    for code in ["AK", "AD", "AT"] {
        assert_eq!(alone(code), Says::AcceptsChange, "{code}");
    }
    for code in ["RJ", "RD"] {
        assert_eq!(alone(code), Says::KeepsAnswers { reason: code.to_owned() }, "{code}");
    }
    for code in ["AC", "AH", "NA"] {
        let refused = refusals(message("865", &[&format!("BCA*00*{code}*PO-1**2*20260901")]));
        assert_eq!(refused, ["NO_STATEMENT 2.BCA.02"], "{code}");
    }
    assert_eq!(refusals(message("865", &["BCA*22*AT*PO-1**2*20260901"])), ["PURPOSE_NOT_TAKEN 2.BCA.01"]);
}

#[test]
fn the_code_of_the_change_has_its_say_in_the_answer() {
    let found = lines(&[
        "BCA*11*AC*PO-1**2*20260901***SO-1",
        "POC*1*QD*60**EA*12.50**VP*A",
        "ACK*IA*60*EA*067*20260903",
        "POC*2*DI*40**EA",
        "ACK*IA*0*EA",
        "POC*3*RC*40**EA",
        "POC*4*NC*40**EA",
        "POC*5*PC*35**EA*124.50**VP*C",
        "ACK*IP*35*EA",
    ]);
    let shown: Vec<_> =
        found.iter().map(|line| (line.line.as_str(), line.parts.len(), line.amends)).collect();
    assert_eq!(shown, [("1", 1, false), ("2", 1, false), ("3", 0, true), ("5", 1, false)]);
    assert_eq!(found[1].parts[0].kind, AnswerKind::Rejected, "what is deleted does not come");
    assert_eq!(found[2].rest_rejected_for.as_deref(), Some("RC"), "the line is kept as it was answered");
    assert!(found[3].parts[0].price.is_some_and(|price| price.changed));
    let agreed = message("865", &["BCA*00*AT*PO-1**2*20260901", "POC*1*QD*60**EA", "POC*2*DI*0**EA"]);
    assert_eq!(agreed.warnings, [], "a deletion agreed to is no contradiction");
    let Says::Lines(agreed) = statement(agreed).says else { panic!("lines") };
    assert_eq!(agreed[0].parts[0].quantity, Some(60.into()));
}

#[test]
fn what_nobody_asked_for_is_a_request() {
    let request = |line: &str| lines(&["BCA*04**PO-1***20260901", line, "DTM*067*20260920"]).remove(0);
    for (code, touched) in [
        ("QI", [true, false, false]),
        ("QD", [true, false, false]),
        ("PC", [false, true, false]),
        ("RS", [false, false, true]),
        ("RQ", [true, false, true]),
        ("CA", [true, true, true]),
    ] {
        let line = request(&format!("POC*1*{code}*60**EA*9.5**VN*V-1"));
        let part = &line.parts[0];
        let found = [part.quantity.is_some(), part.price.is_some(), part.promised_on.is_some()];
        assert_eq!((found, line.amends), (touched, true), "{code}");
        assert_eq!(
            line.rest_rejected_for.is_some(),
            touched[0],
            "{code}: fewer means that the rest will not come"
        );
    }
    assert_eq!(request("POC*1*DI").parts[0].kind, AnswerKind::Rejected);
    let other = request("POC*1*RE*60**EA***VN*V-9");
    assert_eq!(other.parts[0].substitute.as_ref().map(|other| other.supplier_part.as_str()), Some("V-9"));
    let refused = |line: &str| refusals(message("865", &["BCA*19**PO-1***20260901", line]));
    assert_eq!(refused("POC*9*AI*60**EA"), ["LINE_ADDED 3.POC.02", "NO_STATEMENT 2.BCA.01"]);
    assert_eq!(refused("POC*1*PC*60**EA"), ["REQUIRED 3.POC.02"]);
    let whole = Says::RejectsAll { reason: "01".to_owned() };
    assert_eq!(said(&["BCA*01**PO-1***20260901"]), whole, "the supplier takes the order back");
}

#[test]
fn so_much_less_is_rejected_where_quantities_are_differences() {
    let terms = terms(json!({ "changeQuantity": "DIFFERENCE" }));
    let by =
        |code: &str| message_by("865", &["BCA*19**PO-1***20260901", &format!("POC*1*{code}*20**EA")], &terms);
    let Says::Lines(less) = statement(by("QD")).says else { panic!("lines") };
    let shown: Vec<_> = less[0].parts.iter().map(|part| (part.kind, part.quantity)).collect();
    assert_eq!(shown, [(AnswerKind::Rejected, Some(20.into())), (AnswerKind::Accepted, None)]);
    assert_eq!(refusals(by("QI"))[0], "TOTAL_MISSING 3.POC.02", "only the order knows the total");
}
