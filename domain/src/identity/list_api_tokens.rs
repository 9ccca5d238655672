//! The tokens a person may see: their own, and for an administrator those of the same side.
use quayside_canonical::{AccessTokenId, identity::TokenKind};
use quayside_entity::access_token;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{AccessToken, revoke_api_token::in_reach};
use crate::{Failure, Scope, scope::in_tenant};

/// The most that is shown at once.
const MAX_PAGE: u64 = 100;

/// Which tokens to show.
#[derive(Clone, Copy, Debug)]
pub struct ListApiTokens {
    /// Only the caller's own, even for an administrator.
    pub own: bool,
    /// Go on after this one.
    pub after: Option<AccessTokenId>,
    /// At most so many; never more than 100.
    pub limit: u64,
}

/// Shows tokens, newest first. Whoever is no person sees none.
///
/// # Errors
/// The database failed.
pub async fn list_api_tokens(scope: &Scope, query: ListApiTokens) -> Result<Vec<AccessToken>, Failure> {
    let Some(person) = scope.person else { return Ok(Vec::new()) };
    let tx = scope.read().await?;
    let mut tokens = in_tenant::<access_token::Entity>(scope)
        .filter(access_token::Column::Kind.eq(TokenKind::Api))
        .filter(in_reach(scope, &tx, person).await?);
    if query.own {
        tokens = tokens.filter(access_token::Column::MembershipId.eq(person.membership));
    }
    if let Some(after) = query.after {
        tokens = tokens.filter(access_token::Column::Id.lt(after));
    }
    let rows =
        tokens.order_by_desc(access_token::Column::Id).limit(query.limit.min(MAX_PAGE)).all(&*tx).await?;
    rows.into_iter().map(AccessToken::try_from).collect()
}

#[cfg(test)]
mod tests {
    use quayside_canonical::identity::Role;

    use super::*;
    use crate::identity::testing::Desk;

    #[tokio::test]
    async fn a_person_sees_their_own_and_an_administrator_those_of_the_side() {
        let desk = Desk::open().await;
        let admin = desk.buyer_admin().await;
        let editor = desk.person(Role::SupplierEditor, Some(desk.supplier)).await;
        let supplier_admin = desk.person(Role::SupplierAdmin, Some(desk.supplier)).await;
        let foreign = desk.foreign_admin().await;
        desk.token_of(&foreign).await;
        let (first, second, third) =
            (desk.token_of(&editor).await, desk.token_of(&supplier_admin).await, desk.token_of(&admin).await);

        let see = async |scope: &Scope, own, after, limit| {
            let query = ListApiTokens { own, after, limit };
            let tokens = list_api_tokens(scope, query).await.unwrap();
            tokens.into_iter().map(|token| token.id).collect::<Vec<_>>()
        };
        assert_eq!(see(&editor, false, None, 10).await, [first]);
        assert_eq!(see(&supplier_admin, false, None, 10).await, [second, first]);
        assert_eq!(see(&supplier_admin, true, None, 10).await, [second]);
        assert_eq!(see(&admin, false, None, 10).await, [third, second, first]);
        assert_eq!(see(&admin, false, None, 2).await, [third, second]);
        assert_eq!(see(&admin, false, Some(second), 2).await, [first]);
    }
}
