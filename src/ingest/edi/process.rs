//! One interchange from bytes to result.
use axum::body::Bytes;
use quayside_connectors::edi::Terms;
use quayside_domain::{
    BuyerScope, Failure, Scope, Store,
    interchanges::{self, Envelope, FileError, Filed, InterchangeResult, MessageRecord},
    scope::Standing,
};
use tokio::sync::mpsc;

use super::{
    LIMIT, Partner,
    act::Acting,
    read::{self, Batch, Item, Settings},
};

/// How many messages of an interchange get an exception of their own. The others share the interchange's.
const TOLD: usize = 50;

/// What is answered to an interchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterchangeReply {
    /// The result as JSON, byte for byte the same however often the interchange is sent.
    pub body: String,
    /// Whether anything could be read.
    pub readable: bool,
}

/// Files an interchange, carries out its messages, and says what became of each.
///
/// # Errors
/// It is too large, or something failed on our side: then what was carried out stays, and sending the same bytes
/// again goes on from there.
#[tracing::instrument(skip_all, fields(partner.id = %partner.id))]
pub async fn process(store: &Store, partner: &Partner, bytes: Bytes) -> Result<InterchangeReply, FileError> {
    let scope = buyer_scope(store, partner)?;
    let filed = interchanges::file(&scope, partner.id, partner.supplier, &bytes, LIMIT).await?;
    let (interchange, resumed) = match filed {
        Filed::Finished(_, result) => return reply(result),
        Filed::New(id) => (id, false),
        Filed::Unfinished(id) => (id, true),
    };
    let done = if resumed { interchanges::recorded(&scope, interchange).await? } else { Default::default() };
    let acting = Acting { scope: &scope, supplier: partner.supplier, resumed };
    let mut batches = start_reading(partner, bytes);
    let mut told = 0;
    let mut envelope = Envelope::default();
    let mut ended = false;
    while let Some(batch) = batches.recv().await {
        match batch {
            Batch::Items(items) => {
                let items: Vec<Item> = items.into_iter().filter(|item| !done.contains(&item.place)).collect();
                let mut records = acting.act(items).await?;
                limit_told(&mut records, &mut told, &mut envelope);
                interchanges::record(&scope, interchange, partner.supplier, &records).await?;
            }
            Batch::End(problems, warnings) => {
                (envelope.problems, envelope.warnings) = (problems, warnings);
                ended = true;
            }
        }
    }
    if !ended {
        return Err(
            Failure::System("reading an interchange ended before the interchange did".to_owned()).into()
        );
    }
    reply(interchanges::finish(&scope, interchange, partner.id, partner.supplier, envelope).await?)
}

/// The partner stands on the buyer's side: the copies are the tenant's own.
fn buyer_scope(store: &Store, partner: &Partner) -> Result<BuyerScope, Failure> {
    let standing = Standing { supplier: None, ..partner.standing.clone() };
    let scope = Scope::new(store, &standing, &partner.origin).as_buyer();
    scope.ok_or_else(|| Failure::System("a scope without a supplier is the buyer's".to_owned()))
}

fn start_reading(partner: &Partner, bytes: Bytes) -> mpsc::Receiver<Batch> {
    let terms = Terms {
        supplier: partner.supplier_number.clone(),
        currency: partner.currency.clone(),
        agreement: partner.agreement.clone(),
    };
    let settings = Settings { terms, takes_test_data: partner.takes_test_data };
    let (to, batches) = mpsc::channel(1);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = read::read(&bytes, &settings, &to) {
            tracing::error!(error = %error, "interchange cannot be read");
        }
    });
    batches
}

/// A file full of errors is one piece of work, not thousands.
fn limit_told(records: &mut [MessageRecord], told: &mut usize, envelope: &mut Envelope) {
    for record in records.iter_mut().filter(|record| record.needs_person) {
        if *told < TOLD {
            *told += 1;
        } else {
            record.needs_person = false;
            envelope.untold += 1;
        }
    }
}

fn reply(body: String) -> Result<InterchangeReply, FileError> {
    let result: InterchangeResult = serde_json::from_str(&body).map_err(Failure::from)?;
    Ok(InterchangeReply { readable: result.is_readable(), body })
}
