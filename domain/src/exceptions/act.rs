//! People at work on exceptions: seen, begun, given to somebody, resolved, reopened.
use quayside_canonical::{
    ExceptionId, Field, Problems, UserId,
    events::{
        ExceptionAcknowledged, ExceptionAssigned, ExceptionReopened, ExceptionResolutionRequested,
        ExceptionResolved, ExceptionStarted,
    },
    exception::{Concern, ExceptionAction, OwnerKind},
    identity::Permission,
    states::ExceptionStatus,
};
use quayside_entity::exception_case;
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, IntoActiveModel, QueryFilter, QuerySelect, SqlErr};
use serde::Serialize;

use super::{
    routing::{Routes, buyers_people},
    step::{Made, about, news, owner_of, record, visible},
};
use crate::{
    Failure, Scope,
    idempotency::{self, Claim, ClaimError, IdempotencyKey},
    notifications,
    outbox::{self, Fact},
    scope::in_tenant,
    store::Tx,
};

/// The longest note, in characters.
const MAX_NOTE: usize = 2_000;

/// Who is to see to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Owner {
    /// Procurement as a whole.
    Procurement,
    /// A person of the buyer's.
    Person(UserId),
    /// The supplier it concerns.
    Supplier,
}

/// What somebody does about an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Step {
    /// Has seen it.
    Acknowledge,
    /// Works on it.
    Start,
    /// Gives it to somebody. The buyer's.
    Assign(Owner),
    /// Says that its part is done. The supplier's.
    RequestResolution,
    /// Says that it is dealt with. The buyer's.
    Resolve,
    /// Says that it is not dealt with after all. The buyer's.
    Reopen,
}

impl Step {
    /// The name idempotency keys go by.
    const fn operation(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledgeException",
            Self::Start => "startException",
            Self::Assign(_) => "assignException",
            Self::RequestResolution => "requestExceptionResolution",
            Self::Resolve => "resolveException",
            Self::Reopen => "reopenException",
        }
    }

    const fn action(self) -> ExceptionAction {
        match self {
            Self::Acknowledge => ExceptionAction::Acknowledged,
            Self::Start => ExceptionAction::Started,
            Self::Assign(_) => ExceptionAction::Assigned,
            Self::RequestResolution => ExceptionAction::ResolutionRequested,
            Self::Resolve => ExceptionAction::Resolved,
            Self::Reopen => ExceptionAction::Reopened,
        }
    }

    /// Whether somebody on the supplier's side, or the buyer's, takes this step.
    const fn is_for(self, supplier: bool) -> bool {
        match self {
            Self::Acknowledge | Self::Start => true,
            Self::RequestResolution => supplier,
            Self::Assign(_) | Self::Resolve | Self::Reopen => !supplier,
        }
    }

    const fn needs_words(self) -> bool {
        matches!(self, Self::RequestResolution | Self::Resolve | Self::Reopen)
    }

    const fn is_possible(self, status: ExceptionStatus) -> bool {
        use ExceptionStatus::{Acknowledged, Open, Resolved};
        match self {
            Self::Acknowledge => matches!(status, Open),
            Self::Start => matches!(status, Open | Acknowledged),
            Self::Assign(_) | Self::RequestResolution | Self::Resolve => !matches!(status, Resolved),
            Self::Reopen => matches!(status, Resolved),
        }
    }
}

/// A step to take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Act {
    /// The exception.
    pub exception: ExceptionId,
    /// What to do.
    pub step: Step,
    /// Why, or how.
    pub note: Option<String>,
}

/// Why a step was refused.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// There is no such exception for the caller.
    #[error("no such exception")]
    NotFound,
    /// The caller's role or side does not allow it.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The step breaks rules.
    #[error("{0}")]
    Refused(Problems),
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for ActError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// A step taken, or validated.
#[derive(Clone, Debug)]
pub struct Acted {
    /// The exception as it stands now.
    pub case: exception_case::Model,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Takes the step and records its transition and event, or nothing. Without a key it only validates.
///
/// # Errors
/// See [`ActError`].
#[tracing::instrument(skip_all, fields(exception.id = %act.exception))]
pub async fn act(scope: &Scope, act: &Act, key: Option<&IdempotencyKey>) -> Result<Acted, ActError> {
    check_permission(scope, act.step)?;
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    let claim = match key {
        Some(key) => idempotency::claim(&tx, scope, act.step.operation(), key, act, &act.exception).await?,
        None => Claim::First,
    };
    let before = lock(&tx, scope, act.exception).await?.ok_or(ActError::NotFound)?;
    if claim != Claim::First {
        return Ok(Acted { case: before, replayed: true });
    }
    let mut problems = check(scope, act, &before);
    look_around(&tx, scope, act, &before, &mut problems).await?;
    problems.into_result().map_err(ActError::Refused)?;
    if key.is_none() {
        return Ok(Acted { case: before, replayed: false });
    }
    let after = after(&tx, scope, act, &before).await?;
    save(&tx, after.clone()).await?;
    tell(&tx, scope, act, &before, &after).await?;
    tx.commit().await?;
    Ok(Acted { case: after, replayed: false })
}

fn check_permission(scope: &Scope, step: Step) -> Result<(), ActError> {
    if !scope.may(Permission::ExceptionsManage) {
        return Err(ActError::Forbidden("this needs the permission EXCEPTIONS_MANAGE"));
    }
    match (step.is_for(scope.supplier.is_some()), scope.supplier.is_some()) {
        (true, _) => Ok(()),
        (false, true) => Err(ActError::Forbidden("only the buyer can do this")),
        (false, false) => Err(ActError::Forbidden("only a supplier can do this")),
    }
}

/// The exception, locked until `tx` ends; nothing when the caller may not see it.
pub(super) async fn lock(
    tx: &Tx,
    scope: &Scope,
    id: ExceptionId,
) -> Result<Option<exception_case::Model>, Failure> {
    let row = visible(scope).filter(exception_case::Column::Id.eq(id));
    Ok(row.lock_exclusive().one(&**tx).await?)
}

/// Whether the caller's side can do something about it: the buyer always, a supplier where the kind says so or
/// where it was given to the supplier.
pub(super) fn is_theirs(scope: &Scope, row: &exception_case::Model) -> bool {
    scope.supplier.is_none()
        || row.kind.concern() == Concern::Actionable
        || row.owner_kind == OwnerKind::Supplier
}

fn check(scope: &Scope, act: &Act, row: &exception_case::Model) -> Problems {
    let mut problems = Problems::new();
    let root = Field::root();
    if !is_theirs(scope, row) {
        problems.add("NOT_YOURS", &root.at("id"), "the buyer sees to this; a message or comment reaches it");
    }
    if !act.step.is_possible(row.status) {
        problems.add("INVALID_STATE", &root.at("id"), format!("the exception is {}", row.status));
    }
    check_note(&mut problems, act.note.as_deref(), act.step.needs_words());
    let to_supplier = act.step == Step::Assign(Owner::Supplier);
    if to_supplier && (row.supplier_id.is_none() || !row.kind.concerns_supplier()) {
        problems.add("NOT_THE_SUPPLIERS", &root.at("owner"), "no supplier is concerned by this exception");
    }
    problems
}

/// Words must be there where they are needed, and not too many.
fn check_note(problems: &mut Problems, note: Option<&str>, needed: bool) {
    let field = Field::root().at("note");
    if needed && note.is_none_or(|note| note.trim().is_empty()) {
        problems.add("REQUIRED", &field, "say how or why: it stays on record");
    }
    if note.is_some_and(|note| note.chars().count() > MAX_NOTE) {
        problems.add("TOO_LONG", &field, format!("at most {MAX_NOTE} characters"));
    }
}

/// The rules that have to look at other rows.
async fn look_around(
    tx: &Tx,
    scope: &Scope,
    act: &Act,
    row: &exception_case::Model,
    problems: &mut Problems,
) -> Result<(), Failure> {
    match act.step {
        Step::Assign(Owner::Person(person)) if buyers_people(tx, scope, vec![person]).await?.is_empty() => {
            problems.add(
                "UNKNOWN_PERSON",
                &Field::root().at("personId"),
                "nobody of the buyer's has this id",
            );
        }
        Step::Reopen => {
            let other = in_tenant::<exception_case::Entity>(scope)
                .filter(exception_case::Column::Kind.eq(row.kind))
                .filter(exception_case::Column::Subject.eq(&row.subject))
                .filter(exception_case::Column::Status.ne(ExceptionStatus::Resolved))
                .filter(exception_case::Column::Id.ne(row.id))
                .one(&**tx)
                .await?;
            if let Some(other) = other {
                another_open(problems, &other.id.to_string());
            }
        }
        _ => {}
    }
    Ok(())
}

fn another_open(problems: &mut Problems, other: &str) {
    let message = format!("the same cause has another open exception: {other}");
    problems.add("ANOTHER_OPEN", &Field::root().at("id"), message);
}

/// The exception as it stands after the step.
async fn after(
    tx: &Tx,
    scope: &Scope,
    act: &Act,
    before: &exception_case::Model,
) -> Result<exception_case::Model, Failure> {
    let mut row = before.clone();
    row.transitions += 1;
    match act.step {
        Step::Acknowledge => row.status = ExceptionStatus::Acknowledged,
        Step::Start => row.status = ExceptionStatus::InProgress,
        Step::Assign(owner) => {
            (row.owner_kind, row.owner_user_id) = match owner {
                Owner::Procurement => (OwnerKind::Procurement, None),
                Owner::Person(person) => (OwnerKind::Person, Some(person)),
                Owner::Supplier => (OwnerKind::Supplier, None),
            };
        }
        Step::RequestResolution => {
            // The next move is the buyer's.
            if row.owner_kind == OwnerKind::Supplier {
                row.owner_kind = OwnerKind::Procurement;
            }
        }
        Step::Resolve => {
            row.status = ExceptionStatus::Resolved;
            row.resolved_at = Some(scope.now);
            row.resolved_by = Some(scope.actor.to_string());
            row.resolution.clone_from(&act.note);
        }
        Step::Reopen => {
            let routes = Routes::load(tx, scope).await?;
            let route = routes.of(row.kind, row.supplier_id, row.severity, scope.now);
            row.status = ExceptionStatus::Open;
            (row.resolved_at, row.resolved_by, row.resolution) = (None, None, None);
            (row.proof_event_id, row.escalated_at) = (None, None);
            row.due_at = Some(route.due_at);
        }
    }
    Ok(row)
}

async fn save(tx: &Tx, row: exception_case::Model) -> Result<(), ActError> {
    match row.into_active_model().reset_all().update(&**tx).await {
        Ok(_) => Ok(()),
        // A rule opened one for the same cause at the same moment.
        Err(error) => match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => {
                let mut problems = Problems::new();
                another_open(&mut problems, "opened this moment");
                Err(ActError::Refused(problems))
            }
            _ => Err(error.into()),
        },
    }
}

/// The event, the transition, and the mail.
async fn tell(
    tx: &Tx,
    scope: &Scope,
    act: &Act,
    before: &exception_case::Model,
    after: &exception_case::Model,
) -> Result<(), Failure> {
    // Who of the buyer's people sees to it is the buyer's own business.
    let suppliers = [before, after].iter().any(|row| row.owner_kind == OwnerKind::Supplier);
    let internal = matches!(act.step, Step::Assign(_)) && !suppliers;
    let mut about = about(after);
    about.supplier = about.supplier.filter(|_| !internal);
    let fact = fact(act, after, about, internal)?;
    let event = fact.id;
    outbox::append(tx, scope, vec![fact]).await?;
    let made = Made {
        from: Some(before.status),
        why: act.note.clone(),
        internal,
        ..Made::new(after, act.step.action(), event)
    };
    record(tx, scope, vec![made]).await?;
    let why = match act.step {
        Step::Acknowledge | Step::Start | Step::Resolve => return Ok(()),
        Step::Assign(_) => "An exception is yours to see to.",
        Step::RequestResolution => "The supplier says that its part is done.",
        Step::Reopen => "An exception was opened again.",
    };
    let words = act.note.as_deref().map_or_else(String::new, |note| format!("\n\n{note}"));
    let news = news(after, event, owner_of(after), &format!("{why}{words}"));
    notifications::tell(tx, scope, vec![news]).await
}

fn fact(
    act: &Act,
    row: &exception_case::Model,
    about: outbox::About,
    internal: bool,
) -> Result<Fact, Failure> {
    let (exception, kind, subject) = (row.id, row.kind, row.subject.clone());
    let note = act.note.clone();
    let words = note.clone().unwrap_or_default();
    match act.step {
        Step::Acknowledge => Fact::new(about, &ExceptionAcknowledged { exception, kind, subject, note }),
        Step::Start => Fact::new(about, &ExceptionStarted { exception, kind, subject, note }),
        Step::Assign(_) => {
            let person = row.owner_user_id.filter(|_| internal || about.supplier.is_none());
            let owner = row.owner_kind;
            Fact::new(about, &ExceptionAssigned { exception, kind, subject, owner, person, note })
        }
        Step::RequestResolution => {
            Fact::new(about, &ExceptionResolutionRequested { exception, kind, subject, note: words })
        }
        Step::Resolve => {
            Fact::new(about, &ExceptionResolved { exception, kind, subject, resolution: words, proof: None })
        }
        Step::Reopen => {
            let due_at = row.due_at;
            Fact::new(about, &ExceptionReopened { exception, kind, subject, reason: words, due_at })
        }
    }
}
