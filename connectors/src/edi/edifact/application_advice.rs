//! APERAK: what the partner's application says about the content of what we sent.
//!
//! Whether the document was taken is in BGM: 1225 (27, 29 …), 4343 (AP, RE …), or 1001 (312, 313). Where it is in none
//! of them, the advice is unclear, and its texts are all there is.
use quayside_canonical::{
    states::{AdviceOutcome, EdiDocument},
    syntax_report::{AdviceReason, Advised, ApplicationAdvice, Finding},
};
use quayside_edi::edifact::messages::{ApplicationAdvice as Stated, ApplicationError, Reference};

use super::{
    Command, Mapped, Sent, Terms, answers, documents, faults, heading,
    names::reference,
    report::{Report, field},
    values,
};

pub(super) fn map(stated: &Stated, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let number = stated.document.number.as_ref();
    let own = number.and_then(|number| values::code(number, &mut report)).unwrap_or_default();
    let mut reasons: Vec<AdviceReason> =
        stated.errors.iter().map(|error| reason(error, &mut report)).collect();
    if reasons.is_empty() {
        let words = heading::notes(&stated.texts, &mut report);
        reasons.extend(words.into_iter().map(|words| AdviceReason { words, ..AdviceReason::default() }));
    }
    let at = number.map_or(stated.document.at, |number| number.at);
    let found = ApplicationAdvice {
        document: "APERAK".to_owned(),
        number: own,
        findings: vec![Finding {
            outcome: outcome(stated),
            of_item: false,
            about: advised(stated),
            reasons,
            place: field(stated.document.at),
        }],
        place: field(at),
    };
    let key = format!("APERAK {} {} {}", found.number, sent.at, answers::digest(&found));
    report.finish(key, Some(Command::Advice(Box::new(found))))
}

fn outcome(stated: &Stated) -> AdviceOutcome {
    let document = &stated.document;
    let code = |found: &Option<quayside_edi::Located<String>>| {
        found.as_ref().map_or(String::new(), |found| found.value.clone())
    };
    match (
        code(&document.function).as_str(),
        code(&document.response).as_str(),
        code(&document.kind).as_str(),
    ) {
        ("27", _, _) | (_, "RE", _) | (_, _, "313") => AdviceOutcome::Rejected,
        ("28" | "30" | "34", _, _) | (_, "AC" | "AI" | "CA", _) => AdviceOutcome::AcceptedWithChange,
        ("29", _, _) | (_, "AP" | "AD", _) | (_, _, "312") if stated.errors.is_empty() => {
            AdviceOutcome::Accepted
        }
        ("29", _, _) | (_, "AP" | "AD", _) | (_, _, "312") => AdviceOutcome::AcceptedWithErrors,
        _ => AdviceOutcome::Unclear,
    }
}

/// What it is about: DOC, and the references.
fn advised(stated: &Stated) -> Advised {
    let of = |qualifiers: &[&str]| {
        let all: &[Reference] = &stated.references;
        reference(all, qualifiers).map(|found| found.value.clone())
    };
    let listed = stated.documents.iter().find_map(|document| {
        let kind = document.kind.as_ref().and_then(|kind| documents::of_code(kind))?;
        Some((kind, document.number.as_ref()?.value.clone()))
    });
    let referred = [
        (&["AAK", "DQ"][..], EdiDocument::ShipNotice),
        (&["ALO"], EdiDocument::ReceivingAdvice),
        (&["IV"], EdiDocument::Invoice),
        (&["ON"], EdiDocument::Order),
    ];
    let referred = || referred.into_iter().find_map(|(qualifiers, kind)| Some((kind, of(qualifiers)?)));
    let known = listed.or_else(referred);
    let order = of(&["ON"]).or_else(|| {
        let named = known.as_ref().filter(|(kind, _)| documents::is_named_by_its_order(*kind));
        named.map(|(_, number)| number.clone())
    });
    Advised {
        document: known.as_ref().map(|(kind, _)| *kind),
        number: known.map(|(_, number)| number),
        order,
        reference: of(&["ACW", "AGO", "TN"]),
        ..Advised::default()
    }
}

fn reason(stated: &ApplicationError, report: &mut Report<'_>) -> AdviceReason {
    let words = heading::notes(&stated.texts, report);
    let about = stated.references.iter().filter_map(|found| {
        let line = found.line.as_ref().map(|line| format!(", line {}", line.value)).unwrap_or_default();
        Some(format!("({} {}{line})", found.qualifier.as_str(), found.number.as_ref()?.value))
    });
    let all: Vec<String> = words.into_iter().chain(about).collect();
    faults::advice_reason(AdviceReason {
        code: stated.code.value.clone(),
        words: values::joined(all.iter().map(String::as_str), " "),
        ..AdviceReason::default()
    })
}
