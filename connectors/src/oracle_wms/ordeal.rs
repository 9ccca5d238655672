//! A WMS in a few lines, for the ordeal: it keeps records by their number, tells duplicates by it, and asks for a
//! token. The fake that enforces the contract is in the simulator.
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::ordeal::{Candidate, Request, Role, Said, Vendor};
use crate::{Codes, xml};

const PASSWORD: &str = "canary-of-the-wms-user";
const CLIENT_SECRET: &str = "canary-of-the-application";
const TOKEN: &str = "canary-of-the-token";
/// `quayside:canary-of-the-application`
const BASIC: &str = "cXVheXNpZGU6Y2FuYXJ5LW9mLXRoZS1hcHBsaWNhdGlvbg==";

pub(crate) const CANDIDATE: Candidate = Candidate {
    kind: super::KIND,
    config,
    canaries: &[PASSWORD, CLIENT_SECRET, TOKEN, BASIC],
    vendor: |event_type| Box::new(Wms::before(event_type)),
    codes: Codes::default,
    // The WMS says 403 to a user it knows.
    forbidden: "refused",
    conflict: "refused",
};

fn config(base: &str) -> Value {
    let mut config = super::tests::config(&format!("{base}/acme_test"));
    config["auth"] = json!("oauth2_password");
    config["password"] = json!(PASSWORD);
    config["token_url"] = json!(format!("{base}/oauth2/v1/token"));
    config["client_id"] = json!("quayside");
    config["client_secret"] = json!(CLIENT_SECRET);
    config["scope"] = json!("urn:resource:fusion:scm:logistics:wms:lgfapi/");
    config
}

/// Records by entity and number.
struct Wms {
    records: BTreeMap<(String, String), Value>,
    effects: usize,
}

impl Wms {
    /// What there is before the event.
    fn before(event_type: &str) -> Self {
        let (shipment, order) =
            ("shp_01987c1e5a00700080000000000000c1", "po_01987c1e5a00700080000000000000b1");
        let known = match event_type {
            "shipment.amended" => {
                Some(("ib_shipment", "shipment_nbr", "ASN-2026-0311", format!("{shipment}/1")))
            }
            "shipment.cancelled" => {
                Some(("ib_shipment", "shipment_nbr", "ASN-2026-0311", format!("{shipment}/2")))
            }
            "purchase_order.revised" => Some(("purchase_order", "po_nbr", "4500017", format!("{order}/1"))),
            "appointment.cancelled" => {
                let mark = "apt_01987c1e5a00700080000000000000d1/4719".to_owned();
                Some(("appointment", "appt_nbr", "ASN-2026-0311", mark))
            }
            _ => None,
        };
        let mut records = BTreeMap::new();
        if let Some((entity, key, number, mark)) = known {
            let record = json!({ "id": 7, key: number, "cust_field_1": mark, "status_id": 0 });
            records.insert((entity.to_owned(), number.to_owned()), record);
        }
        Self { records, effects: 0 }
    }

    fn write(&mut self, entity: &str, key: &str, said: &Value) -> bool {
        let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        let at = (entity.to_owned(), text(key));
        let known = self.records.contains_key(&at);
        match text("action_code").as_str() {
            "CREATE" if !known => {}
            "UPDATE" if known => {}
            "DELETE" if known => {
                self.effects += 1;
                return self.records.remove(&at).is_some();
            }
            _ => return false,
        }
        let record = json!({ "id": 7, key: at.1, "cust_field_1": text("cust_field_1"), "status_id": 0 });
        self.effects += 1;
        self.records.insert(at, record);
        true
    }

    fn stage(&mut self, request: &Request) -> Said {
        let form: BTreeMap<_, _> = form_urlencoded::parse(request.body.as_bytes()).collect();
        let document = xml::read(form["xml_data"].as_bytes()).unwrap();
        let root = &document["LgfData"];
        let done = match root["Header"]["Entity"].as_str() {
            Some("ib_shipment") => {
                let header = &root["ListOfIbShipments"]["ib_shipment"]["ib_shipment_hdr"];
                self.write("ib_shipment", "shipment_nbr", header)
            }
            _ => {
                let header = &root["ListOfPurchaseOrders"]["purchase_order"]["purchase_order_hdr"];
                self.write("purchase_order", "po_nbr", header)
            }
        };
        let message = if done { "Process stage submitted for file group 41415472" } else { "Record exists" };
        let (status, word) = if done { (200, "True") } else { (400, "False") };
        let response = format!("<response><message>{message}</message><errors/><data/></response>");
        Said::new(status, format!("<root><success>{word}</success>{response}</root>"))
    }

    fn records(&self, request: &Request) -> Said {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let query: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let entity = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let numbers = ["shipment_nbr", "po_nbr", "appt_nbr"].into_iter().filter_map(|key| query.get(key));
        let results: Vec<Value> = match entity {
            "facility" | "company" => vec![json!({ "id": 1, "code": query["code"] })],
            "ib_shipment_dtl" => {
                let key = "ib_shipment_id__shipment_nbr";
                (1..=2).map(|number| json!({ "seq_nbr": number, key: query[key] })).collect()
            }
            "purchase_order_dtl" => {
                let key = "po_id__po_nbr";
                [10, 20].map(|number| json!({ "seq_nbr": number, key: query[key] })).to_vec()
            }
            _ => numbers
                .filter_map(|number| self.records.get(&(entity.to_owned(), number.clone())).cloned())
                .collect(),
        };
        Said::new(200, json!({ "results": results, "next_page": null }).to_string())
    }
}

impl Vendor for Wms {
    fn role(&self, request: &Request) -> Role {
        match request.method.as_str() {
            "POST" if request.target.contains("/oauth2/") => Role::Aside,
            "POST" => Role::Write,
            _ => Role::Read,
        }
    }

    fn answer(&mut self, request: &Request) -> Said {
        match self.role(request) {
            Role::Aside => Said::new(
                200,
                json!({ "access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600 }).to_string(),
            ),
            _ if request.header("authorization") != format!("Bearer {TOKEN}") => Said::new(401, ""),
            Role::Read => self.records(request),
            Role::Write if request.target.contains("/stage/appointment") => {
                let said: Value = serde_json::from_str(&request.body).unwrap();
                if self.write("appointment", "appt_nbr", &said) {
                    Said::new(201, "{}")
                } else {
                    Said::new(400, "{}")
                }
            }
            Role::Write => self.stage(request),
        }
    }

    fn effects(&self) -> usize {
        self.effects
    }

    fn books(&self) -> Value {
        json!(self.records.values().collect::<Vec<_>>())
    }
}
