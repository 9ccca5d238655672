//! Interchanges: each with its own envelope, in a file that is kept where all files are; and changes that wait for
//! what comes before them.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(crate) struct Interchanges;

impl MigrationName for Interchanges {
    fn name(&self) -> &'static str {
        "m20261125_000013_interchanges"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Interchanges {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        if is_postgres {
            // The owner of the tables sees their rows only where no policy is forced on it.
            let open = "alter table interchange no force row level security;\
                alter table interchange_message no force row level security;\
                alter table file_content no force row level security";
            crate::run(manager, open).await?;
        }
        crate::run(manager, include_str!("sql/interchanges.sql")).await?;
        if is_postgres {
            crate::run(manager, "alter table file_content force row level security").await?;
            crate::run(manager, include_str!("sql/protect.postgres.sql")).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what was recorded cannot be taken back: restore a backup".to_owned()))
    }
}
