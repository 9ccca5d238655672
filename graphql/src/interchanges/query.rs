//! `interchanges`, `interchange` and `interchangeMessage`.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{
    InterchangeId, InvalidId, MessageId, Timestamp,
    states::{DocumentOutcome, EdiSyntax, InterchangeStatus},
};
use quayside_domain::interchanges::{self, InterchangeView, by_ids, list, message};

use super::{Interchange, InterchangeMessage};
use crate::{
    context::{internal, scope},
    types::{
        Code, DateTime,
        connection::{PageInfo, Paging, bad_input, cursor, place},
    },
};

/// Which interchanges. What is left out does not matter.
#[derive(Default, InputObject)]
pub struct InterchangeFilter {
    /// Only of this trading partner.
    trading_partner_id: Option<ID>,
    /// Only of this supplier.
    supplier_id: Option<ID>,
    /// Only in one of these statuses.
    status: Option<Vec<Code<InterchangeStatus>>>,
    /// Only with a message that came to this.
    outcome: Option<Code<DocumentOutcome>>,
    /// Only under this control number.
    control_number: Option<String>,
    /// Only in this syntax.
    syntax: Option<Code<EdiSyntax>>,
    /// Only received at this time or later.
    from: Option<DateTime>,
    /// Only received before this time.
    until: Option<DateTime>,
}

impl InterchangeFilter {
    fn checked(self) -> Result<interchanges::InterchangeFilter> {
        let bad = |error: InvalidId| bad_input(&error.to_string());
        Ok(interchanges::InterchangeFilter {
            partner: self.trading_partner_id.map(|id| id.parse()).transpose().map_err(bad)?,
            supplier: self.supplier_id.map(|id| id.parse()).transpose().map_err(bad)?,
            statuses: self.status.unwrap_or_default().into_iter().map(|code| code.0).collect(),
            outcome: self.outcome.map(|code| code.0),
            control_number: self.control_number,
            syntax: self.syntax.map(|code| code.0),
            from: self.from.map(|time| time.0),
            until: self.until.map(|time| time.0),
        })
    }
}

/// A page of interchanges.
#[derive(SimpleObject)]
pub struct InterchangeConnection {
    /// The interchanges.
    nodes: Vec<Interchange>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// Queries about EDI, of procurement and of the supplier whose it is.
#[derive(Default)]
pub struct InterchangeQuery;

#[Object]
impl InterchangeQuery {
    /// The interchanges that came in, the last first.
    async fn interchanges(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Which ones")] filter: Option<InterchangeFilter>,
    ) -> Result<InterchangeConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after: Option<(Timestamp, InterchangeId)> = paging.after.as_deref().map(place).transpose()?;
        let filter = filter.unwrap_or_default().checked()?;
        let found = list(scope, &filter, after, u64::from(paging.size) + 1).await;
        let mut found = found.map_err(|failure| internal(&failure))?;
        let mut page_info = paging.cut(&mut found);
        let at = |view: &InterchangeView| cursor(view.row.received_at, view.row.id);
        page_info.start_cursor = found.first().map(at);
        page_info.end_cursor = found.last().map(at);
        Ok(InterchangeConnection { nodes: found.into_iter().map(Interchange).collect(), page_info })
    }

    /// One interchange; nothing when there is none of this id for you.
    async fn interchange(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Interchange>> {
        let scope = scope(ctx)?;
        let Ok(id) = id.parse::<InterchangeId>() else { return Ok(None) };
        let found = by_ids(scope, &[id]).await.map_err(|failure| internal(&failure))?;
        Ok(found.into_iter().next().map(Interchange))
    }

    /// One message of an interchange; nothing when there is none of this id for you.
    async fn interchange_message(&self, ctx: &Context<'_>, id: ID) -> Result<Option<InterchangeMessage>> {
        let scope = scope(ctx)?;
        let Ok(id) = id.parse::<MessageId>() else { return Ok(None) };
        let found = message(scope, id).await.map_err(|failure| internal(&failure))?;
        Ok(found.map(InterchangeMessage))
    }
}
