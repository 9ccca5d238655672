//! Which document a set or a message is.
use quayside_canonical::states::EdiDocument;

/// By ST01.
pub(super) fn of_set(set: &str) -> Option<EdiDocument> {
    Some(match set {
        "850" => EdiDocument::Order,
        "855" => EdiDocument::OrderAnswer,
        "860" => EdiDocument::OrderChange,
        "865" => EdiDocument::ChangeAnswer,
        "856" => EdiDocument::ShipNotice,
        "861" => EdiDocument::ReceivingAdvice,
        "810" => EdiDocument::Invoice,
        "824" => EdiDocument::ApplicationAdvice,
        "997" | "999" | "TA1" => EdiDocument::SyntaxReport,
        _ => return None,
    })
}

/// By EDIFACT 1001, as DOC has it.
pub(super) fn of_code(code: &str) -> Option<EdiDocument> {
    Some(match code {
        "105" | "220" | "221" | "224" | "226" | "227" => EdiDocument::Order,
        "230" => EdiDocument::OrderChange,
        "231" | "320" => EdiDocument::OrderAnswer,
        "351" => EdiDocument::ShipNotice,
        "352" | "632" => EdiDocument::ReceivingAdvice,
        "380" | "381" => EdiDocument::Invoice,
        _ => return None,
    })
}

/// Whether the order's number is the document's own.
pub(super) const fn is_named_by_its_order(document: EdiDocument) -> bool {
    matches!(
        document,
        EdiDocument::Order | EdiDocument::OrderChange | EdiDocument::OrderAnswer | EdiDocument::ChangeAnswer
    )
}
