//! `sentInterchanges` and `sentInterchange`: what was sent to a trading partner, and what it said to it.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{
    InvalidId, SentInterchangeId,
    states::{DeliveryStatus, EdiDocument, EdiSyntax, SentStatus, SyntaxVerdict},
};
use quayside_domain::exchange::{self, SentFilter, SentView};
use quayside_entity::sent_message;

use crate::{
    context::{internal, scope},
    types::{
        Code, DateTime, Row, Rows,
        connection::{PageInfo, Paging, bad_input, cursor, place},
        plain::plain,
    },
};

/// Which interchanges. What is left out does not matter.
#[derive(Debug, Default, InputObject)]
pub struct SentInterchangeFilter {
    /// Only to this trading partner.
    trading_partner_id: Option<ID>,
    /// Only to this supplier.
    supplier_id: Option<ID>,
    /// Only in one of these statuses.
    status: Option<Vec<Code<SentStatus>>>,
    /// Only under this control number.
    control_number: Option<String>,
    /// Only with something about this purchase order.
    purchase_order_id: Option<ID>,
}

impl SentInterchangeFilter {
    fn checked(self) -> Result<SentFilter> {
        let bad = |error: InvalidId| bad_input(&error.to_string());
        Ok(SentFilter {
            partner: self.trading_partner_id.map(|id| id.parse()).transpose().map_err(bad)?,
            supplier: self.supplier_id.map(|id| id.parse()).transpose().map_err(bad)?,
            statuses: self.status.unwrap_or_default().into_iter().map(|code| code.0).collect(),
            control_number: self.control_number,
            order: self.purchase_order_id.map(|id| id.parse()).transpose().map_err(bad)?,
        })
    }
}

/// An interchange that was made for a trading partner.
pub struct SentInterchange(pub(crate) SentView);

#[Object]
impl SentInterchange {
    /// Globally unique id.
    async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// The trading partner it is for.
    async fn trading_partner_id(&self) -> ID {
        ID(self.0.row.partner_id.to_string())
    }

    /// What the buyer calls the trading partner.
    async fn trading_partner(&self) -> &str {
        &self.0.partner
    }

    /// The partner's supplier.
    async fn supplier_id(&self) -> ID {
        ID(self.0.row.supplier_id.to_string())
    }

    /// Its control number: `ISA13`, or UNB 0020.
    async fn control_number(&self) -> &str {
        &self.0.row.control_number
    }

    /// The standard.
    async fn syntax(&self) -> Code<EdiSyntax> {
        Code(self.0.row.syntax)
    }

    /// Where it stands.
    async fn status(&self) -> Code<SentStatus> {
        Code(self.0.row.status)
    }

    /// What the partner's system said about its envelope.
    async fn verdict(&self) -> Option<Code<SyntaxVerdict>> {
        self.0.row.verdict.map(Code)
    }

    /// The name of the file it is, where it is one.
    async fn file_name(&self) -> &str {
        &self.0.row.file_name
    }

    /// Its media type.
    async fn media_type(&self) -> &str {
        &self.0.row.media_type
    }

    /// When it was made.
    async fn composed_at(&self) -> DateTime {
        DateTime(self.0.row.composed_at)
    }

    /// When the partner got it.
    async fn sent_at(&self) -> Option<DateTime> {
        self.0.row.sent_at.map(DateTime)
    }

    /// Until when the partner's system is to confirm it, where it has to.
    async fn confirm_by(&self) -> Option<DateTime> {
        self.0.row.confirm_by.map(DateTime)
    }

    /// When the partner's system last said something to it.
    async fn answered_at(&self) -> Option<DateTime> {
        self.0.row.answered_at.map(DateTime)
    }

    /// How it gets there. Nothing while that is being found out, or when it is long done.
    async fn delivery(&self) -> Option<Row<SentDelivery>> {
        let delivery = self.0.delivery.as_ref()?;
        Some(Row(SentDelivery {
            id: ID(delivery.id.to_string()),
            status: Code(delivery.status),
            attempts: delivery.attempts,
            finished_at: delivery.finished_at.map(DateTime),
        }))
    }

    /// What is in it, in its order.
    async fn documents(&self, ctx: &Context<'_>) -> Result<Rows<SentDocument>> {
        let found = exchange::messages_of(scope(ctx)?, &[self.0.row.id]).await;
        let found = found.map_err(|failure| internal(&failure))?;
        let documents: Result<Vec<_>, _> = found.into_iter().map(SentDocument::new).collect();
        Ok(Rows(documents.map_err(|failure| internal(&failure))?))
    }

    /// Its text, character for character as it was sent.
    async fn content(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let bytes = exchange::raw(scope(ctx)?, self.0.row.id).await.map_err(|failure| internal(&failure))?;
        Ok(bytes.map(|bytes| match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
        }))
    }
}

plain! {
    /// How an interchange gets to the partner.
    SentDelivery {
        /// The delivery's id.
        id as "id": ID,
        /// Where it stands.
        status as "status": Code<DeliveryStatus>,
        /// How often it was tried since it was last put in line.
        attempts as "attempts": i32,
        /// When it was delivered, given up or skipped.
        finished_at as "finishedAt": Option<DateTime>,
    }
}

plain! {
    /// A document in an interchange.
    SentDocument {
        /// Globally unique id.
        id as "id": ID,
        /// What it is.
        document as "document": Code<EdiDocument>,
        /// The same by its name in the standard: `850`, `ORDERS`, `TA1`.
        kind as "type": String,
        /// The number people know it by: of the order, of the receipt.
        number as "number": Option<String>,
        /// The purchase order it tells of.
        purchase_order_id as "purchaseOrderId": Option<ID>,
        /// Which revision of it.
        revision as "revision": Option<i32>,
        /// The control number of its group: `GS06`.
        group_number as "groupNumber": Option<String>,
        /// Its own control number: `ST02`, or UNH 0062.
        control_number as "controlNumber": Option<String>,
        /// What the partner's system said about its form.
        verdict as "verdict": Option<Code<SyntaxVerdict>>,
        /// What the partner's system found wrong with it, in words.
        faults as "faults": Vec<String>,
    }
}

impl SentDocument {
    fn new(row: sent_message::Model) -> Result<Self, quayside_domain::Failure> {
        Ok(Self {
            id: ID(row.id.to_string()),
            document: Code(row.document),
            kind: row.message_type,
            number: row.number,
            purchase_order_id: row.order_id.map(|order| ID(order.to_string())),
            revision: row.revision,
            group_number: row.group_number,
            control_number: row.control_number,
            verdict: row.verdict.map(Code),
            faults: serde_json::from_str(&row.faults)?,
        })
    }
}

/// A page of interchanges.
#[derive(SimpleObject)]
pub struct SentInterchangeConnection {
    /// The interchanges.
    nodes: Vec<SentInterchange>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// Queries about what was sent by EDI.
#[derive(Default)]
pub struct SentInterchangeQuery;

#[Object]
impl SentInterchangeQuery {
    /// What was sent to trading partners, the newest first. A supplier sees what was sent to it.
    async fn sent_interchanges(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Which ones")] filter: Option<SentInterchangeFilter>,
    ) -> Result<SentInterchangeConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after = paging.after.as_deref().map(place::<SentInterchangeId>).transpose()?;
        let filter = filter.unwrap_or_default().checked()?;
        let listed = exchange::list(scope, &filter, after, u64::from(paging.size) + 1).await;
        let mut found = listed.map_err(|failure| internal(&failure))?;
        let mut page_info = paging.cut(&mut found);
        let at = |view: &SentView| cursor(view.row.composed_at, view.row.id);
        page_info.start_cursor = found.first().map(at);
        page_info.end_cursor = found.last().map(at);
        Ok(SentInterchangeConnection { nodes: found.into_iter().map(SentInterchange).collect(), page_info })
    }

    /// One interchange that was sent; nothing when there is none of this id for you.
    async fn sent_interchange(&self, ctx: &Context<'_>, id: ID) -> Result<Option<SentInterchange>> {
        let scope = scope(ctx)?;
        let Ok(id) = id.parse::<SentInterchangeId>() else { return Ok(None) };
        let mut found = exchange::by_ids(scope, &[id]).await.map_err(|failure| internal(&failure))?;
        Ok(found.pop().map(SentInterchange))
    }
}
