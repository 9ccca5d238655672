//! What the fake was told to do wrong.
use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// One way of going wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SapBehaviour {
    /// Reads the call and never answers. No effect.
    Hang,
    /// Closes the connection. No effect.
    ResetBefore,
    /// Does it, then closes the connection without an answer.
    ResetAfter,
    /// Does it, then a gateway in front gives up: 504 and a page of HTML.
    GatewayTimeout,
    /// 500 with SAP's words. No effect.
    Err500,
    /// 503 with `Retry-After`. No effect.
    Err503ra,
    /// 429 with `Retry-After`. No effect.
    Err429,
    /// 400: somebody else holds the document. No effect.
    Locked,
    /// 400 with several inner messages. No effect.
    Refused,
    /// 403 without a word about the token: a right is missing. No effect.
    Forbidden,
    /// 412: somebody else was faster. No effect.
    Stale,
}

/// One behaviour and the calls it is meant for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SapFault {
    /// What to do.
    pub behaviour: SapBehaviour,
    /// Only for this method. None: for every call that writes.
    #[serde(default)]
    pub method: Option<String>,
    /// Only where the path holds this.
    #[serde(default)]
    pub path: Option<String>,
    /// For how many calls.
    #[serde(default = "once")]
    pub count: u32,
}

fn once() -> u32 {
    1
}

impl SapFault {
    /// For the next write, whatever it is about.
    pub fn once(behaviour: SapBehaviour) -> Self {
        Self { behaviour, method: None, path: None, count: once() }
    }

    fn fits(&self, method: &str, path: &str) -> bool {
        let method_fits = match &self.method {
            Some(wanted) => wanted == method,
            None => method != "GET",
        };
        method_fits && self.path.as_ref().is_none_or(|part| path.contains(part.as_str()))
    }
}

/// The first that fits, used up by one.
pub(super) fn take(queue: &mut VecDeque<SapFault>, method: &str, path: &str) -> Option<SapBehaviour> {
    let index = queue.iter().position(|fault| fault.count > 0 && fault.fits(method, path))?;
    let fault = queue.get_mut(index)?;
    fault.count -= 1;
    let behaviour = fault.behaviour;
    if fault.count == 0 {
        queue.remove(index);
    }
    Some(behaviour)
}
