//! What an interchange came to, for those who answer it: by TA1, 997 or CONTRL, and by 824 or APERAK.
//!
//! Nothing of it is kept beside what is on file anyway. The event `interchange.received` says that an interchange
//! is through; whoever follows the log asks here, then or later, and gets the same answer: the bytes are read again,
//! and what was recorded about them is laid beside.
use quayside_canonical::{
    InterchangeId, Problem, SupplierId, TradingPartnerId,
    partner::{Agreement, Identifier},
    states::{EdiReading, EdiSyntax, EdiWay, MessageStage},
};
use quayside_connectors::edi;
use quayside_domain::{
    Failure, Scope,
    interchanges::{self, FiledInterchange, InterchangeResult, MessageResult, REPEATED, is_refused},
    partners,
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
        /// The TA1 of its envelope; none to an interchange that itself only answers.
        interchange: Option<InterchangeAcknowledgment>,
        /// Whether that is owed: the envelope is at fault, or ISA14 asks for it.
        is_owed: bool,
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
    let agreement = match filed.row.partner_id {
        Some(partner) => partners::partner_of(scope, partner).await?,
        None => None,
    };
    let agreement = agreement.map(|(partner, _)| partners::agreement_of(&partner)).transpose()?;
    let refusal = filed.row.refusal.as_deref().map(serde_json::from_str::<Problem>).transpose()?;
    let syntax = filed.row.syntax;
    let read = {
        let refusal = refusal.clone();
        let FiledInterchange { bytes, .. } = &filed;
        let (bytes, result) = (bytes.clone(), result.clone());
        let agreement = agreement.unwrap_or_default();
        let reading = tokio::task::spawn_blocking(move || {
            let known = Known { refusal: refusal.as_ref(), result: &result, agreement: &agreement };
            read(syntax, &bytes, &known)
        });
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

/// What is on record about the bytes.
struct Known<'a> {
    refusal: Option<&'a Problem>,
    result: &'a InterchangeResult,
    agreement: &'a Agreement,
}

impl Known<'_> {
    /// Puts what refused the envelope, and was no reason by itself, among its faults.
    fn hold(&self, syntax: EdiSyntax, problems: &mut Vec<quayside_edi::Problem>) {
        let refused = |code: &str| self.result.problems.iter().any(|problem| problem.code == code);
        for problem in problems.iter_mut().filter(|problem| !problem.rejects()) {
            if refused(problem.code.as_str()) {
                *problem = problem.clone().refused();
            }
        }
        problems.splice(0..0, self.refusal.map(|refusal| in_envelope(refusal, syntax)));
    }

    /// How the messages were read when they came: a form that refused one, and would refuse it no more by itself, was
    /// held to the letter, whatever is agreed by now.
    fn reading(&self, refused_by_themselves: impl Iterator<Item = bool>) -> Agreement {
        let strictly = |(result, by_itself): (&MessageResult, bool)| {
            let form = result.stage == MessageStage::Received && is_refused(result.outcome);
            form && !by_itself && edi::TAKEN.contains(&result.message_type.as_str())
        };
        let was_strict = self.result.messages.iter().zip(refused_by_themselves).any(strictly);
        let reading = if was_strict { EdiReading::Strict } else { EdiReading::Tolerant };
        Agreement { reading, ..self.agreement.clone() }
    }
}

fn read(syntax: Option<EdiSyntax>, bytes: &[u8], known: &Known<'_>) -> std::io::Result<Read> {
    match syntax {
        None => Ok(Read { acknowledgment: Acknowledgment::None, documents: Vec::new() }),
        Some(EdiSyntax::X12) => read_x12(bytes, known),
        Some(EdiSyntax::Edifact) => read_edifact(bytes, known),
    }
}

fn read_x12(bytes: &[u8], known: &Known<'_>) -> std::io::Result<Read> {
    let options = Options::default();
    let found = x12::Interchanges::new(bytes, options).next().transpose()?;
    let Some(mut found) = found else {
        return Ok(Read { acknowledgment: Acknowledgment::None, documents: Vec::new() });
    };
    known.hold(EdiSyntax::X12, &mut found.problems);
    let is_owed = x12::acknowledge::interchange(&found).is_some();
    let interchange = x12::acknowledge::envelope(&found);
    // A TA1 is on record as a message, and is no document.
    let mut documents = vec![None; found.acknowledgments.len()];
    let mut refused = vec![true; found.acknowledgments.len()];
    for group in &found.groups {
        for set in &group.sets {
            let reading = x12::messages::read(set, &options);
            refused.push(group.rejected() || reading.problems.iter().any(quayside_edi::Problem::rejects));
            documents.push(reading.message.as_ref().and_then(document_of));
        }
    }
    let agreement = known.reading(refused.into_iter());
    let weight = |problem: &quayside_edi::Problem| edi::weight(problem, &agreement);
    let group = |group: &x12::Group| x12::acknowledge::group_by(group, &options, &weight);
    let groups = if found.rejected() { Vec::new() } else { found.groups.iter().filter_map(group).collect() };
    Ok(Read { documents, acknowledgment: Acknowledgment::X12 { interchange, is_owed, groups } })
}

fn document_of(message: &x12::messages::Message) -> Option<String> {
    let number = message.number().or_else(|| message.order_numbers().first().copied());
    number.map(str::to_owned)
}

fn read_edifact(bytes: &[u8], known: &Known<'_>) -> std::io::Result<Read> {
    let options = Options::default();
    let found = edifact::Interchanges::new(bytes, options).next().transpose()?;
    let Some(mut found) = found else {
        return Ok(Read { acknowledgment: Acknowledgment::None, documents: Vec::new() });
    };
    known.hold(EdiSyntax::Edifact, &mut found.problems);
    let rejects = |raw: &edifact::RawMessage| {
        edifact::messages::read(raw, &options).problems.iter().any(quayside_edi::Problem::rejects)
    };
    let of_group = |group: &edifact::Group| {
        group.messages.iter().map(|raw| group.rejected() || rejects(raw)).collect::<Vec<bool>>()
    };
    let agreement = known.reading(found.groups.iter().flat_map(of_group));
    let weight = |problem: &quayside_edi::Problem| edi::weight(problem, &agreement);
    let report = edifact::acknowledge::interchange_by(&found, &options, &weight);
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
