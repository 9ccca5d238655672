//! Sets up a distributor.
use quayside_canonical::{Field, Problems, TenantId, events::TenantCreated, policy::Policy};
use quayside_entity::tenant;
use sea_orm::{ActiveModelTrait, Set};

use super::{find::tenant_by_slug, set_policy::check_policy};
use crate::{
    SystemScope,
    outbox::{self, About, Fact},
    set_up::{SetUpError, check_slug, check_text, json, operator, or_taken},
};

/// Who it is.
#[derive(Clone, Debug)]
pub struct CreateTenant {
    /// A short name for programs, in the source of every event.
    pub slug: String,
    /// The name.
    pub name: String,
    /// The lowest layer of the rules.
    pub policy: Policy,
}

/// Creates a tenant.
///
/// # Errors
/// The short name is in use or unfit, or the rules make no sense: all problems at once.
pub async fn create_tenant(system: &SystemScope, cmd: CreateTenant) -> Result<tenant::Model, SetUpError> {
    let mut problems = Problems::new();
    check_slug(&mut problems, "slug", &cmd.slug);
    check_text(&mut problems, "name", &cmd.name, 120);
    check_policy(&mut problems, &cmd.policy);
    if tenant_by_slug(system, &cmd.slug).await?.is_some() {
        problems.add("TAKEN", &Field::root().at("slug"), "another tenant has this short name");
    }
    problems.into_result()?;
    let tx = system.write().await?;
    let row = tenant::ActiveModel {
        id: Set(TenantId::generate()),
        slug: Set(cmd.slug),
        name: Set(cmd.name),
        policy: Set(json(&cmd.policy)?),
        created_at: Set(system.now()),
    };
    let row = row.insert(&*tx).await.map_err(|error| or_taken(error, "slug"))?;
    let event = TenantCreated { tenant: row.id, slug: row.slug.clone(), name: row.name.clone() };
    let fact = Fact::new(About::tenant(&row.id), &event)?;
    outbox::append(&tx, &operator(system, row.id), vec![fact]).await?;
    tx.commit().await?;
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_tenant_is_found_by_its_short_name_which_is_given_once() {
        let system = SystemScope::new(testing::store().await);
        let cmd = |slug: &str| CreateTenant {
            slug: slug.to_owned(),
            name: "Harbour Supply".to_owned(),
            policy: Policy::default(),
        };
        let tenant = create_tenant(&system, cmd("harbour")).await.unwrap();
        assert_eq!(tenant_by_slug(&system, "harbour").await.unwrap(), Some(tenant));
        let refused = create_tenant(&system, cmd("harbour")).await.unwrap_err();
        assert!(refused.to_string().starts_with("TAKEN at slug"), "{refused}");
        let wrong = Policy { answer_within_minutes: Some(0), ..Policy::default() };
        let wrong = CreateTenant { slug: "No".to_owned(), name: String::new(), policy: wrong };
        let SetUpError::Refused(problems) = create_tenant(&system, wrong).await.unwrap_err() else {
            panic!()
        };
        assert_eq!(problems.as_slice().len(), 3, "{problems}");
    }
}
