//! Exceptions with owners, due times and history; messages between the two sides; mail.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(crate) struct Exceptions;

impl MigrationName for Exceptions {
    fn name(&self) -> &'static str {
        "m20261125_000004_exceptions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Exceptions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, include_str!("sql/exceptions.sql")).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            crate::run(manager, include_str!("sql/protect.postgres.sql")).await?;
            let stays = "revoke update, delete on exception_transition, exception_comment, exception_attachment, \
                file_content, note from quayside_app, quayside_worker";
            crate::run(manager, stays).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what was recorded cannot be taken back: restore a backup".to_owned()))
    }
}
