//! `exceptionRoutes` and `setExceptionRoute`: who sees to which exceptions, and by when.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{
    SupplierId,
    exception::OwnerKind,
    states::{ExceptionKind, Severity},
};
use quayside_domain::exceptions::{RouteError, SetRoute, routes, set_route};
use quayside_entity::exception_route;

use super::act::owner;
use crate::{
    context::{buyer_scope, claim_error, coded, idempotency_key, internal, mark_replayed},
    types::{
        Code, DateTime, Rows,
        plain::plain,
        user_error::{ExceptionError, ExceptionErrorCode},
    },
};

plain! {
    /// Who sees to exceptions of a supplier, of a kind, of both, or to all. What a route leaves out, the next
    /// more general one says: supplier and kind, then kind, then supplier, then the default.
    ExceptionRoute {
        /// For this supplier only.
        supplier_id as "supplierId": Option<ID>,
        /// For this kind only.
        kind as "kind": Option<Code<ExceptionKind>>,
        /// Who sees to them.
        owner as "owner": Option<Code<OwnerKind>>,
        /// The person, when a person sees to them.
        person_id as "personId": Option<ID>,
        /// Within how many minutes.
        due_minutes as "dueMinutes": Option<i32>,
        /// How bad they are, whatever the opening rule says.
        severity as "severity": Option<Code<Severity>>,
        /// When it was set.
        updated_at as "updatedAt": DateTime,
    }
}

impl From<exception_route::Model> for ExceptionRoute {
    fn from(row: exception_route::Model) -> Self {
        Self {
            supplier_id: row.supplier_id.map(|id| ID(id.to_string())),
            kind: row.kind.map(Code),
            owner: row.owner_kind.map(Code),
            person_id: row.owner_user_id.map(|id| ID(id.to_string())),
            due_minutes: row.due_minutes,
            severity: row.severity.map(Code),
            updated_at: DateTime(row.updated_at),
        }
    }
}

/// Say who sees to exceptions. What is left out, the next more general route says; a route that says nothing is
/// taken away.
#[derive(InputObject)]
pub struct SetExceptionRouteInput {
    /// For this supplier only.
    supplier_id: Option<ID>,
    /// For this kind only.
    kind: Option<Code<ExceptionKind>>,
    /// Who sees to them.
    owner: Option<Code<OwnerKind>>,
    /// The person, when a person sees to them.
    person_id: Option<ID>,
    /// Within how many minutes.
    due_minutes: Option<i32>,
    /// How bad they are, whatever the opening rule says.
    severity: Option<Code<Severity>>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of it.
#[derive(Default, SimpleObject)]
pub struct SetExceptionRoutePayload {
    /// All routes as they hold now.
    routes: Option<Rows<ExceptionRoute>>,
    /// Every problem at once.
    user_errors: Vec<ExceptionError>,
}

/// Queries about routes.
#[derive(Default)]
pub struct RouteQuery;

#[Object]
impl RouteQuery {
    /// Who sees to exceptions, and by when, where it is not the default: procurement, within a day, or three
    /// days for warnings.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn exception_routes(&self, ctx: &Context<'_>) -> Result<Rows<ExceptionRoute>> {
        let scope = buyer_scope(ctx)?;
        match routes(&scope).await {
            Ok(rows) => Ok(shown(rows)),
            Err(error) => Err(failed(error)),
        }
    }
}

/// Mutations about routes.
#[derive(Default)]
pub struct RouteMutation;

#[Object]
impl RouteMutation {
    /// Say who sees to exceptions, by when, and how bad they are. Open ones stay as they are.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn set_exception_route(
        &self,
        ctx: &Context<'_>,
        input: SetExceptionRouteInput,
    ) -> Result<SetExceptionRoutePayload> {
        let scope = buyer_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let cmd = match input.command() {
            Ok(cmd) => cmd,
            Err(user_errors) => return Ok(SetExceptionRoutePayload { routes: None, user_errors }),
        };
        match set_route(&scope, &cmd, key.as_ref()).await {
            Ok((rows, replayed)) => {
                mark_replayed(ctx, replayed);
                Ok(SetExceptionRoutePayload { routes: Some(shown(rows)), user_errors: Vec::new() })
            }
            Err(RouteError::Refused(problems)) => {
                Ok(SetExceptionRoutePayload { routes: None, user_errors: ExceptionError::all(problems) })
            }
            Err(error) => Err(failed(error)),
        }
    }
}

impl SetExceptionRouteInput {
    fn command(self) -> Result<SetRoute, Vec<ExceptionError>> {
        let mut errors = Vec::new();
        let supplier = self.supplier_id.map(|id| id.parse::<SupplierId>()).transpose().unwrap_or_else(|_| {
            errors.extend(ExceptionError::one(
                ExceptionErrorCode::NotFound,
                "supplierId",
                "no such supplier",
            ));
            None
        });
        let owner = self.owner.map(|code| owner(code.0, self.person_id.as_ref())).transpose();
        let owner = owner.unwrap_or_else(|problems| {
            errors.extend(problems);
            None
        });
        let due_minutes = self.due_minutes.map(u32::try_from).transpose().unwrap_or_else(|_| {
            let message = "expected a number of minutes";
            errors.extend(ExceptionError::one(ExceptionErrorCode::InvalidValue, "dueMinutes", message));
            None
        });
        let (kind, severity) = (self.kind.map(|code| code.0), self.severity.map(|code| code.0));
        if errors.is_empty() {
            Ok(SetRoute { supplier, kind, owner, due_minutes, severity })
        } else {
            Err(errors)
        }
    }
}

fn shown(rows: Vec<exception_route::Model>) -> Rows<ExceptionRoute> {
    Rows(rows.into_iter().map(ExceptionRoute::from).collect())
}

fn failed(error: RouteError) -> async_graphql::Error {
    match error {
        RouteError::Forbidden => coded("FORBIDDEN", error.to_string()),
        RouteError::Refused(problems) => coded("BAD_USER_INPUT", problems.to_string()),
        RouteError::Key(error) => claim_error(error),
        RouteError::Internal(failure) => internal(&failure),
    }
}
