//! 824: what the partner's application says about the content of what we sent.
//!
//! Each OTI is a finding of its own: about a set, a group or an item of a set, by the numbers of OTI03 and OTI08 to
//! OTI10. `NA` in OTI03 is no number.
use quayside_canonical::{
    states::AdviceOutcome,
    syntax_report::{AdviceReason, Advised, ApplicationAdvice, Finding},
};
use quayside_edi::{
    Located,
    x12::messages::{ApplicationAdvice as Stated, ApplicationResponse, TechnicalError},
};

use super::{
    Command, Mapped, Sent, Terms, answers, documents, faults,
    report::{Report, field},
    values,
};

pub(super) fn map(stated: &Stated, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let number = values::code(&stated.begin.number, &mut report);
    let mut findings = Vec::with_capacity(stated.responses.len());
    for response in &stated.responses {
        findings.extend(finding(response, &mut report));
    }
    let found = number.map(|number| ApplicationAdvice {
        document: "824".to_owned(),
        number,
        findings,
        place: field(stated.begin.number.at),
    });
    let key = format!(
        "824 {} {} {}",
        stated.begin.number.as_str(),
        sent.at,
        found.as_ref().map(answers::digest).unwrap_or_default()
    );
    report.finish(key, found.map(|found| Command::Advice(Box::new(found))))
}

fn finding(stated: &ApplicationResponse, report: &mut Report<'_>) -> Option<Finding> {
    let code = stated.code.as_str();
    let outcome = match code.get(1..) {
        Some("A") => AdviceOutcome::Accepted,
        Some("C") => AdviceOutcome::AcceptedWithChange,
        Some("E") => AdviceOutcome::AcceptedWithErrors,
        Some("P") => AdviceOutcome::PartlyAccepted,
        Some("R") => AdviceOutcome::Rejected,
        _ => {
            report.refuse(stated.code.at, "UNKNOWN_CODE", format!("{code} is not an outcome we know"));
            return None;
        }
    };
    Some(Finding {
        outcome,
        of_item: code.starts_with('I'),
        about: advised(stated),
        reasons: stated.errors.iter().map(reason).collect(),
        place: field(stated.code.at),
    })
}

fn advised(stated: &ApplicationResponse) -> Advised {
    let text = |found: &Option<Located<String>>| found.as_ref().map(|text| text.value.clone());
    let kind = text(&stated.set_id);
    let mut about = Advised {
        document: kind.as_deref().and_then(documents::of_set),
        group: text(&stated.group_number),
        message: text(&stated.set_number),
        kind,
        ..Advised::default()
    };
    let number = Some(stated.reference.value.clone()).filter(|number| !number.is_empty() && number != "NA");
    match stated.reference_qualifier.as_str() {
        "PO" | "PP" => {
            let is_order = about.document.is_none_or(documents::is_named_by_its_order);
            about.number = number.clone().filter(|_| is_order);
            about.order = number;
        }
        "SI" | "MA" | "RV" | "IV" => about.number = number,
        _ => about.reference = number,
    }
    if about.order.is_none() {
        let referred = stated.references.iter().find(|reference| reference.qualifier.as_str() == "PO");
        about.order = referred.and_then(|reference| text(&reference.value));
    }
    about
}

fn reason(stated: &TechnicalError) -> AdviceReason {
    let text = |found: &Option<Located<String>>| found.as_ref().map(|text| text.value.clone());
    let number = |found: &Option<Located<String>>| found.as_ref().and_then(|text| text.value.parse().ok());
    let notes = stated.notes.iter().map(|note| note.text.as_str());
    let own = stated.text.iter().map(|text| text.as_str()).chain(notes);
    let own = values::joined(own, " ");
    faults::advice_reason(AdviceReason {
        code: stated.code.value.clone(),
        segment: text(&stated.segment),
        position: number(&stated.position),
        element: number(&stated.element),
        value: text(&stated.value),
        words: own,
    })
}
