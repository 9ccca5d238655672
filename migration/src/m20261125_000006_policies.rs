//! Cheaper walls on PostgreSQL: the tenant is looked up once a statement instead of once a row, and keys that
//! another key of the same row stands for are no longer checked row by row. See decision 0026.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(crate) struct Policies;

impl MigrationName for Policies {
    fn name(&self) -> &'static str {
        "m20261125_000006_policies"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Policies {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            crate::run(manager, include_str!("sql/policies.postgres.sql")).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("rows written since were not checked: restore a backup".to_owned()))
    }
}
