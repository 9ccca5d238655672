//! A running WMS and the Quayside it talks to.
use std::ops::Deref;
use std::time::Duration;

use serde_json::{Value, json};

use crate::testing::{Hand, Listening, SECRET, Server, event_about};
use crate::{Instruction, Scenario, Wms, WmsSettings, serve_wms};

pub(super) struct Site {
    pub(super) wms: Wms,
    pub(super) quayside: Listening,
    pub(super) hand: Hand,
    server: Server,
}

impl Site {
    /// Receives at once, without pauses.
    pub(super) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(super) async fn start_with(change: impl FnOnce(&mut WmsSettings)) -> Self {
        Self::start_beside(Listening::start().await, change).await
    }

    pub(super) async fn start_beside(quayside: Listening, change: impl FnOnce(&mut WmsSettings)) -> Self {
        let hand = Hand::new();
        let mut settings = WmsSettings {
            clock: hand.clock(),
            quayside: Some(quayside.quayside.clone()),
            ..WmsSettings::new(SECRET)
        };
        change(&mut settings);
        let wms = Wms::open(settings).unwrap();
        let served = wms.clone();
        let server = Server::start("/wms/v1", |listener| serve_wms(listener, served)).await;
        Self { wms, quayside, hand, server }
    }

    /// The next shipment, or the next appointment, goes this way.
    pub(super) fn next(&self, scenario: Scenario) {
        let instruction = Instruction { receipt: Some(scenario.into()), ..Instruction::default() };
        self.wms.instruct(instruction).unwrap();
    }

    /// Posts an event that must be taken.
    pub(super) async fn take(&self, event_type: &str, position: i64, data: &Value) {
        let subject = data["shipment"].as_str().unwrap().to_owned();
        let event = event_about(event_type, &subject, position, data);
        let said = self.post(&format!("dlv_{position}"), &event).await;
        assert_eq!(said.status, Some(201), "{}", said.body);
    }

    pub(super) async fn announce(&self, position: i64, number: &str) {
        self.take("shipment.submitted", position, &shipment(number, 1)).await;
    }

    /// Works until so many statements were judged. The served WMS works too, so some may be already.
    pub(super) async fn until_said(&self, count: usize) {
        let judged = || {
            let report = self.wms.report().statements;
            report.taken + report.unchanged + report.conflicts + report.refused
        };
        for _ in 0..500 {
            if judged() >= count as u64 {
                return;
            }
            self.wms.work().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("{count} statements were expected: {:?}", self.wms.report());
    }

    /// Works, and gives whoever else works the time to finish.
    pub(super) async fn settle(&self) {
        self.wms.work().await;
    }
}

impl Deref for Site {
    type Target = Server;
    fn deref(&self) -> &Server {
        &self.server
    }
}

/// Two lines of two orders, as `shipment.submitted` tells them.
pub(super) fn shipment(number: &str, version: i64) -> Value {
    json!({
        "shipment": format!("shp_{number}"), "supplier": "sup_1", "supplierNumber": "V-100", "number": number,
        "version": version,
        "lines": [
            { "order": "po_1", "orderNumber": "4500017", "line": "00010", "quantity": "100", "unit": "EA" },
            { "order": "po_2", "orderNumber": "4500018", "line": "00010", "quantity": "25.5", "unit": "KGM" },
        ],
        "notice": { "number": number, "shipTo": { "code": "DC1" }, "lines": [] },
    })
}

pub(super) fn request_for(number: &str) -> Value {
    json!({
        "appointment": format!("apt_{number}"), "shipment": format!("shp_{number}"), "shipmentNumber": number,
        "supplierNumber": "V-100", "location": "DC1",
        "from": "2026-03-03T08:00:00Z", "until": "2026-03-03T12:00:00Z",
    })
}
