//! What one person is to be told of one event.
use quayside_canonical::{EventId, MailId, MembershipId, NoticeId, TenantId, Timestamp, UserId};
use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
#[expect(missing_docs, reason = "the columns are named in the migration, and their types say the rest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NoticeId,
    pub tenant_id: TenantId,
    pub event_id: EventId,
    pub user_id: UserId,
    pub membership_id: MembershipId,
    pub line: String,
    pub link: String,
    pub mail_id: Option<MailId>,
    pub created_at: Timestamp,
}

/// Rows are joined by hand, where the query is.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
