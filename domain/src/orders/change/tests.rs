//! What changes make of an order, and what they cannot.
use quayside_canonical::{
    Date, Field, Micro, Problems,
    order::{Line, PurchaseOrder, Schedule, SourceRevision},
    order_change::{
        Change, Changes, Direction, Effect, Heading, LineChange, LineFields, OrderChange, Window,
    },
};

use super::apply_change;

fn revision(id: &str, sequence: Option<i64>) -> SourceRevision {
    SourceRevision { id: id.to_owned(), sequence, issued_at: "2026-09-01T08:00:00Z".parse().unwrap() }
}

fn line(number: &str, quantity: i32) -> Line {
    Line {
        translations: Vec::new(),
        number: number.to_owned(),
        buyer_part: None,
        supplier_part: None,
        gtin: None,
        description: None,
        quantity: Micro::from(quantity),
        unit: "EA".to_owned(),
        unit_price: Some(Micro::from(2)),
        price_per: None,
        deliver_from: None,
        deliver_to: Date::from_ymd_opt(2026, 9, 15),
        ship_to: None,
        cancelled: false,
        schedules: Vec::new(),
        notes: Vec::new(),
    }
}

fn order() -> PurchaseOrder {
    PurchaseOrder {
        translations: Vec::new(),
        number: "PO-1".to_owned(),
        supplier: "V-100".to_owned(),
        revision: revision("850-00", None),
        currency: Some("USD".to_owned()),
        ordered_on: None,
        cancelled: false,
        incoterms: None,
        payment_terms: None,
        ship_to: None,
        notes: Vec::new(),
        lines: vec![line("1", 100), line("2", 40)],
    }
}

fn change(effect: Effect) -> OrderChange {
    OrderChange {
        number: "PO-1".to_owned(),
        revision: revision("860-1", Some(1)),
        effect,
        if_unknown: None,
        place: Field::root().at("number"),
    }
}

fn lines(changes: impl IntoIterator<Item = (&'static str, Change)>) -> Changes {
    let line = |(number, change): (&str, Change)| LineChange {
        number: number.to_owned(),
        change,
        place: Field::root().at(number),
    };
    Changes { lines: changes.into_iter().map(line).collect(), ..Changes::default() }
}

fn apply(changes: Changes) -> Result<PurchaseOrder, Problems> {
    apply_change(&order(), &change(Effect::Change(Box::new(changes))))
}

fn set(fields: LineFields) -> Change {
    Change::Set(Box::new(fields))
}

fn codes(problems: &Problems) -> Vec<(&str, String)> {
    problems.as_slice().iter().map(|p| (p.code.as_str(), p.field.join("."))).collect()
}

#[test]
fn only_what_is_named_changes() {
    let fields = LineFields { quantity: Some(Micro::from(60)), ..LineFields::default() };
    let next =
        apply(lines([("1", set(fields)), ("2", Change::Keep), ("3", Change::Add(Box::new(line("3", 5))))]));
    let mut expected = order();
    expected.revision = revision("860-1", Some(1));
    expected.lines[0].quantity = Micro::from(60);
    expected.lines.push(line("3", 5));
    assert_eq!(next, Ok(expected));
}

#[test]
fn a_replacement_by_lines_cancels_what_it_does_not_name() {
    let changes = Changes { only_these: true, ..lines([("2", Change::Put(Box::new(line("2", 50))))]) };
    let next = apply(changes).unwrap();
    assert!(next.lines[0].cancelled && !next.lines[1].cancelled);
    assert_eq!(next.lines[1].quantity, Micro::from(50));
}

#[test]
fn every_problem_is_told_at_once_and_at_its_place() {
    let more = LineFields {
        quantity: Some(Micro::from(20)),
        direction: Some(Direction::Up),
        unit: Some("XCS".to_owned()),
        ..LineFields::default()
    };
    let added = Change::Add(Box::new(line("1", 5)));
    let problems =
        apply(lines([("1", added), ("9", Change::Cancel), ("2", set(more)), ("2", Change::Cancel)]));
    let problems = problems.unwrap_err();
    let expected = [
        ("LINE_EXISTS", "1"),
        ("UNKNOWN_LINE", "9"),
        ("UNIT_MISMATCH", "2"),
        ("QUANTITY_DIRECTION", "2"),
        ("DUPLICATE_LINE", "2"),
    ];
    assert_eq!(codes(&problems), expected.map(|(code, field)| (code, field.to_owned())));
}

#[test]
fn a_difference_is_added_or_taken_away() {
    let by = |quantity, direction| {
        let fields = LineFields {
            quantity: Some(Micro::from(quantity)),
            direction: Some(direction),
            is_difference: true,
            ..LineFields::default()
        };
        apply(lines([("1", set(fields))]))
    };
    let ordered = order().lines[0].quantity;
    assert_eq!(by(20, Direction::Up).unwrap().lines[0].quantity, ordered + Micro::from(20));
    assert_eq!(by(20, Direction::Down).unwrap().lines[0].quantity, ordered - Micro::from(20));
    let nothing_left = by(1_000, Direction::Down).unwrap_err();
    assert_eq!(codes(&nothing_left), [("INVALID_VALUE", "1".to_owned())]);
}

#[test]
fn instalments_follow_only_where_there_is_no_doubt() {
    let part = |quantity| Schedule { quantity: Micro::from(quantity), deliver_from: None, deliver_to: None };
    let mut one = order();
    one.lines[0].schedules = vec![part(100)];
    let mut two = order();
    two.lines[0].schedules = vec![part(60), part(40)];
    let fields = LineFields { quantity: Some(Micro::from(120)), ..LineFields::default() };
    let grow = change(Effect::Change(Box::new(lines([("1", set(fields))]))));
    assert_eq!(apply_change(&one, &grow).unwrap().lines[0].schedules, [part(120)]);
    assert_eq!(codes(&apply_change(&two, &grow).unwrap_err())[0].0, "SCHEDULES_DO_NOT_ADD_UP");
}

#[test]
fn a_window_for_the_whole_order_is_clear_only_where_all_lines_had_one() {
    let window = Window { from: None, to: Date::from_ymd_opt(2026, 10, 1) };
    let heading = Heading { window: Some(window), ..Heading::default() };
    let moved = change(Effect::Change(Box::new(Changes { heading, ..Changes::default() })));
    let next = apply_change(&order(), &moved).unwrap();
    assert!(next.lines.iter().all(|line| line.deliver_to == window.to));
    let mut mixed = order();
    mixed.lines[0].deliver_to = None;
    assert_eq!(codes(&apply_change(&mixed, &moved).unwrap_err())[0].0, "WINDOW_UNCLEAR");
}

#[test]
fn a_change_that_is_not_counted_keeps_the_count() {
    let mut current = order();
    current.revision = revision("860-2", Some(2));
    let replace = Effect::Replace(Box::new(order()));
    let replaced = OrderChange { revision: revision("850-05-x", None), ..change(replace) };
    assert_eq!(apply_change(&current, &replaced).unwrap().revision.sequence, Some(2));
}

#[test]
fn a_cancelled_order_takes_no_changes_and_a_currency_stays() {
    let mut cancelled = order();
    cancelled.cancelled = true;
    let nothing = change(Effect::Change(Box::default()));
    assert_eq!(codes(&apply_change(&cancelled, &nothing).unwrap_err())[0].0, "ORDER_CANCELLED");
    let heading = Heading { currency: Some("EUR".to_owned()), ..Heading::default() };
    let problems = apply(Changes { heading, ..Changes::default() }).unwrap_err();
    assert_eq!(codes(&problems)[0].0, "CURRENCY_CHANGED");
}
