//! An example of a document, as a partner's own set-up has it: for those who build the other side.
use quayside_canonical::{
    Field, Problems, PurchaseOrderId, Timestamp, TradingPartnerId,
    order::PurchaseOrder,
    partner::{Agreement, Identifier},
    states::{EdiDocument, EdiWay, Environment, OrderStatus},
};
use quayside_entity::{purchase_order, trading_partner};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::{
    Failure, Scope,
    orders::query::document_of,
    partners::{agreement_of, identifiers_of},
    store::Tx,
};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct AskSample {
    /// For which partner.
    pub partner: TradingPartnerId,
    /// Which document.
    pub document: EdiDocument,
    /// Which way it goes; as it usually does, where nothing is said.
    pub way: Option<EdiWay>,
    /// Of which order; of the newest that is open, where nothing is said.
    pub order: Option<PurchaseOrderId>,
}

/// What an example is made of.
#[derive(Clone, Debug)]
pub struct SampleOf {
    /// What was agreed.
    pub agreement: Agreement,
    /// What the partner calls itself.
    pub theirs: Identifier,
    /// What we are to the partner.
    pub ours: Identifier,
    /// Whether the partner's data is trial data.
    pub test: bool,
    /// The time it carries.
    pub at: Timestamp,
    /// Which document.
    pub document: EdiDocument,
    /// Which way it goes.
    pub way: EdiWay,
    /// The order it is about. Nothing, when the supplier has none: then one is made up.
    pub order: Option<PurchaseOrder>,
}

/// An example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its bytes.
    pub content: Vec<u8>,
    /// What it is in the standard: `855`, `ORDRSP`.
    pub kind: String,
    /// The name of a file it could be.
    pub file_name: String,
    /// Its media type.
    pub media_type: &'static str,
}

/// Why there is no example.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// There is no such partner for the caller.
    #[error("there is no such trading partner")]
    NotFound,
    /// There is no such order of the partner's supplier for the caller.
    #[error("there is no such order of this supplier")]
    OrderNotFound,
    /// What is asked for cannot be said in the partner's set-up: every reason.
    #[error("it cannot be said in the partner's set-up")]
    Refused(Problems),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<sea_orm::DbErr> for SampleError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// The writing of EDI, as the API sees it.
pub trait Samples: Send + Sync {
    /// Writes an example.
    ///
    /// # Errors
    /// Every reason why it cannot be written.
    fn write(&self, of: &SampleOf) -> Result<Sample, Problems>;
}

/// Makes an example. Nothing is kept, and no control number is used up.
///
/// # Errors
/// See [`SampleError`].
pub async fn sample(scope: &Scope, samples: &dyn Samples, ask: AskSample) -> Result<Sample, SampleError> {
    let tx = scope.read().await?;
    let partner = scope
        .find::<trading_partner::Entity>()
        .filter(trading_partner::Column::Id.eq(ask.partner))
        .one(&*tx)
        .await?;
    let partner = partner.ok_or(SampleError::NotFound)?;
    let agreement = agreement_of(&partner)?;
    let theirs = identifiers_of(&partner)?.into_iter().next();
    let named = |id: &str| Identifier { qualifier: "ZZ".to_owned(), id: id.to_owned() };
    let of = SampleOf {
        theirs: theirs.unwrap_or_else(|| named("SUPPLIER")),
        ours: agreement.ours.first().cloned().unwrap_or_else(|| named("BUYER")),
        agreement,
        test: partner.environment == Environment::Test,
        at: scope.now,
        document: ask.document,
        way: way_of(ask)?,
        order: order(&tx, scope, &partner, ask.order).await?,
    };
    samples.write(&of).map_err(SampleError::Refused)
}

/// The way of a document: what is said about others goes both ways.
fn way_of(ask: AskSample) -> Result<EdiWay, SampleError> {
    let usual = match ask.document {
        EdiDocument::Order | EdiDocument::OrderChange | EdiDocument::ReceivingAdvice => Some(EdiWay::Out),
        EdiDocument::OrderAnswer
        | EdiDocument::ChangeAnswer
        | EdiDocument::ShipNotice
        | EdiDocument::Invoice => Some(EdiWay::In),
        EdiDocument::ApplicationAdvice | EdiDocument::SyntaxReport => None,
    };
    let way = ask.way.or(usual).unwrap_or(EdiWay::In);
    if usual.is_some_and(|usual| usual != way) {
        let words = "this document does not go that way";
        return Err(SampleError::Refused(Problems::one("INVALID_VALUE", &Field::root().at("way"), words)));
    }
    Ok(way)
}

async fn order(
    tx: &Tx,
    scope: &Scope,
    partner: &trading_partner::Model,
    wanted: Option<PurchaseOrderId>,
) -> Result<Option<PurchaseOrder>, SampleError> {
    use purchase_order::Column;
    let of_supplier =
        scope.find::<purchase_order::Entity>().filter(Column::SupplierId.eq(partner.supplier_id));
    let row = match wanted {
        Some(id) => {
            let row = of_supplier.filter(Column::Id.eq(id)).one(&**tx).await?;
            Some(row.ok_or(SampleError::OrderNotFound)?)
        }
        None => {
            let open = of_supplier.filter(Column::Status.ne(OrderStatus::Cancelled));
            open.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).one(&**tx).await?
        }
    };
    match row {
        Some(row) => Ok(document_of(tx, scope, row.id, row.revision).await?),
        None => Ok(None),
    }
}
