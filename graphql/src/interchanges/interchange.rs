//! An interchange in the schema.
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use quayside_canonical::{
    Channel,
    states::{EdiSyntax, EdiWay, InterchangeStatus},
};
use quayside_domain::interchanges::{InterchangeView, messages_of};

use super::{InterchangeMessage, InterchangeParty, InterchangeProblem, all};
use crate::{
    context::{internal, scope},
    types::{
        Code, DateTime, Row, Rows,
        connection::{PageInfo, Paging, bad_input},
    },
};

/// One envelope of EDI, with the messages in it.
#[derive(Clone)]
pub struct Interchange(pub InterchangeView);

/// A page of an interchange's messages.
#[derive(SimpleObject)]
pub struct InterchangeMessageConnection {
    /// The messages, in their order.
    nodes: Vec<InterchangeMessage>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

#[Object]
impl Interchange {
    /// Globally unique id.
    pub async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// The file or request it came in, which may hold several.
    async fn file_id(&self) -> ID {
        ID(self.0.file.id.to_string())
    }

    /// What the file or the message it came in was called, where that is known. Procurement sees it.
    async fn file_name(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let is_buyer = scope(ctx)?.supplier.is_none();
        Ok(self.0.file.name.as_deref().filter(|_| is_buyer))
    }

    /// The way it came in.
    async fn channel(&self) -> Code<Channel> {
        Code(self.0.file.channel)
    }

    /// The connection that brought it, where one did. Procurement sees it.
    async fn connection_id(&self, ctx: &Context<'_>) -> Result<Option<ID>> {
        let is_buyer = scope(ctx)?.supplier.is_none();
        Ok(self.0.file.connection_id.filter(|_| is_buyer).map(|id| ID(id.to_string())))
    }

    /// The trading partner whose it is. None where nobody is known by its sender.
    async fn trading_partner_id(&self) -> Option<ID> {
        self.0.row.partner_id.map(|id| ID(id.to_string()))
    }

    /// The partner's supplier.
    async fn supplier_id(&self) -> Option<ID> {
        self.0.row.supplier_id.map(|id| ID(id.to_string()))
    }

    /// Its standard. None where nothing in the file could be an interchange.
    async fn syntax(&self) -> Option<Code<EdiSyntax>> {
        self.0.row.syntax.map(Code)
    }

    /// Which way it goes, where its envelope tells: `OUT` for a copy of what the buyer sent.
    async fn way(&self) -> Option<Code<EdiWay>> {
        self.0.row.way.map(Code)
    }

    /// Who sent it: ISA05 and ISA06, or UNB S002.
    async fn sender(&self) -> Option<Row<InterchangeParty>> {
        let (qualifier, id) = (self.0.row.sender_qualifier.clone()?, self.0.row.sender.clone()?);
        Some(Row(InterchangeParty { qualifier, id }))
    }

    /// For whom it is: ISA07 and ISA08, or UNB S003.
    async fn receiver(&self) -> Option<Row<InterchangeParty>> {
        let (qualifier, id) = (self.0.row.receiver_qualifier.clone()?, self.0.row.receiver.clone()?);
        Some(Row(InterchangeParty { qualifier, id }))
    }

    /// The sender's number of it: ISA13, or UNB 0020.
    async fn control_number(&self) -> Option<&str> {
        self.0.row.control_number.as_deref()
    }

    /// `P` for real data, `T` for trial data.
    async fn usage(&self) -> Option<&str> {
        self.0.row.usage.as_deref()
    }

    /// How many bytes it has.
    async fn size_bytes(&self) -> i32 {
        i32::try_from(self.0.row.byte_length).unwrap_or(i32::MAX)
    }

    /// What became of it.
    async fn status(&self) -> Code<InterchangeStatus> {
        Code(self.0.row.status)
    }

    /// How many messages it has, once it is dealt with.
    async fn message_count(&self) -> i32 {
        self.0.row.messages
    }

    /// How many of them were refused.
    async fn refused_count(&self) -> i32 {
        self.0.row.refused
    }

    /// What is wrong with its envelopes.
    async fn problems(&self) -> Rows<InterchangeProblem> {
        all(&self.0.problems)
    }

    /// What about them should be known.
    async fn warnings(&self) -> Rows<InterchangeProblem> {
        all(&self.0.warnings)
    }

    /// When it came in.
    async fn received_at(&self) -> DateTime {
        DateTime(self.0.row.received_at)
    }

    /// When it was dealt with to the end.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.row.finished_at.map(DateTime)
    }

    /// Where its bytes are to be had, as they came.
    async fn raw_path(&self) -> String {
        format!("/files/interchanges/{}", self.0.row.id)
    }

    /// Its messages, in their order.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
    ) -> Result<InterchangeMessageConnection> {
        let paging = Paging::new(Some(first), None, after, None)?;
        let after = paging.after.as_deref().map(str::parse::<i32>).transpose();
        let after = after.map_err(|_| bad_input("the cursor is not one of this list"))?.unwrap_or(0);
        let limit = u64::from(paging.size) + 1;
        let found = messages_of(scope(ctx)?, self.0.row.id, after, limit).await;
        let mut found = found.map_err(|failure| internal(&failure))?;
        let mut page_info = paging.cut(&mut found);
        page_info.start_cursor = found.first().map(|message| message.row.place.to_string());
        page_info.end_cursor = found.last().map(|message| message.row.place.to_string());
        Ok(InterchangeMessageConnection {
            nodes: found.into_iter().map(InterchangeMessage).collect(),
            page_info,
        })
    }
}
