//! What a resolver knows about the request: who asks, with what key, and the loaders of this one request.
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{Context, Error, ErrorExtensions};
use quayside_domain::{
    BuyerScope, Failure, Scope, SupplierScope,
    idempotency::{ClaimError, IdempotencyKey},
};

/// Who asks.
#[derive(Clone)]
pub enum Caller {
    /// Nobody we know: may sign in.
    Anonymous,
    /// Somebody with a place in a tenant.
    Known(Box<Known>),
}

/// Somebody with a place in a tenant.
#[derive(Clone)]
pub struct Known {
    /// What the caller may touch.
    pub scope: Scope,
    /// The session or token, and the person behind it.
    pub principal: quayside_domain::identity::Principal,
}

/// What came with the request beside the document.
#[derive(Clone, Debug)]
pub struct Extras {
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<String>,
    /// Where the request came from.
    pub address: std::net::IpAddr,
    /// The channel and what ties the request to what comes of it.
    pub origin: quayside_domain::scope::Origin,
    /// Set when a mutation repeated an earlier result.
    pub replayed: Arc<AtomicBool>,
}

/// An error with a code, for what is not business.
#[must_use]
pub fn coded(code: &'static str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// The caller, as far as the transport knows it.
///
/// # Errors
/// The request was run without one, which is a bug.
pub fn caller<'a>(ctx: &Context<'a>) -> Result<&'a Caller, Error> {
    ctx.data::<Caller>()
}

/// The caller's principal and scope.
///
/// # Errors
/// `UNAUTHENTICATED` for the anonymous.
pub fn known<'a>(ctx: &Context<'a>) -> Result<&'a Known, Error> {
    match caller(ctx)? {
        Caller::Known(known) => Ok(known),
        Caller::Anonymous => Err(coded("UNAUTHENTICATED", "sign in, or send an API token")),
    }
}

/// The caller's scope.
///
/// # Errors
/// `UNAUTHENTICATED` for the anonymous.
pub fn scope<'a>(ctx: &Context<'a>) -> Result<&'a Scope, Error> {
    known(ctx).map(|known| &known.scope)
}

/// The caller's scope as supplier.
///
/// # Errors
/// `FORBIDDEN` on the buyer's side.
pub fn supplier_scope(ctx: &Context<'_>) -> Result<SupplierScope, Error> {
    scope(ctx)?.as_supplier().ok_or_else(|| coded("FORBIDDEN", "only a supplier can do this"))
}

/// The caller's scope as buyer.
///
/// # Errors
/// `FORBIDDEN` on the supplier's side.
pub fn buyer_scope(ctx: &Context<'_>) -> Result<BuyerScope, Error> {
    scope(ctx)?.as_buyer().ok_or_else(not_the_buyer)
}

/// The key of a write: from the input, or from the header.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REQUIRED` without any, `IDEMPOTENCY_KEY_INVALID` for one that cannot be used.
pub fn idempotency_key(ctx: &Context<'_>, input: Option<&String>) -> Result<IdempotencyKey, Error> {
    let header = ctx.data_opt::<Extras>().and_then(|extras| extras.idempotency_key.as_ref());
    let Some(key) = input.or(header) else {
        let message = "every write takes a key: `idempotencyKey` in the input, or the Idempotency-Key header";
        return Err(coded("IDEMPOTENCY_KEY_REQUIRED", message));
    };
    key.parse().map_err(|error: quayside_domain::idempotency::InvalidKey| {
        coded("IDEMPOTENCY_KEY_INVALID", error.to_string())
    })
}

/// What a write is done with: the caller's scope and the key. One that is only to be validated needs no key, and its scope
/// takes back whatever is written.
///
/// # Errors
/// As [`scope`] and [`idempotency_key`].
pub fn writing(
    ctx: &Context<'_>,
    validate_only: bool,
    key: Option<&String>,
) -> Result<(Scope, IdempotencyKey), Error> {
    let scope = scope(ctx)?;
    if validate_only {
        return Ok((scope.trying(), IdempotencyKey::named("validateOnly")));
    }
    Ok((scope.clone(), idempotency_key(ctx, key)?))
}

/// The same for what only the buyer does.
///
/// # Errors
/// As [`buyer_scope`] and [`idempotency_key`].
pub fn buyer_writing(
    ctx: &Context<'_>,
    validate_only: bool,
    key: Option<&String>,
) -> Result<(BuyerScope, IdempotencyKey), Error> {
    buyer_scope(ctx)?;
    let (scope, key) = writing(ctx, validate_only, key)?;
    Ok((scope.as_buyer().ok_or_else(not_the_buyer)?, key))
}

fn not_the_buyer() -> Error {
    coded("FORBIDDEN", "only the buyer can do this")
}

/// Notes that a mutation gave an earlier result again.
pub fn mark_replayed(ctx: &Context<'_>, replayed: bool) {
    if let (true, Some(extras)) = (replayed, ctx.data_opt::<Extras>()) {
        extras.replayed.store(true, Ordering::Relaxed);
    }
}

/// A key that cannot be used for this request.
#[must_use]
pub fn claim_error(error: ClaimError) -> Error {
    let message = error.to_string();
    match error {
        ClaimError::KeyReused => coded("IDEMPOTENCY_KEY_REUSED", message),
        ClaimError::InProgress => coded("IDEMPOTENCY_IN_PROGRESS", message),
        ClaimError::Internal(failure) => internal(&failure),
    }
}

/// Our failure: a code for the caller, the story for the log, once.
#[must_use]
pub fn internal(failure: &Failure) -> Error {
    if failure.is_transient() {
        tracing::warn!(error = %failure, "the database is away or busy");
        return coded("TEMPORARILY_UNAVAILABLE", "the service is busy; try again in a moment")
            .extend_with(|_, extensions| extensions.set("retryable", true));
    }
    tracing::error!(error = %failure, "an operation failed");
    coded("INTERNAL_SERVER_ERROR", "something went wrong on our side")
}
