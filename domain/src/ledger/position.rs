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

    /// Applies procurement's decisions. One holds as long as the difference it is about is what it was.
    fn decide(&mut self, facts: &Facts) {
        use DiscrepancyKind::{Damaged, Expired, Late, NoAsn, Over, QualityHold, Short, WrongItem};
        use DiscrepancyResolution::{Accept, Credit, Replace, Return};
        let mut closed = Micro::ZERO;
        for decision in &facts.decisions {
            let now = self.differences.get(&(decision.kind, decision.shipment)).copied();
            if now != Some(decision.quantity) {
                continue;
            }
            let (q, quantity) = (&mut self.quantities, decision.quantity);
            match (decision.kind, decision.resolution) {
                (Short, Accept | Credit) => closed = closed + quantity,
                (Damaged | Expired, Accept) => move_from(&mut q.rejected, &mut q.accepted, quantity),
                (QualityHold, Accept) => move_from(&mut q.held, &mut q.accepted, quantity),
                (QualityHold, Return | Credit | Replace) => {
                    move_from(&mut q.held, &mut q.rejected, quantity);
                }
                (Over | NoAsn, Return) => move_from(&mut q.accepted, &mut q.rejected, quantity),
                (Damaged | Expired, Return | Credit | Replace)
                | (Short, Return | Replace)
                | (Over | NoAsn, Accept | Credit | Replace)
                | (WrongItem | Late, _) => {}
            }
            match (decision.kind, decision.resolution) {
                (Damaged | Expired | QualityHold | Over | NoAsn, Return) => {
                    q.returned = (q.returned + quantity).min(q.rejected);
                }
                (Damaged | Expired | QualityHold, Credit) => closed = closed + quantity,
                _ => {}
            }
        }
        // Nothing is closed that is not wanted.
        let q = &mut self.quantities;
        q.short_closed = closed.min((q.ordered - q.cancelled - q.accepted).max(Micro::ZERO));
    }
}

fn move_from(from: &mut Micro, to: &mut Micro, quantity: Micro) {
    let moved = quantity.min(*from);
    *from = *from - moved;
    *to = *to + moved;
}
