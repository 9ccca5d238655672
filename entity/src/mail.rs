//! Mail on its way to people.
use quayside_canonical::{MailId, MembershipId, TenantId, Timestamp, notification::MailStatus};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MailId,
    pub tenant_id: TenantId,
    pub membership_id: MembershipId,
    pub subject: String,
    pub body: String,
    pub link: String,
    pub status: MailStatus,
    pub attempts: i32,
    pub fence: i64,
    pub next_at: Timestamp,
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
