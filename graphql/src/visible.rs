//! What a role cannot use it does not see in introspection.
use async_graphql::Context;

use crate::context::Caller;

/// Only buyers see it. Outside a request, when the schema is written to a file, everybody does.
pub(crate) fn to_buyers(ctx: &Context<'_>) -> bool {
    match ctx.data_opt::<Caller>() {
        None => true,
        Some(Caller::Anonymous) => false,
        Some(Caller::Known(known)) => known.scope.supplier.is_none(),
    }
}

/// Only suppliers see it.
pub(crate) fn to_suppliers(ctx: &Context<'_>) -> bool {
    match ctx.data_opt::<Caller>() {
        None => true,
        Some(Caller::Anonymous) => false,
        Some(Caller::Known(known)) => known.scope.supplier.is_some(),
    }
}
