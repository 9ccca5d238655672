//! A supplier's answer, and whether the buyer's systems have it.
use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use quayside_canonical::{Channel, states::LineStatus};
use quayside_domain::acknowledgments::query::Answer;

use super::ChangeProposal;
use crate::{
    context::internal,
    deliveries::Delivery,
    loaders::{DeliveriesOf, OrderById, load},
    orders::{AnswerPart, PurchaseOrder},
    types::{Code, DateTime, Rows, plain::plain},
};

/// A supplier's answer to one revision. It never changes; a later one may replace it line by line.
pub struct Acknowledgment(pub Arc<Answer>);

plain! {
    /// What an answer said about one line.
    AcknowledgedLine {
        /// The line number.
        line as "line": String,
        /// What the rules made of it at the time: `ACCEPTED`, `PROPOSED` when it went to procurement, or
        /// `AWAITING_ANSWER` when it said only what becomes of some of the quantity.
        status as "status": Code<LineStatus>,
        /// The parts of the quantity.
        parts as "parts": Vec<AnswerPart>,
    }
}

#[Object]
impl Acknowledgment {
    /// Globally unique id.
    pub async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// Our number of the revision it answers.
    async fn revision(&self) -> i32 {
        self.0.row.revision
    }

    /// The supplier's own number for the order.
    async fn supplier_reference(&self) -> Option<&str> {
        self.0.row.supplier_reference.as_deref()
    }

    /// Words to the buyer.
    async fn note(&self) -> Option<&str> {
        self.0.row.note.as_deref()
    }

    /// When it was given.
    async fn submitted_at(&self) -> DateTime {
        DateTime(self.0.row.submitted_at)
    }

    /// The way it came in.
    async fn channel(&self) -> Code<Channel> {
        Code(self.0.row.channel)
    }

    /// What it says about each line.
    async fn lines(&self) -> Result<Rows<AcknowledgedLine>> {
        let in_part = self.0.in_part().map_err(|failure| internal(&failure))?;
        let proposed = |line: &str| self.0.proposals.iter().any(|proposal| proposal.line == line);
        let status = |line: &String| match proposed(line) {
            _ if in_part.contains(line) => LineStatus::AwaitingAnswer,
            true => LineStatus::Proposed,
            false => LineStatus::Accepted,
        };
        let lines = self.0.lines.iter().map(|(line, parts)| AcknowledgedLine {
            line: line.clone(),
            status: Code(status(line)),
            parts: parts.iter().cloned().map(AnswerPart::from).collect(),
        });
        Ok(Rows(lines.collect()))
    }

    /// What procurement had, or has, to decide about it.
    async fn change_proposals(&self) -> Result<Rows<ChangeProposal>> {
        let proposals = self.0.proposals.iter().map(ChangeProposal::of).collect::<Result<_, _>>();
        Ok(Rows(proposals.map_err(|failure| internal(&failure))?))
    }

    /// The order it answers.
    async fn purchase_order(&self, ctx: &Context<'_>) -> Result<Option<PurchaseOrder>> {
        Ok(load(ctx, OrderById(self.0.row.order_id)).await?.map(PurchaseOrder::new))
    }

    /// Whether the buyer's systems have it: delivered as which document and when, waiting, or refused because.
    async fn deliveries(&self, ctx: &Context<'_>) -> Result<Rows<Delivery>> {
        let deliveries = load(ctx, DeliveriesOf(self.0.row.id.to_string())).await?.unwrap_or_default();
        Ok(Rows(deliveries.into_iter().map(Delivery::from).collect()))
    }
}
