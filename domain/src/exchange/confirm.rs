//! What a partner's system says about the syntax of what we sent.
use quayside_canonical::{
    Problem, Problems, TradingPartnerId,
    events::{InterchangeConfirmed, InterchangeRejected},
    states::{ExceptionKind, SentStatus, Severity, SyntaxVerdict},
    syntax_report::{SentMessage, SyntaxFault, SyntaxReport, same_number},
};
use quayside_entity::{sent_interchange, sent_message};
use sea_orm::{ActiveModelTrait, Set};

use super::{
    Heard,
    match_up::{by_group, by_number, ever_sent, messages, named},
};
use crate::{
    BuyerScope, Failure, exceptions,
    outbox::{self, About, Fact},
    store::Tx,
};

/// Lays a report beside what we sent. What it takes closes the matter, what it rejects is told as an exception; the
/// last word counts. What it is about that we do not know is in the problems, except from a partner that we never
/// sent anything: its reports answer somebody else.
///
/// # Errors
/// The database failed; hearing it again is safe.
pub async fn hear_report(
    scope: &BuyerScope,
    partner: TradingPartnerId,
    report: &SyntaxReport,
) -> Result<Heard, Failure> {
    let tx = scope.write().await?;
    let numbers: Vec<&str> = report.interchange.iter().map(|found| found.number.as_str()).collect();
    let groups: Vec<&str> = report.groups.iter().map(|group| group.number.as_str()).collect();
    let mut sent = by_number(&tx, scope, partner, &numbers).await?;
    if report.interchange.is_none() {
        sent = by_group(&tx, scope, partner, &groups).await?;
    }
    let ids: Vec<_> = sent.iter().map(|row| row.id).collect();
    let all = messages(&tx, scope, &ids).await?;
    let mut heard = Heard::default();
    for row in &sent {
        let own: Vec<&sent_message::Model> = all.iter().filter(|it| it.interchange_id == row.id).collect();
        if judge(&tx, scope, row, &own, report).await? {
            heard.known = true;
            heard.subject = Some(row.id.to_string());
        }
    }
    if !heard.known {
        heard.problems = unknown(report);
        if !ever_sent(&tx, scope, partner).await? {
            heard.problems.clear();
        }
    }
    tx.commit().await?;
    Ok(heard)
}

fn unknown(report: &SyntaxReport) -> Vec<Problem> {
    let interchange = report.interchange.iter().map(|found| format!("interchange {}", found.number));
    let groups = report.groups.iter().map(|group| match &group.kind {
        Some(kind) => format!("group {} ({kind})", group.number),
        None => format!("group {}", group.number),
    });
    let what: Vec<String> = interchange.chain(groups).collect();
    let words = format!("the {} is about {}, which we did not send", report.document, what.join(", "));
    Problems::one("UNKNOWN_REFERENCE", &report.place, words).into_vec()
}

/// What the report says about one interchange. False when it says nothing about it.
async fn judge(
    tx: &Tx,
    scope: &BuyerScope,
    row: &sent_interchange::Model,
    own: &[&sent_message::Model],
    report: &SyntaxReport,
) -> Result<bool, Failure> {
    let of_envelope = report.interchange.as_ref().map(|found| found.verdict);
    let mut verdicts = Vec::with_capacity(own.len());
    let (mut touched, mut faults) = (of_envelope.is_some(), Vec::new());
    for message in own {
        let sent = as_sent(row, message);
        let said = report.verdict_on(sent);
        let verdict = said.or(message.verdict);
        verdicts.push(verdict);
        if said.is_none() {
            continue;
        }
        touched = true;
        let found = faults_of(report, sent);
        sent_message::ActiveModel {
            id: Set(message.id),
            verdict: Set(verdict),
            faults: Set(serde_json::to_string(&found)?),
            ..Default::default()
        }
        .update(&**tx)
        .await?;
        if verdict == Some(SyntaxVerdict::Rejected) {
            faults.push(((*message).clone(), found));
        }
    }
    if !touched {
        return Ok(false);
    }
    let status = status_of(row.status, of_envelope, &verdicts);
    sent_interchange::ActiveModel {
        id: Set(row.id),
        status: Set(status),
        verdict: Set(of_envelope.or(row.verdict)),
        answered_at: Set(Some(scope.now)),
        ..Default::default()
    }
    .update(&**tx)
    .await?;
    if status != row.status {
        let kinds: Vec<String> = own.iter().map(|message| message.message_type.clone()).collect();
        let order = own.iter().find_map(|message| message.order_id);
        let about = About { subject: row.id.to_string(), supplier: Some(row.supplier_id), order };
        outbox::append(tx, scope, fact(about, row, status, kinds, report)?.into_iter().collect()).await?;
    }
    tell(tx, scope, row, status, report, &faults).await?;
    Ok(true)
}

/// What happened, when it is settled one way or the other.
fn fact(
    about: About,
    row: &sent_interchange::Model,
    status: SentStatus,
    messages: Vec<String>,
    report: &SyntaxReport,
) -> Result<Option<Fact>, Failure> {
    let (interchange, partner, control_number) = (row.id, row.partner_id, row.control_number.clone());
    let document = report.document.clone();
    Ok(match status {
        SentStatus::Confirmed => {
            let event =
                InterchangeConfirmed { interchange, partner, control_number, messages, report: document };
            Some(Fact::new(about, &event)?)
        }
        SentStatus::Rejected => {
            let faults = report.faults().map(|fault| fault.words.clone()).collect();
            let event = InterchangeRejected {
                interchange,
                partner,
                control_number,
                messages,
                report: document,
                faults,
            };
            Some(Fact::new(about, &event)?)
        }
        SentStatus::Composed | SentStatus::Sent | SentStatus::Overdue => None,
    })
}

fn as_sent<'a>(row: &'a sent_interchange::Model, message: &'a sent_message::Model) -> SentMessage<'a> {
    SentMessage {
        interchange: &row.control_number,
        group_kind: message.group_kind.as_deref(),
        group: message.group_number.as_deref(),
        message: message.control_number.as_deref().unwrap_or_default(),
    }
}

/// An envelope that merely arrived leaves open what becomes of the messages in it.
fn status_of(
    now: SentStatus,
    envelope: Option<SyntaxVerdict>,
    verdicts: &[Option<SyntaxVerdict>],
) -> SentStatus {
    use SyntaxVerdict::{Accepted, AcceptedWithErrors, Rejected};
    let rejected = envelope == Some(Rejected) || verdicts.contains(&Some(Rejected));
    let taken = |verdict: &Option<SyntaxVerdict>| matches!(verdict, Some(Accepted | AcceptedWithErrors));
    match rejected {
        true => SentStatus::Rejected,
        false if !verdicts.is_empty() && verdicts.iter().all(taken) => SentStatus::Confirmed,
        false => now,
    }
}

/// What the report finds wrong with a message, and with what is around it.
fn faults_of(report: &SyntaxReport, sent: SentMessage<'_>) -> Vec<String> {
    let around = report.interchange.iter().flat_map(|found| &found.faults);
    let is_its = |number: &str, kind: Option<&str>| {
        sent.group.is_some_and(|group| same_number(number, group))
            && kind.zip(sent.group_kind).is_none_or(|(one, other)| one == other)
    };
    let group = report.groups.iter().find(|group| is_its(&group.number, group.kind.as_deref()));
    let messages = group.map_or(report.messages.as_slice(), |group| group.messages.as_slice());
    let named = messages.iter().filter(|message| same_number(&message.number, sent.message));
    let inside = named.flat_map(|message| &message.faults);
    let of_group = group.into_iter().flat_map(|group| &group.faults);
    around.chain(of_group).chain(inside).map(|fault: &SyntaxFault| fault.words.clone()).collect()
}

async fn tell(
    tx: &Tx,
    scope: &BuyerScope,
    row: &sent_interchange::Model,
    status: SentStatus,
    report: &SyntaxReport,
    rejected: &[(sent_message::Model, Vec<String>)],
) -> Result<(), Failure> {
    let subject = [row.id.to_string()];
    if status != row.status || status == SentStatus::Rejected {
        let words = format!("The partner answered by {}.", report.document);
        exceptions::resolve_many(tx, scope, ExceptionKind::EdiUnconfirmed, &subject, &words).await?;
    }
    match status {
        SentStatus::Confirmed => {
            let words = format!("The partner took it by {}.", report.document);
            exceptions::resolve_many(tx, scope, ExceptionKind::EdiRejected, &subject, &words).await?;
        }
        SentStatus::Rejected => {
            exceptions::open(tx, scope, case_of(row, report, rejected)).await?;
        }
        SentStatus::Composed | SentStatus::Sent | SentStatus::Overdue => {}
    }
    Ok(())
}

fn case_of(
    row: &sent_interchange::Model,
    report: &SyntaxReport,
    rejected: &[(sent_message::Model, Vec<String>)],
) -> exceptions::NewException {
    let messages: Vec<sent_message::Model> = rejected.iter().map(|(message, _)| message.clone()).collect();
    let what =
        if messages.is_empty() { format!("interchange {}", row.control_number) } else { named(&messages) };
    let first = rejected.iter().flat_map(|(_, faults)| faults).next().cloned();
    let first = first.or_else(|| report.faults().next().map(|fault| fault.words.clone()));
    let why = first.map_or_else(String::new, |why| format!(": {why}"));
    let detail: Vec<_> = rejected
        .iter()
        .map(|(message, faults)| {
            serde_json::json!({
                "type": message.message_type,
                "controlNumber": message.control_number,
                "number": message.number,
                "faults": faults,
            })
        })
        .collect();
    exceptions::NewException {
        kind: ExceptionKind::EdiRejected,
        subject: row.id.to_string(),
        supplier: Some(row.supplier_id),
        order: messages.iter().find_map(|message| message.order_id),
        severity: Severity::Error,
        summary: format!("The partner rejected {what} by {}{why}", report.document),
        detail: serde_json::json!({
            "partner": row.partner_id,
            "controlNumber": row.control_number,
            "messages": detail,
        }),
    }
}
