//! Exceptions in the schema.
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use quayside_canonical::{
    ExceptionId, Timestamp,
    states::{ExceptionKind, ExceptionStatus, Severity},
};
use quayside_domain::exceptions::{Filter, ListError, list};
use quayside_entity::exception_case;

use crate::{
    context::{buyer_scope, coded, internal},
    types::{
        Code, DateTime, Json, Rows,
        connection::{PageInfo, Paging, bad_input},
        plain::plain,
    },
};

plain! {
    /// Something that went wrong, as a piece of work.
    ExceptionCase {
        /// Globally unique id.
        id as "id": ID,
        /// What kind.
        kind as "kind": Code<ExceptionKind>,
        /// How bad.
        severity as "severity": Code<Severity>,
        /// Where it stands.
        status as "status": Code<ExceptionStatus>,
        /// The id of what it is about.
        subject as "subject": String,
        /// The order it concerns.
        purchase_order_id as "purchaseOrderId": Option<ID>,
        /// What is wrong, in words.
        summary as "summary": String,
        /// The particulars.
        detail as "detail": Json,
        /// When it was opened.
        opened_at as "openedAt": DateTime,
        /// When it was resolved.
        resolved_at as "resolvedAt": Option<DateTime>,
        /// How it was resolved.
        resolution as "resolution": Option<String>,
    }
}

impl From<exception_case::Model> for ExceptionCase {
    fn from(row: exception_case::Model) -> Self {
        Self {
            id: ID(row.id.to_string()),
            kind: Code(row.kind),
            severity: Code(row.severity),
            status: Code(row.status),
            subject: row.subject,
            purchase_order_id: row.order_id.map(|id| ID(id.to_string())),
            summary: row.summary,
            detail: Json::from_text(&row.detail),
            opened_at: DateTime(row.opened_at),
            resolved_at: row.resolved_at.map(DateTime),
            resolution: row.resolution,
        }
    }
}

/// A page of exceptions.
#[derive(SimpleObject)]
pub struct ExceptionConnection {
    /// The exceptions.
    nodes: Rows<ExceptionCase>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// Queries about exceptions.
#[derive(Default)]
pub struct ExceptionQuery;

#[Object]
impl ExceptionQuery {
    /// What went wrong, the newest first.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn exceptions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Only in this status")] status: Option<Code<ExceptionStatus>>,
        #[graphql(desc = "Only of this kind")] kind: Option<Code<ExceptionKind>>,
    ) -> Result<ExceptionConnection> {
        let scope = buyer_scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after = paging.after.as_deref().map(key).transpose()?;
        let filter = Filter { status: status.map(|code| code.0), kind: kind.map(|code| code.0) };
        let mut rows = match list(&scope, &filter, after, u64::from(paging.size) + 1).await {
            Ok(rows) => rows,
            Err(error @ ListError::Forbidden) => return Err(coded("FORBIDDEN", error.to_string())),
            Err(ListError::Internal(failure)) => return Err(internal(&failure)),
        };
        let mut page_info = paging.cut(&mut rows);
        page_info.start_cursor = rows.first().map(cursor);
        page_info.end_cursor = rows.last().map(cursor);
        Ok(ExceptionConnection {
            nodes: Rows(rows.into_iter().map(ExceptionCase::from).collect()),
            page_info,
        })
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
