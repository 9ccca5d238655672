//! The judgment, and the table it is printed as.
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write,
    time::Duration,
};

use quayside_simulator::Document;

use crate::{
    evidence::{Books, Evidence, Logged, bare},
    nemesis::Havoc,
    world::{ERP_EVENTS, WMS_EVENTS, World},
};

/// Examples shown of what does not hold.
const EXAMPLES: usize = 4;

/// One thing that must hold.
pub(crate) struct Finding {
    claim: &'static str,
    counted: String,
    wrong: Vec<String>,
}

/// All of them.
pub(crate) struct Verdict(Vec<Finding>);

impl Verdict {
    /// Whether nothing was found.
    pub(crate) fn holds(&self) -> bool {
        self.0.iter().all(|finding| finding.wrong.is_empty())
    }
}

/// Compares everybody's books.
pub(crate) fn judge(it: &Evidence) -> Verdict {
    let finding = |claim, counted: String, wrong| Finding { claim, counted, wrong };
    let lies: BTreeSet<&str> = it.erp.missing.iter().map(String::as_str).collect();
    let verdict = vec![
        finding(
            "what was accepted is in the log, once",
            format!("{} accepted", it.journal.accepted.len()),
            accepted(it),
        ),
        finding(
            "the same key is told the same, nothing is refused",
            format!("{} asked again", it.journal.asked_again),
            it.journal.wrong.clone(),
        ),
        finding(
            "what the WMS stated is in the log, once",
            format!("{} receipts", it.receipts.len()),
            received(it),
        ),
        finding("the ERP has each event once", booked(&it.erp), applied(&it.log, &it.erp, ERP_EVENTS, &lies)),
        finding(
            "the WMS has each event once",
            booked(&it.wms),
            applied(&it.log, &it.wms, WMS_EVENTS, &BTreeSet::new()),
        ),
        finding(
            "in order per order at both",
            "by position in the log".to_owned(),
            [out_of_order(&it.erp), out_of_order(&it.wms)].concat(),
        ),
        finding(
            "what was answered 200 and dropped is found",
            format!("{} read back in vain, {} exceptions", it.found_missing.len(), it.exceptions),
            lied(it),
        ),
        finding(
            "nothing is left waiting",
            format!("drained in {:.0?}", it.drained.took),
            it.drained.left.clone(),
        ),
        finding(
            "the audit chain verifies",
            last_line(&it.audit),
            it.audit.clone().err().into_iter().collect(),
        ),
        finding("the ledger verifies", last_line(&it.ledger), it.ledger.clone().err().into_iter().collect()),
        finding(
            "each reader saw each event once, in order",
            format!(
                "{} readers, {} connections, {} times sent away",
                it.seen.len(),
                it.seen.iter().map(|seen| seen.connections).sum::<u64>(),
                it.seen.iter().map(|seen| seen.sent_away).sum::<u64>()
            ),
            readers(it),
        ),
        finding(
            "the stream has each event once, in order",
            format!("{} published", it.published.len()),
            published(it),
        ),
    ];
    Verdict(verdict)
}

/// The report.
pub(crate) fn table(
    world: &World,
    seed: u64,
    havoc: &Havoc,
    took: Duration,
    it: &Evidence,
    verdict: &Verdict,
) -> String {
    let mut text = format!("\n{:<22} {:>5}  ready again within\n", "blow", "times");
    for (name, (times, longest)) in &havoc.blows {
        let _ = writeln!(text, "{name:<22} {times:>5}  {longest:.1?}");
    }
    let wires = world.erp_wire.spoilt() + world.wms_wire.spoilt();
    let _ = writeln!(
        text,
        "{:<22} {:>5}  {wires} connections spoilt on the wire\n",
        "faults of ERP and WMS", havoc.faults
    );
    let documents = it.erp.documents.len() + it.wms.documents.len();
    let _ = writeln!(text, "{} of {documents} documents booked during the havoc", havoc.booked);
    let _ = writeln!(
        text,
        "{} events in {took:.0?} of havoc; {} requests for {} results; a process asked to stop was gone within {:.1?}\n",
        it.log.len(),
        it.journal.attempts,
        it.journal.accepted.len() as u64 + it.journal.asked_again,
        havoc.slowest_stop
    );
    for Finding { claim, counted, wrong } in &verdict.0 {
        let word = if wrong.is_empty() { "holds" } else { "BROKEN" };
        let _ = writeln!(text, "{word:<7} {claim:<52} {counted}");
        for case in wrong.iter().take(EXAMPLES) {
            let _ = writeln!(text, "        - {case}");
        }
        if wrong.len() > EXAMPLES {
            let _ = writeln!(text, "        - and {} more", wrong.len() - EXAMPLES);
        }
    }
    if !it.found_missing.is_empty() {
        let _ = writeln!(text, "\nconfirmed by the ERP and dropped, as Quayside found out:");
        for event in &it.found_missing {
            let about = it.log.iter().find(|logged| bare(&logged.id) == *event);
            let about = about.map_or("", |logged| logged.subject.as_str());
            let _ = writeln!(text, "        - event {event}, {about}");
        }
    }
    let broken = verdict.0.iter().filter(|finding| !finding.wrong.is_empty()).count();
    let _ = write!(text, "\nSEED={seed}: {broken} of {} claims broken", verdict.0.len());
    if broken > 0 {
        let _ = write!(text, "; logs are kept in {}", world.folder.display());
    }
    text
}

fn accepted(it: &Evidence) -> Vec<String> {
    let mut events: HashMap<(&str, &str), usize> = HashMap::new();
    for event in &it.log {
        *events.entry((&event.event_type, &event.subject)).or_default() += 1;
    }
    let count = |event: &str, id: &str| events.get(&(event, id)).copied().unwrap_or_default();
    let wrong = it.journal.accepted.iter().filter(|accepted| count(accepted.event, &accepted.id) != 1);
    let mut wrong: Vec<String> = wrong
        .map(|accepted| {
            format!("{} {} has {} events", accepted.event, accepted.id, count(accepted.event, &accepted.id))
        })
        .collect();
    // And nothing that nobody was told of: every client asks until it knows.
    let told: BTreeSet<(&str, &str)> =
        it.journal.accepted.iter().map(|accepted| (accepted.event, accepted.id.as_str())).collect();
    for event in &it.log {
        let asked = ["purchase_order.released", "acknowledgment.submitted", "shipment.submitted"];
        let key = (event.event_type.as_str(), event.subject.as_str());
        if asked.contains(&key.0) && !told.contains(&key) {
            wrong.push(format!("{} {} is in the log, and nobody was told", key.0, key.1));
        }
    }
    if it.places != i64::try_from(it.log.len()).unwrap_or_default() {
        wrong.push(format!("the log has {} places and shows {}", it.places, it.log.len()));
    }
    wrong
}

fn received(it: &Evidence) -> Vec<String> {
    let recorded = it.log.iter().filter(|event| event.event_type == "receipt.recorded").count();
    let mut wrong = Vec::new();
    if recorded != it.receipts.len() {
        wrong.push(format!("{} receipts were stated and {recorded} recorded", it.receipts.len()));
    }
    let shipped =
        it.journal.accepted.iter().filter(|accepted| accepted.event == "shipment.submitted").count();
    if it.receipts.len() != shipped {
        wrong.push(format!("{shipped} shipments were announced and {} received", it.receipts.len()));
    }
    let trouble = it.statements.conflicts + it.statements.refused;
    if trouble > 0 {
        wrong.push(format!("{trouble} statements of the WMS were refused"));
    }
    wrong
}

fn booked(books: &Books) -> String {
    format!("{} documents, {} repeats recognised", books.documents.len(), books.report.repeats)
}

/// Each event of these types has one effect, except those that the receiver dropped, and nothing else has.
fn applied(log: &[Logged], books: &Books, types: &[&str], dropped: &BTreeSet<&str>) -> Vec<String> {
    let mut effects: BTreeMap<String, usize> = BTreeMap::new();
    for document in &books.documents {
        *effects.entry(bare(&document.event_id)).or_default() += 1;
    }
    let mut wrong = Vec::new();
    for event in log.iter().filter(|event| types.contains(&event.event_type.as_str())) {
        let id = bare(&event.id);
        let (count, expected) =
            (effects.remove(&id).unwrap_or_default(), usize::from(!dropped.contains(id.as_str())));
        if count != expected {
            wrong.push(format!("{} {} has {count} effects, not {expected}", event.event_type, event.subject));
        }
    }
    wrong.extend(effects.keys().map(|id| format!("event {id} has an effect and is not in the log")));
    if books.report.duplicate_effects > 0 {
        wrong.push(format!("the receiver counts {} effects too many", books.report.duplicate_effects));
    }
    wrong
}

fn out_of_order(books: &Books) -> Vec<String> {
    let mut latest: HashMap<&str, i64> = HashMap::new();
    let mut wrong = Vec::new();
    for Document { order_id, subject, position, .. } in &books.documents {
        let order = order_id.as_deref().unwrap_or(subject);
        let before = latest.insert(order, *position);
        if before.is_some_and(|before| before >= *position) {
            wrong.push(format!("{subject} of {order} came after a later one"));
        }
    }
    if wrong.is_empty() && books.report.out_of_order > 0 {
        wrong.push(format!("the receiver counts {}", books.report.out_of_order));
    }
    wrong
}

/// Quayside found by reading back exactly what the ERP lied about, and told people of each.
fn lied(it: &Evidence) -> Vec<String> {
    let dropped: BTreeSet<&String> = it.erp.missing.union(&it.wms.missing).collect();
    let mut wrong = Vec::new();
    for event in &dropped {
        let logged = it.log.iter().find(|logged| bare(&logged.id) == **event);
        if logged.is_none_or(|logged| logged.event_type != "acknowledgment.submitted") {
            wrong.push(format!(
                "event {event} was confirmed and is not there, and nobody was told to lie about it"
            ));
        }
        if !it.found_missing.contains(*event) {
            wrong.push(format!("event {event} was dropped, and not found"));
        }
    }
    let alarms = it.found_missing.iter().filter(|event| !dropped.contains(event));
    wrong.extend(alarms.map(|event| format!("event {event} was called missing, and is there")));
    if it.exceptions != i64::try_from(it.found_missing.len()).unwrap_or_default() {
        wrong.push(format!("{} exceptions for {} missing", it.exceptions, it.found_missing.len()));
    }
    if dropped.is_empty() {
        wrong.push("nothing was dropped: the ERP was told to".to_owned());
    }
    wrong
}

fn last_line(said: &Result<String, String>) -> String {
    let (Ok(said) | Err(said)) = said;
    said.lines().last().unwrap_or_default().to_owned()
}

fn readers(it: &Evidence) -> Vec<String> {
    let log: Vec<&str> = it.log.iter().map(|event| event.cursor.as_str()).collect();
    let mut wrong = Vec::new();
    for (number, seen) in it.seen.iter().enumerate() {
        let differs = seen.cursors.iter().zip(&log).position(|(seen, logged)| seen != logged);
        if let Some(place) = differs {
            wrong.push(format!("reader {number} saw something else at place {place}"));
        } else if seen.cursors.len() != log.len() {
            wrong.push(format!("reader {number} saw {} of {} events", seen.cursors.len(), log.len()));
        }
    }
    wrong
}

fn published(it: &Evidence) -> Vec<String> {
    let log: Vec<String> = it.log.iter().map(|event| bare(&event.id)).collect();
    let stream: Vec<String> = it.published.iter().map(|id| bare(id)).collect();
    if log == stream {
        return Vec::new();
    }
    let missing = log.iter().filter(|id| !stream.contains(id)).count();
    let twice = stream.len() - stream.iter().collect::<BTreeSet<_>>().len();
    let differs = log.iter().zip(&stream).position(|(logged, published)| logged != published);
    vec![format!(
        "{} events and {} messages: {missing} missing, {twice} twice, the first difference at {differs:?}",
        log.len(),
        stream.len()
    )]
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
