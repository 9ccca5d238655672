//! A receiver by the contract of `docs/connectors/generic-rest.md`, for the ordeal.
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::Codes;
use crate::ordeal::{Candidate, Request, Role, Said, Vendor};

const SECRET: &str = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5";
const TOKEN: &str = "canary-of-the-bearer-token";

pub(crate) const CANDIDATE: Candidate = Candidate {
    kind: super::KIND,
    config,
    canaries: &[SECRET, TOKEN],
    vendor: |_| Box::new(Receiver::default()),
    codes: Codes::default,
    forbidden: "unauthorized",
    conflict: "refused",
};

fn config(base: &str) -> Value {
    json!({
        "endpoint": format!("{base}/events"),
        "documents_endpoint": format!("{base}/documents"),
        "signing_secret": SECRET,
        "bearer_token": TOKEN,
    })
}

/// Keeps the idempotency key and answers the read-back.
#[derive(Default)]
struct Receiver {
    booked: BTreeMap<String, String>,
}

impl Vendor for Receiver {
    fn role(&self, request: &Request) -> Role {
        if request.method == "POST" { Role::Write } else { Role::Read }
    }

    fn answer(&mut self, request: &Request) -> Said {
        if request.target.starts_with("/documents") {
            let document = json!({ "type": "receipt", "document": { "number": "GR-1" } });
            return Said::new(200, json!({ "documents": [document], "cursor": "1" }).to_string());
        }
        let number = format!("45{:08}", self.booked.len() + 1);
        let number = match request.method.as_str() {
            "POST" => {
                Some(&*self.booked.entry(request.header("idempotency-key").to_owned()).or_insert(number))
            }
            _ => request.target.rsplit('/').next().and_then(|id| self.booked.get(id)),
        };
        match number {
            Some(number) => Said::new(200, json!({ "documentNumber": number }).to_string()),
            None => Said::new(404, ""),
        }
    }

    fn effects(&self) -> usize {
        self.booked.len()
    }

    fn books(&self) -> Value {
        json!(self.booked)
    }
}
