//! One file from bytes to result.
use axum::body::Bytes;
use quayside_canonical::{InterchangeFileId, InterchangeId, Problem};
use quayside_domain::{
    BuyerScope, Failure, Store,
    interchanges::{
        self, Arrival, Envelope, FileError, FileResult, Filed, Found, MessageRecord, Opened, Opening,
    },
};
use quayside_edi::{Control, Options, ProblemCode};
use tokio::sync::mpsc;

use super::{
    Entrance, LIMIT,
    act::Acting,
    entrance::{Owner, owner_of},
    read::{self, Faults, Item, Parsed, Settings},
    split::{Piece, Split, split},
};

/// How many messages of an interchange get an exception of their own. The others share the interchange's.
const TOLD: usize = 50;
/// How many interchanges are taken in one file.
pub(super) const MOST_INTERCHANGES: usize = 1_000;

/// What is answered to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterchangeReply {
    /// The result as JSON, byte for byte the same however often the file is sent.
    pub body: String,
    /// The same to work with.
    pub result: FileResult,
}

/// Files what came, carries out its messages, and says what became of each.
///
/// # Errors
/// It is too large, or something failed on our side: then what was carried out stays, and sending the same bytes
/// again goes on from there.
#[tracing::instrument(skip_all, fields(edi.door = ?entrance.door()))]
pub async fn process(
    store: &Store,
    entrance: &Entrance,
    bytes: Bytes,
) -> Result<InterchangeReply, FileError> {
    let scope = entrance.scope(store)?;
    let arrival = Arrival {
        door: entrance.door(),
        supplier: entrance.supplier(),
        name: entrance.name(),
        repeats: entrance.repeats(),
        bytes: &bytes,
        limit: LIMIT,
    };
    let file = match interchanges::file(&scope, &arrival).await? {
        Filed::Finished(_, result) => return reply(result),
        Filed::New(file) | Filed::Unfinished(file) => file,
    };
    let work = Work { scope: &scope, entrance, file, bytes };
    reply(work.through().await?)
}

/// A file that is being dealt with.
struct Work<'a> {
    scope: &'a BuyerScope,
    entrance: &'a Entrance,
    file: InterchangeFileId,
    bytes: Bytes,
}

impl Work<'_> {
    async fn through(&self) -> Result<String, Failure> {
        let bytes = self.bytes.clone();
        let Split { pieces, garbage } = on_thread(move || split(&bytes, Options::default().limits)).await?;
        let mut outside = outside(&self.bytes, &garbage);
        let mut ids = Vec::with_capacity(pieces.len().min(MOST_INTERCHANGES));
        if pieces.len() > MOST_INTERCHANGES {
            outside.problems.insert(0, too_many(pieces.len()));
        } else {
            for piece in pieces {
                if let Some(parsed) = self.parse(piece).await? {
                    ids.push(self.interchange(ids.len() + 1, parsed).await?);
                }
            }
        }
        if ids.is_empty() {
            ids.push(self.nothing(&mut outside).await?);
        }
        let found = Found { problems: outside.problems, warnings: outside.warnings, untold: 0 };
        interchanges::close(self.scope, self.file, &ids, found).await
    }

    async fn parse(&self, piece: Piece) -> Result<Option<Parsed>, Failure> {
        let bytes = self.bytes.clone();
        let parsed = on_thread(move || read::parse(&bytes, piece, &Options::default())).await?;
        parsed.map_err(|error| Failure::System(error.to_string()))
    }

    /// Takes one interchange, unless that was done before.
    async fn interchange(&self, place: usize, mut parsed: Parsed) -> Result<InterchangeId, Failure> {
        let envelope = parsed.envelope(&self.bytes);
        let owner = owner_of(self.scope, self.entrance, &envelope).await?;
        parsed.hold_to(&owner.agreement);
        let (id, refusal, resumed) = match self.open(place, &envelope, &owner, parsed.is_rejected()).await? {
            Opened::Done(id) => return Ok(id),
            Opened::Open { id, refusal, resumed } => (id, refusal, resumed),
        };
        let Faults { mut problems, warnings } = parsed.faults();
        problems.splice(0..0, refusal.clone());
        let found = Found { problems, warnings, untold: 0 };
        let taking = Taking { id, owner: &owner, refusal, resumed };
        taking.through(self.scope, parsed, self.bytes.clone(), found).await?;
        Ok(id)
    }

    async fn open(
        &self,
        place: usize,
        envelope: &Envelope,
        owner: &Owner,
        is_rejected: bool,
    ) -> Result<Opened, Failure> {
        let opening = Opening {
            file: self.file,
            place: i32::try_from(place).unwrap_or(i32::MAX),
            partner: owner.partner.map(|(partner, _)| partner),
            supplier: owner.partner.map(|(_, supplier)| supplier),
            way: owner.way,
            repeats: owner.agreement.repeats,
            envelope,
            refusal: owner.refusal.clone(),
            is_rejected,
        };
        interchanges::open(self.scope, opening).await
    }

    /// Puts a file on record that holds no interchange.
    async fn nothing(&self, outside: &mut Faults) -> Result<InterchangeId, Failure> {
        let envelope = Envelope { length: self.bytes.len() as u64, ..Envelope::default() };
        let owner = owner_of(self.scope, self.entrance, &envelope).await?;
        let id = match self.open(1, &envelope, &owner, true).await? {
            Opened::Done(id) | Opened::Open { id, .. } => id,
        };
        let mut problems = std::mem::take(&mut outside.problems);
        if problems.is_empty() {
            problems.push(no_interchange());
        }
        let found = Found { problems, warnings: std::mem::take(&mut outside.warnings), untold: 0 };
        interchanges::finish(self.scope, id, found).await?;
        Ok(id)
    }
}

/// An interchange whose messages are taken, or refused one by one.
struct Taking<'a> {
    id: InterchangeId,
    owner: &'a Owner,
    refusal: Option<Problem>,
    resumed: bool,
}

impl Taking<'_> {
    async fn through(
        &self,
        files: &BuyerScope,
        parsed: Parsed,
        bytes: Bytes,
        mut found: Found,
    ) -> Result<(), Failure> {
        let scope = self.owner.scope(files);
        let supplier = self.owner.partner.map(|(_, supplier)| supplier);
        let done =
            if self.resumed { interchanges::recorded(&scope, self.id).await? } else { Default::default() };
        let acting = Acting {
            scope: &scope,
            partner: self.owner.partner.map(|(partner, _)| partner),
            supplier,
            resumed: self.resumed,
            forced: false,
        };
        let mut batches = start_reading(parsed, bytes, self.owner, self.refusal.clone());
        let mut told = 0;
        while let Some(items) = batches.items.recv().await {
            let items: Vec<Item> = items.into_iter().filter(|item| !done.contains(&item.place)).collect();
            let mut records = Box::pin(acting.act(items)).await?;
            limit_told(&mut records, &mut told, &mut found);
            interchanges::record(&scope, self.id, supplier, records).await?;
        }
        batches.ended().await?;
        interchanges::finish(&scope, self.id, found).await
    }
}

/// The messages of an interchange, as they are read on a thread of their own.
pub(super) struct Batches {
    pub(super) items: mpsc::Receiver<Vec<Item>>,
    thread: tokio::task::JoinHandle<()>,
}

impl Batches {
    /// Fails when reading ended before the interchange did.
    pub(super) async fn ended(self) -> Result<(), Failure> {
        let ended = self.thread.await;
        ended.map_err(|error| Failure::System(format!("reading an interchange ended before it did: {error}")))
    }
}

pub(super) fn start_reading(
    parsed: Parsed,
    bytes: Bytes,
    owner: &Owner,
    refusal: Option<Problem>,
) -> Batches {
    let settings = Settings { terms: owner.terms(), refusal };
    let (to, items) = mpsc::channel(1);
    let thread = tokio::task::spawn_blocking(move || {
        read::read(&parsed, &bytes, &settings, &Options::default(), &to);
    });
    Batches { items, thread }
}

/// Does what takes a processor's time where nobody else waits for it.
pub(super) async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::System(error.to_string()))
}

/// What stands in a file outside its interchanges.
pub(super) fn outside(bytes: &[u8], garbage: &[(usize, usize)]) -> Faults {
    let mut faults = Faults::default();
    for (at, length) in garbage {
        let sample = bytes.get(*at..).unwrap_or_default().iter().take((*length).min(40)).copied();
        let sample = sample.collect::<Vec<u8>>().escape_ascii().to_string();
        let words = format!("{length} bytes outside any interchange: \"{sample}\"");
        let position = Control::default().at_byte(*at as u64);
        faults.note(&[quayside_edi::Problem::new(ProblemCode::BytesOutside, position, words)], 0);
    }
    faults
}

pub(super) fn no_interchange() -> Problem {
    Problem {
        code: "NO_INTERCHANGE".to_owned(),
        field: Vec::new(),
        message: "the file holds no ISA and no UNB segment".to_owned(),
    }
}

pub(super) fn too_many(count: usize) -> Problem {
    Problem {
        code: "TOO_MANY_INTERCHANGES".to_owned(),
        field: Vec::new(),
        message: format!(
            "the file holds {count} interchanges; at most {MOST_INTERCHANGES} are taken at once"
        ),
    }
}

/// A file full of errors is one piece of work, not thousands.
fn limit_told(records: &mut [MessageRecord], told: &mut usize, found: &mut Found) {
    for record in records.iter_mut().filter(|record| record.needs_person) {
        if *told < TOLD {
            *told += 1;
        } else {
            record.needs_person = false;
            found.untold += 1;
        }
    }
}

fn reply(body: String) -> Result<InterchangeReply, FileError> {
    let result = serde_json::from_str(&body).map_err(Failure::from)?;
    Ok(InterchangeReply { body, result })
}
