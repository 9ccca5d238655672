//! Whether an answer is within what the tenant tolerates. Pure and exact.
use quayside_canonical::{
    Date, Micro,
    acknowledgment::{AnswerPart, Deviation, DeviationKind},
    order::Line,
    policy::Rules,
    states::AnswerKind,
};

/// In what `parts` differ from `line` by more than `rules` tolerate. Nothing means: accepted at once.
#[must_use]
pub fn deviations(line: &Line, parts: &[AnswerPart], rules: &Rules) -> Vec<Deviation> {
    let mut found = Vec::new();
    found.extend(quantity(line, parts, rules));
    let promised = parts.iter().filter(|part| part.kind != AnswerKind::Rejected);
    for part in promised {
        found.extend(part.promised_on.and_then(|day| date(line, day, rules)));
        found.extend(part.price.and_then(|offered| price(line, offered, rules)));
        if part.kind == AnswerKind::Substituted {
            found.push(substitution(line, part));
        }
    }
    found
}

fn quantity(line: &Line, parts: &[AnswerPart], rules: &Rules) -> Option<Deviation> {
    let promised = parts.iter().filter(|part| part.kind != AnswerKind::Rejected);
    let answered: Micro = promised.map(|part| part.quantity).sum();
    let (percent, word) = if answered > line.quantity {
        (rules.quantity_over_percent, "more")
    } else {
        (rules.quantity_under_percent, "less")
    };
    if within(line.quantity, answered, percent) {
        return None;
    }
    Some(Deviation {
        kind: DeviationKind::Quantity,
        ordered: format!("{} {}", line.quantity, line.unit),
        answered: format!("{answered} {}", line.unit),
        rule: format!("at most {percent} % {word} than ordered"),
    })
}

fn date(line: &Line, promised: Date, rules: &Rules) -> Option<Deviation> {
    let (first, last) = window(line);
    let days = |limit: u16| chrono::Days::new(u64::from(limit));
    let too_late =
        last.is_some_and(|last| last.checked_add_days(days(rules.late_days)).is_some_and(|l| promised > l));
    let too_early = first
        .is_some_and(|first| first.checked_sub_days(days(rules.early_days)).is_some_and(|f| promised < f));
    let rule = match (too_late, too_early) {
        (true, _) => format!("at most {} days late", rules.late_days),
        (_, true) => format!("at most {} days early", rules.early_days),
        _ => return None,
    };
    let asked = match (first, last) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(day), _) | (None, Some(day)) => day.to_string(),
        (None, None) => return None,
    };
    Some(Deviation { kind: DeviationKind::Date, ordered: asked, answered: promised.to_string(), rule })
}

/// The first and the last day on which the line is wanted. One day alone is both.
#[must_use]
pub fn window(line: &Line) -> (Option<Date>, Option<Date>) {
    let from = line.schedules.iter().filter_map(|s| s.deliver_from.or(s.deliver_to)).min();
    let to = line.schedules.iter().filter_map(|s| s.deliver_to.or(s.deliver_from)).max();
    let first = line.deliver_from.or(from).or(line.deliver_to);
    let last = line.deliver_to.or(to).or(line.deliver_from);
    (first, last)
}

fn price(line: &Line, offered: Micro, rules: &Rules) -> Option<Deviation> {
    let Some(ordered) = line.unit_price else {
        return Some(Deviation {
            kind: DeviationKind::Price,
            ordered: "no price".to_owned(),
            answered: offered.to_string(),
            rule: "the order states no price".to_owned(),
        });
    };
    let (percent, word) = if offered > ordered {
        (rules.price_over_percent, "dearer")
    } else {
        (rules.price_under_percent, "cheaper")
    };
    if within(ordered, offered, percent) {
        return None;
    }
    Some(Deviation {
        kind: DeviationKind::Price,
        ordered: ordered.to_string(),
        answered: offered.to_string(),
        rule: format!("at most {percent} % {word} than ordered"),
    })
}

fn substitution(line: &Line, part: &AnswerPart) -> Deviation {
    let ordered = line.supplier_part.as_ref().or(line.buyer_part.as_ref()).or(line.gtin.as_ref());
    let offered = part.substitute.as_ref().map(|item| item.supplier_part.clone());
    Deviation {
        kind: DeviationKind::Substitution,
        ordered: ordered.cloned().unwrap_or_else(|| format!("line {}", line.number)),
        answered: offered.unwrap_or_default(),
        rule: "another item needs procurement's consent".to_owned(),
    }
}

/// Whether `answered` differs from `ordered` by at most `percent`, without rounding.
fn within(ordered: Micro, answered: Micro, percent: Micro) -> bool {
    let difference = i128::from(answered.millionths()) - i128::from(ordered.millionths());
    let allowed = i128::from(percent.millionths()) * i128::from(ordered.millionths());
    difference.abs() * 100 * i128::from(Micro::ONE.millionths()) <= allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tolerance_is_met_exactly_at_its_limit() {
        let percent = |text: &str| text.parse::<Micro>().unwrap();
        assert!(within(Micro::from(200), Micro::from(210), percent("5")));
        assert!(!within(Micro::from(200), percent("210.000001"), percent("5")));
        assert!(within(Micro::from(3), percent("2.997"), percent("0.1")));
        assert!(within(Micro::ZERO, Micro::ZERO, Micro::ZERO));
        assert!(!within(Micro::ZERO, Micro::ONE, percent("100")));
    }
}
