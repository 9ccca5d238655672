//! What statements come to, on a real order.
use quayside_canonical::{
    Field, Micro,
    order::{Line, PurchaseOrder, SourceRevision},
    statement::{AcknowledgmentStatement, Says, StatedLine, StatedPart, StatedPrice},
    states::{AnswerKind, LineStatus},
};

use super::{Stated, SubmitError, state};
use crate::{
    BuyerScope, SupplierScope,
    acknowledgments::query::{Standing, standing_answers},
    idempotency::IdempotencyKey,
    orders::{self, Incoming},
    testing,
};

fn line(number: &str) -> Line {
    Line {
        translations: Vec::new(),
        number: number.to_owned(),
        buyer_part: None,
        supplier_part: None,
        gtin: None,
        description: None,
        quantity: Micro::from(100),
        unit: "EA".to_owned(),
        unit_price: Some(Micro::from(200)),
        price_per: Some(Micro::from(100)),
        deliver_from: None,
        deliver_to: None,
        ship_to: None,
        cancelled: false,
        schedules: Vec::new(),
        notes: Vec::new(),
    }
}

async fn receive(buyer: &BuyerScope, sequence: i64, lines: Vec<Line>) {
    let order = PurchaseOrder {
        translations: Vec::new(),
        number: "PO-1".to_owned(),
        supplier: "V-100".to_owned(),
        revision: SourceRevision { id: sequence.to_string(), sequence: None, issued_at: buyer.now },
        currency: Some("USD".to_owned()),
        ordered_on: None,
        cancelled: false,
        incoterms: None,
        payment_terms: None,
        ship_to: None,
        notes: Vec::new(),
        lines,
    };
    let incoming = Incoming { order: Ok(order), key: None, only_supplier: None };
    orders::receive(buyer, &[incoming]).await.unwrap();
}

/// The order `PO-1` over lines `00010` and `00020`: 100 EA each, at 200 for 100.
async fn order() -> (BuyerScope, SupplierScope) {
    let store = testing::store().await;
    let (tenant, supplier) = testing::tenant(&store).await;
    let buyer = testing::scope(&store, tenant, None).as_buyer().unwrap();
    receive(&buyer, 1, vec![line("00010"), line("00020")]).await;
    (buyer, testing::scope(&store, tenant, Some(supplier)).as_supplier().unwrap())
}

fn part(kind: AnswerKind, quantity: Option<i32>) -> StatedPart {
    StatedPart {
        kind,
        quantity: quantity.map(Micro::from),
        unit: None,
        promised_on: None,
        price: None,
        reason: (kind == AnswerKind::Rejected).then(|| "IR".to_owned()),
        substitute: None,
        place: Field::root().at("part"),
    }
}

fn stated(line: &str, parts: Vec<StatedPart>, rest: Option<&str>) -> StatedLine {
    let place = Field::root().at("line");
    StatedLine {
        line: line.to_owned(),
        parts,
        rest_rejected_for: rest.map(str::to_owned),
        amends: false,
        open: false,
        place,
    }
}

async fn say(scope: &SupplierScope, key: &str, says: Says) -> Result<Stated, SubmitError> {
    say_it(scope, key, says, false).await
}

async fn say_it(scope: &SupplierScope, key: &str, says: Says, anew: bool) -> Result<Stated, SubmitError> {
    let statement = AcknowledgmentStatement {
        anew,
        number: "PO-1".to_owned(),
        release: None,
        supplier_reference: None,
        note: None,
        says,
        place: Field::root().at("order"),
    };
    state(scope, &statement, &IdempotencyKey::named(key)).await
}

async fn standing(scope: &SupplierScope, stated: &Stated) -> Vec<Standing> {
    let tx = scope.read().await.unwrap();
    let order = stated.order.unwrap();
    standing_answers(&tx, scope, &[order]).await.unwrap().remove(&order).unwrap().into_values().collect()
}

#[tokio::test]
async fn a_changed_quantity_rejects_the_rest_and_a_stripped_line_number_is_understood() {
    let (_, scope) = order().await;
    let lines = vec![stated("10", vec![part(AnswerKind::Accepted, Some(35))], Some("IQ"))];
    let result = say(&scope, "a", Says::Lines(lines)).await.unwrap();
    assert_eq!(result.warnings[0].code, "LINE_NUMBER_PADDED");
    let line = &standing(&scope, &result).await[0];
    let parts: Vec<_> =
        line.parts.iter().map(|p| (p.kind, p.quantity.to_string(), p.reason.as_deref())).collect();
    let rest = (AnswerKind::Rejected, "65".to_owned(), Some("IQ"));
    assert_eq!(parts, [(AnswerKind::Accepted, "35".to_owned(), None), rest]);
}

#[tokio::test]
async fn a_price_is_brought_to_the_orders_basis() {
    let (_, scope) = order().await;
    let mut accepted = part(AnswerKind::Accepted, None);
    let price = StatedPrice { amount: Micro::from(2_000), per: Some(Micro::from(1_000)), changed: false };
    accepted.price = Some(price);
    let lines = vec![stated("00010", vec![accepted], None)];
    let result = say(&scope, "a", Says::Lines(lines)).await.unwrap();
    assert_eq!(
        standing(&scope, &result).await[0].status,
        LineStatus::Accepted,
        "2000 for 1000 is 200 for 100"
    );
}

#[tokio::test]
async fn a_statement_answers_the_order_as_it_stands_and_only_what_is_new_of_it() {
    let (buyer, scope) = order().await;
    let all = say(&scope, "a", Says::AcceptsAll).await.unwrap();
    assert!(all.acknowledgment.is_some());
    assert!(say(&scope, "b", Says::AcceptsAll).await.unwrap().acknowledgment.is_none(), "it stands already");

    receive(&buyer, 2, vec![line("00010"), Line { quantity: Micro::from(150), ..line("00020") }]).await;
    let again = say(&scope, "c", Says::AcceptsAll).await.unwrap();
    let lines = standing(&scope, &again).await;
    assert_eq!(lines[0].acknowledgment, all.acknowledgment, "line 10 did not change");
    assert_eq!(lines[1].acknowledgment, again.acknowledgment);
}

fn day(text: &str) -> Option<quayside_canonical::Date> {
    Some(text.parse().unwrap())
}

fn promise(quantity: i32, on: &str) -> StatedPart {
    StatedPart { promised_on: day(on), ..part(AnswerKind::Accepted, Some(quantity)) }
}

/// Kind, quantity, day and price of the parts of a line, in words.
fn shown(standing: &Standing) -> Vec<String> {
    let word = |part: &quayside_canonical::acknowledgment::AnswerPart| {
        let day = part.promised_on.map(|day| day.to_string()).unwrap_or_default();
        let price = part.price.map(|price| price.to_string()).unwrap_or_default();
        format!("{} {} {day} {price}", part.kind, part.quantity)
    };
    standing.parts.iter().map(word).collect()
}

#[tokio::test]
async fn answers_spread_over_several_statements_compose() {
    let (_, scope) = order().await;
    let first = vec![stated("00010", vec![part(AnswerKind::Accepted, None)], None)];
    let first = say(&scope, "a", Says::Lines(first)).await.unwrap();
    let lines = standing(&scope, &first).await;
    let statuses: Vec<LineStatus> = lines.iter().map(|line| line.status).collect();
    assert_eq!(statuses, [LineStatus::Accepted, LineStatus::AwaitingAnswer], "the rest stays unanswered");

    let second = vec![stated("00020", vec![part(AnswerKind::Accepted, None)], None)];
    let second = say(&scope, "b", Says::Lines(second)).await.unwrap();
    let lines = standing(&scope, &second).await;
    assert_eq!(lines[0].acknowledgment, first.acknowledgment, "the first answer stays");
    assert_eq!(lines[1].acknowledgment, second.acknowledgment);
}

#[tokio::test]
async fn an_amendment_changes_what_it_says_and_nothing_else() {
    let (_, scope) = order().await;
    let split = vec![promise(60, "2026-10-01"), promise(40, "2026-10-08")];
    say(&scope, "a", Says::Lines(vec![stated("00010", split, None)])).await.unwrap();

    let amend = |parts, rest| vec![StatedLine { amends: true, ..stated("00010", parts, rest) }];
    let dearer = StatedPrice { amount: Micro::from(300), per: None, changed: true };
    let price = StatedPart { price: Some(dearer), ..part(AnswerKind::Accepted, None) };
    let result = say(&scope, "b", Says::Lines(amend(vec![price], None))).await.unwrap();
    let line = &standing(&scope, &result).await[0];
    assert_eq!(shown(line), ["ACCEPTED 60 2026-10-01 300", "ACCEPTED 40 2026-10-08 300"]);
    assert_eq!(line.status, LineStatus::Proposed, "dearer than tolerated: procurement decides");

    let fewer = || vec![part(AnswerKind::Accepted, Some(70))];
    let refused = say(&scope, "c", Says::Lines(amend(fewer(), Some("QD")))).await;
    let Err(SubmitError::Refused(problems)) = refused else { panic!("{refused:?}") };
    assert_eq!(problems.as_slice()[0].code, "DAY_UNCLEAR");
    let dated = vec![promise(70, "2026-10-08")];
    let result = say(&scope, "d", Says::Lines(amend(dated, Some("QD")))).await.unwrap();
    let line = &standing(&scope, &result).await[0];
    assert_eq!(shown(line), ["ACCEPTED 70 2026-10-08 300", "REJECTED 30  "]);
}

#[tokio::test]
async fn an_answer_to_a_change_is_about_what_it_changed() {
    let (buyer, scope) = order().await;
    let promised = vec![
        stated("00010", vec![promise(100, "2026-10-01")], None),
        stated("00020", vec![promise(100, "2026-10-02")], None),
    ];
    let first = say(&scope, "a", Says::Lines(promised)).await.unwrap();
    let more = |quantity| Line { quantity: Micro::from(quantity), ..line("00020") };
    receive(&buyer, 2, vec![line("00010"), more(150), line("00030")]).await;

    let keeps = Says::KeepsAnswers { reason: "RJ".to_owned() };
    let kept = say(&scope, "b", keeps.clone()).await.unwrap();
    let lines = standing(&scope, &kept).await;
    assert_eq!(lines[0].acknowledgment, first.acknowledgment, "line 10 did not change");
    assert_eq!(shown(&lines[1]), ["ACCEPTED 100 2026-10-02 200", "REJECTED 50  "]);
    assert_eq!(
        (shown(&lines[2]), lines[2].status),
        (vec!["REJECTED 100  ".to_owned()], LineStatus::Proposed)
    );

    receive(&buyer, 3, vec![line("00010"), more(160), line("00030")]).await;
    let agreed = say(&scope, "c", Says::AcceptsChange).await.unwrap();
    let lines = standing(&scope, &agreed).await;
    assert_eq!(lines[0].acknowledgment, first.acknowledgment);
    assert_eq!((shown(&lines[1])[0].as_str(), lines[1].status), ("ACCEPTED 160  200", LineStatus::Accepted));
    assert!(say(&scope, "d", keeps).await.unwrap().acknowledgment.is_none(), "nothing waits for an answer");
}

#[tokio::test]
async fn problems_are_told_where_the_message_says_so() {
    let (_, scope) = order().await;
    say(&scope, "first", Says::Lines(vec![stated("00010", vec![promise(100, "2026-10-01")], None)]))
        .await
        .unwrap();
    let unknown = vec![stated("77", vec![part(AnswerKind::Accepted, None)], None)];
    let short = vec![stated("00010", vec![part(AnswerKind::Accepted, Some(90))], None)];
    let twice = vec![
        stated("00010", vec![part(AnswerKind::Accepted, None)], None),
        stated("10", vec![part(AnswerKind::Rejected, None)], None),
    ];
    for (lines, code) in
        [(unknown, "UNKNOWN_LINE"), (short, "PARTS_DO_NOT_ADD_UP"), (twice, "DUPLICATE_LINE")]
    {
        let refused = say(&scope, code, Says::Lines(lines)).await;
        let Err(SubmitError::Refused(problems)) = refused else { panic!("{refused:?}") };
        assert_eq!(
            (problems.as_slice()[0].code.as_str(), problems.as_slice()[0].field.as_slice()),
            (code, ["line".to_owned()].as_slice())
        );
    }
}

/// What stands of line 10, and what became of what was said: `-` where it says nothing new.
async fn said(scope: &SupplierScope, key: &str, line: StatedLine, anew: bool) -> Result<Vec<String>, String> {
    match say_it(scope, key, Says::Lines(vec![line]), anew).await {
        Ok(stated) if stated.acknowledgment.is_none() => Ok(vec!["-".to_owned()]),
        Ok(stated) => {
            let line = standing(scope, &stated).await.remove(0);
            Ok(std::iter::once(line.status.to_string()).chain(shown(&line)).collect())
        }
        Err(SubmitError::Refused(problems)) => Err(problems.as_slice()[0].code.clone()),
        Err(other) => panic!("{other}"),
    }
}

fn words(words: &[&str]) -> Result<Vec<String>, String> {
    Ok(words.iter().map(|word| (*word).to_owned()).collect())
}

#[tokio::test]
async fn a_line_is_answered_in_parts_until_nothing_of_it_is_open() {
    let (_, scope) = order().await;
    let of = |quantity, day| stated("00010", vec![promise(quantity, day)], None);
    let first = say(&scope, "1", Says::Lines(vec![of(60, "2026-10-01")])).await.unwrap();
    assert_eq!(first.warnings[0].code, "ANSWERED_IN_PART");
    assert!(first.warnings[0].message.contains("the other 40 EA"), "{:?}", first.warnings);
    let line = &standing(&scope, &first).await[0];
    assert_eq!(
        (line.status, shown(line)),
        (LineStatus::AwaitingAnswer, vec!["ACCEPTED 60 2026-10-01 200".to_owned()])
    );

    let both = words(&["AWAITING_ANSWER", "ACCEPTED 60 2026-10-01 200", "ACCEPTED 30 2026-10-08 200"]);
    assert_eq!(said(&scope, "2", of(30, "2026-10-08"), false).await, both);
    let all = words(&[
        "ACCEPTED",
        "ACCEPTED 60 2026-10-01 200",
        "ACCEPTED 30 2026-10-08 200",
        "ACCEPTED 10 2026-10-09 200",
    ]);
    assert_eq!(said(&scope, "3", of(10, "2026-10-09"), false).await, all);
    let short = said(&scope, "4", of(10, "2026-10-10"), false).await;
    assert_eq!(short, Err("PARTS_DO_NOT_ADD_UP".to_owned()), "an answered line is answered anew as a whole");
}

#[tokio::test]
async fn what_could_be_the_rest_or_the_whole_is_refused() {
    let (_, scope) = order().await;
    let of = |quantity| stated("00010", vec![promise(quantity, "2026-10-01")], None);
    let bare = |kind| stated("00010", vec![part(kind, None)], None);
    say(&scope, "first", Says::Lines(vec![of(50)])).await.unwrap();
    let unclear = Err("SPLIT_UNCLEAR".to_owned());
    for (name, line) in [
        ("the rest, or the same again", of(50)),
        ("more than is open, less than is ordered", of(70)),
        ("the rest of what is open, or of the line", bare(AnswerKind::Rejected)),
        ("the same of an acceptance", bare(AnswerKind::Accepted)),
        ("so much, and no more of what", stated("00010", vec![promise(40, "2026-10-08")], Some("IQ"))),
    ] {
        assert_eq!(said(&scope, name, line, false).await, unclear, "{name}");
    }
    let more = words(&["AWAITING_ANSWER", "ACCEPTED 50 2026-10-01 200", "ACCEPTED 30 2026-10-08 200"]);
    let next = stated("00010", vec![promise(30, "2026-10-08")], None);
    assert_eq!(said(&scope, "fits", next, false).await, more);
    assert_eq!(said(&scope, "again", of(50), false).await, words(&["-"]), "it cannot be the rest any more");
    let anew = words(&["AWAITING_ANSWER", "ACCEPTED 70 2026-10-01 200"]);
    assert_eq!(said(&scope, "a replacement adds nothing", of(70), true).await, anew);
    let whole = words(&["ACCEPTED", "ACCEPTED 100 2026-10-01 200"]);
    assert_eq!(said(&scope, "all of it", of(100), false).await, whole);
}

#[tokio::test]
async fn what_is_left_undecided_is_left_open() {
    let (_, scope) = order().await;
    let decided =
        |quantity| StatedLine { open: true, ..stated("00010", vec![promise(quantity, "2026-10-01")], None) };
    let some = words(&["AWAITING_ANSWER", "ACCEPTED 60 2026-10-01 200"]);
    assert_eq!(said(&scope, "1", decided(60), false).await, some);
    let rejected = stated("00010", vec![part(AnswerKind::Rejected, Some(40))], None);
    let all = words(&["PROPOSED", "ACCEPTED 60 2026-10-01 200", "REJECTED 40  "]);
    assert_eq!(said(&scope, "2", rejected, false).await, all, "now that it is whole, the rules judge it");
    let nothing = say(&scope, "3", Says::Lines(vec![decided(50)])).await.unwrap();
    assert_eq!((nothing.acknowledgment, nothing.warnings[0].code.as_str()), (None, "NO_STATEMENT"));
}

#[tokio::test]
async fn a_part_is_forgotten_when_its_line_changes_and_not_when_another_does() {
    let (buyer, scope) = order().await;
    let of = |number, quantity| stated(number, vec![promise(quantity, "2026-10-01")], None);
    let parts = || Says::Lines(vec![of("00010", 60), of("00020", 60)]);
    say(&scope, "1", parts()).await.unwrap();
    let more = Line { quantity: Micro::from(150), ..line("00020") };
    receive(&buyer, 2, vec![line("00010"), more]).await;
    let rest = Says::Lines(vec![of("00010", 40), of("00020", 90)]);
    let second = say(&scope, "2", rest).await.unwrap();
    let lines = standing(&scope, &second).await;
    assert_eq!(lines[0].status, LineStatus::Accepted, "{:?}", shown(&lines[0]));
    assert_eq!(
        (lines[1].status, shown(&lines[1]).len()),
        (LineStatus::AwaitingAnswer, 1),
        "60 were of another line"
    );
}
