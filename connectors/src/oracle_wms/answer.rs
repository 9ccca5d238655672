//! What the WMS says, and what it means. A status alone means little: before release 21D a refusal came with 200.
use serde_json::Value;

use super::map::{Mark, Target, Want};
use super::wire::Config;
use crate::http::{Answer, Reply};
use crate::text::one_line;
use crate::{DeliveryError, Receipt, xml};

const LONGEST_CODE: usize = 100;
const LONGEST_MESSAGE: usize = 1000;

/// A stage interface that took a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Staged {
    /// The number of the file group, as far as it was said.
    pub(super) group: Option<String>,
}

/// What HTTP alone says, but for 403: that is no wrong password. The WMS knows the user, and the user may not.
fn judged(answer: Answer, config: &Config, facility: Option<&str>) -> Result<Reply, DeliveryError> {
    if answer.status.as_u16() != 403 {
        return answer.judged();
    }
    let place = facility.map(|code| format!("facility {code} and ")).unwrap_or_default();
    let message = format!(
        "the WMS knows this user and does not let it do this: ask the administrator of the WMS for the permissions \
         lgfapi_read_access, lgfapi_create_access and lgfapi_update_access (before 24 can_run_ws_stage_interface) \
         and for eligibility for {place}company {}",
        config.company
    );
    Err(DeliveryError::Refused { code: "NOT_ELIGIBLE".to_owned(), message })
}

/// The answer of `init_stage_interface`: `<root><success>…</success><response>…</response></root>`.
pub(super) fn staged(answer: Answer, config: &Config, target: &Target) -> Result<Staged, DeliveryError> {
    let reply = judged(answer, config, Some(&target.facility))?;
    let body = xml::read(&reply.body).unwrap_or_default();
    let root = &body["root"];
    let message = root["response"]["message"].as_str().unwrap_or_default();
    match root["success"].as_str().map(str::to_ascii_lowercase).as_deref() {
        Some("true") if reply.is_success() && says_nothing(&root["response"]["errors"]) => {
            Ok(Staged { group: file_group(message) })
        }
        Some("false") => Err(DeliveryError::Refused {
            code: format!("{}_REFUSED", target.entity.to_ascii_uppercase()),
            message: one_line(&told(message, &root["response"]["errors"]), LONGEST_MESSAGE),
        }),
        _ if reply.is_success() => Err(DeliveryError::unconfirmed(format!(
            "answer {}, but its body does not say clearly that it worked",
            reply.status
        ))),
        _ => Err(refusal(&reply)),
    }
}

fn says_nothing(errors: &Value) -> bool {
    errors.is_null() || errors.as_str().is_some_and(|text| text.trim().is_empty())
}

/// The message, and the errors behind it.
fn told(message: &str, errors: &Value) -> String {
    let message = if message.trim().is_empty() { "the WMS gave no reason" } else { message };
    if says_nothing(errors) { message.to_owned() } else { format!("{message}: {}", flat(errors)) }
}

/// Every text in a tree, in its order.
fn flat(value: &Value) -> String {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{name} {}", flat(value)))
            .collect::<Vec<_>>()
            .join("; "),
        Value::Array(items) => items.iter().map(flat).collect::<Vec<_>>().join("; "),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn file_group(message: &str) -> Option<String> {
    let (_, after) = message.split_once("file group ")?;
    let group: String = after.chars().take_while(char::is_ascii_alphanumeric).collect();
    (!group.is_empty() && group.len() <= 50).then_some(group)
}

/// The answer of a stage of `lgfapi`: nothing, or a JSON object that is no error.
pub(super) fn created(answer: Answer, config: &Config, target: &Target) -> Result<(), DeliveryError> {
    let reply = judged(answer, config, Some(&target.facility))?;
    if !reply.is_success() {
        return Err(refusal(&reply));
    }
    if reply.status == 204 {
        return Ok(());
    }
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if is_error(&body) {
        return Err(refusal(&reply));
    }
    let fine = body.is_object() && body["success"] != Value::Bool(false);
    fine.then_some(()).ok_or_else(|| {
        DeliveryError::unconfirmed(format!("answer {}, but its body is not what was agreed", reply.status))
    })
}

/// The four members of every error of `lgfapi`, of which two are enough.
fn is_error(body: &Value) -> bool {
    body["code"].is_string() && body["message"].is_string()
}

/// A refusal with what `lgfapi` calls its details.
fn refusal(reply: &Reply) -> DeliveryError {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if !is_error(&body) {
        return reply.refusal();
    }
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    DeliveryError::Refused {
        code: one_line(text("code"), LONGEST_CODE),
        message: one_line(&told(text("message"), &body["details"]), LONGEST_MESSAGE),
    }
}

/// A page of records.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Rows {
    pub(super) rows: Vec<Value>,
    pub(super) more: bool,
}

/// The answer to a question for records. Nothing found is an empty page, or an error with 404 in `lgfapi`'s own
/// form; a 404 of anybody else says nothing.
pub(super) fn rows(answer: Answer, config: &Config, facility: Option<&str>) -> Result<Rows, DeliveryError> {
    let reply = judged(answer, config, facility)?;
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    match (reply.status, body["results"].as_array()) {
        (200, Some(results)) => {
            let more = body["next_page"].as_str().is_some_and(|link| !link.is_empty());
            Ok(Rows { rows: results.clone(), more })
        }
        (404, _) if is_error(&body) => Ok(Rows::default()),
        (404, _) => Err(DeliveryError::Refused {
            code: "NOT_THE_WMS".to_owned(),
            message: "404, and not in the way the WMS says it: check `base_url`".to_owned(),
        }),
        (status, _) if reply.is_success() => {
            Err(DeliveryError::unconfirmed(format!("answer {status}, but its body is no page of records")))
        }
        _ => Err(refusal(&reply)),
    }
}

/// The record with the target's number, among what was found.
pub(super) fn the_one<'a>(rows: &'a Rows, target: &Target) -> Result<Option<&'a Value>, DeliveryError> {
    let is_it = |row: &&Value| row[target.key].as_str() == Some(target.number.as_str());
    match (rows.rows.iter().find(is_it), rows.rows.is_empty()) {
        (Some(row), _) => Ok(Some(row)),
        (None, true) => Ok(None),
        // A filter that was not applied proves nothing.
        (None, false) => {
            Err(DeliveryError::unconfirmed("the WMS answered with records that were not asked for"))
        }
    }
}

/// How a record stands to what is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is as wanted, or later: the call arrived.
    Done(Receipt),
    /// It is there, and ours, but older.
    Older,
    /// There is none.
    Absent,
}

/// Judges a record by our mark in it.
///
/// # Errors
/// The number is in use for something that is not ours.
pub(super) fn standing(
    row: Option<&Value>,
    config: &Config,
    target: &Target,
    want: Want,
) -> Result<Standing, DeliveryError> {
    let Some(row) = row else {
        let gone = Standing::Done(Receipt { reference: None });
        return Ok(if want == Want::Gone { gone } else { Standing::Absent });
    };
    let done = || Standing::Done(Receipt { reference: Some(format!("{} {}", target.entity, id(row))) });
    let cancelled = config.cancelled_status.is_some() && row["status_id"].as_i64() == config.cancelled_status;
    let text = row[config.mark_field.name()].as_str().unwrap_or_default();
    match Mark::read(text) {
        Some(mark) if mark.subject == target.mark.subject => match want {
            Want::Gone if cancelled => Ok(done()),
            Want::There if mark.version >= target.mark.version => Ok(done()),
            Want::Gone | Want::There => Ok(Standing::Older),
        },
        _ => Err(DeliveryError::Refused {
            code: "NUMBER_IN_USE".to_owned(),
            message: format!(
                "the WMS has {} {} in facility {}, and it does not carry our mark in {}",
                target.entity,
                one_line(&target.number, LONGEST_CODE),
                target.facility,
                config.mark_field.name()
            ),
        }),
    }
}

/// The number of the record itself.
fn id(row: &Value) -> String {
    match &row["id"] {
        Value::Number(number) => number.to_string(),
        Value::String(text) => one_line(text, LONGEST_CODE),
        _ => "without id".to_owned(),
    }
}
