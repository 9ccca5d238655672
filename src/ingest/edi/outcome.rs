//! What an interchange came to, for those who answer it: by TA1, 997 or CONTRL, and by 824 or APERAK.
//!
//! Nothing of it is kept beside what is on file anyway. The event `interchange.received` says that an interchange
//! is through; whoever follows the log asks here, then or later, and gets the same answer: the bytes are read again,
//! and what was recorded about them is laid beside.
use quayside_canonical::{
    InterchangeId, Problem, SupplierId, TradingPartnerId,
    partner::Identifier,
    states::{EdiSyntax, EdiWay},
};
use quayside_domain::{
    Failure, Scope,
    interchanges::{self, FiledInterchange, MessageResult, REPEATED},
};
use quayside_edi::{
    Control, Options, ProblemCode, Standard, edifact, x12,
    x12::messages::{FunctionalAcknowledgment, InterchangeAcknowledgment},
};

/// What an interchange came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The interchange.
    pub interchange: InterchangeId,
    /// Whose it is. Nobody is answered where that is not known.
    pub partner: Option<TradingPartnerId>,
    /// The partner's supplier.
    pub supplier: Option<SupplierId>,
    /// Which way it goes: what the tenant's own translator sent is not ours to answer.
    pub way: Option<EdiWay>,
    /// Who sent it.
    pub sender: Option<Identifier>,
    /// For whom it is.
    pub receiver: Option<Identifier>,
    /// The sender's number of it.
    pub control_number: Option<String>,
    /// Whether it is trial data.
    pub is_test: bool,
    /// Why nothing of it was taken, whatever it says.
    pub refusal: Option<Problem>,
    /// What the standard has answered about its syntax.
    pub acknowledgment: Acknowledgment,
    /// What became of its messages, in their order. One that is right in form and was refused is for 824 or APERAK:
    /// its stage is past `RECEIVED`.
    pub messages: Vec<MessageOutcome>,
}

/// What is owed to the sender of an interchange about its syntax, whatever is agreed about sending it.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each interchange, and it is soon taken apart"
)]
pub enum Acknowledgment {
    /// It is no interchange that can be answered.
    None,
    /// In X12.
    X12 {
        /// The TA1 of its envelope. One that reports no fault is there only where ISA14 asks for it.
        interchange: Option<InterchangeAcknowledgment>,
        /// A 997 for each of its groups; none where the interchange itself is refused.
        groups: Vec<FunctionalAcknowledgment>,
    },
    /// In EDIFACT: a CONTRL. None to a CONTRL.
    Edifact(Option<edifact::messages::SyntaxReport>),
}

/// A message and what became of it.
#[derive(Clone, Debug)]
pub struct MessageOutcome {
    /// Its place in the interchange, from 1.
    pub place: usize,
    /// What became of it.
    pub result: MessageResult,
    /// The number of the document it is: of the order, the shipment or the receipt. None where it could not be read.
    pub document: Option<String>,
}

/// What became of an interchange that is through. None when there is none of this id, or it is not finished yet.
///
/// # Errors
/// The database failed.
pub async fn outcome(scope: &Scope, id: InterchangeId) -> Result<Option<Outcome>, Failure> {
    let Some(filed) = interchanges::filed(scope, id).await? else { return Ok(None) };
    if filed.row.finished_at.is_none() {
        return Ok(None);
    }
    let Some(result) = interchanges::results_of(scope, id).await? else { return Ok(None) };
    let refusal = filed.row.refusal.as_deref().map(serde_json::from_str::<Problem>).transpose()?;
    let syntax = filed.row.syntax;
    let read = {
        let refusal = refusal.clone();
        let FiledInterchange { bytes, .. } = &filed;
        let bytes = bytes.clone();
        let reading = tokio::task::spawn_blocking(move || read(syntax, &bytes, refusal.as_ref()));
        reading.await.map_err(|error| Failure::System(error.to_string()))?
    };
    let Read { acknowledgment, documents } = read.map_err(|error| Failure::System(error.to_string()))?;
    let mut documents = documents.into_iter();
    let messages = result.messages.into_iter().enumerate().map(|(at, result)| MessageOutcome {
        place: at + 1,
        result,
        document: documents.next().flatten(),
    });
    let messages = messages.collect();
    let row = filed.row;
    let party =
        |qualifier: Option<String>, id: Option<String>| Some(Identifier { qualifier: qualifier?, id: id? });
    Ok(Some(Outcome {
        interchange: id,
        partner: row.partner_id,
        supplier: row.supplier_id,
        way: row.way,
        sender: party(row.sender_qualifier, row.sender),
        receiver: party(row.receiver_qualifier, row.receiver),
        control_number: row.control_number,
        is_test: row.usage.as_deref() == Some("T"),
        refusal,
        acknowledgment,
        messages,
    }))
}

/// What the bytes say.
struct Read {
    acknowledgment: Acknowledgment,
    /// The number of each message's document, in their order.
    documents: Vec<Option<String>>,
}

fn read(syntax: Option<EdiSyntax>, bytes: &[u8], refusal: Option<&Problem>) -> std::io::Result<Read> {
    match syntax {
        None => Ok(Read { acknowledgment: Acknowledgment::None, documents: Vec::new() }),
        Some(EdiSyntax::X12) => read_x12(bytes, refusal),
        Some(EdiSyntax::Edifact) => read_edifact(bytes, refusal),
    }
}

fn read_x12(bytes: &[u8], refusal: Option<&Problem>) -> std::io::Result<Read> {
    let options = Options::default();
    let found = x12::Interchanges::new(bytes, options).next().transpose()?;
    let Some(mut found) = found else {
        return Ok(Read { acknowledgment: Acknowledgment::None, documents: Vec::new() });
    };
    found.problems.splice(0..0, refusal.map(|refusal| in_envelope(refusal, EdiSyntax::X12)));
    let interchange = x12::acknowledge::interchange(&found);
    let groups = if found.rejected() {
        Vec::new()
    } else {
        found.groups.iter().filter_map(|group| x12::acknowledge::group(group, &options)).collect()
    };
    let sets = found.groups.iter().flat_map(|group| &group.sets);
    let numbers = sets.map(|set| {
        let message = x12::messages::read(set, &options).message?;
        let number = message.number().or_else(|| message.order_numbers().first().copied());
        number.map(str::to_owned)
    });
    // A TA1 is on record as a message, and is no document.
    let mut documents = vec![None; found.acknowledgments.len()];
    documents.extend(numbers);
    Ok(Read { documents, acknowledgment: Acknowledgment::X12 { interchange, groups } })
}

fn read_edifact(bytes: &[u8], refusal: Option<&Problem>) -> std::io::Result<Read> {
    let options = Options::default();
    let found = edifact::Interchanges::new(bytes, options).next().transpose()?;
    let Some(mut found) = found else {
        return Ok(Read { acknowledgment: Acknowledgment::None, documents: Vec::new() });
    };
    found.problems.splice(0..0, refusal.map(|refusal| in_envelope(refusal, EdiSyntax::Edifact)));
    let report = edifact::acknowledge::interchange(&found, &options);
    // BGM 1004 stands in every message that is a document.
    let document = |raw: &edifact::RawMessage| {
        let begin = raw.segments().find(|segment| segment.id() == b"BGM")?;
        Some(begin.text(2, 1)).filter(|number| !number.is_empty())
    };
    let documents = found.messages().map(document).collect();
    Ok(Read { documents, acknowledgment: Acknowledgment::Edifact(report) })
}

/// A refusal of ours as a fault of the envelope, under the code that the standard has for it.
fn in_envelope(refusal: &Problem, syntax: EdiSyntax) -> quayside_edi::Problem {
    let (ta1, contrl) = match refusal.code.as_str() {
        REPEATED => ("025", "26"),
        "TEST_DATA" => ("020", "25"),
        "UNKNOWN_RECEIVER" => ("009", "7"),
        "PARTNER_DISABLED" => ("006", "17"),
        // Whoever it is, it is not the one whose channel this is.
        _ => ("006", "23"),
    };
    let position = Control::default().at_byte(0);
    let mut problem =
        quayside_edi::Problem::new(ProblemCode::StructureInvalid, position, refusal.message.clone());
    problem.standard = Some(match syntax {
        EdiSyntax::X12 => Standard::Ta105(ta1),
        EdiSyntax::Edifact => Standard::Contrl(contrl),
    });
    problem
}
