//! `validateInterchange`: what would become of a file.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use base64::{Engine, prelude::BASE64_STANDARD};
use quayside_canonical::{
    TradingPartnerId,
    states::{DocumentOutcome, EdiSyntax, InterchangeStatus, MessageStage},
};
use quayside_domain::interchanges::{
    DryRun, DryRunError, ValidatedInterchange, ValidatedMessage, Validation,
};

use super::{InterchangeParty, InterchangeProblem, desk};
use crate::{
    context::{coded, internal, scope},
    types::{
        Code, Row,
        plain::plain,
        user_error::{InterchangeError, InterchangeErrorCode},
    },
};

/// A file to try.
#[derive(InputObject)]
pub struct ValidateInterchangeInput {
    /// The trading partner who would send it.
    trading_partner_id: ID,
    /// The file as text. Give this or `base64`.
    content: Option<String>,
    /// The file's bytes in Base64: what is not UTF-8 cannot come as text.
    base64: Option<String>,
}

/// What would become of it.
#[derive(SimpleObject)]
pub struct ValidateInterchangePayload {
    /// What would become of the file. Nothing of it was kept.
    validation: Option<Row<InterchangeValidation>>,
    /// Every problem of the request at once. What is wrong with the file is in `validation`.
    user_errors: Vec<InterchangeError>,
}

plain! {
    /// What would become of a file.
    InterchangeValidation {
        /// Its interchanges, in their order.
        interchanges as "interchanges": Vec<InterchangeTrial>,
        /// What is wrong with it outside its interchanges.
        problems as "problems": Vec<InterchangeProblem>,
        /// What about that should be known.
        warnings as "warnings": Vec<InterchangeProblem>,
    }

    /// What would become of an interchange.
    InterchangeTrial {
        /// Its standard.
        syntax as "syntax": Option<Code<EdiSyntax>>,
        /// Who sent it.
        sender as "sender": Option<InterchangeParty>,
        /// For whom it is.
        receiver as "receiver": Option<InterchangeParty>,
        /// The sender's number of it. Whether it was used before is not looked at.
        control_number as "controlNumber": Option<String>,
        /// What would become of it.
        status as "status": Code<InterchangeStatus>,
        /// What would become of its messages, in their order.
        messages as "messages": Vec<InterchangeMessageTrial>,
        /// What is wrong with its envelopes.
        problems as "problems": Vec<InterchangeProblem>,
        /// What about them should be known.
        warnings as "warnings": Vec<InterchangeProblem>,
    }

    /// What would become of a message.
    InterchangeMessageTrial {
        /// What it is, such as `850` or `ORDERS`.
        message_type as "type": String,
        /// The sender's number of the group it is in.
        group_control_number as "groupControlNumber": Option<String>,
        /// The sender's number of it.
        control_number as "controlNumber": String,
        /// How far it would come.
        stage as "stage": Code<MessageStage>,
        /// What would become of it.
        outcome as "outcome": Code<DocumentOutcome>,
        /// Whether the rules were asked too. They are not about what an earlier message of the file would have to do
        /// first.
        checked as "checked": bool,
        /// Why it would not be taken.
        problems as "problems": Vec<InterchangeProblem>,
        /// What would be taken with reservations.
        warnings as "warnings": Vec<InterchangeProblem>,
    }
}

/// A way to try files.
#[derive(Default)]
pub struct ValidateInterchangeMutation;

#[Object]
impl ValidateInterchangeMutation {
    /// Try a file as if a trading partner had sent it: everything that is wrong at once, and nothing is written. At most
    /// 4 MiB, within the limit of a request.
    async fn validate_interchange(
        &self,
        ctx: &Context<'_>,
        input: ValidateInterchangeInput,
    ) -> Result<ValidateInterchangePayload> {
        let (scope, desk) = (scope(ctx)?, desk(ctx)?);
        let Ok(partner) = input.trading_partner_id.parse::<TradingPartnerId>() else {
            return refused(DryRunError::NotFound);
        };
        let content = match (input.content, input.base64) {
            (Some(content), None) => content.into_bytes(),
            (None, Some(encoded)) => {
                let Ok(content) = BASE64_STANDARD.decode(encoded.trim()) else {
                    return invalid(InterchangeErrorCode::InvalidValue, "base64", "this is no Base64");
                };
                content
            }
            (None, None) | (Some(_), Some(_)) => {
                let words = "give the file either as `content` or as `base64`";
                return invalid(InterchangeErrorCode::Required, "content", words);
            }
        };
        match desk.validate(scope, DryRun { partner, content }).await {
            Ok(validation) => Ok(ValidateInterchangePayload {
                validation: Some(Row(validation.into())),
                user_errors: Vec::new(),
            }),
            Err(error) => refused(error),
        }
    }
}

fn invalid(code: InterchangeErrorCode, field: &str, message: &str) -> Result<ValidateInterchangePayload> {
    let user_errors = InterchangeError::one(code, field, message);
    Ok(ValidateInterchangePayload { validation: None, user_errors })
}

fn refused(error: DryRunError) -> Result<ValidateInterchangePayload> {
    match error {
        DryRunError::NotFound => {
            invalid(InterchangeErrorCode::NotFound, "tradingPartnerId", &error.to_string())
        }
        DryRunError::TooLarge { .. } => {
            invalid(InterchangeErrorCode::TooLarge, "content", &error.to_string())
        }
        DryRunError::Forbidden => Err(coded("FORBIDDEN", error.to_string())),
        DryRunError::Internal(failure) => Err(internal(&failure)),
    }
}

fn all(problems: Vec<quayside_canonical::Problem>) -> Vec<InterchangeProblem> {
    problems.into_iter().map(InterchangeProblem::from).collect()
}

impl From<Validation> for InterchangeValidation {
    fn from(validation: Validation) -> Self {
        Self {
            interchanges: validation.interchanges.into_iter().map(InterchangeTrial::from).collect(),
            problems: all(validation.problems),
            warnings: all(validation.warnings),
        }
    }
}

impl From<ValidatedInterchange> for InterchangeTrial {
    fn from(tried: ValidatedInterchange) -> Self {
        Self {
            syntax: tried.syntax.map(Code),
            sender: tried.sender.map(InterchangeParty::from),
            receiver: tried.receiver.map(InterchangeParty::from),
            control_number: tried.control_number,
            status: Code(tried.status),
            messages: tried.messages.into_iter().map(InterchangeMessageTrial::from).collect(),
            problems: all(tried.problems),
            warnings: all(tried.warnings),
        }
    }
}

impl From<ValidatedMessage> for InterchangeMessageTrial {
    fn from(ValidatedMessage { result, is_checked }: ValidatedMessage) -> Self {
        Self {
            message_type: result.message_type,
            group_control_number: result.group,
            control_number: result.control_number,
            stage: Code(result.stage),
            outcome: Code(result.outcome),
            checked: is_checked,
            problems: all(result.problems),
            warnings: all(result.warnings),
        }
    }
}
