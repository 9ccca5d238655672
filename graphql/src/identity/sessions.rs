//! `signIn`, `signOut`, `switchMembership`.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::MembershipId;
use quayside_domain::identity::{
    self, RevocationWatch, Secret, SignIn, SignInError, SignOutError, SwitchError, SwitchMembership,
};

use super::{Door, session_cookie, viewer};
use crate::{
    context::{Extras, coded, internal, known},
    types::{
        Rows,
        user_error::{IdentityError, IdentityErrorCode},
    },
};

/// Who signs in.
#[derive(InputObject)]
pub struct SignInInput {
    /// Mail address.
    email: String,
    /// Password.
    #[graphql(secret)]
    password: String,
}

/// What became of a sign-in. The session itself is in a cookie.
#[derive(Default, SimpleObject)]
pub struct SignInPayload {
    /// Your places; you act in the one that is `current`.
    memberships: Option<Rows<viewer::Membership>>,
    /// Why you are not signed in.
    user_errors: Vec<IdentityError>,
}

/// Whether you were signed in.
#[derive(SimpleObject)]
pub struct SignOutPayload {
    /// The session has ended.
    signed_out: bool,
    /// Every problem at once.
    user_errors: Vec<IdentityError>,
}

/// Where you want to act.
#[derive(InputObject)]
pub struct SwitchMembershipInput {
    /// One of your memberships.
    membership_id: ID,
}

/// Mutations about sessions.
#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Sign in. The answer and its time are the same whether the account exists or not.
    async fn sign_in(&self, ctx: &Context<'_>, input: SignInInput) -> Result<SignInPayload> {
        let door = ctx.data::<Door>()?;
        let extras = ctx.data::<Extras>()?;
        let request = SignIn {
            email: input.email,
            password: Secret::new(input.password),
            address: extras.address,
            user_agent: None,
            origin: extras.origin.clone(),
        };
        match identity::sign_in(&door.system, &door.settings, &door.hasher, request).await {
            Ok(signed_in) => {
                let cookie = session_cookie(signed_in.secret.expose(), door.settings.absolute.as_secs());
                ctx.append_http_header("set-cookie", cookie);
                let memberships = places(signed_in.memberships, signed_in.membership);
                Ok(SignInPayload { memberships: Some(Rows(memberships)), user_errors: Vec::new() })
            }
            Err(error) => refused(&error),
        }
    }

    /// Sign out: the session ends everywhere within seconds.
    async fn sign_out(&self, ctx: &Context<'_>) -> Result<SignOutPayload> {
        let door = ctx.data::<Door>()?;
        let extras = ctx.data::<Extras>()?;
        match identity::sign_out(&door.system, &known(ctx)?.principal, &extras.origin).await {
            Ok(()) => {
                ctx.append_http_header("set-cookie", session_cookie("", 0));
                notice(ctx).await;
                Ok(SignOutPayload { signed_out: true, user_errors: Vec::new() })
            }
            Err(SignOutError::Internal(failure)) => Err(internal(&failure)),
            Err(error) => Err(coded("FORBIDDEN", error.to_string())),
        }
    }

    /// Go on in another of your places. You get a new session; the old one ends.
    async fn switch_membership(
        &self,
        ctx: &Context<'_>,
        input: SwitchMembershipInput,
    ) -> Result<SignInPayload> {
        let door = ctx.data::<Door>()?;
        let extras = ctx.data::<Extras>()?;
        let missing = || {
            let code = IdentityErrorCode::NotFound;
            let user_errors = IdentityError::one(code, "membershipId", "no such membership");
            Ok(SignInPayload { user_errors, ..SignInPayload::default() })
        };
        let principal = &known(ctx)?.principal;
        let Ok(membership) = input.membership_id.parse::<MembershipId>() else { return missing() };
        let request = SwitchMembership { membership, origin: extras.origin.clone() };
        match identity::switch_membership(&door.system, principal, request).await {
            Ok(signed_in) => {
                let cookie = session_cookie(signed_in.secret.expose(), door.settings.absolute.as_secs());
                ctx.append_http_header("set-cookie", cookie);
                notice(ctx).await;
                let memberships = places(signed_in.memberships, signed_in.membership);
                Ok(SignInPayload { memberships: Some(Rows(memberships)), user_errors: Vec::new() })
            }
            Err(SwitchError::NotFound) => missing(),
            Err(SwitchError::Internal(failure)) => Err(internal(&failure)),
            Err(error) => Err(coded("FORBIDDEN", error.to_string())),
        }
    }
}

/// A person's places, with the one they now act in marked.
fn places(memberships: Vec<identity::Membership>, current: MembershipId) -> Vec<viewer::Membership> {
    let mark = |place: identity::Membership| identity::Membership { current: place.id == current, ..place };
    memberships.into_iter().map(mark).map(viewer::Membership::from).collect()
}

/// Ends this process's streams of a session that has just ended, without waiting for the next look.
async fn notice(ctx: &Context<'_>) {
    if let Some(watch) = ctx.data_opt::<RevocationWatch>()
        && let Err(failure) = watch.check_once().await
    {
        tracing::warn!(error = %failure, "streams of an ended session end with the next look");
    }
}

fn refused(error: &SignInError) -> Result<SignInPayload> {
    let (code, field) = match error {
        SignInError::InvalidCredentials => (IdentityErrorCode::InvalidCredentials, "email"),
        SignInError::Throttled { .. } | SignInError::Blocked => (IdentityErrorCode::Throttled, "email"),
        SignInError::Busy(_) => return Err(coded("SERVER_BUSY", error.to_string())),
        SignInError::Internal(failure) => return Err(internal(failure)),
    };
    let user_errors = IdentityError::one(code, field, error.to_string());
    Ok(SignInPayload { user_errors, ..SignInPayload::default() })
}
