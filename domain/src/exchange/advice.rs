//! What a partner's application says about the content of what we sent.
use quayside_canonical::{
    Problem, PurchaseOrderId, TradingPartnerId,
    states::{AdviceOutcome, ExceptionKind, Severity},
    syntax_report::{Advised, ApplicationAdvice, Finding, same_number},
};
use quayside_entity::{purchase_order, sent_message, trading_partner};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Heard, match_up::ever_sent};
use crate::{
    BuyerScope, Failure,
    exceptions::{self, NewException},
    scope::in_tenant,
    store::Tx,
};

/// How many messages a document's number may lead to.
const MOST: u64 = 50;

/// Lays an advice beside what we sent: whatever was not taken as it was is told as an exception, about the order where
/// it is known. What is about nothing that we know is in the problems as well.
///
/// # Errors
/// The database failed; hearing it again is safe.
pub async fn hear_advice(
    scope: &BuyerScope,
    partner: TradingPartnerId,
    advice: &ApplicationAdvice,
) -> Result<Heard, Failure> {
    let tx = scope.write().await?;
    let partner = scope
        .find::<trading_partner::Entity>()
        .filter(trading_partner::Column::Id.eq(partner))
        .one(&*tx)
        .await?;
    let Some(partner) = &partner else { return Ok(Heard::default()) };
    let mut heard = Heard::default();
    let sends = ever_sent(&tx, scope, partner.id).await?;
    for finding in &advice.findings {
        let message = find(&tx, scope, partner.id, &finding.about).await?;
        let order = match &message {
            Some(message) => message.order_id,
            None => order(&tx, scope, partner, &finding.about).await?,
        };
        match (&message, order) {
            (Some(message), _) => {
                heard.known = true;
                heard.subject = Some(message.interchange_id.to_string());
            }
            (None, Some(order)) => {
                heard.known = true;
                heard.subject.get_or_insert(order.to_string());
            }
            (None, None) if sends => heard.problems.push(unknown(advice, finding)),
            (None, None) => {}
        }
        if finding.outcome != AdviceOutcome::Accepted {
            let case = case_of(partner, advice, finding, message.as_ref(), order);
            exceptions::open(&tx, scope, case).await?;
        }
    }
    tx.commit().await?;
    Ok(heard)
}

/// By what an advice calls what it is about.
fn name_of(about: &Advised) -> Option<&String> {
    about.order.as_ref().or(about.number.as_ref()).or(about.reference.as_ref())
}

/// The message an advice is about: by its control numbers, or by the number of its document.
async fn find(
    tx: &Tx,
    scope: &BuyerScope,
    partner: TradingPartnerId,
    about: &Advised,
) -> Result<Option<sent_message::Model>, Failure> {
    use sent_message::Column;
    let of_partner =
        || in_tenant::<sent_message::Entity>(scope).filter(Column::PartnerId.eq(partner)).limit(MOST);
    if let Some(group) = &about.group {
        let bare = group.trim_start_matches('0');
        let rows = of_partner().filter(Column::GroupNumber.is_in([group.as_str(), bare])).all(&**tx).await?;
        let same = |row: &sent_message::Model| {
            about
                .message
                .as_ref()
                .is_none_or(|number| row.control_number.as_ref().is_some_and(|own| same_number(own, number)))
        };
        if let Some(row) = rows.into_iter().find(same) {
            return Ok(Some(row));
        }
    }
    let Some(number) = name_of(about) else { return Ok(None) };
    let rows = of_partner().filter(Column::Number.eq(number)).order_by_desc(Column::Id).all(&**tx).await?;
    let same_kind =
        |row: &&sent_message::Model| about.document.is_none_or(|document| row.document == document);
    Ok(rows.iter().find(same_kind).or(rows.first()).cloned())
}

/// The supplier's order an advice is about, where it was sent by somebody else.
async fn order(
    tx: &Tx,
    scope: &BuyerScope,
    partner: &trading_partner::Model,
    about: &Advised,
) -> Result<Option<PurchaseOrderId>, Failure> {
    use purchase_order::Column;
    let Some(number) = name_of(about) else { return Ok(None) };
    let order = scope
        .find::<purchase_order::Entity>()
        .filter(Column::Number.eq(number))
        .filter(Column::SupplierId.eq(partner.supplier_id))
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .one(&**tx)
        .await?;
    Ok(order)
}

fn unknown(advice: &ApplicationAdvice, finding: &Finding) -> Problem {
    let message = format!(
        "the {} {} is about {}, which we did not send",
        advice.document,
        advice.number,
        what(finding)
    );
    let field = finding.place.steps().to_vec();
    Problem { code: "UNKNOWN_REFERENCE".to_owned(), field, message }
}

/// What a finding is about, as far as it says.
fn what(finding: &Finding) -> String {
    let Advised { number, order, reference, kind, group, message, .. } = &finding.about;
    let kind = kind.as_deref().unwrap_or("document");
    match (number.as_ref().or(order.as_ref()).or(reference.as_ref()), group, message) {
        (Some(number), ..) => format!("{kind} {number}"),
        (None, Some(group), Some(message)) => format!("{kind} {message} in group {group}"),
        (None, _, Some(message)) => format!("{kind} {message}"),
        (None, ..) => format!("a {kind} it does not name"),
    }
}

fn case_of(
    partner: &trading_partner::Model,
    advice: &ApplicationAdvice,
    finding: &Finding,
    message: Option<&sent_message::Model>,
    order: Option<PurchaseOrderId>,
) -> NewException {
    let did = match finding.outcome {
        AdviceOutcome::Accepted | AdviceOutcome::AcceptedWithChange => "changed",
        AdviceOutcome::AcceptedWithErrors => "took with errors",
        AdviceOutcome::PartlyAccepted => "took only a part of",
        AdviceOutcome::Rejected => "rejected",
        AdviceOutcome::Unclear => "said something about",
    };
    let item = if finding.of_item { "an item of " } else { "" };
    let first = finding.reasons.first().map_or_else(String::new, |reason| format!(": {}", reason.words));
    let more = finding.reasons.len().saturating_sub(1);
    let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
    let subject = message
        .map(|message| message.interchange_id.to_string())
        .or_else(|| order.map(|order| order.to_string()))
        .unwrap_or_else(|| format!("{} {}", advice.document, advice.number));
    NewException {
        kind: ExceptionKind::EdiRejected,
        subject,
        supplier: Some(partner.supplier_id),
        order,
        severity: match finding.outcome {
            AdviceOutcome::Rejected | AdviceOutcome::PartlyAccepted => Severity::Error,
            _ => Severity::Warning,
        },
        summary: format!("{} {did} {item}{}{first}{more}", partner.name, what(finding)),
        detail: serde_json::json!({
            "partner": partner.id,
            "document": advice.document,
            "number": advice.number,
            "reasons": finding.reasons,
        }),
    }
}
