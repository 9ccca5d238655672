//! What the codes of syntax reports and advices mean, in plain words.
use quayside_canonical::syntax_report::{AdviceReason, SyntaxFault};

/// A fault with its sentence: where, what stood there, what is wrong.
pub(super) fn fault(list: &str, code: &str, place: SyntaxFault) -> SyntaxFault {
    let meaning = meaning(list, code);
    let meaning = meaning.map_or_else(|| format!("fault {code} of {list}"), str::to_owned);
    let shown = shown(&place);
    let words = if shown.is_empty() { meaning } else { format!("{shown}: {meaning}") };
    SyntaxFault { code: format!("{list} {code}"), words, ..place }
}

/// `PO1 segment 8, element 2 ('1X0')`.
fn shown(place: &SyntaxFault) -> String {
    let segment = match (&place.segment, place.position) {
        (Some(segment), Some(position)) => Some(format!("{segment} segment {position}")),
        (Some(segment), None) => Some(segment.clone()),
        (None, position) => position.map(|position| format!("segment {position}")),
    };
    let element = place.element.map(|element| format!("element {element}"));
    let component = place.component.map(|component| format!("component {component}"));
    let words = [segment, element, component].into_iter().flatten().collect::<Vec<_>>().join(", ");
    match &place.value {
        Some(value) if words.is_empty() => format!("'{value}'"),
        Some(value) => format!("{words} ('{value}')"),
        None => words,
    }
}

/// What a code of a list means.
fn meaning(list: &str, code: &str) -> Option<&'static str> {
    let table = match list {
        "TA105" => TA105,
        "AK905" => AK905,
        "AK502" | "IK502" => AK502,
        "AK304" | "IK304" => AK304,
        "AK403" | "IK403" => AK403,
        "0085" => CONTRL,
        "TED01" => TED01,
        _ => return None,
    };
    table.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

/// A reason with its sentence; `words` are the sender's own, which go last.
pub(super) fn advice_reason(reason: AdviceReason) -> AdviceReason {
    let place = SyntaxFault {
        segment: reason.segment.clone(),
        position: reason.position,
        element: reason.element,
        value: reason.value.clone(),
        ..SyntaxFault::default()
    };
    let meaning = meaning("TED01", &reason.code).filter(|_| reason.code != "024" || reason.words.is_empty());
    let said = [meaning.unwrap_or_default(), &reason.words].into_iter().filter(|text| !text.is_empty());
    let said = said.collect::<Vec<_>>().join(": ");
    let said = if said.is_empty() { format!("reason {}", reason.code) } else { said };
    let shown = shown(&place);
    let words = if shown.is_empty() { said } else { format!("{shown}: {said}") };
    AdviceReason { words, ..reason }
}

type Table = &'static [(&'static str, &'static str)];

const TA105: Table = &[
    ("001", "the control numbers of header and trailer differ"),
    ("002", "the standard in ISA11 is not supported"),
    ("003", "the version in ISA12 is not supported"),
    ("004", "the segment terminator is invalid"),
    ("005", "the kind of sender id (ISA05) is invalid"),
    ("006", "the sender id (ISA06) is invalid"),
    ("007", "the kind of receiver id (ISA07) is invalid"),
    ("008", "the receiver id (ISA08) is invalid"),
    ("009", "the receiver is not known there"),
    ("010", "the kind of authorization (ISA01) is invalid"),
    ("011", "the authorization (ISA02) is invalid"),
    ("012", "the kind of security (ISA03) is invalid"),
    ("013", "the security information (ISA04) is invalid"),
    ("014", "the date (ISA09) is invalid"),
    ("015", "the time (ISA10) is invalid"),
    ("016", "the standards identifier (ISA11) is invalid"),
    ("017", "the version (ISA12) is invalid"),
    ("018", "the control number (ISA13) is invalid"),
    ("019", "ISA14 is invalid"),
    ("020", "the test indicator (ISA15) is invalid"),
    ("021", "the number of groups (IEA01) is wrong"),
    ("022", "the control structure is wrong"),
    ("023", "the file ends before the interchange does"),
    ("024", "the content is invalid, such as a bad GS"),
    ("025", "the control number was used before"),
    ("026", "the element separator is invalid"),
    ("027", "the component separator is invalid"),
    ("028", "the delivery date of a deferred request is invalid"),
    ("029", "the delivery time of a deferred request is invalid"),
    ("030", "the delivery time code of a deferred request is invalid"),
    ("031", "the grade of service is invalid"),
];

const AK905: Table = &[
    ("1", "the kind of group is not supported"),
    ("2", "the version of the group is not supported"),
    ("3", "the group has no trailer"),
    ("4", "the control numbers of group header and trailer differ"),
    ("5", "the number of sets in the trailer is wrong"),
    ("6", "the control number of the group is malformed"),
    ("17", "the security type is not supported or is wrong"),
    ("18", "the security recipient is not known"),
    ("19", "the control number of the group was used before"),
];

const AK502: Table = &[
    ("1", "the kind of set is not supported"),
    ("2", "the set has no trailer"),
    ("3", "the control numbers of header and trailer differ"),
    ("4", "the number of segments in the trailer is wrong"),
    ("5", "one or more segments are in error"),
    ("6", "the identifier of the set is missing or invalid"),
    ("7", "the control number of the set is missing or invalid"),
    ("23", "the control number of the set was used before in its group"),
    ("I5", "one or more segments are not as the implementation guide has them"),
    ("I6", "the set does not belong in this implementation"),
];

const AK304: Table = &[
    ("1", "the segment is not known"),
    ("2", "the segment is not expected here"),
    ("3", "the segment is mandatory and missing"),
    ("4", "the loop comes too often"),
    ("5", "the segment comes too often"),
    ("6", "the segment does not belong in this set"),
    ("7", "the segment is not in its place"),
    ("8", "the segment has elements in error"),
    ("I4", "the implementation guide does not use the segment"),
    ("I6", "the implementation guide wants the segment here"),
    ("I7", "the loop comes less often than the implementation guide wants"),
    ("I8", "the segment comes less often than the implementation guide wants"),
    ("I9", "the implementation guide does not use the segment here"),
];

const AK403: Table = &[
    ("1", "the element is mandatory and missing"),
    ("2", "the element is missing where others stand that need it"),
    ("3", "there are too many elements"),
    ("4", "the value is too short"),
    ("5", "the value is too long"),
    ("6", "the value has a character it must not have"),
    ("7", "the code is none it may have"),
    ("8", "the date is invalid"),
    ("9", "the time is invalid"),
    ("10", "the element stands beside one that excludes it"),
    ("12", "the element is repeated too often"),
    ("13", "the element has too many components"),
    ("I6", "the code is none the implementation guide has"),
    ("I9", "the implementation guide wants the element here"),
    ("I10", "the implementation guide does not use the element"),
    ("I11", "the element is repeated less often than the implementation guide wants"),
    ("I12", "the value does not match the pattern of the implementation guide"),
    ("I13", "the implementation guide does not use the element here"),
];

const CONTRL: Table = &[
    ("2", "the syntax or its version is not supported"),
    ("3", "the version of the message is not supported"),
    ("4", "the service segment is missing or invalid"),
    ("5", "the trailer is missing or invalid"),
    ("7", "the recipient is another"),
    ("8", "there are too many elements"),
    ("9", "a mandatory element is missing"),
    ("10", "the value is not of the kind it must have"),
    ("12", "the value is invalid"),
    ("13", "what must be there is missing"),
    ("14", "the value is not supported here"),
    ("15", "it is not supported in this position"),
    ("16", "there are too many components"),
    ("17", "there is no agreement about it"),
    ("18", "an error of another kind"),
    ("19", "the decimal mark is invalid"),
    ("20", "a character that separates is invalid"),
    ("21", "a character is not in the repertoire"),
    ("22", "a service character is invalid"),
    ("23", "the sender is not known there"),
    ("24", "it is too old"),
    ("25", "test data is not taken"),
    ("26", "it came before"),
    ("27", "the security function is not supported"),
    ("28", "the references of header and trailer differ"),
    ("29", "the count in the trailer is wrong"),
    ("30", "messages and groups are mixed"),
    ("31", "there is more than one kind of message in the group"),
    ("32", "it holds nothing"),
    ("33", "there is something outside the message, group or interchange"),
    ("34", "the trial indicator stands where it must not"),
    ("35", "the segment or group comes too often"),
    ("36", "the element is repeated too often"),
    ("37", "the characters are not of the kind they must be"),
    ("38", "the decimal mark misses a digit before it"),
    ("39", "the value is too long"),
    ("40", "the value is too short"),
    ("43", "the recipient is not known there"),
];

const TED01: Table = &[
    ("006", "it came before"),
    ("007", "something that is needed is missing"),
    ("008", "a value is out of its range"),
    ("009", "a date is invalid"),
    ("010", "a total does not add up"),
    ("011", "it does not match what is on file there"),
    ("012", "values do not go together"),
    ("024", "another reason"),
    ("848", "a value is incorrect"),
    ("DUP", "it came before"),
    ("H", "the unit of measure is missing or invalid"),
    ("IID", "an identifier is invalid"),
    ("IQT", "the quantity is invalid"),
    ("MB", "the order number is missing or invalid"),
    ("MF", "the supplier number is missing or invalid"),
    ("MG", "the GTIN is missing or invalid"),
    ("MID", "an identifier is missing"),
    ("P", "the quantity of the item is missing or invalid"),
    ("POI", "the order number is invalid"),
    ("QTY", "the quantity is missing or invalid"),
];
