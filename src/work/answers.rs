//! Answers to interchanges that came in from partners in EXCHANGE mode: whether they are right in form, and why a
//! message that is was refused in substance.
//!
//! Nothing is noted when an interchange comes in but the event that it is through. Whoever follows the log asks then what
//! it came to, and so nothing is lost with a process that dies in between.
use quayside_canonical::{
    Actor, Channel, Problems, Timestamp,
    events::InterchangeReceived,
    states::{EdiDocument, EdiWay, ExchangePurpose, MessageStage},
};
use quayside_connectors::edi::outgoing::{self, Draft, Objection};
use quayside_domain::{
    Failure, SystemScope,
    exchange::{self, About, Composed, Occasion, Partner, Plan, Told},
    interchanges::is_refused,
    scope::Origin,
};

use super::composer::Mail;
use crate::ingest::edi::outcome::{Acknowledgment, MessageOutcome, Outcome, outcome};

/// Messages that are answers themselves: two systems must not answer each other for ever.
const ANSWERS: [&str; 5] = ["824", "997", "999", "APERAK", "CONTRL"];

/// Answers the interchange that `occasion` is about, if it is the partner's.
pub(super) async fn answer(
    system: &SystemScope,
    partner: &Partner,
    occasion: &Occasion,
    only: Option<ExchangePurpose>,
) -> Result<Vec<Composed>, Failure> {
    let news: InterchangeReceived = serde_json::from_str(&occasion.event.payload)?;
    let confirms = partner.gets(EdiDocument::SyntaxReport) && only != Some(ExchangePurpose::Advice);
    let advises = partner.gets(EdiDocument::ApplicationAdvice)
        && partner.agreement.application_advice
        && only != Some(ExchangePurpose::Confirmation);
    if news.partner != partner.row.id || !(confirms || advises) {
        return Ok(Vec::new());
    }
    let scope = system.in_tenant(partner.row.tenant_id, Actor::System, &Origin::new(Channel::System));
    let Some(outcome) = outcome(&scope, news.interchange).await? else { return Ok(Vec::new()) };
    if outcome.way == Some(EdiWay::Out) {
        return Ok(Vec::new()); // a copy of what the tenant's own translator sent
    }
    let about = About { number: outcome.control_number.clone(), subject: Some(news.interchange.to_string()) };
    let mut composed = Vec::new();
    if confirms {
        let drafts = confirmation(&outcome, partner);
        if !drafts.is_empty() {
            let about = vec![about.clone(); drafts.len()];
            let made = Ok((drafts, about));
            composed.push(send(system, partner, occasion, ExchangePurpose::Confirmation, made).await?);
        }
    }
    if advises {
        let refused: Vec<&MessageOutcome> = outcome.messages.iter().filter(|it| is_for_advice(it)).collect();
        if !refused.is_empty() {
            let made = advice(&outcome, &refused, partner, system.now(), &about);
            composed.push(send(system, partner, occasion, ExchangePurpose::Advice, made).await?);
        }
    }
    Ok(composed)
}

/// Right in form, and refused in substance.
fn is_for_advice(message: &MessageOutcome) -> bool {
    let result = &message.result;
    is_refused(result.outcome)
        && result.stage != MessageStage::Received
        && !ANSWERS.contains(&result.message_type.as_str())
}

fn confirmation(outcome: &Outcome, partner: &Partner) -> Vec<Draft> {
    match &outcome.acknowledgment {
        Acknowledgment::None => Vec::new(),
        Acknowledgment::X12 { interchange, is_owed, groups } => {
            let envelope = interchange.as_ref().map(|answer| (answer, *is_owed));
            outgoing::acknowledge_x12(envelope, groups.clone(), &partner.agreement)
        }
        Acknowledgment::Edifact(report) => {
            let report = report.clone();
            report
                .and_then(|report| outgoing::acknowledge_edifact(report, &partner.agreement))
                .into_iter()
                .collect()
        }
    }
}

fn advice(
    outcome: &Outcome,
    refused: &[&MessageOutcome],
    partner: &Partner,
    at: Timestamp,
    about: &About,
) -> Result<(Vec<Draft>, Vec<About>), Problems> {
    let control = outcome.control_number.as_deref().unwrap_or_default();
    let control: String = control.chars().take(14).collect();
    let mut drafts = Vec::with_capacity(refused.len());
    let mut abouts = Vec::with_capacity(refused.len());
    for message in refused {
        let result = &message.result;
        let objection = Objection {
            number: format!("{control}-{}", message.place),
            kind: result.message_type.clone(),
            about: message.document.clone(),
            group: result.group.clone(),
            message: result.control_number.clone(),
            problems: result.problems.clone(),
            at,
        };
        drafts.push(outgoing::advise(&objection, &partner.agreement)?);
        abouts.push(About { number: message.document.clone(), subject: about.subject.clone() });
    }
    Ok((drafts, abouts))
}

async fn send(
    system: &SystemScope,
    partner: &Partner,
    occasion: &Occasion,
    purpose: ExchangePurpose,
    made: Result<(Vec<Draft>, Vec<About>), Problems>,
) -> Result<Composed, Failure> {
    let name = match purpose {
        ExchangePurpose::Advice => "The refusal of an interchange",
        ExchangePurpose::Confirmation | ExchangePurpose::Document => "The confirmation of an interchange",
    };
    let plan = Plan { partner, occasion, purpose, order: None, name };
    let draft = |_: &Told| {
        let (drafts, about) = made.clone()?;
        Ok(Some((Mail::new(partner, drafts, system.now()), about)))
    };
    exchange::compose(system, plan, draft).await
}
