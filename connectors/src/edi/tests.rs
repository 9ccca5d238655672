//! The maps over samples, and code by code.
use quayside_canonical::{
    order::PurchaseOrder,
    order_change::{Change, Effect, OrderChange},
    statement::{AcknowledgmentStatement, Says},
    states::AnswerKind,
};
use quayside_edi::{
    Options,
    x12::{Interchanges, messages},
};
use serde_json::json;

use super::{Command, Mapped, TAKEN, Terms, edifact, map, x12};

mod agreement;
mod change_acknowledgment;
mod edifact_goods;
mod edifact_messages;
mod golden;
mod receiving_advice;
mod reports;
mod samples;
mod ship_notice;
mod twins;

/// Every message of a file, mapped.
fn mapped(file: &str) -> Vec<Mapped> {
    mapped_by(file, &terms(serde_json::json!({})))
}

/// What was agreed, with the supplier `V-100`.
fn terms(agreement: serde_json::Value) -> Terms {
    let agreement = serde_json::from_value(agreement).unwrap();
    Terms { supplier: "V-100".to_owned(), currency: None, agreement }
}

fn mapped_by(file: &str, terms: &Terms) -> Vec<Mapped> {
    let mut found = Vec::new();
    for interchange in Interchanges::new(file.as_bytes(), Options::default()) {
        for set in interchange.unwrap().groups.iter().flat_map(|group| &group.sets) {
            let reading = messages::read(set, &Options::default());
            let message = reading.message.unwrap_or_else(|| panic!("{:?}", reading.problems));
            found.push(map(&message, set, terms));
        }
    }
    found
}

fn sample(name: &str) -> Mapped {
    let path = format!("{}/../edi/tests/samples/{name}", env!("CARGO_MANIFEST_DIR"));
    mapped(&std::fs::read_to_string(path).unwrap()).remove(0)
}

/// A message of one set, out of its segments between ST and SE.
fn message(kind: &str, segments: &[&str]) -> Mapped {
    message_by(kind, segments, &terms(json!({})))
}

fn message_by(kind: &str, segments: &[&str], terms: &Terms) -> Mapped {
    let group = match kind {
        "850" => "PO",
        "855" => "PR",
        "856" => "SH",
        "861" => "RC",
        "865" => "CA",
        "824" => "AG",
        "810" => "IN",
        "997" | "999" => "FA",
        _ => "PC",
    };
    let file = format!(
        "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260901*1200*U*00401*000000001*0*P*>~\
         GS*{group}*AA*BB*20260901*1230*7*X*004010~ST*{kind}*0001~{}~SE*{}*0001~GE*1*7~IEA*1*000000001~",
        segments.join("~"),
        segments.len() + 2
    );
    mapped_by(&file, terms).remove(0)
}

fn order(segments: &[&str]) -> (PurchaseOrder, Vec<String>) {
    let Mapped { command, warnings, .. } = message("850", segments);
    match command.unwrap() {
        Command::Order(order) => (*order, warnings.into_iter().map(|warning| warning.code).collect()),
        other => panic!("{other:?}"),
    }
}

fn change(mapped: Mapped) -> OrderChange {
    match mapped.command.unwrap() {
        Command::Change(change) => *change,
        other => panic!("{other:?}"),
    }
}

fn statement(mapped: Mapped) -> AcknowledgmentStatement {
    match mapped.command.unwrap() {
        Command::Answer(statement) => *statement,
        other => panic!("{other:?}"),
    }
}

/// Codes and paths of what refuses a message.
fn refusals(mapped: Mapped) -> Vec<String> {
    let problems = mapped.command.unwrap_err().into_vec();
    problems.into_iter().map(|problem| format!("{} {}", problem.code, problem.field.join("."))).collect()
}

const BEGIN: &str = "BEG*00*SA*PO-1**20260901";

#[test]
fn a_whole_order_survives_the_way() {
    let mapped = sample("x12-850/mockedi-buyer.850.order.x12");
    assert_eq!((mapped.key.as_str(), mapped.warnings.len()), ("850 BUY-1 00", 0));
    let Ok(Command::Order(order)) = mapped.command else { panic!("{mapped:?}") };
    let expected = json!({
        "number": "BUY-1",
        "supplier": "V-100",
        "revision": { "id": "850-00", "issuedAt": "2026-09-01T00:00:00Z" },
        "currency": "USD",
        "orderedOn": "2026-09-01",
        "shipTo": {
            "code": "MOCKBUYER",
            "name": "Mock EDI Supply Co",
            "address": ["500 Seaport Boulevard", "Boston", "MA", "02210", "US"],
        },
        "lines": [
            { "number": "1", "supplierPart": "A-1", "quantity": "10", "unit": "EA", "unitPrice": "3.5" },
            { "number": "2", "supplierPart": "B-2", "quantity": "5", "unit": "EA", "unitPrice": "7.25" },
        ],
    });
    assert_eq!(serde_json::to_value(order).unwrap(), expected);
}

#[test]
fn windows_terms_prices_and_instalments_are_read_where_they_are_certain() {
    let (order, warnings) = order(&[
        BEGIN,
        "CUR*BY*USD",
        "FOB*CC*****ZZ*Hamburg",
        "ITD*01*3*2**10**30",
        "DTM*064*20260910",
        "DTM*063*20260920",
        "PO1*001*250*PC*40*HP*BP*B-1*VN*V-1*UP*061414000086",
        "PID*F*08***Hex bolt",
        "PID*F*75***Zinc",
        "SCH*100*PC***002*20260911",
        "SCH*150*PC***002*20260915",
        "PO1*002*7*CA*2.82*PP",
        "DTM*106*20260930",
        "SCH*3*CA***002*20260911",
    ]);
    assert_eq!(warnings, ["PRICE_LEFT_OUT", "SCHEDULES_LEFT_OUT"]);
    assert_eq!(
        (order.payment_terms.as_deref(), order.incoterms.clone()),
        (Some("2 % within 10 days, net 30 days"), None)
    );
    let [bolt, other] = order.lines.as_slice() else { panic!("{order:?}") };
    let shown = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    assert_eq!((bolt.number.as_str(), bolt.unit.as_str()), ("001", "H87"));
    assert_eq!(
        (shown(bolt.deliver_from).as_str(), shown(bolt.deliver_to).as_str()),
        ("2026-09-10", "2026-09-20")
    );
    assert_eq!(bolt.price_per.map(|per| per.to_string()).as_deref(), Some("100"));
    assert_eq!(
        (bolt.description.as_deref(), bolt.notes.as_slice()),
        (Some("Hex bolt"), ["Zinc".to_owned()].as_slice())
    );
    assert_eq!((bolt.schedules.len(), bolt.gtin.as_deref()), (2, Some("061414000086")));
    assert_eq!(
        (other.unit_price, other.schedules.len()),
        (None, 0),
        "a price by the pound is none by the case"
    );
    assert_eq!((shown(other.deliver_from).as_str(), shown(other.deliver_to).as_str()), ("", "2026-09-30"));
}

#[test]
fn an_order_is_refused_with_every_reason_and_its_place() {
    let refused = message(
        "850",
        &[
            "BEG*22*SA*PO-1**20260901",
            "DTM*002*20260901",
            "DTM*002*20260902",
            "PO1*1*5**2",
            "PO1*1*1.1234567*EA",
        ],
    );
    let expected = [
        "PURPOSE_NOT_TAKEN 2.BEG.01",
        "AMBIGUOUS_DATE 4.DTM.02",
        "REQUIRED 5.PO1",
        "INVALID_VALUE 6.PO1.02",
        "DUPLICATE_LINE 6.PO1.01",
    ];
    assert_eq!(refusals(refused), expected);
    assert_eq!(refusals(message("850", &[BEGIN, "PO1*1*5*EA*2"])), ["CURRENCY_MISSING 3.PO1.04"]);
}

#[test]
fn replacements_are_named_by_their_envelope_and_releases_are_orders() {
    let mapped = message("850", &["BEG*05*RL*PO-1*3*20261001", "PO1*1*5*EA"]);
    assert_eq!(mapped.key, "850 PO-1/3 05 20260901T123000-000000007-000000001");
    let change = change(mapped);
    assert_eq!(change.revision.id, "850-05-20260901T123000-000000007-000000001");
    assert_eq!(change.revision.issued_at.to_string(), "2026-10-01T00:00:00Z", "never older than the order");
    assert!(matches!(change.effect, Effect::Replace(_)) && change.if_unknown.is_some());
}

#[test]
fn each_code_of_a_change_touches_what_it_names() {
    let line = |code: &str| format!("POC*1*{code}*60*40*EA*9.5**VN*V-1");
    let fields = |code: &str| {
        let segments = ["BCH*04*SA*PO-1**2*20260901", &line(code), "DTM*002*20260930"];
        match change(message("860", &segments)).effect {
            Effect::Change(changes) => changes.lines[0].change.clone(),
            other => panic!("{other:?}"),
        }
    };
    for (code, touched) in [
        ("QI", [true, false, false]),
        ("QD", [true, false, false]),
        ("PC", [false, true, false]),
        ("PQ", [true, true, false]),
        ("RS", [false, false, true]),
        ("RQ", [true, false, true]),
        ("PR", [false, true, true]),
        ("CA", [true, true, true]),
    ] {
        let Change::Set(set) = fields(code) else { panic!("{code}") };
        assert_eq!(
            [set.quantity.is_some(), set.unit_price.is_some(), set.window.is_some()],
            touched,
            "{code}"
        );
    }
    assert!(matches!(fields("AI"), Change::Add(_)));
    assert_eq!((fields("DI"), fields("NC"), fields("CE")), (Change::Cancel, Change::Keep, Change::Keep));
    let refused = message("860", &["BCH*04*SA*PO-1**2*20260901", "POC*1*TI*1*1*EA", "POC*2*RS"]);
    assert_eq!(refusals(refused), ["CHANGE_NOT_TAKEN 3.POC.02", "REQUIRED 4.POC.02"]);
}

#[test]
fn changes_are_named_by_their_count_unless_a_date_stands_there() {
    let revision = |count: &str| {
        let mapped = message("860", &[&format!("BCH*04*SA*PO-1**{count}*20260901"), "POC*1*DI"]);
        let change = change(mapped);
        (change.revision.id, change.revision.sequence)
    };
    assert_eq!(revision("02"), ("860-2".to_owned(), Some(2)));
    assert_eq!(revision("C-7"), ("860-C-7".to_owned(), None));
    let stamped = ("860-20260901T123000-000000007-000000001".to_owned(), None);
    assert_eq!((revision("20260904"), revision("")), (stamped.clone(), stamped));
}

#[test]
fn each_status_says_what_becomes_of_a_part() {
    for (ack, kind, rest) in [
        ("ACK*IA*5*EA", AnswerKind::Accepted, None),
        ("ACK*IQ*3*EA", AnswerKind::Accepted, Some("IQ")),
        ("ACK*DR*5*EA*067*20260930", AnswerKind::Accepted, None),
        ("ACK*IP*5*EA", AnswerKind::Accepted, None),
        ("ACK*BP*5*EA", AnswerKind::Accepted, None),
        ("ACK*IB*5*EA*067*20260930", AnswerKind::Backordered, None),
        ("ACK*IS*5*EA****VN*V-2", AnswerKind::Substituted, None),
        ("ACK*R2*5*EA", AnswerKind::Rejected, None),
    ] {
        let said = statement(message("855", &["BAK*00*AC*PO-1*20260901", "PO1*1*5*EA*2", ack]));
        let Says::Lines(lines) = said.says else { panic!("{ack}") };
        assert_eq!((lines[0].parts[0].kind, lines[0].rest_rejected_for.as_deref()), (kind, rest), "{ack}");
    }
    for (ack, refusal) in [
        ("ACK*QX*5*EA", "UNKNOWN_CODE 4.ACK.01"),
        ("ACK*IQ", "REQUIRED 4.ACK.01"),
        ("ACK*DR*5*EA", "REQUIRED 4.ACK.01"),
        ("ACK*IB*5*EA", "NO_STATEMENT 2.BAK.02"),
        ("ACK*IS*5*EA", "REQUIRED 4.ACK.01"),
        ("ACK*IA*0*EA", "INVALID_VALUE 4.ACK.02"),
    ] {
        let refused = refusals(message("855", &["BAK*00*AC*PO-1*20260901", "PO1*1*5*EA*2", ack]));
        assert_eq!(refused[0], refusal, "{ack}");
    }
}

#[test]
fn an_undecided_part_leaves_its_line_open() {
    let said =
        ["BAK*00*AC*PO-1*20260901", "PO1*1*5*EA", "ACK*IA*3*EA", "ACK*IH*2*EA", "PO1*2*5*EA", "ACK*IA*5*EA"];
    let mapped = message("855", &said);
    assert_eq!(mapped.warnings[0].field, ["5", "ACK", "01"]);
    let Says::Lines(lines) = statement(mapped).says else { panic!("the lines are answered") };
    let told: Vec<_> = lines.iter().map(|line| (line.line.as_str(), line.parts.len(), line.open)).collect();
    assert_eq!(told, [("1", 1, true), ("2", 1, false)], "what is decided is kept");
    let held = ["BAK*00*AC*PO-1*20260901", "PO1*1*5*EA", "ACK*IH*2*EA"];
    assert_eq!(refusals(message("855", &held)), ["NO_STATEMENT 2.BAK.02"]);
    let rest = ["BAK*00*AC*PO-1*20260901", "PO1*1*5*EA", "ACK*IQ*3*EA", "ACK*IH*2*EA"];
    assert_eq!(refusals(message("855", &rest)), ["NO_STATEMENT 2.BAK.02"], "what IQ leaves is not told");
}

#[test]
fn the_heading_decides_alone_only_without_lines() {
    let alone = |code: &str| message("855", &[&format!("BAK*00*{code}*PO-1*20260901")]);
    for code in ["AK", "AD", "AT"] {
        assert_eq!(statement(alone(code)).says, Says::AcceptsAll, "{code}");
    }
    for code in ["RJ", "RD"] {
        assert_eq!(statement(alone(code)).says, Says::RejectsAll { reason: code.to_owned() });
    }
    for code in ["AC", "AE", "AH", "NA"] {
        assert_eq!(refusals(alone(code)), ["NO_STATEMENT 2.BAK.02"], "{code}");
    }
    let with =
        |code: &str, ack| message("855", &[&format!("BAK*00*{code}*PO-1*20260901"), "PO1*1*5*EA", ack]);
    assert_eq!(refusals(with("RJ", "ACK*IA*5*EA")), ["CONTRADICTION 2.BAK.02"]);
    assert_eq!(with("AD", "ACK*IR*5*EA").warnings[0].code, "CONTRADICTION", "the line was taken");
}

#[test]
fn a_line_without_ack_means_what_its_heading_says() {
    let lines = |code: &str| {
        let begin = format!("BAK*00*{code}*PO-1*20260901");
        message("855", &[&begin, "PO1*1*5*EA*2", "PO1*2*5*EA*2", "ACK*IA*5*EA"])
    };
    let Says::Lines(accepted) = statement(lines("AD")).says else { panic!("AD") };
    assert_eq!((accepted.len(), accepted[0].parts[0].kind), (2, AnswerKind::Accepted));
    let mapped = lines("AE");
    assert_eq!(mapped.warnings[0].field, ["3", "PO1"]);
    let Says::Lines(named) = statement(mapped).says else { panic!("AE") };
    assert_eq!(named.len(), 1, "AE answers what it names");
}

#[test]
fn the_key_of_an_answer_is_when_it_was_sent_and_what_it_says() {
    let key = |ack| message("855", &["BAK*00*AC*PO-1*20260901", "PO1*1*5*EA", ack]).key;
    assert_eq!(key("ACK*IA*5*EA"), key("ACK*IA*5*EA"));
    assert_ne!(key("ACK*IA*5*EA"), key("ACK*IR*5*EA"));
    assert!(key("ACK*IA*5*EA").starts_with("855 PO-1 00 2026-09-01T12:30:00Z "));
}

#[test]
fn a_sample_of_split_answers_adds_up() {
    let Says::Lines(lines) = statement(sample("x12-855/gen-split-acks.855")).says else { panic!("lines") };
    let split = &lines[1].parts;
    let shown: Vec<_> = split.iter().map(|part| (part.kind, part.quantity.unwrap().to_string())).collect();
    assert_eq!(shown, [(AnswerKind::Accepted, "826".to_owned()), (AnswerKind::Backordered, "5".to_owned())]);
}
