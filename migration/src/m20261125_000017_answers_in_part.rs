//! Answers that say only what becomes of some of a line.
use sea_orm_migration::prelude::*;

pub(crate) struct AnswersInPart;

impl MigrationName for AnswersInPart {
    fn name(&self) -> &'static str {
        "m20261125_000017_answers_in_part"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AnswersInPart {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, "alter table acknowledgment add column in_part text").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, "alter table acknowledgment drop column in_part").await
    }
}
