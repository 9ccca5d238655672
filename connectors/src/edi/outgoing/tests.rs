//! What is written is pinned byte for byte, and read back by the maps that everybody's messages go through.
use quayside_canonical::{
    Micro, PurchaseOrderId, ReceiptId, SupplierId, Timestamp,
    events::{ReceiptRecorded, ReceivedQuantity},
    exchange::{ControlNumbers, WrittenInterchange},
    order::{Incoterms, Line, Party, PurchaseOrder, Schedule, SourceRevision},
    order_change::{Change, Changes, Effect, OrderChange},
    partner::{Agreement, CodeOverride, Delimiters, Identifier},
    states::{
        ChangeQuantity, EdiCodeList, EdiDocument, EdiSyntax, GoodsCondition, InterchangeAcknowledgment,
        QuantityBasis, ReceiptKind, SyntaxAcknowledgment,
    },
};
use quayside_edi::{Options, edifact, x12};

use super::{
    Draft, Envelope, Objection, Revised, acknowledge_edifact, acknowledge_x12, advise, needs, order,
    sample::{answer, change_answer, invoice, made_up_order, ship_notice, syntax_report},
    write,
};
use crate::edi::{self, Command, Mapped, Terms};

fn day(text: &str) -> quayside_canonical::Date {
    text.parse().unwrap()
}

fn moment(text: &str) -> Timestamp {
    Timestamp::at_midnight(day(text))
}

fn identifier(qualifier: &str, id: &str) -> Identifier {
    Identifier { qualifier: qualifier.to_owned(), id: id.to_owned() }
}

fn micro(text: &str) -> Micro {
    Micro::try_from(text.parse::<rust_decimal::Decimal>().unwrap()).unwrap()
}

fn x12() -> Agreement {
    Agreement { ours: vec![identifier("ZZ", "QUAYSIDE")], ..Agreement::default() }
}

fn edifact(version: &str) -> Agreement {
    Agreement {
        ours: vec![identifier("14", "4012345000009")],
        syntax: EdiSyntax::Edifact,
        version: version.to_owned(),
        delimiters: Delimiters { line_breaks: true, ..Delimiters::default() },
        ..Agreement::default()
    }
}

fn both() -> [Agreement; 4] {
    let later = Agreement { version: "005010".to_owned(), ..x12() };
    [x12(), later, edifact("D96A"), edifact("D01B")]
}

fn line(number: &str, quantity: &str) -> Line {
    Line {
        number: number.to_owned(),
        buyer_part: Some(format!("B-{number}")),
        supplier_part: Some(format!("V-{number}")),
        gtin: None,
        description: Some("Hex bolt M8x40, zinc plated".to_owned()),
        quantity: micro(quantity),
        unit: "EA".to_owned(),
        unit_price: Some(micro("12.5")),
        price_per: None,
        deliver_from: Some(day("2026-10-01")),
        deliver_to: Some(day("2026-10-05")),
        ship_to: None,
        cancelled: false,
        schedules: Vec::new(),
        notes: Vec::new(),
        translations: Vec::new(),
    }
}

fn stated() -> PurchaseOrder {
    let mut second = line("20", "48.5");
    second.gtin = Some("4006381333931".to_owned());
    second.unit = "KGM".to_owned();
    second.price_per = Some(micro("100"));
    second.schedules = ["20", "28.5"]
        .into_iter()
        .zip(["2026-10-02", "2026-10-05"])
        .map(|(quantity, to)| Schedule {
            quantity: micro(quantity),
            deliver_from: None,
            deliver_to: Some(day(to)),
        })
        .collect();
    second.notes = vec!["Pack by tens".to_owned()];
    PurchaseOrder {
        number: "PO-4711".to_owned(),
        supplier: "S-1".to_owned(),
        revision: SourceRevision { id: "1".to_owned(), sequence: None, issued_at: moment("2026-09-01") },
        currency: Some("USD".to_owned()),
        ordered_on: Some(day("2026-09-01")),
        cancelled: false,
        incoterms: Some(Incoterms { code: "DAP".to_owned(), place: Some("Hamburg".to_owned()) }),
        payment_terms: Some("2 % within 10 days, net 30".to_owned()),
        ship_to: Some(Party {
            code: Some("DC-1".to_owned()),
            name: Some("North dock".to_owned()),
            address: vec!["Quay 7".to_owned(), "20457 Hamburg".to_owned(), "DE".to_owned()],
        }),
        notes: vec!["Ring before you come".to_owned()],
        lines: vec![line("10", "120"), second],
        translations: Vec::new(),
    }
}

fn written(drafts: &[Draft], agreement: &Agreement) -> WrittenInterchange {
    let needed = needs(drafts);
    let numbers = ControlNumbers {
        interchange: 17,
        groups: (5..).take(needed.groups).collect(),
        messages: (31..).take(needed.messages).collect(),
    };
    let theirs = identifier("ZZ", "SUPPLIER1");
    let from = agreement.ours.first().unwrap();
    let at = moment("2026-09-02");
    write(drafts, Envelope { agreement, from, to: &theirs, test: true, at }, &numbers).unwrap()
}

fn text(drafts: &[Draft], agreement: &Agreement) -> String {
    String::from_utf8(written(drafts, agreement).bytes).unwrap()
}

/// The one message of an interchange, as the maps have it.
fn read_back(bytes: &[u8], agreement: &Agreement) -> Mapped {
    let terms = Terms { supplier: "S-1".to_owned(), currency: None, agreement: agreement.clone() };
    let options = Options::default();
    match agreement.syntax {
        EdiSyntax::X12 => {
            let interchange = x12::Interchanges::new(bytes, options).next().unwrap().unwrap();
            let set = &interchange.groups[0].sets[0];
            let message = x12::messages::read(set, &options).message.unwrap();
            edi::x12::map(&message, set, &terms)
        }
        EdiSyntax::Edifact => {
            let interchange = edifact::Interchanges::new(bytes, options).next().unwrap().unwrap();
            let raw = interchange.messages().next().unwrap();
            let message = edifact::messages::read(raw, &options).message.unwrap();
            edi::edifact::map(&message, raw, &terms)
        }
    }
}

fn as_order(mapped: Mapped) -> PurchaseOrder {
    match mapped.command.unwrap() {
        Command::Order(order) => *order,
        other => panic!("{other:?}"),
    }
}

fn as_change(mapped: Mapped) -> OrderChange {
    match mapped.command.unwrap() {
        Command::Change(change) => *change,
        other => panic!("{other:?}"),
    }
}

/// Holds a text against its golden file; with `UPDATE_GOLDEN=1` it becomes the file.
fn golden(name: &str, found: &str) {
    let path = format!("{}/src/edi/outgoing/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "{name} is not what it was; UPDATE_GOLDEN=1 writes it anew");
}

fn in_lines(agreement: Agreement) -> Agreement {
    Agreement { delimiters: Delimiters { line_breaks: true, ..agreement.delimiters }, ..agreement }
}

#[test]
fn an_order_is_written_as_it_was() {
    let (x12, edifact) = (in_lines(x12()), edifact("D96A"));
    golden("order.850", &text(&[order(&stated(), &x12).unwrap().unwrap()], &x12));
    golden("order.orders", &text(&[order(&stated(), &edifact).unwrap().unwrap()], &edifact));
}

#[test]
fn an_order_reads_back_as_it_was() {
    for agreement in both() {
        let draft = order(&stated(), &agreement).unwrap().unwrap();
        let mapped = read_back(&written(&[draft], &agreement).bytes, &agreement);
        assert_eq!(mapped.warnings, [], "{}", agreement.version);
        let mut found = as_order(mapped);
        found.revision = stated().revision;
        assert_eq!(found, stated(), "{}", agreement.version);
    }
}

#[test]
fn the_partners_words_are_written_and_read_back_as_ours() {
    let codes = [
        (EdiCodeList::Unit, "ST", "EA"),
        (EdiCodeList::Location, "HH7", "DC-1"),
        (EdiCodeList::Item, "X10", "B-10"),
    ];
    for agreement in both() {
        let codes = codes.map(|(list, theirs, ours)| CodeOverride {
            list,
            theirs: theirs.to_owned(),
            ours: ours.to_owned(),
        });
        let agreement = Agreement { codes: codes.to_vec(), ..agreement };
        let written = written(&[order(&stated(), &agreement).unwrap().unwrap()], &agreement);
        let text = String::from_utf8(written.bytes.clone()).unwrap();
        for theirs in ["ST", "HH7", "X10"] {
            assert!(text.contains(theirs), "{theirs} in {text}");
        }
        let mut found = as_order(read_back(&written.bytes, &agreement));
        found.revision = stated().revision;
        assert_eq!(found, stated(), "{}", agreement.version);
    }
}

#[test]
fn control_numbers_and_separators_are_those_of_the_partner() {
    let separators = Delimiters {
        element: Some('|'),
        component: Some(':'),
        segment: Some('\n'),
        repetition: None,
        line_breaks: false,
    };
    let agreement = Agreement { delimiters: separators, ..x12() };
    let written = written(&[order(&stated(), &agreement).unwrap().unwrap()], &agreement);
    let text = String::from_utf8(written.bytes).unwrap();
    assert!(text.starts_with("ISA|00|          |00|          |ZZ|QUAYSIDE       |ZZ|SUPPLIER1      |260902|0000|U|00401|000000017|0|T|:\n"));
    assert!(text.contains("\nGS|PO|QUAYSIDE|SUPPLIER1|20260902|0000|5|X|004010\nST|850|0031\n"));
    assert!(text.ends_with("GE|1|5\nIEA|1|000000017\n"));
    assert_eq!(written.control_number, "000000017");
    assert_eq!(written.file_name, "850-000000017.x12");
    let message = &written.messages[0];
    assert_eq!(message.group_kind.as_deref(), Some("PO"));
    assert_eq!(message.group.as_deref(), Some("5"));
    assert_eq!(message.control_number.as_deref(), Some("0031"));
}

fn revised() -> PurchaseOrder {
    let mut after = stated();
    after.revision = SourceRevision { id: "2".to_owned(), sequence: None, issued_at: moment("2026-09-10") };
    after.lines[0].quantity = micro("100");
    after.lines[1].unit_price = Some(micro("13"));
    after.lines[1].deliver_to = Some(day("2026-10-07"));
    after.lines.push(line("30", "5"));
    after
}

fn change_of(before: &PurchaseOrder, after: &PurchaseOrder, agreement: &Agreement) -> Draft {
    super::change(Revised { before, after, count: 3 }, agreement).unwrap().unwrap()
}

#[test]
fn a_change_is_written_as_it_was() {
    let (x12, edifact) = (in_lines(x12()), edifact("D96A"));
    golden("change.860", &text(&[change_of(&stated(), &revised(), &x12)], &x12));
    golden("change.ordchg", &text(&[change_of(&stated(), &revised(), &edifact)], &edifact));
}

fn changes_of(change: OrderChange) -> Changes {
    match change.effect {
        Effect::Change(changes) => *changes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_change_reads_back_as_what_differs() {
    for agreement in both() {
        let (before, after) = (stated(), revised());
        let draft = change_of(&before, &after, &agreement);
        let change = as_change(read_back(&written(&[draft], &agreement).bytes, &agreement));
        assert_eq!(change.number, "PO-4711");
        if agreement.version != "D96A" {
            assert_eq!(change.revision.sequence, Some(3), "{}", agreement.version);
        }
        let changes = changes_of(change);
        assert!(!changes.only_these);
        let numbers: Vec<&str> = changes.lines.iter().map(|line| line.number.as_str()).collect();
        assert_eq!(numbers, ["10", "20", "30"]);
        let Change::Set(first) = &changes.lines[0].change else { panic!("{:?}", changes.lines[0]) };
        assert_eq!(first.quantity, Some(micro("100")));
        let Change::Set(second) = &changes.lines[1].change else { panic!("{:?}", changes.lines[1]) };
        assert_eq!(second.unit_price, Some(micro("13")));
        assert_eq!(second.window.unwrap().to, Some(day("2026-10-07")));
        let Change::Add(third) = &changes.lines[2].change else { panic!("{:?}", changes.lines[2]) };
        assert_eq!(**third, line("30", "5"));
    }
}

#[test]
fn what_is_not_wanted_any_more_is_cancelled() {
    for agreement in both() {
        let mut after = stated();
        after.lines[0].cancelled = true;
        let draft = change_of(&stated(), &after, &agreement);
        let changes = changes_of(as_change(read_back(&written(&[draft], &agreement).bytes, &agreement)));
        assert_eq!(changes.lines.len(), 1);
        assert_eq!(changes.lines[0].number, "10");
        assert_eq!(changes.lines[0].change, Change::Cancel);

        after.cancelled = true;
        let draft = change_of(&stated(), &after, &agreement);
        let change = as_change(read_back(&written(&[draft], &agreement).bytes, &agreement));
        assert_eq!(change.effect, Effect::Cancel, "{}", agreement.version);
        assert_eq!(order(&after, &agreement).unwrap(), None, "nothing of it is wanted");
    }
}

#[test]
fn a_difference_is_stated_where_one_was_agreed() {
    for agreement in both() {
        let agreement = Agreement { change_quantity: ChangeQuantity::Difference, ..agreement };
        let mut after = stated();
        after.lines[0].quantity = micro("100");
        let draft = change_of(&stated(), &after, &agreement);
        let changes = changes_of(as_change(read_back(&written(&[draft], &agreement).bytes, &agreement)));
        let Change::Set(fields) = &changes.lines[0].change else { panic!("{changes:?}") };
        assert!(fields.is_difference, "{}", agreement.version);
        assert_eq!(fields.quantity, Some(micro("20")));
    }
}

#[test]
fn the_same_again_is_no_change() {
    for agreement in both() {
        let (before, mut after) = (stated(), stated());
        after.revision.id = "2".to_owned();
        after.notes.clear();
        after.lines[0].price_per = Some(Micro::ONE);
        let revised = Revised { before: &before, after: &after, count: 1 };
        let found = super::change(revised, &agreement).unwrap();
        assert_eq!(found, None, "a note that is gone, and one unit said in so many words");
    }
}

#[test]
fn what_cannot_be_said_is_refused_with_every_reason() {
    let mut odd = stated();
    odd.number = "PO*4711".to_owned();
    odd.lines[0].number = "A-LINE-NUMBER-THAT-IS-LONG".to_owned();
    odd.lines[1].unit = "C62".to_owned();
    let problems = order(&odd, &x12()).unwrap_err().into_vec();
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["TOO_LONG", "UNIT_WITHOUT_CODE", "CHARACTER"], "{problems:?}");
    assert_eq!(problems[1].field, ["lines", "20", "unit"]);

    let mut after = stated();
    after.currency = Some("EUR".to_owned());
    after.lines[0].unit_price = None;
    let before = stated();
    let revised = Revised { before: &before, after: &after, count: 1 };
    let problems = super::change(revised, &x12()).unwrap_err().into_vec();
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["CURRENCY_CHANGED"]);
}

#[test]
fn what_is_withdrawn_is_told_by_the_whole_order_anew() {
    let before = stated();
    let withdraw: [fn(&mut PurchaseOrder); 4] = [
        |after| after.lines[0].unit_price = None,
        |after| (after.lines[0].deliver_from, after.lines[0].deliver_to) = (None, None),
        |after| after.incoterms = None,
        |after| after.payment_terms = None,
    ];
    for agreement in both() {
        for change in withdraw {
            let mut after = stated();
            change(&mut after);
            after.revision.issued_at = moment("2026-09-09");
            let revised = Revised { before: &before, after: &after, count: 1 };
            let draft = super::change(revised, &agreement).unwrap().unwrap();
            assert_eq!(draft.document, EdiDocument::Order, "{}", agreement.version);
            let sent = written(&[draft], &agreement);
            let Command::Change(told) = read_back(&sent.bytes, &agreement).command.unwrap() else {
                panic!("no replacement");
            };
            let Effect::Replace(read) = told.effect else { panic!("{:?}", told.effect) };
            assert_eq!(read.lines[0].unit_price, after.lines[0].unit_price, "{}", agreement.version);
            assert_eq!(read.incoterms, after.incoterms);
            assert_eq!(read.lines.len(), after.lines.len());
        }
    }
}

#[test]
fn texts_are_spread_and_do_not_cut() {
    let mut long = stated();
    long.notes = vec!["Mind * the ~ gap > ".repeat(40)];
    let written = written(&[order(&long, &x12()).unwrap().unwrap()], &x12());
    let found = as_order(read_back(&written.bytes, &x12()));
    let whole = found.notes.join(" ");
    assert_eq!(whole, "Mind the gap ".repeat(40).trim());
    assert!(found.notes.iter().all(|note| note.len() <= 264));

    let mut long = stated();
    long.lines[0].description = Some("Sechskantschraube verzinkt, Güte 8.8, mit Unterlegscheibe ".repeat(3));
    let agreement = edifact("D96A");
    let written = self::written(&[order(&long, &agreement).unwrap().unwrap()], &agreement);
    let found = as_order(read_back(&written.bytes, &agreement));
    let description = found.lines[0].description.as_deref().unwrap();
    assert!(description.len() > 60, "{description}");
    assert!(long.lines[0].description.as_deref().unwrap().starts_with(description), "{description}");
}

fn received() -> ReceiptRecorded {
    let part = |line: &str, quantity: &str, condition| ReceivedQuantity {
        order: PurchaseOrderId(uuid::Uuid::nil()),
        order_number: "PO-4711".to_owned(),
        line: line.to_owned(),
        quantity: micro(quantity),
        unit: "EA".to_owned(),
        condition,
        condition_code: None,
    };
    ReceiptRecorded {
        receipt: ReceiptId(uuid::Uuid::nil()),
        supplier: SupplierId(uuid::Uuid::nil()),
        number: "R-9".to_owned(),
        source: "con_1".to_owned(),
        kind: ReceiptKind::Increment,
        basis: QuantityBasis::Delta,
        replaces: None,
        shipment_number: Some("S-77".to_owned()),
        shipment: None,
        location: Some("DC-1".to_owned()),
        received_at: moment("2026-10-03"),
        sequence: None,
        lines: vec![
            part("10", "115", GoodsCondition::Good),
            part("10", "5", GoodsCondition::Damaged),
            part("20", "48.5", GoodsCondition::Good),
        ],
    }
}

#[test]
fn a_receipt_is_written_as_it_was_and_reads_back() {
    let golden_x12 = in_lines(x12());
    golden("receipt.861", &text(&[super::receipt(&received(), &golden_x12).unwrap()], &golden_x12));
    let golden_edifact = edifact("D96A");
    golden(
        "receipt.recadv",
        &text(&[super::receipt(&received(), &golden_edifact).unwrap()], &golden_edifact),
    );
    for agreement in both() {
        let written = written(&[super::receipt(&received(), &agreement).unwrap()], &agreement);
        let Command::Receipt(found) = read_back(&written.bytes, &agreement).command.unwrap() else {
            panic!("no receipt");
        };
        assert_eq!(found.document.number, "R-9");
        assert_eq!(found.document.shipment.as_deref(), Some("S-77"));
        assert_eq!(found.document.location.as_deref(), Some("DC-1"));
        assert_eq!(found.document.received_at, received().received_at);
        let lines: Vec<_> = found
            .lines
            .iter()
            .map(|(named, line)| (named.line.as_deref().unwrap_or_default(), line.quantity, line.condition))
            .collect();
        let expected = [
            ("10", micro("115"), GoodsCondition::Good),
            ("10", micro("5"), GoodsCondition::Damaged),
            ("20", micro("48.5"), GoodsCondition::Good),
        ];
        assert_eq!(lines, expected, "{}", agreement.version);
    }
}

#[test]
fn totals_are_no_receiving_advice() {
    let totals = ReceiptRecorded { basis: QuantityBasis::Total, ..received() };
    for agreement in both() {
        let problems = super::receipt(&totals, &agreement).unwrap_err().into_vec();
        assert_eq!(problems[0].code, "TOTALS");
    }
}

#[test]
fn what_came_is_acknowledged_and_an_acknowledgment_is_not() {
    let file = "ISA*00*          *00*          *ZZ*SUPPLIER1      *ZZ*QUAYSIDE       *260101*1200*U*00401*000000009*1*P*>~\
                GS*PR*SUPPLIER1*QUAYSIDE*20260101*1200*7*X*004010~ST*855*0001~BAK*00*AC*PO-1*20260101~\
                PO1*1*1X0*EA~SE*4*0001~GE*1*7~IEA*1*000000009~";
    let options = Options::default();
    let interchange = x12::Interchanges::new(file.as_bytes(), options).next().unwrap().unwrap();
    let envelope = x12::acknowledge::interchange(&interchange);
    let groups =
        || interchange.groups.iter().filter_map(|group| x12::acknowledge::group(group, &options)).collect();
    let agreement = in_lines(x12());
    let kinds = |is_owed: bool, when: InterchangeAcknowledgment| -> Vec<String> {
        let agreement = Agreement { interchange_acknowledgment: when, ..agreement.clone() };
        let drafts = acknowledge_x12(envelope.as_ref().map(|answer| (answer, is_owed)), groups(), &agreement);
        drafts.into_iter().map(|draft| draft.kind).collect()
    };
    let (asked, always) = (InterchangeAcknowledgment::AsAsked, InterchangeAcknowledgment::Always);
    assert_eq!(kinds(true, asked), ["TA1", "997"], "ISA14 asks for the first");
    assert_eq!(kinds(false, asked), ["997"]);
    assert_eq!(kinds(false, always), ["TA1", "997"], "it is agreed");
    assert_eq!(kinds(true, InterchangeAcknowledgment::Never), ["997"]);
    let drafts = acknowledge_x12(envelope.as_ref().map(|answer| (answer, true)), groups(), &agreement);
    let sent = written(&drafts, &agreement);
    golden("acknowledgment.997", &String::from_utf8(sent.bytes.clone()).unwrap());
    let answer = x12::Interchanges::new(sent.bytes.as_slice(), options).next().unwrap().unwrap();
    assert!(answer.groups.iter().all(|group| x12::acknowledge::group(group, &options).is_none()));

    let implementation =
        Agreement { syntax_acknowledgment: SyntaxAcknowledgment::Implementation, ..agreement.clone() };
    let drafts = acknowledge_x12(None, groups(), &implementation);
    golden("acknowledgment.999", &text(&drafts, &implementation));
    let none = Agreement { syntax_acknowledgment: SyntaxAcknowledgment::None, ..agreement };
    assert_eq!(acknowledge_x12(None, groups(), &none), []);
}

#[test]
fn an_edifact_interchange_is_answered_by_a_contrl() {
    let file = "UNB+UNOC:3+SUPPLIER1:ZZ+4012345000009:14+260101:1200+R1'UNH+1+ORDRSP:D:96A:UN'BGM+231+A-1+29'\
                DTM+137:20260101:102'RFF+ON:PO-1'LIN+1'QTY+21:6O'UNS+S'UNT+8+1'UNZ+1+R1'";
    let options = Options::default();
    let interchange = edifact::Interchanges::new(file.as_bytes(), options).next().unwrap().unwrap();
    let report = edifact::acknowledge::interchange(&interchange, &options).unwrap();
    let agreement = edifact("D96A");
    let draft = acknowledge_edifact(report, &agreement).unwrap();
    golden("acknowledgment.contrl", &text(&[draft], &agreement));
}

fn objection(message: &str) -> Objection {
    let problem = |field: &[&str], code: &str, message: &str| quayside_canonical::Problem {
        code: code.to_owned(),
        field: field.iter().map(|step| (*step).to_owned()).collect(),
        message: message.to_owned(),
    };
    Objection {
        number: "ADV-1".to_owned(),
        kind: if message.starts_with('0') { "855" } else { "ORDRSP" }.to_owned(),
        about: Some("PO-4711".to_owned()),
        group: Some("7".to_owned()),
        message: message.to_owned(),
        problems: vec![
            problem(
                &["2", "BAK", "03"],
                "UNKNOWN_ORDER",
                "BAK segment 2, element 3: there is no order PO-4711",
            ),
            problem(&[], "PARTS_DO_NOT_ADD_UP", &"the parts do not add up to what is ordered; ".repeat(4)),
        ],
        at: moment("2026-09-02"),
    }
}

#[test]
fn what_is_refused_in_substance_is_told_with_every_reason() {
    let agreement = in_lines(x12());
    golden("advice.824", &text(&[advise(&objection("0001"), &agreement).unwrap()], &agreement));
    let agreement = edifact("D96A");
    golden("advice.aperak", &text(&[advise(&objection("1"), &agreement).unwrap()], &agreement));
    for (agreement, message) in [(x12(), "0001"), (edifact("D01B"), "1")] {
        let written = written(&[advise(&objection(message), &agreement).unwrap()], &agreement);
        let Command::Advice(advice) = read_back(&written.bytes, &agreement).command.unwrap() else {
            panic!("no advice");
        };
        assert_eq!(advice.findings.len(), 1);
        let finding = &advice.findings[0];
        assert_eq!(finding.outcome, quayside_canonical::states::AdviceOutcome::Rejected);
        assert_eq!(finding.reasons.len(), 2);
        assert!(finding.reasons[0].words.contains("there is no order PO-4711"), "{finding:?}");
    }
}

#[test]
fn examples_of_what_partners_send_are_read_without_a_word() {
    for agreement in both() {
        let order = made_up_order(moment("2026-09-02"));
        let at = moment("2026-09-02");
        let drafts = [
            answer(&order, &agreement).unwrap(),
            change_answer(&order, &agreement).unwrap(),
            invoice(&order, at, &agreement).unwrap(),
            ship_notice(&order, at, &agreement).unwrap(),
            syntax_report(&agreement),
        ];
        for draft in drafts {
            let kind = draft.kind.clone();
            let written = written(&[draft], &agreement);
            if matches!(agreement.version.as_str(), "004010" | "D96A") {
                golden(
                    &format!("example.{}", kind.to_lowercase()),
                    &String::from_utf8(written.bytes.clone()).unwrap(),
                );
            }
            let mapped = read_back(&written.bytes, &agreement);
            assert_eq!(mapped.warnings, [], "{kind} {}", agreement.version);
            // An invoice is read, and the ERP's to take.
            let refused = mapped.command.as_ref().err().map(|why| why.as_slice()[0].code.as_str());
            let expected = matches!(kind.as_str(), "810" | "INVOIC").then_some("NOT_SUPPORTED");
            assert_eq!(refused, expected, "{kind} {}: {:?}", agreement.version, mapped.command);
        }
    }
}
