//! The judgment: what must be true whatever happened. Pure, so that each is tested here.
//!
//! What the server says about itself is only one side: the clients' own journal and the ERP's own books are
//! the others.
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
};

use quayside_simulator::Document;

use crate::{
    evidence::{Evidence, Stored},
    journal::{Intent, Told},
    observation::Observation,
};

/// Examples shown for a violated invariant.
const EXAMPLES: usize = 3;

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// `I1` to `I14`, or `F` for what the fault asks for beside.
    pub(crate) invariant: &'static str,
    meaning: &'static str,
    cases: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { invariant, meaning, cases } = self;
        let examples = cases[..cases.len().min(EXAMPLES)].join("; ");
        write!(f, "{invariant} is violated {} times ({meaning}): {examples}", cases.len())
    }
}

type Check = (&'static str, &'static str, fn(&Evidence) -> Vec<String>);

/// Every invariant, and how its violations are found.
const INVARIANTS: [Check; 13] = [
    ("I1", "what was accepted is on file", lost),
    ("I2", "what is on file has its effect at the ERP", without_effect),
    ("I3", "nothing has more than one effect", repeated),
    ("I4", "nothing has an effect or is on file that was not accepted", unfounded),
    ("I5", "the effects of an order come in the order of its answers", out_of_order),
    ("I6", "the same key is told the same, and nothing is refused", told_otherwise),
    ("I7", "each answer is one event", events),
    ("I8", "the audit trail verifies", audit),
    ("I9", "nothing is left waiting or dead, and the server names the ERP's document", left_over),
    ("I12", "every file that was taken has its bytes", without_bytes),
    ("I13", "at most one mail tells of a message", mailed_again),
    ("I14", "nothing of one tenant is at another", strayed),
    ("F", "what this fault asks for beside", measured),
];

/// The invariants that do not hold.
pub(crate) fn judge(evidence: &Evidence) -> Vec<Violation> {
    let violation = |(invariant, meaning, check): Check| {
        let cases = check(evidence);
        (!cases.is_empty()).then_some(Violation { invariant, meaning, cases })
    };
    INVARIANTS.into_iter().filter_map(violation).collect()
}

fn lost(evidence: &Evidence) -> Vec<String> {
    let stored: HashSet<(&str, &str)> =
        evidence.stored.iter().map(|it| (it.id.as_str(), it.key.as_str())).collect();
    let check = |Intent { order, key, told, .. }: &Intent| {
        let lost =
            told.iter().find_map(Told::accepted).filter(|id| !stored.contains(&(*id, key.as_str())))?;
        Some(format!("{lost} ({key}, order {order}) was accepted and is gone"))
    };
    evidence.journal.iter().filter_map(check).collect()
}

fn without_effect(evidence: &Evidence) -> Vec<String> {
    let effects = effects_by_subject(evidence);
    let without = evidence.stored.iter().filter(|it| !effects.contains_key(it.id.as_str()));
    without.map(|it| format!("{} ({}) has none", it.id, it.key)).collect()
}

fn repeated(evidence: &Evidence) -> Vec<String> {
    let mut cases: Vec<String> = effects_by_subject(evidence)
        .into_iter()
        .filter(|(_, effects)| effects.len() > 1)
        .map(|(subject, effects)| format!("{subject} has {}", effects.len()))
        .collect();
    let counted = evidence.erp.duplicate_effects;
    if cases.is_empty() && counted > 0 {
        cases.push(format!("the ERP counts {counted}"));
    }
    cases.sort_unstable();
    cases
}

fn unfounded(evidence: &Evidence) -> Vec<String> {
    let stored: HashSet<&str> = evidence.stored.iter().map(|it| it.id.as_str()).collect();
    let accepted: HashSet<&str> = evidence.journal.iter().filter_map(Intent::accepted).collect();
    let effects = evidence.effects.iter().filter(|effect| !stored.contains(effect.subject.as_str()));
    let effects =
        effects.map(|it| format!("document {} is about {}, not on file", it.document_number, it.subject));
    let answers = evidence.stored.iter().filter(|it| !accepted.contains(it.id.as_str()));
    effects
        .chain(answers.map(|it| format!("{} ({}) is on file and nobody was told so", it.id, it.key)))
        .collect()
}

fn out_of_order(evidence: &Evidence) -> Vec<String> {
    // An answer's place among those of its order: the journal has them in the order they were sent.
    let places: HashMap<&str, usize> =
        evidence.journal.iter().enumerate().filter_map(|(place, it)| Some((it.accepted()?, place))).collect();
    let mut latest: HashMap<&str, (i64, Option<usize>)> = HashMap::new();
    let mut cases = Vec::new();
    for effect in first_effects(evidence) {
        let order = effect.order_id.as_deref().unwrap_or_default();
        let now = (effect.position, places.get(effect.subject.as_str()).copied());
        if let Some(&before) = latest.get(order)
            && (now.0 <= before.0 || now.1 <= before.1)
        {
            cases.push(format!("{} of {order} came after a later one", effect.subject));
        }
        let before = latest.entry(order).or_insert(now);
        *before = (before.0.max(now.0), before.1.max(now.1));
    }
    if cases.is_empty() && evidence.erp.out_of_order > 0 {
        cases.push(format!("the ERP counts {}", evidence.erp.out_of_order));
    }
    cases
}

fn told_otherwise(evidence: &Evidence) -> Vec<String> {
    let check = |intent: &Intent| {
        let first = intent.told.first()?;
        if let Some(Told::Refused(why)) = intent.told.iter().find(|told| matches!(told, Told::Refused(_))) {
            return Some(format!("{} was refused: {why}", intent.key));
        }
        let other = intent.told.iter().find(|told| *told != first)?;
        Some(format!("{} was told {first:?}, then {other:?}", intent.key))
    };
    evidence.journal.iter().filter_map(check).collect()
}

fn events(evidence: &Evidence) -> Vec<String> {
    let stored: BTreeMap<&str, usize> = evidence
        .stored
        .iter()
        .map(|it| (it.id.as_str(), evidence.logged.get(&it.id).copied().unwrap_or_default()))
        .collect();
    let strange = evidence.logged.iter().filter(|(id, _)| !stored.contains_key(id.as_str()));
    let strange = strange.map(|(id, count)| format!("{id} is not on file and has {count} events"));
    let wrong = stored.iter().filter(|(_, count)| **count != 1);
    wrong.map(|(id, count)| format!("{id} has {count} events")).chain(strange).collect()
}

fn audit(evidence: &Evidence) -> Vec<String> {
    evidence.audit.clone().err().into_iter().collect()
}

fn left_over(evidence: &Evidence) -> Vec<String> {
    let effects = effects_by_subject(evidence);
    let check = |stored: &Stored| {
        let Stored { id, key, deliveries } = stored;
        if !stored.is_delivered() {
            return Some(format!("{id} ({key}): {deliveries:?}"));
        }
        let (number, named) = (&effects.get(id.as_str())?.first()?.document_number, &deliveries[0].1);
        (named.as_ref() != Some(number)).then(|| format!("{id} is document {number}, not {named:?}"))
    };
    evidence.stored.iter().filter_map(check).collect()
}

fn without_bytes(evidence: &Evidence) -> Vec<String> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let spoilt = evidence.files.iter().filter(|file| file.named != file.has);
    let spoilt = spoilt.map(|file| format!("{} has other bytes", hex(&file.named)));
    let kept: HashSet<&[u8]> = evidence.files.iter().map(|file| file.named.as_slice()).collect();
    let gone = evidence.handed_in.iter().filter(|file| file.taken && !kept.contains(file.sha256.as_slice()));
    spoilt.chain(gone.map(|file| format!("{} was taken and is gone", hex(&file.sha256)))).collect()
}

fn mailed_again(evidence: &Evidence) -> Vec<String> {
    let mails = |text: &String| evidence.mails.iter().filter(|mail| mail.contains(text)).count();
    let again = evidence.messages.iter().map(|text| (text, mails(text))).filter(|(_, mails)| *mails > 1);
    again.map(|(text, mails)| format!("{mails} mails say \"{text}\"")).collect()
}

fn strayed(evidence: &Evidence) -> Vec<String> {
    let mut cases: Vec<String> = evidence
        .strays
        .iter()
        .map(|(what, count)| format!("{count} {what} name something of another"))
        .collect();
    for house in &evidence.houses {
        let foreign = house
            .effects
            .iter()
            .filter(|(tenant, order)| *tenant != house.tenant || !house.orders.contains(order));
        cases.extend(
            foreign.map(|(tenant, order)| format!("{order} of {tenant} is at {}'s ERP", house.tenant)),
        );
        let others = evidence.houses.iter().filter(|other| other.tenant != house.tenant);
        let shared = others.flat_map(|other| house.logged.intersection(&other.logged));
        cases.extend(shared.map(|subject| format!("{subject} is in more than one log")));
    }
    cases
}

fn measured(evidence: &Evidence) -> Vec<String> {
    evidence.observed.iter().filter_map(Observation::wrong).collect()
}

fn effects_by_subject(evidence: &Evidence) -> HashMap<&str, Vec<&Document>> {
    let mut effects: HashMap<&str, Vec<&Document>> = HashMap::new();
    for effect in &evidence.effects {
        effects.entry(&effect.subject).or_default().push(effect);
    }
    effects
}

/// The first effect of each answer: repeats are not judged twice.
fn first_effects(evidence: &Evidence) -> impl Iterator<Item = &Document> {
    let mut seen = HashSet::new();
    evidence.effects.iter().filter(move |effect| seen.insert(effect.subject.as_str()))
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
