//! The kinds whose receivers recognise repeats: no trouble stops a delivery for good, and none makes a second effect.
use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::trouble::{Clients, Timing, Trouble, troubles};
use super::vendor::Played;
use super::{Request, Role, Said, Vendor, golden};
use crate::stub::{PATIENT, errand, local_http};
use crate::{Connector, Delivery, DeliveryError, Http, HttpSettings, build, stub, webhook};

const SECRET: &str = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5";
const EVENTS: [&str; 2] = ["purchase_order.revised", "discrepancy.resolved"];

/// A receiver that keeps the ids it has taken.
#[derive(Default)]
struct Receiver {
    taken: BTreeSet<String>,
}

impl Vendor for Receiver {
    fn role(&self, _: &Request) -> Role {
        Role::Write
    }

    fn answer(&mut self, request: &Request) -> Said {
        self.taken.insert(request.header("webhook-id").to_owned());
        Said::new(200, "thanks")
    }

    fn effects(&self) -> usize {
        self.taken.len()
    }

    fn books(&self) -> Value {
        json!(self.taken)
    }
}

fn connector(base: &str) -> Box<dyn Connector> {
    let config: Value = json!({ "endpoint": format!("{base}/hook"), "signing_secret": SECRET });
    build(webhook::KIND, config).unwrap()
}

fn delivery(event_type: &str) -> Delivery {
    let event = golden(webhook::KIND, event_type);
    Delivery { event, event_type: event_type.to_owned(), ..stub::delivery() }
}

/// What a trouble is for a receiver whose body says nothing, and whom our credentials are no matter of.
fn expected(name: &str) -> &'static str {
    match name {
        "garbage after success" | "a sign-in page" | "a huge body after success" => "taken",
        "401" | "403" | "409" | "429" | "502 after success" | "503" | "504 after success" | "a redirect" => {
            "retry"
        }
        _ => "unconfirmed",
    }
}

#[tokio::test]
async fn no_trouble_stops_a_delivery_for_good_or_makes_a_second_effect() {
    let clients = Clients::new();
    for event_type in EVENTS {
        join_all(troubles().into_iter().map(|trouble| meet(&clients, event_type, trouble))).await;
    }
}

async fn meet(clients: &Clients, event_type: &str, trouble: Trouble) {
    let (name, done) = (trouble.name, trouble.timing == Timing::AfterTheEffect);
    let (played, delivery) = (Played::start(Box::new(Receiver::default())).await, delivery(event_type));
    let connector = connector(&played.base);
    assert!(connector.recognises_repeats());
    let http = clients.to_meet(&trouble);
    played.spoil(Role::Write, trouble);
    let attempt = connector.deliver(http, &delivery).await;
    let word = attempt.outcome.as_ref().map_or_else(DeliveryError::word, |_| "taken");
    assert_eq!(word, expected(name), "{event_type} meets {name}");
    assert!(!format!("{attempt:?}").contains("canary"), "{name}: {attempt:?}");
    assert_eq!((played.heard(Role::Write), played.effects()), (1, usize::from(done)), "{name}");
    played.heal();
    let sent = connector.deliver(&clients.patient, &delivery).await;
    assert!(sent.outcome.is_ok(), "{name}: {sent:?}");
    assert_eq!(played.effects(), 1, "{event_type} meets {name}: taken twice");
}

#[tokio::test]
async fn what_was_never_sent_is_not_done_and_a_question_is_never_asked() {
    let guarded = Http::new(HttpSettings::default()).unwrap();
    let attempt = connector("https://10.0.0.1").deliver(&guarded, &delivery(EVENTS[0])).await;
    assert_eq!((attempt.outcome.unwrap_err().word(), attempt.exchange), ("retry", None), "a private address");

    let played = Played::start(Box::new(Receiver::default())).await;
    let (connector, http) = (connector(&played.base), local_http(PATIENT));
    let found = connector.find(&http, &delivery(EVENTS[0])).await;
    let tested = connector.test(&http, &errand()).await;
    assert_eq!(found.outcome.unwrap_err().word(), "unconfirmed");
    assert_eq!(tested.outcome.unwrap_err().word(), "unmappable");
    assert_eq!(played.heard(Role::Write), 0);
    let hasty = local_http(Duration::from_millis(200));
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let attempt = self::connector(&nobody).deliver(&hasty, &delivery(EVENTS[0])).await;
    assert_eq!(attempt.outcome.unwrap_err().word(), "retry", "nobody listens");
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
