//! Where an order stands, out of where its lines stand.
use quayside_canonical::states::{LineStatus, OrderStatus};

/// The order's status, out of its lines'.
#[must_use]
pub fn of_lines(lines: impl IntoIterator<Item = LineStatus>) -> OrderStatus {
    let (mut open, mut proposed, mut accepted) = (0_u32, 0_u32, 0_u32);
    for line in lines {
        match line {
            LineStatus::AwaitingAnswer | LineStatus::Declined | LineStatus::Outdated => open += 1,
            LineStatus::Proposed => proposed += 1,
            LineStatus::Accepted => accepted += 1,
            LineStatus::Cancelled => {}
        }
    }
    match (open, proposed, accepted) {
        (0, 0, 0) => OrderStatus::Cancelled,
        (0, 0, _) => OrderStatus::Acknowledged,
        (0, _, _) => OrderStatus::ChangeProposed,
        (_, 0, 0) => OrderStatus::AwaitingAnswer,
        _ => OrderStatus::PartiallyAcknowledged,
    }
}

/// Whether the supplier still has to answer a line in this state.
#[must_use]
pub const fn needs_answer(line: LineStatus) -> bool {
    matches!(line, LineStatus::AwaitingAnswer | LineStatus::Declined | LineStatus::Outdated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use LineStatus::{Accepted, AwaitingAnswer, Cancelled, Declined, Proposed};

    #[test]
    fn the_order_follows_from_its_lines() {
        assert_eq!(of_lines([]), OrderStatus::Cancelled);
        assert_eq!(of_lines([Cancelled, Cancelled]), OrderStatus::Cancelled);
        assert_eq!(of_lines([AwaitingAnswer, Cancelled]), OrderStatus::AwaitingAnswer);
        assert_eq!(of_lines([Accepted, Declined]), OrderStatus::PartiallyAcknowledged);
        assert_eq!(of_lines([Accepted, Proposed]), OrderStatus::ChangeProposed);
        assert_eq!(of_lines([Accepted, Cancelled]), OrderStatus::Acknowledged);
    }
}
