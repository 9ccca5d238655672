//! A person gets an account, with a password and places to act from.
use quayside_canonical::{Field, Problems, UserId};
use quayside_entity::{app_user, membership};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set};

use super::{Hasher, NewMembership, Secret, User, grant_membership, normalised_email, password};
use crate::{
    Failure, SystemScope,
    set_up::{SetUpError, check_text, or_taken},
};

const MAX_EMAIL_BYTES: usize = 254;
const MAX_NAME_CHARS: usize = 120;

/// Who it is.
#[derive(Clone, Debug)]
pub struct CreateUser {
    /// The mail address, with which the person signs in.
    pub email: String,
    /// The name.
    pub name: String,
    /// The password.
    pub password: Secret,
    /// The places.
    pub memberships: Vec<NewMembership>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct CreatedUser {
    /// The person.
    pub user: User,
    /// The places, in the order asked for.
    pub memberships: Vec<membership::Model>,
}

/// Creates an account.
///
/// # Errors
/// The address is in use, the password is not good enough, a place cannot be given: all problems at once.
pub async fn create_user(
    system: &SystemScope,
    hasher: &Hasher,
    cmd: CreateUser,
) -> Result<CreatedUser, SetUpError> {
    let email = normalised_email(&cmd.email);
    check(system, &email, &cmd).await?;
    let hash = hash(hasher, &cmd.password).await?;
    let tx = system.write().await?;
    let user = app_user::ActiveModel {
        id: Set(UserId::generate()),
        email: Set(email),
        name: Set(cmd.name),
        password_hash: Set(hash),
        disabled_at: Set(None),
        created_at: Set(system.now()),
    };
    let user = user.insert(&*tx).await.map_err(|error| or_taken(error, "email"))?;
    let mut memberships = Vec::with_capacity(cmd.memberships.len());
    for new in &cmd.memberships {
        memberships.push(grant_membership::insert(system, &tx, user.id, new).await?);
    }
    tx.commit().await?;
    Ok(CreatedUser { user: user.into(), memberships })
}

/// The account with this mail address.
///
/// # Errors
/// The database failed.
pub async fn user_by_email(system: &SystemScope, email: &str) -> Result<Option<User>, Failure> {
    let tx = system.read().await?;
    let user = system.find::<app_user::Entity>().filter(app_user::Column::Email.eq(normalised_email(email)));
    Ok(user.one(&*tx).await?.map(User::from))
}

/// Hashes a new password. The operator waits like everybody else, but is not told to come back.
pub(super) async fn hash(hasher: &Hasher, password: &Secret) -> Result<String, Failure> {
    let turn = hasher.turn().await.map_err(|busy| Failure::System(busy.to_string()))?;
    turn.hash(password).await
}

async fn check(system: &SystemScope, email: &str, cmd: &CreateUser) -> Result<(), SetUpError> {
    let mut problems = password::check(&cmd.password, email);
    check_text(&mut problems, "name", &cmd.name, MAX_NAME_CHARS);
    let field = Field::root().at("email");
    if !is_email(email) {
        problems.add("INVALID_EMAIL", &field, "expected a mail address such as erin@example.com");
    } else if user_by_email(system, email).await?.is_some() {
        problems.add("TAKEN", &field, "there is an account with this address");
    }
    let tx = system.read().await?;
    for (index, new) in cmd.memberships.iter().enumerate() {
        let field = Field::root().at("memberships").at(index);
        grant_membership::check(system, &tx, &mut problems, &field, new).await?;
        if cmd.memberships[..index]
            .iter()
            .any(|other| (other.tenant, other.supplier) == (new.tenant, new.supplier))
        {
            problems.add("DUPLICATE", &field, "one place is asked for twice");
        }
    }
    Ok(Problems::into_result(problems)?)
}

/// Whether mail can have such an address. Whether it arrives, only mail can tell.
fn is_email(text: &str) -> bool {
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let parts = text.rsplit_once('@');
    plain
        && text.len() <= MAX_EMAIL_BYTES
        && parts.is_some_and(|(name, host)| !name.is_empty() && !name.contains('@') && host.len() > 2)
}

#[cfg(test)]
mod tests {
    use quayside_canonical::{TenantId, identity::Role};

    use super::*;
    use crate::identity::testing::{Desk, EMAIL, PASSWORD};

    #[tokio::test]
    async fn every_problem_is_told_at_once_and_nothing_is_left_behind() {
        let desk = Desk::open().await;
        let place = NewMembership { tenant: TenantId::generate(), supplier: None, role: Role::Auditor };
        let cmd = CreateUser {
            email: EMAIL.to_uppercase(),
            name: " ".to_owned(),
            password: Secret::new("short"),
            memberships: vec![place, place],
        };
        let refused = create_user(&desk.system, &desk.hasher, cmd).await.unwrap_err();
        let SetUpError::Refused(problems) = refused else { panic!("{refused:?}") };
        let codes: Vec<_> = problems.as_slice().iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(
            codes,
            ["PASSWORD_TOO_SHORT", "INVALID_TEXT", "TAKEN", "NOT_FOUND", "NOT_FOUND", "DUPLICATE"]
        );
        assert!(user_by_email(&desk.system, " ERIN.kowalski@example.test").await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_refused_place_leaves_no_account() {
        let desk = Desk::open().await;
        let place = NewMembership { tenant: desk.tenant, supplier: None, role: Role::SupplierAdmin };
        let cmd = CreateUser {
            email: "new@example.test".to_owned(),
            name: "New".to_owned(),
            password: Secret::new(PASSWORD),
            memberships: vec![place],
        };
        assert!(create_user(&desk.system, &desk.hasher, cmd).await.is_err());
        assert_eq!(user_by_email(&desk.system, "new@example.test").await.unwrap(), None);
    }

    #[test]
    fn a_mail_address_has_two_parts() {
        assert!(is_email("erin@example.com"));
        for bad in ["", "erin", "@example.com", "erin@", "a b@example.com", "a@b@example.com", "erin@x"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
