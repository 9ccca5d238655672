//! `exceptions` and `exception`: what went wrong, as far as the caller may see it.
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{
    ExceptionId, Timestamp, UserId,
    identity::Role,
    states::{ExceptionKind, ExceptionStatus, Severity},
};
use quayside_domain::exceptions::{Filter, ListError, OwnerFilter, assignees, list};
use quayside_entity::exception_case;

use super::{ExceptionCase, loaders::ExceptionById};
use crate::{
    context::{buyer_scope, coded, internal, scope},
    identity::Door,
    loaders::load,
    types::{
        Code, Rows,
        connection::{PageInfo, Paging, bad_input},
        plain::plain,
    },
};

/// Whose exceptions.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
pub enum ExceptionOwnerFilter {
    /// Yours: on the supplier's side your supplier's.
    Me,
    /// Procurement's as a whole.
    Procurement,
    /// A supplier's.
    Supplier,
}

/// Which exceptions. What is left out does not matter.
#[derive(Debug, Default, InputObject)]
pub struct ExceptionFilter {
    /// Only in this status.
    status: Option<Code<ExceptionStatus>>,
    /// Only those that are not resolved, or only those that are.
    open: Option<bool>,
    /// Only of this kind.
    kind: Option<Code<ExceptionKind>>,
    /// Only those that bad.
    severity: Option<Code<Severity>>,
    /// Only about this supplier.
    supplier_id: Option<ID>,
    /// Only about this order.
    order_id: Option<ID>,
    /// Only of this owner.
    owner: Option<ExceptionOwnerFilter>,
    /// Only of this person of the buyer's; `owner` is left out then.
    person_id: Option<ID>,
    /// Only those that are overdue, or only those that are not.
    overdue: Option<bool>,
}

impl ExceptionFilter {
    fn checked(self) -> Result<Filter> {
        let bad = |error: quayside_canonical::InvalidId| bad_input(&error.to_string());
        let person = self.person_id.map(|id| id.parse::<UserId>()).transpose().map_err(bad)?;
        let owner = match (self.owner, person) {
            (Some(_), Some(_)) => return Err(bad_input("give either `owner` or `personId`")),
            (None, Some(person)) => Some(OwnerFilter::Person(person)),
            (Some(ExceptionOwnerFilter::Me), None) => Some(OwnerFilter::Me),
            (Some(ExceptionOwnerFilter::Procurement), None) => Some(OwnerFilter::Procurement),
            (Some(ExceptionOwnerFilter::Supplier), None) => Some(OwnerFilter::Supplier),
            (None, None) => None,
        };
        Ok(Filter {
            status: self.status.map(|code| code.0),
            open: self.open,
            kind: self.kind.map(|code| code.0),
            severity: self.severity.map(|code| code.0),
            supplier: self.supplier_id.map(|id| id.parse()).transpose().map_err(bad)?,
            order: self.order_id.map(|id| id.parse()).transpose().map_err(bad)?,
            owner,
            overdue: self.overdue,
        })
    }
}

/// A page of exceptions.
#[derive(SimpleObject)]
pub struct ExceptionConnection {
    /// The exceptions.
    nodes: Vec<ExceptionCase>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

plain! {
    /// A person of the buyer's who may see to exceptions.
    ExceptionAssignee {
        /// The person's id.
        id as "id": ID,
        /// The person's name.
        name as "name": String,
        /// As what.
        role as "role": Code<Role>,
    }
}

/// Queries about exceptions.
#[derive(Default)]
pub struct ExceptionQuery;

#[Object]
impl ExceptionQuery {
    /// What went wrong, the newest first. A supplier sees what concerns it.
    async fn exceptions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Only in this status; the same as in `filter`")] status: Option<
            Code<ExceptionStatus>,
        >,
        #[graphql(desc = "Only of this kind; the same as in `filter`")] kind: Option<Code<ExceptionKind>>,
        #[graphql(desc = "Which ones")] filter: Option<ExceptionFilter>,
    ) -> Result<ExceptionConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after = paging.after.as_deref().map(key).transpose()?;
        let mut filter = filter.unwrap_or_default().checked()?;
        filter.status = filter.status.or(status.map(|code| code.0));
        filter.kind = filter.kind.or(kind.map(|code| code.0));
        let listed = list(scope, &filter, after, u64::from(paging.size) + 1).await;
        let mut rows = listed.map_err(list_error)?;
        let mut page_info = paging.cut(&mut rows);
        page_info.start_cursor = rows.first().map(cursor);
        page_info.end_cursor = rows.last().map(cursor);
        Ok(ExceptionConnection { nodes: rows.into_iter().map(ExceptionCase).collect(), page_info })
    }

    /// An exception; nothing when there is none of this id for you.
    async fn exception(&self, ctx: &Context<'_>, id: ID) -> Result<Option<ExceptionCase>> {
        scope(ctx)?;
        let Ok(id) = id.parse::<ExceptionId>() else { return Ok(None) };
        Ok(load(ctx, ExceptionById(id)).await?.map(ExceptionCase))
    }

    /// Whom an exception can be given to on the buyer's side.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn exception_assignees(&self, ctx: &Context<'_>) -> Result<Rows<ExceptionAssignee>> {
        let (scope, door) = (buyer_scope(ctx)?, ctx.data::<Door>()?);
        let people = assignees(&door.system, &scope).await.map_err(list_error)?;
        let shown = people.into_iter().map(|one| ExceptionAssignee {
            id: ID(one.id.to_string()),
            name: one.name,
            role: Code(one.role),
        });
        Ok(Rows(shown.collect()))
    }
}

fn list_error(error: ListError) -> async_graphql::Error {
    match error {
        ListError::Forbidden => coded("FORBIDDEN", error.to_string()),
        ListError::Internal(failure) => internal(&failure),
    }
}

fn cursor(row: &exception_case::Model) -> String {
    format!("{:x}.{}", row.opened_at.micros(), row.id)
}

fn key(cursor: &str) -> Result<(Timestamp, ExceptionId)> {
    let parsed = cursor.split_once('.').and_then(|(micros, id)| {
        Some((Timestamp::from_micros(i64::from_str_radix(micros, 16).ok()?), id.parse().ok()?))
    });
    parsed.ok_or_else(|| bad_input("the cursor is not one of this list"))
}
