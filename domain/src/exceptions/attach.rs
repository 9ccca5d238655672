//! Files on the record of an exception.
use quayside_canonical::{
    AttachmentId, ExceptionId, Field, Problems, events::ExceptionFileAttached, identity::Permission,
};
use quayside_entity::exception_attachment;
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, IntoActiveModel, PaginatorTrait, QueryFilter};

use super::{
    act::lock,
    step::{about, side},
};
use crate::{
    Failure, Scope,
    files::{self, FileKind, safe_name},
    outbox::{self, Fact},
    scope::in_tenant,
    store::Tx,
};

/// The largest file, in bytes.
pub const MAX_ATTACHMENT: usize = 10 << 20;

/// The most files of one exception.
const MAX_FILES: u64 = 50;

/// Adds a file to an exception.
#[derive(Clone, Debug)]
pub struct Attach {
    /// The exception.
    pub exception: ExceptionId,
    /// What the file is called.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Whether only the buyer's people see it.
    pub internal: bool,
}

/// Why a file was refused.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// There is no such exception or file for the caller.
    #[error("there is no such exception or file")]
    NotFound,
    /// The caller may not add files.
    #[error("this needs the permission EXCEPTIONS_MANAGE")]
    Forbidden,
    /// The file breaks rules.
    #[error("{0}")]
    Refused(Problems),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for AttachError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// A file on record.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The file.
    pub attachment: exception_attachment::Model,
    /// Whether the same file was there already under the same name.
    pub again: bool,
}

/// Records the file and its event, or nothing. The same bytes under the same name are the same file: sending it
/// again changes nothing.
///
/// # Errors
/// See [`AttachError`].
#[tracing::instrument(skip_all, fields(exception.id = %cmd.exception))]
pub async fn attach(scope: &Scope, cmd: Attach) -> Result<Attached, AttachError> {
    if !scope.may(Permission::ExceptionsManage) {
        return Err(AttachError::Forbidden);
    }
    let tx = scope.write().await?;
    let case = lock(&tx, scope, cmd.exception).await?.ok_or(AttachError::NotFound)?;
    let name = safe_name(&cmd.name);
    let kind = check(scope, &cmd, &name).map_err(AttachError::Refused)?;
    let sha256 = files::keep(&tx, scope, &cmd.bytes).await?;
    if let Some(there) = same(&tx, scope, &cmd, &name, &sha256).await? {
        return Ok(Attached { attachment: there, again: true });
    }
    let mut about = about(&case);
    about.supplier = about.supplier.filter(|_| !cmd.internal);
    let row = exception_attachment::Model {
        id: AttachmentId::generate(),
        exception_id: case.id,
        tenant_id: scope.tenant,
        supplier_id: about.supplier,
        name,
        media_type: kind.media_type().to_owned(),
        size_bytes: i64::try_from(cmd.bytes.len()).unwrap_or(i64::MAX),
        sha256,
        internal: cmd.internal,
        side: side(scope),
        actor: scope.actor.to_string(),
        at: scope.now,
    };
    row.clone().into_active_model().reset_all().insert(&*tx).await?;
    let event = ExceptionFileAttached {
        exception: case.id,
        kind: case.kind,
        subject: case.subject.clone(),
        attachment: row.id,
        name: row.name.clone(),
        media_type: row.media_type.clone(),
        sha256: row.sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes: row.size_bytes,
    };
    outbox::append(&tx, scope, vec![Fact::new(about, &event)?]).await?;
    tx.commit().await?;
    Ok(Attached { attachment: row, again: false })
}

fn check(scope: &Scope, cmd: &Attach, name: &str) -> Result<FileKind, Problems> {
    let mut problems = Problems::new();
    let field = Field::root().at("file");
    if cmd.bytes.len() > MAX_ATTACHMENT {
        problems.add("TOO_LARGE", &field, format!("at most {} MiB", MAX_ATTACHMENT >> 20));
    }
    if cmd.internal && scope.supplier.is_some() {
        let message = "only the buyer adds files that the other side does not see";
        problems.add("INVALID_VALUE", &Field::root().at("internal"), message);
    }
    let kind = FileKind::of(name, &cmd.bytes);
    if kind.is_none() {
        let message = "expected a PDF, PNG or JPEG, an EDI interchange, or CSV or text in UTF-8";
        problems.add("FILE_TYPE_NOT_ALLOWED", &field, message);
    }
    match kind {
        Some(kind) if problems.is_empty() => Ok(kind),
        _ => Err(problems),
    }
}

/// The same file, when it is there; too many files are a problem.
async fn same(
    tx: &Tx,
    scope: &Scope,
    cmd: &Attach,
    name: &str,
    sha256: &[u8],
) -> Result<Option<exception_attachment::Model>, AttachError> {
    use exception_attachment::Column;
    let of_case =
        || in_tenant::<exception_attachment::Entity>(scope).filter(Column::ExceptionId.eq(cmd.exception));
    let there = of_case()
        .filter(Column::Sha256.eq(sha256))
        .filter(Column::Name.eq(name))
        .filter(Column::Internal.eq(cmd.internal))
        .one(&**tx)
        .await?;
    if there.is_none() && of_case().count(&**tx).await? >= MAX_FILES {
        let message = format!("an exception has at most {MAX_FILES} files");
        let problems = Problems::one("TOO_MANY", &Field::root().at("file"), message);
        return Err(AttachError::Refused(problems));
    }
    Ok(there)
}

/// A file that the caller may see, and what it holds.
///
/// # Errors
/// There is none for the caller, or the database failed.
pub async fn attachment(
    scope: &Scope,
    id: AttachmentId,
) -> Result<(exception_attachment::Model, Vec<u8>), AttachError> {
    if !scope.may(Permission::OrdersRead) && !scope.may(Permission::ExceptionsManage) {
        return Err(AttachError::Forbidden);
    }
    let tx = scope.read().await?;
    let row = scope
        .find::<exception_attachment::Entity>()
        .filter(exception_attachment::Column::Id.eq(id))
        .one(&*tx)
        .await?
        .ok_or(AttachError::NotFound)?;
    let bytes = files::content(&tx, scope, &row.sha256).await?.ok_or(AttachError::NotFound)?;
    Ok((row, bytes))
}
