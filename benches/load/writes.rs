//! Writing over the API: suppliers' answers, and orders on their way in.
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::ensure;

use crate::{
    client::{self, Client},
    database::Database,
    documents,
    load::{self, Measured, Turn},
    seed::{World, supplier_number},
    server::Server,
};

/// Orders of one request of many.
const BATCH: usize = 100;

/// Hands out order numbers nobody used.
#[derive(Default)]
pub(crate) struct Writes {
    next_order: AtomicUsize,
    next_key: AtomicUsize,
}

impl Writes {
    /// Answers, each to another open order, until the time or the orders are over.
    pub(crate) fn submit(
        &self,
        server: &Server,
        database: &Database,
        world: &World,
        clients: usize,
        time: Duration,
    ) -> anyhow::Result<Measured> {
        let next = AtomicUsize::new(0);
        load::run(server, database, clients, time, |_| -> Turn<'_> {
            Box::new(|connection: &mut Client| {
                // A step that shares no factor with the count visits every order once, and neighbours rarely meet.
                let place = next.fetch_add(1, Ordering::Relaxed);
                if place >= world.open.len() {
                    return Ok(None);
                }
                let order = &world.open[place * 7_919 % world.open.len()];
                let key = self.next_key.fetch_add(1, Ordering::Relaxed);
                let request = documents::submit(&order.id, &order.lines, &format!("load-{key}"));
                let request = client::graphql(&world.tokens[order.supplier], &request, "application/json");
                let body = connection.send(&request)?;
                ensure!(
                    body.ends_with(b"\"userErrors\":[]}}}") || is_clean(body),
                    "{}",
                    String::from_utf8_lossy(body)
                );
                Ok(Some(1))
            })
        })
    }

    /// Orders in requests of a hundred, each connection from an ERP of its own.
    pub(crate) fn ingest_many(
        &self,
        server: &Server,
        database: &Database,
        world: &World,
        time: Duration,
    ) -> anyhow::Result<Measured> {
        load::run(server, database, world.gates.len(), time, |client| {
            let mut letter = Letter::new(world, client, BATCH);
            Box::new(move |connection: &mut Client| {
                let body = connection.send(letter.number(&self.next_order))?;
                ensure!(!contains(body, b"REFUSED"), "{}", String::from_utf8_lossy(body));
                Ok(Some(BATCH))
            })
        })
    }

    /// Orders one by one.
    pub(crate) fn ingest_one(
        &self,
        server: &Server,
        database: &Database,
        world: &World,
        clients: usize,
        time: Duration,
    ) -> anyhow::Result<Measured> {
        load::run(server, database, clients, time, |client| {
            let mut letter = Letter::new(world, client, 1);
            Box::new(move |connection: &mut Client| {
                connection.send(letter.number(&self.next_order))?;
                Ok(Some(1))
            })
        })
    }
}

/// A request of orders whose numbers are filled in anew each time, so that the driver need not write JSON.
struct Letter {
    request: Vec<u8>,
    numbers: Vec<usize>,
}

/// Stands where a number goes.
const BLANK: &str = "I0000000000";

impl Letter {
    fn new(world: &World, client: usize, orders: usize) -> Self {
        let mut body = Vec::new();
        for place in 0..orders {
            let supplier = supplier_number((client + place) % world.suppliers);
            let seed = (client * 1_000 + place) as u64;
            let order = documents::order(BLANK.to_owned(), &supplier, seed);
            body.extend(documents::json_of(&order).expect("an order can be written"));
            body.push(b'\n');
        }
        let content_type = if orders == 1 { "application/json" } else { "application/x-ndjson" };
        let token = &world.gates[client % world.gates.len()].token;
        let request = client::ingest(token, content_type, &body);
        let blank = BLANK.as_bytes();
        let numbers = request.windows(blank.len()).enumerate().filter(|(_, text)| *text == blank);
        Self { numbers: numbers.map(|(place, _)| place).collect(), request }
    }

    fn number(&mut self, next: &AtomicUsize) -> &[u8] {
        let first = next.fetch_add(self.numbers.len(), Ordering::Relaxed);
        for (number, place) in (first..).zip(&self.numbers) {
            let text = format!("I{number:010}");
            self.request[*place..place + text.len()].copy_from_slice(text.as_bytes());
        }
        &self.request
    }
}

fn is_clean(body: &[u8]) -> bool {
    contains(body, b"\"userErrors\":[]") && !contains(body, b"\"errors\"")
}

fn contains(body: &[u8], text: &[u8]) -> bool {
    body.windows(text.len()).any(|window| window == text)
}
