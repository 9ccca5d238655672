//! Each rule, and that nothing hides another.
use quayside_canonical::{
    partner::{CodeOverride, Delimiters, DocumentRule},
    states::{EdiCodeList, EdiSyntax, SyntaxAcknowledgment},
};

use super::*;

fn id(qualifier: &str, id: &str) -> Identifier {
    Identifier { qualifier: qualifier.to_owned(), id: id.to_owned() }
}

fn rule(document: EdiDocument, way: EdiWay, mode: PartnerMode) -> DocumentRule {
    DocumentRule { document, way, mode, version: None }
}

fn code(list: EdiCodeList, theirs: &str, ours: &str) -> CodeOverride {
    CodeOverride { list, theirs: theirs.to_owned(), ours: ours.to_owned() }
}

/// A partner that mirrors, about which nothing is wrong.
fn fine() -> Settings {
    Settings {
        identifiers: vec![id("ZZ", "NORDHAVEN")],
        ..Settings::new("Nordhaven", PartnerMode::Mirror, Environment::Live)
    }
}

fn carrier(kind: &str, environment: Environment) -> Ground {
    Ground { connection: Some(Carrier { kind: kind.to_owned(), environment }), ..Ground::default() }
}

fn found(settings: &Settings, ground: &Ground) -> Vec<String> {
    let mut problems = Problems::new();
    check(settings, ground, &mut problems);
    let shown =
        |problem: &quayside_canonical::Problem| format!("{} {}", problem.code, problem.field.join("."));
    problems.as_slice().iter().map(shown).collect()
}

/// What is wrong with the agreement that `with` makes of the usual one.
fn agreed(with: impl FnOnce(&mut Agreement)) -> Vec<String> {
    let mut settings = fine();
    with(&mut settings.agreement);
    found(&settings, &Ground::default())
}

fn delimited(syntax: EdiSyntax, version: &str, delimiters: Delimiters) -> Vec<String> {
    agreed(|agreement| {
        (agreement.syntax, agreement.version, agreement.delimiters) =
            (syntax, version.to_owned(), delimiters);
    })
}

#[test]
fn identifiers_fit_the_envelope_of_the_syntax() {
    let x12 = |identifier| found(&Settings { identifiers: vec![identifier], ..fine() }, &Ground::default());
    for good in [id("ZZ", "A"), id("01", "123456789012345"), id("14", "A B&C")] {
        assert!(x12(good.clone()).is_empty(), "{good}");
    }
    for bad in
        [id("Z", "A"), id("zz", "A"), id("", "A"), id("ZZ", ""), id("ZZ", "1234567890123456"), id("ZZ", "A ")]
    {
        assert_eq!(x12(bad.clone()), ["INVALID_TEXT identifiers.0"], "{bad}");
    }
    assert_eq!(x12(id("ZZ", "A~B")), ["INVALID_TEXT identifiers.0"], "it would end the segment");
    let edifact = |identifier| {
        let mut settings = Settings { identifiers: vec![identifier], ..fine() };
        (settings.agreement.syntax, settings.agreement.version) = (EdiSyntax::Edifact, "D96A".to_owned());
        found(&settings, &Ground::default())
    };
    for good in [id("", "A"), id("14", "5412345000176"), id("ZZZ", "A'B")] {
        assert!(edifact(good.clone()).is_empty(), "{good}");
    }
    for bad in [id("ZZZZZ", "A"), id("14", &"1".repeat(36)), id("14", "Å")] {
        assert_eq!(edifact(bad.clone()), ["INVALID_TEXT identifiers.0"], "{bad}");
    }
    assert_eq!(
        found(&Settings { identifiers: vec![], ..fine() }, &Ground::default()),
        ["INVALID_LENGTH identifiers"]
    );
    let twice = Settings { identifiers: vec![id("ZZ", "A"), id("ZZ", "A")], ..fine() };
    assert_eq!(found(&twice, &Ground::default()), ["DUPLICATE identifiers.1"]);
    assert_eq!(
        agreed(|agreement| agreement.ours = vec![id("ZZ", "NORDHAVEN")]),
        ["CONTRADICTION agreement.ours.0"]
    );
}

#[test]
fn a_pair_of_identifiers_belongs_to_one_partner_of_a_channel() {
    let channel = ConnectionId::generate();
    let other = |connection, ours: &[&str]| Other {
        name: "Other".to_owned(),
        connection,
        theirs: vec![id("ZZ", "NORDHAVEN")],
        ours: ours.iter().map(|one| id("ZZ", one)).collect(),
    };
    let against = |other, ours: &[&str]| {
        let mut settings = fine();
        settings.agreement.ours = ours.iter().map(|one| id("ZZ", one)).collect();
        found(&settings, &Ground { others: vec![other], ..Ground::default() })
    };
    let taken = ["TAKEN identifiers.0"];
    assert_eq!(against(other(None, &[]), &[]), taken);
    assert_eq!(against(other(None, &["EAST"]), &[]), taken, "any receiver is ours");
    assert_eq!(against(other(None, &["EAST", "WEST"]), &["WEST"]), taken);
    assert!(against(other(None, &["EAST"]), &["WEST"]).is_empty(), "the receivers differ");
    assert!(against(other(Some(channel), &[]), &[]).is_empty(), "the channels differ");
}

#[test]
fn versions_are_known_to_the_syntax() {
    let version = |syntax, version: &str| {
        agreed(|agreement| (agreement.syntax, agreement.version) = (syntax, version.to_owned()))
    };
    // The usual identifier of these tests fits both.
    for (syntax, known) in
        [(EdiSyntax::X12, "003060"), (EdiSyntax::X12, "008010"), (EdiSyntax::Edifact, "D01B")]
    {
        assert!(version(syntax, known).is_empty(), "{known}");
    }
    for (syntax, unknown) in
        [(EdiSyntax::X12, "D96A"), (EdiSyntax::X12, "00401"), (EdiSyntax::Edifact, "004010")]
    {
        assert_eq!(version(syntax, unknown), ["UNKNOWN_VERSION agreement.version"], "{unknown}");
    }
    let ruled = agreed(|agreement| {
        let written = Some("D96A".to_owned());
        agreement.documents = vec![DocumentRule {
            version: written,
            ..rule(EdiDocument::Order, EdiWay::Out, PartnerMode::Mirror)
        }];
    });
    assert_eq!(ruled, ["UNKNOWN_VERSION agreement.documents.0.version"]);
}

#[test]
fn delimiters_are_usable_and_distinct() {
    let (x12, edifact, usual) = (EdiSyntax::X12, EdiSyntax::Edifact, Delimiters::default());
    for good in [
        Delimiters { element: Some('|'), component: Some(':'), segment: Some('\n'), ..usual },
        Delimiters { element: Some('\u{1d}'), component: Some('\u{1f}'), segment: Some('\u{1c}'), ..usual },
        Delimiters { line_breaks: true, ..usual },
    ] {
        assert!(delimited(x12, "004010", good).is_empty(), "{good:?}");
    }
    for bad in ['A', '7', ' ', '.', '-', '\u{7f}', '\0', 'é', '\n'] {
        let found = delimited(x12, "004010", Delimiters { element: Some(bad), ..usual });
        assert!(
            found.contains(&"INVALID_DELIMITER agreement.delimiters.element".to_owned()),
            "{bad:?} {found:?}"
        );
    }
    let same = Delimiters { element: Some('>'), ..usual };
    assert_eq!(delimited(x12, "004010", same), ["DUPLICATE agreement.delimiters.component"]);
    let twice = Delimiters { segment: Some('\n'), line_breaks: true, ..usual };
    assert_eq!(delimited(x12, "004010", twice), ["CONTRADICTION agreement.delimiters.lineBreaks"]);
    let release = Delimiters { element: Some('?'), ..usual };
    assert_eq!(delimited(edifact, "D96A", release), ["INVALID_DELIMITER agreement.delimiters.element"]);
    assert!(delimited(x12, "004010", release).is_empty());

    let repeating = Delimiters { repetition: Some('!'), ..usual };
    for (syntax, version) in [(x12, "004010"), (edifact, "D01B")] {
        assert_eq!(delimited(syntax, version, repeating), ["NOT_USED agreement.delimiters.repetition"]);
    }
    assert!(delimited(x12, "004020", repeating).is_empty());
    let caret = Delimiters { element: Some('^'), ..usual };
    assert!(delimited(x12, "004010", caret).is_empty(), "nothing repeats yet");
    assert_eq!(delimited(x12, "005010", caret), ["DUPLICATE agreement.delimiters.repetition"]);
}

#[test]
fn rules_for_documents_do_not_contradict_each_other_or_the_agreement() {
    use EdiDocument::{ApplicationAdvice, Order, OrderAnswer, OrderChange, SyntaxReport};
    use PartnerMode::{Exchange, Mirror};
    let ruled = |rules: &[DocumentRule]| agreed(|agreement| agreement.documents = rules.to_vec());
    let (out, inward) = (EdiWay::Out, EdiWay::In);
    assert!(ruled(&[rule(Order, out, Mirror), rule(SyntaxReport, inward, Exchange)]).is_empty());
    assert_eq!(ruled(&[rule(Order, inward, Mirror)]), ["WRONG_WAY agreement.documents.0.way"]);
    assert_eq!(ruled(&[rule(OrderAnswer, out, Mirror)]), ["WRONG_WAY agreement.documents.0.way"]);
    let twice = ruled(&[rule(OrderAnswer, inward, Mirror), rule(OrderAnswer, inward, Exchange)]);
    assert_eq!(twice, ["DUPLICATE agreement.documents.1"]);

    let mut settings = fine();
    settings.connection_id = Some(ConnectionId::generate());
    settings.agreement.ours = vec![id("ZZ", "NORTHDIST")];
    let ground = carrier("edi-folder", Environment::Live);
    let mut exchanged = |rules: &[DocumentRule], confirms, advises| {
        settings.agreement.documents = rules.to_vec();
        settings.agreement.syntax_acknowledgment = confirms;
        settings.agreement.application_advice = advises;
        found(&settings, &ground)
    };
    let functional = SyntaxAcknowledgment::Functional;
    let contradiction = ["CONTRADICTION agreement.documents.0"];
    assert_eq!(exchanged(&[rule(OrderChange, out, Exchange)], functional, true), contradiction);
    let both = [rule(OrderChange, out, Exchange), rule(Order, out, Exchange)];
    assert!(exchanged(&both, functional, true).is_empty());
    let confirming = [rule(SyntaxReport, out, Exchange)];
    assert_eq!(exchanged(&confirming, SyntaxAcknowledgment::None, true), contradiction);
    assert_eq!(exchanged(&[rule(ApplicationAdvice, out, Exchange)], functional, false), contradiction);
    settings.mode = Exchange;
    settings.agreement.documents = vec![rule(SyntaxReport, out, Mirror)];
    assert_eq!(found(&settings, &ground), contradiction);
}

#[test]
fn a_word_has_one_meaning_and_the_meaning_exists() {
    use EdiCodeList::{Item, LineAnswer, Location, Unit};
    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<HashSet<_>>();
    let ground = Ground {
        known: Known { units: set(&["ROLL"]), locations: Some(set(&["DC1"])), items: None },
        ..Ground::default()
    };
    let coded = |codes: &[CodeOverride]| {
        let mut settings = fine();
        settings.agreement.codes = codes.to_vec();
        found(&settings, &ground)
    };
    let good = [
        code(LineAnswer, "OK", "IA"),
        code(LineAnswer, "05", "5"),
        code(Unit, "STK", "EA"),
        code(Unit, "RL", "ROLL"),
        code(Unit, "PC", "PC"),
        code(Location, "0001", "DC1"),
        code(Item, "0001", "whatever: this tenant keeps no items here"),
        code(Unit, "ST", "EA"),
    ];
    assert!(coded(&good).is_empty(), "{:?}", coded(&good));
    assert_eq!(
        coded(&[
            code(Unit, "STK", "EA"),
            code(Unit, "STK", "KGM"),
            code(Unit, "STK", "EA"),
            code(Location, "STK", "DC2"),
            code(LineAnswer, "X", "ZZZ"),
            code(Unit, "U", "FURLONG"),
            code(Item, " x", ""),
        ]),
        [
            "AMBIGUOUS agreement.codes.1.theirs",
            "DUPLICATE agreement.codes.2",
            "UNKNOWN_CODE agreement.codes.3.ours",
            "UNKNOWN_CODE agreement.codes.4.ours",
            "UNKNOWN_CODE agreement.codes.5.ours",
            "INVALID_TEXT agreement.codes.6.theirs",
            "INVALID_TEXT agreement.codes.6.ours",
        ]
    );
}

#[test]
fn times_are_from_a_minute_to_a_month_and_a_year() {
    let confirmed = |minutes| agreed(|agreement| agreement.confirmed_within_minutes = minutes);
    assert!(confirmed(1).is_empty() && confirmed(43_200).is_empty());
    for wrong in [0, 43_201] {
        assert_eq!(confirmed(wrong), ["OUT_OF_RANGE agreement.confirmedWithinMinutes"]);
    }
    let answered = |minutes| agreed(|agreement| agreement.answered_within_minutes = Some(minutes));
    assert!(answered(1).is_empty() && answered(527_040).is_empty());
    for wrong in [0, 527_041] {
        assert_eq!(answered(wrong), ["OUT_OF_RANGE agreement.answeredWithinMinutes"]);
    }
}

#[test]
fn what_is_sent_needs_a_sender_and_a_connection_that_carries_edi() {
    let exchange = Settings { mode: PartnerMode::Exchange, ..fine() };
    let nothing = Ground::default();
    let missing = ["REQUIRED agreement.ours", "REQUIRED connectionId"];
    assert_eq!(found(&exchange, &nothing), missing);
    let mut one = fine();
    one.agreement.documents = vec![rule(EdiDocument::Order, EdiWay::Out, PartnerMode::Exchange)];
    assert_eq!(found(&one, &nothing), missing, "a rule is enough");

    let mut whole = Settings { connection_id: Some(ConnectionId::generate()), ..exchange };
    whole.agreement.ours = vec![id("ZZ", "NORTHDIST")];
    assert_eq!(found(&whole, &nothing), ["NOT_FOUND connectionId"]);
    assert_eq!(found(&whole, &carrier("generic-rest", Environment::Live)), ["WRONG_KIND connectionId"]);
    assert_eq!(found(&whole, &carrier("edi-as2", Environment::Test)), ["WRONG_ENVIRONMENT connectionId"]);
    assert!(found(&whole, &carrier("edi-as2", Environment::Live)).is_empty());
    whole.environment = Environment::Test;
    assert!(found(&whole, &carrier("edi-as2", Environment::Live)).is_empty(), "trials may take the real way");
}

#[test]
fn everything_is_told_at_once() {
    let settings = Settings {
        currency: Some("euro".to_owned()),
        identifiers: vec![id("Z", "")],
        ..Settings::new(" ", PartnerMode::Exchange, Environment::Live)
    };
    let ground = Ground { name_taken: true, ..Ground::default() };
    assert_eq!(
        found(&settings, &ground),
        [
            "INVALID_TEXT name",
            "TAKEN name",
            "INVALID_VALUE currency",
            "INVALID_TEXT identifiers.0",
            "REQUIRED agreement.ours",
            "REQUIRED connectionId",
        ]
    );
}
