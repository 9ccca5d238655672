//! Where a line stands, out of all that is known about it. Pure.
//!
//! The result depends on the set of facts, never on the order in which they came: a late, repeated or reversed
//! statement ends where the same statements in their right order end. That is what lets the ledger be recomputed
//! from the events and compared.
use std::collections::BTreeMap;

use quayside_canonical::{
    Micro, ShipmentId,
    ledger::Quantities,
    states::{
        DiscrepancyKind, DiscrepancyResolution, GoodsCondition, InvoiceMatchStatus, QuantityBasis,
        ReceiptKind,
    },
};

use super::facts::{Facts, ReceiptFact};

/// Where a line stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The line's ledger.
    pub quantities: Quantities,
    /// What arrived of each shipment, in the order of the facts.
    pub shipments: Vec<ShipmentPosition>,
    /// What differs, by kind and shipment.
    pub differences: BTreeMap<(DiscrepancyKind, Option<ShipmentId>), Micro>,
}

/// What arrived of a shipment of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShipmentPosition {
    /// The shipment.
    pub id: ShipmentId,
    /// What arrived of it.
    pub received: Micro,
    /// What of it has not arrived and is still expected.
    pub in_transit: Micro,
    /// Whether a warehouse said its last word about it.
    pub complete: bool,
}

/// Goods by condition, and what of them came after the agreed day.
#[derive(Clone, Debug, Default)]
struct Arrived {
    by_condition: BTreeMap<GoodsCondition, Micro>,
    late: Micro,
}

/// Which goods belong together: those a source counts as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pile {
    shipment: Option<String>,
    source: String,
}

/// Computes where a line stands.
#[must_use]
pub fn position(facts: &Facts) -> Position {
    let mut found = Position::default();
    let mut unannounced = Arrived::default();
    let mut rest = Arrived::default();
    let mut arrived: Vec<Arrived> = facts.shipments.iter().map(|_| Arrived::default()).collect();
    for (pile, goods) in piles(facts) {
        let place =
            facts.shipments.iter().position(|shipment| Some(&shipment.number) == pile.shipment.as_ref());
        match (place, pile.shipment) {
            (Some(place), _) => arrived[place].add(goods),
            // A shipment nobody has announced yet: its goods are not those of another.
            (None, Some(_)) => unannounced.add(goods),
            (None, None) => rest.add(goods),
        }
    }
    allot(facts, &mut arrived, rest, &mut unannounced);
    for (shipment, arrived) in facts.shipments.iter().zip(&arrived) {
        let complete = is_complete(facts, &shipment.number);
        let received = arrived.counted();
        let missing = (shipment.quantity - received).max(Micro::ZERO);
        let in_transit = if complete { Micro::ZERO } else { missing };
        found.shipments.push(ShipmentPosition { id: shipment.id, received, in_transit, complete });
        found.quantities.shipped = found.quantities.shipped + shipment.quantity;
        found.quantities.in_transit = found.quantities.in_transit + in_transit;
        let short = if complete { missing } else { Micro::ZERO };
        found.note(DiscrepancyKind::Short, Some(shipment.id), short);
        found.note(DiscrepancyKind::Over, Some(shipment.id), received - shipment.quantity);
        found.take(arrived, Some(shipment.id));
    }
    found.note(DiscrepancyKind::NoAsn, None, unannounced.counted());
    found.take(&unannounced, None);
    found.order(facts);
    found.decide(facts);
    found
}

/// What every source says it received, by the shipment it named.
fn piles(facts: &Facts) -> BTreeMap<Pile, Arrived> {
    let mut statements: Vec<&ReceiptFact> = facts.receipts.iter().collect();
    statements.sort_by(|a, b| rank(a).cmp(&rank(b)));
    let mut piles: BTreeMap<Pile, Arrived> = BTreeMap::new();
    for statement in statements {
        if statement.kind == ReceiptKind::Reversal {
            continue;
        }
        let pile = Pile { shipment: statement.shipment.clone(), source: statement.source.clone() };
        let goods = piles.entry(pile).or_default();
        // The last total of a shipment is a word on every line of it; any other only on the lines it names.
        let last_word = statement.kind == ReceiptKind::Final && statement.shipment.is_some();
        if statement.basis == QuantityBasis::Total && (last_word || !statement.quantities.is_empty()) {
            *goods = Arrived::default();
        }
        let late = facts.due_on.is_some_and(|due| statement.received_at.date() > due);
        for (condition, quantity) in &statement.quantities {
            goods.put(*condition, *quantity, late);
        }
    }
    piles
}

fn rank(receipt: &ReceiptFact) -> (i64, quayside_canonical::Timestamp, &str, &str) {
    (receipt.sequence, receipt.received_at, &receipt.number, &receipt.source)
}

fn is_complete(facts: &Facts, shipment: &str) -> bool {
    facts
        .receipts
        .iter()
        .any(|receipt| receipt.kind == ReceiptKind::Final && receipt.shipment.as_deref() == Some(shipment))
}

/// Gives goods whose shipment the warehouse did not name to the shipments that still expect some, the earliest
/// first. What is left, no shipment announced.
fn allot(facts: &Facts, arrived: &mut [Arrived], mut rest: Arrived, unannounced: &mut Arrived) {
    for (shipment, arrived) in facts.shipments.iter().zip(arrived) {
        if is_complete(facts, &shipment.number) {
            continue;
        }
        let missing = (shipment.quantity - arrived.counted()).max(Micro::ZERO);
        arrived.add(rest.split(missing));
    }
    unannounced.add(rest);
}

impl Arrived {
    fn put(&mut self, condition: GoodsCondition, quantity: Micro, late: bool) {
        let here = self.by_condition.entry(condition).or_default();
        *here = *here + quantity;
        if late {
            self.late = self.late + quantity;
        }
    }

    fn add(&mut self, other: Self) {
        for (condition, quantity) in other.by_condition {
            self.put(condition, quantity, false);
        }
        self.late = self.late + other.late;
    }

    fn of(&self, condition: GoodsCondition) -> Micro {
        self.by_condition.get(&condition).copied().unwrap_or_default()
    }

    /// All that counts as received: goods of another item do not.
    fn counted(&self) -> Micro {
        let counts = |condition: &&GoodsCondition| **condition != GoodsCondition::WrongItem;
        self.by_condition.keys().filter(counts).map(|condition| self.of(*condition)).sum()
    }

    /// Takes out at most `most`, good ones first.
    fn split(&mut self, most: Micro) -> Self {
        let mut left = most;
        let mut out = Self::default();
        for (condition, quantity) in &mut self.by_condition {
            let taken = (*quantity).min(left);
            *quantity = *quantity - taken;
            left = left - taken;
            out.put(*condition, taken, false);
        }
        out.late = self.late.min(out.by_condition.values().copied().sum());
        self.late = self.late - out.late;
        out
    }
}

impl Position {
    fn note(&mut self, kind: DiscrepancyKind, shipment: Option<ShipmentId>, quantity: Micro) {
        if quantity.is_positive() {
            let here = self.differences.entry((kind, shipment)).or_default();
            *here = *here + quantity;
        }
    }

    /// Books what arrived, and notes what is wrong with it.
    fn take(&mut self, arrived: &Arrived, shipment: Option<ShipmentId>) {
        let hold = arrived.of(GoodsCondition::QualityHold) + arrived.of(GoodsCondition::Unknown);
        let (damaged, expired) = (arrived.of(GoodsCondition::Damaged), arrived.of(GoodsCondition::Expired));
        let q = &mut self.quantities;
        q.received = q.received + arrived.counted();
        q.accepted = q.accepted + arrived.of(GoodsCondition::Good);
        q.held = q.held + hold;
        q.rejected = q.rejected + damaged + expired;
        self.note(DiscrepancyKind::Damaged, shipment, damaged);
        self.note(DiscrepancyKind::Expired, shipment, expired);
        self.note(DiscrepancyKind::QualityHold, shipment, hold);
        self.note(DiscrepancyKind::WrongItem, shipment, arrived.of(GoodsCondition::WrongItem));
        self.note(DiscrepancyKind::Late, shipment, arrived.late);
    }

    /// Books what was ordered, promised and invoiced.
    fn order(&mut self, facts: &Facts) {
        let q = &mut self.quantities;
        q.ordered = facts.ordered;
        q.cancelled = if facts.cancelled { facts.ordered } else { Micro::ZERO };
        q.acknowledged = facts.agreed.acknowledged;
        q.backordered = facts.agreed.backordered;
        let counts = |status: InvoiceMatchStatus| status != InvoiceMatchStatus::Cancelled;
        let invoices = facts.invoices.values();
        q.invoiced = invoices.filter(|(status, _)| counts(*status)).map(|(_, quantity)| *quantity).sum();
    }

    /// Applies procurement's decisions, in whatever order they came. One holds as long as the difference it is about is
    /// what it was. The same goods can be in two of them, damaged and too many: what becomes of each in its condition
    /// is applied first, and what is too many then goes back out of what is kept.
    fn decide(&mut self, facts: &Facts) {
        use DiscrepancyKind::{Damaged, Expired, Late, NoAsn, Over, QualityHold, Short, WrongItem};
        use DiscrepancyResolution::{Accept, Credit, Replace, Return};
        let (mut closed, mut surplus, mut back) = (Micro::ZERO, Micro::ZERO, Micro::ZERO);
        let q = &mut self.quantities;
        for decision in &facts.decisions {
            let quantity = decision.quantity;
            if self.differences.get(&(decision.kind, decision.shipment)) != Some(&quantity) {
                continue;
            }
            match (decision.kind, decision.resolution) {
                (Short, Accept | Credit) => closed = closed + quantity,
                (Damaged | Expired, Accept) => move_from(&mut q.rejected, &mut q.accepted, quantity),
                (QualityHold, Accept) => move_from(&mut q.held, &mut q.accepted, quantity),
                (QualityHold, Return | Credit | Replace) => {
                    move_from(&mut q.held, &mut q.rejected, quantity);
                }
                (Over | NoAsn, Return) => surplus = surplus + quantity,
                (Damaged | Expired, Return | Credit | Replace)
                | (Short, Return | Replace)
                | (Over | NoAsn, Accept | Credit | Replace)
                | (WrongItem | Late, _) => {}
            }
            match (decision.kind, decision.resolution) {
                (Damaged | Expired | QualityHold | Over | NoAsn, Return) => back = back + quantity,
                (Damaged | Expired | QualityHold, Credit) => closed = closed + quantity,
                _ => {}
            }
        }
        move_from(&mut q.accepted, &mut q.rejected, surplus);
        q.returned = back.min(q.rejected);
        // Nothing is closed that is not wanted.
        q.short_closed = closed.min((q.ordered - q.cancelled - q.accepted).max(Micro::ZERO));
    }
}

fn move_from(from: &mut Micro, to: &mut Micro, quantity: Micro) {
    let moved = quantity.min(*from);
    *from = *from - moved;
    *to = *to + moved;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quayside_canonical::{
        Timestamp,
        states::{FulfillmentStatus, GoodsCondition as Condition},
    };

    use super::*;
    use crate::ledger::facts::{Agreed, Decision, ShipmentFact};

    fn micro(number: i32) -> Micro {
        Micro::from(number)
    }

    fn shipment(number: &str, quantity: i32) -> ShipmentFact {
        let seed = number.bytes().fold(0_u128, |seed, byte| seed * 256 + u128::from(byte));
        ShipmentFact {
            id: ShipmentId(uuid::Uuid::from_u128(seed)),
            number: number.to_owned(),
            quantity: micro(quantity),
        }
    }

    fn receipt(
        number: &str,
        kind: ReceiptKind,
        shipment: Option<&str>,
        said: &[(Condition, i32)],
    ) -> ReceiptFact {
        ReceiptFact {
            source: "wms".to_owned(),
            number: number.to_owned(),
            kind,
            basis: QuantityBasis::Delta,
            shipment: shipment.map(str::to_owned),
            sequence: 0,
            received_at: Timestamp::from_micros(i64::try_from(number.len()).unwrap()),
            quantities: said.iter().map(|(condition, quantity)| (*condition, micro(*quantity))).collect(),
        }
    }

    /// A line of 100, promised in full, of which 60 and 40 are shipped.
    fn line() -> Facts {
        Facts {
            ordered: micro(100),
            agreed: Agreed { acknowledged: micro(100), backordered: Micro::ZERO },
            shipments: vec![shipment("A", 60), shipment("B", 40)],
            ..Facts::default()
        }
    }

    fn kinds(position: &Position) -> Vec<(DiscrepancyKind, Micro)> {
        position.differences.iter().map(|((kind, _), quantity)| (*kind, *quantity)).collect()
    }

    #[test]
    fn only_a_last_word_makes_short_and_damaged_goods_are_not_short() {
        let mut facts = line();
        facts.receipts.push(receipt("r", ReceiptKind::Increment, Some("A"), &[(Condition::Good, 50)]));
        let before = position(&facts);
        assert_eq!(kinds(&before), []);
        assert_eq!(before.quantities.in_transit, micro(50));
        assert_eq!(before.quantities.fulfillment(), FulfillmentStatus::PartiallyReceived);

        facts.receipts.push(receipt("rr", ReceiptKind::Final, Some("A"), &[(Condition::Damaged, 4)]));
        let after = position(&facts);
        assert_eq!(kinds(&after), [(DiscrepancyKind::Short, micro(6)), (DiscrepancyKind::Damaged, micro(4))]);
        let q = after.quantities;
        assert_eq!([q.received, q.accepted, q.rejected, q.in_transit], [54, 50, 4, 40].map(micro));
        assert_eq!(q.open(), micro(50), "what came broken or not at all is still wanted");
    }

    #[test]
    fn what_a_source_ranks_before_a_total_is_in_it_whenever_it_came() {
        let ranked = |number, sequence, kind, basis, quantity| ReceiptFact {
            sequence,
            basis,
            ..receipt(number, kind, Some("A"), &[(Condition::Good, quantity)])
        };
        let mut facts = line();
        // The longer the number, the later it came: the total came first.
        facts.receipts = vec![
            ranked("t", 1, ReceiptKind::Final, QuantityBasis::Total, 58),
            ranked("adjusted", 2, ReceiptKind::Increment, QuantityBasis::Delta, 1),
            ranked("as it arrived", 0, ReceiptKind::Increment, QuantityBasis::Delta, 60),
        ];
        let found = position(&facts);
        assert_eq!(found.quantities.received, micro(59));
        assert_eq!(kinds(&found), [(DiscrepancyKind::Short, micro(1))]);
    }

    #[test]
    fn a_decision_moves_the_goods_and_falls_when_the_difference_is_another() {
        let mut facts = line();
        facts.receipts.push(receipt(
            "r",
            ReceiptKind::Final,
            Some("A"),
            &[(Condition::Good, 50), (Condition::Damaged, 4)],
        ));
        let id = Some(facts.shipments[0].id);
        let decided = |kind, quantity, resolution| Decision {
            kind,
            shipment: id,
            quantity: micro(quantity),
            resolution,
        };
        facts.decisions = vec![
            decided(DiscrepancyKind::Short, 6, DiscrepancyResolution::Accept),
            decided(DiscrepancyKind::Damaged, 4, DiscrepancyResolution::Return),
        ];
        let q = position(&facts).quantities;
        assert_eq!([q.short_closed, q.rejected, q.returned, q.open()], [6, 4, 4, 44].map(micro));

        facts.decisions[1].resolution = DiscrepancyResolution::Accept;
        let q = position(&facts).quantities;
        assert_eq!([q.accepted, q.rejected, q.returned, q.open()], [54, 0, 0, 40].map(micro));

        facts.receipts.push(receipt("late", ReceiptKind::Increment, Some("A"), &[(Condition::Good, 6)]));
        let q = position(&facts).quantities;
        assert_eq!(q.short_closed, Micro::ZERO, "the six came after all");
    }

    #[test]
    fn goods_that_are_damaged_and_too_many_are_decided_about_in_any_order() {
        let mut facts = line();
        facts.receipts.push(receipt("r", ReceiptKind::Increment, Some("A"), &[(Condition::Damaged, 61)]));
        let shipment = Some(facts.shipments[0].id);
        let decided =
            |kind, quantity, resolution| Decision { kind, shipment, quantity: micro(quantity), resolution };
        facts.decisions = vec![
            decided(DiscrepancyKind::Over, 1, DiscrepancyResolution::Return),
            decided(DiscrepancyKind::Damaged, 61, DiscrepancyResolution::Accept),
        ];
        let q = position(&facts).quantities;
        assert_eq!([q.accepted, q.rejected, q.returned], [60, 1, 1].map(micro));
        facts.decisions.reverse();
        assert_eq!(position(&facts).quantities, q);
    }

    #[test]
    fn goods_without_a_shipment_go_to_those_expected_and_the_rest_is_told() {
        let mut facts = line();
        facts.receipts.push(receipt("r", ReceiptKind::Increment, None, &[(Condition::Good, 103)]));
        let found = position(&facts);
        assert_eq!(found.shipments.iter().map(|it| it.received).collect::<Vec<_>>(), [60, 40].map(micro));
        assert_eq!(found.differences, BTreeMap::from([((DiscrepancyKind::NoAsn, None), micro(3))]));

        facts.receipts[0].shipment = Some("C".to_owned());
        let found = position(&facts);
        assert_eq!(found.quantities.in_transit, micro(100), "they are not the announced ones");
        assert_eq!(found.differences, BTreeMap::from([((DiscrepancyKind::NoAsn, None), micro(103))]));
        facts.shipments.push(shipment("C", 100));
        let found = position(&facts);
        assert_eq!(kinds(&found), [(DiscrepancyKind::Over, micro(3))], "the announcement came late");
    }

    #[test]
    fn a_total_replaces_what_its_source_stated_before_and_not_what_it_states_after() {
        let mut facts = line();
        let total = |number: &str, kind, quantity| ReceiptFact {
            basis: QuantityBasis::Total,
            ..receipt(number, kind, Some("A"), &[(Condition::Good, quantity)])
        };
        facts.receipts = vec![
            receipt("aaaa", ReceiptKind::Increment, Some("A"), &[(Condition::Good, 5)]),
            total("aa", ReceiptKind::Increment, 30),
            receipt("a", ReceiptKind::Increment, Some("A"), &[(Condition::Good, 29)]),
        ];
        assert_eq!(position(&facts).quantities.accepted, micro(35));
        facts.receipts.push(ReceiptFact { quantities: Vec::new(), ..total("aaaaa", ReceiptKind::Final, 0) });
        let found = position(&facts);
        assert_eq!(
            found.quantities.received,
            Micro::ZERO,
            "the last total of the shipment has none of the line"
        );
        assert_eq!(kinds(&found), [(DiscrepancyKind::Short, micro(60))]);
    }

    fn any_receipt() -> impl Strategy<Value = ReceiptFact> {
        let condition = prop::sample::select(Condition::ALL);
        let kind = prop::sample::select(vec![ReceiptKind::Increment, ReceiptKind::Final]);
        let basis = prop::sample::select(QuantityBasis::ALL);
        let shipment = prop::option::of(prop::sample::select(vec!["A", "B", "C"]));
        let said = prop::collection::vec((condition, 0..80_i32), 0..3);
        (0..1_000_000_u32, kind, basis, shipment, said, 0..4_i64).prop_map(
            |(number, kind, basis, shipment, said, at)| ReceiptFact {
                basis,
                received_at: Timestamp::from_micros(at * 86_400_000_000),
                ..receipt(&number.to_string(), kind, shipment, &said)
            },
        )
    }

    fn any_facts() -> impl Strategy<Value = Facts> {
        let shipments = prop::sample::subsequence(vec![("A", 60), ("B", 40), ("C", 25)], 0..=3);
        let receipts = prop::collection::vec(any_receipt(), 0..8);
        let invoices = prop::collection::btree_map(
            ("[a-c]", "[x-z]"),
            (prop::sample::select(InvoiceMatchStatus::ALL), (0..50).prop_map(micro)),
            0..3,
        );
        (0..200_i32, any::<bool>(), 0..100_i32, shipments, receipts, invoices).prop_map(
            |(ordered, cancelled, acknowledged, shipments, receipts, invoices)| Facts {
                ordered: micro(ordered),
                cancelled,
                agreed: Agreed { acknowledged: micro(acknowledged), backordered: micro(acknowledged / 3) },
                due_on: chrono::NaiveDate::from_ymd_opt(1970, 1, 2),
                shipments: shipments
                    .into_iter()
                    .map(|(number, quantity)| shipment(number, quantity))
                    .collect(),
                receipts,
                decisions: Vec::new(),
                invoices,
            },
        )
    }

    proptest! {
        #[test]
        fn the_numbers_balance_whatever_is_stated_and_decided(facts in any_facts(), choice in any::<u64>()) {
            let mut facts = facts;
            let open = position(&facts);
            prop_assert!(open.quantities.balances(), "{:?}", open.quantities);
            // Every difference there is may be decided about in every way.
            for (place, ((kind, shipment), quantity)) in open.differences.iter().enumerate() {
                let ways = DiscrepancyResolution::ALL;
                let resolution = ways[usize::try_from(choice >> (place * 2) & 3).unwrap()];
                facts.decisions.push(Decision { kind: *kind, shipment: *shipment, quantity: *quantity, resolution });
            }
            let decided = position(&facts);
            prop_assert!(decided.quantities.balances(), "{:?}", decided.quantities);
            prop_assert_eq!(&decided.differences, &open.differences, "deciding changes no difference");
            prop_assert_eq!(decided.quantities.received, open.quantities.received);
            facts.decisions.reverse();
            prop_assert_eq!(position(&facts), decided, "decisions hold in any order");
        }

        #[test]
        fn the_order_of_arrival_does_not_matter(facts in any_facts(), seed in any::<prop::sample::Index>()) {
            let mut shuffled = facts.clone();
            if !shuffled.receipts.is_empty() {
                let by = seed.index(shuffled.receipts.len());
                shuffled.receipts.rotate_left(by);
                shuffled.receipts.reverse();
            }
            prop_assert_eq!(position(&shuffled), position(&facts));
        }

        #[test]
        fn every_announced_piece_is_received_expected_or_short(facts in any_facts()) {
            let found = position(&facts);
            for (fact, at) in facts.shipments.iter().zip(&found.shipments) {
                let of = |kind| found.differences.get(&(kind, Some(fact.id))).copied().unwrap_or_default();
                let (short, over) = (of(DiscrepancyKind::Short), of(DiscrepancyKind::Over));
                prop_assert_eq!(fact.quantity + over, at.received + at.in_transit + short);
            }
        }
    }
}
