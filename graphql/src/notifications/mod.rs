//! What somebody wants to be told by mail.
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use quayside_canonical::notification::{MailWish, MailWishes};
use quayside_domain::notifications::{PreferencesError, SetWishes, set_wishes};

use crate::{
    context::{claim_error, coded, idempotency_key, internal, mark_replayed, scope},
    types::{Code, Row, plain::plain, user_error::NotificationError},
};

plain! {
    /// What you want to be told by mail in this place.
    NotificationPreferences {
        /// About exceptions that are worth knowing.
        warning as "warning": Code<MailWish>,
        /// About exceptions that block work.
        error as "error": Code<MailWish>,
        /// About exceptions that need somebody at once.
        critical as "critical": Code<MailWish>,
        /// About messages of the other side.
        messages as "messages": Code<MailWish>,
        /// About a supplier's orders: new ones, changes, and what the buyer decided.
        orders as "orders": Code<MailWish>,
    }
}

impl From<MailWishes> for NotificationPreferences {
    fn from(wishes: MailWishes) -> Self {
        Self {
            warning: Code(wishes.warning),
            error: Code(wishes.error),
            critical: Code(wishes.critical),
            messages: Code(wishes.messages),
            orders: Code(wishes.orders),
        }
    }
}

/// Say what you want to be told by mail in this place. What is left out stays as it is.
#[derive(InputObject)]
pub struct SetNotificationPreferencesInput {
    /// About exceptions that are worth knowing.
    warning: Option<Code<MailWish>>,
    /// About exceptions that block work.
    error: Option<Code<MailWish>>,
    /// About exceptions that need somebody at once.
    critical: Option<Code<MailWish>>,
    /// About messages of the other side.
    messages: Option<Code<MailWish>>,
    /// About a supplier's orders: new ones, changes, and what the buyer decided.
    orders: Option<Code<MailWish>>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Write nothing, and show what would hold.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of it.
#[derive(Default, SimpleObject)]
pub struct SetNotificationPreferencesPayload {
    /// What holds now.
    notification_preferences: Option<Row<NotificationPreferences>>,
    /// Every problem at once.
    user_errors: Vec<NotificationError>,
}

/// Mutations about mail.
#[derive(Default)]
pub struct NotificationMutation;

#[Object]
impl NotificationMutation {
    /// Say what you want to be told by mail: at once, in the day's digest, or not at all.
    async fn set_notification_preferences(
        &self,
        ctx: &Context<'_>,
        input: SetNotificationPreferencesInput,
    ) -> Result<SetNotificationPreferencesPayload> {
        let scope = scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let cmd = SetWishes {
            warning: input.warning.map(|code| code.0),
            error: input.error.map(|code| code.0),
            critical: input.critical.map(|code| code.0),
            messages: input.messages.map(|code| code.0),
            orders: input.orders.map(|code| code.0),
        };
        match set_wishes(scope, &cmd, key.as_ref()).await {
            Ok((wishes, replayed)) => {
                mark_replayed(ctx, replayed);
                Ok(SetNotificationPreferencesPayload {
                    notification_preferences: Some(Row(wishes.into())),
                    user_errors: Vec::new(),
                })
            }
            Err(error @ PreferencesError::NoPerson) => Err(coded("FORBIDDEN", error.to_string())),
            Err(PreferencesError::Key(error)) => Err(claim_error(error)),
            Err(PreferencesError::Internal(failure)) => Err(internal(&failure)),
        }
    }
}
