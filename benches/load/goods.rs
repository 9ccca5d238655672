//! Goods on their way: shipments announced over the API, receipts from warehouses, and the lists both end up in.
use std::{
    fmt::Write as _,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::ensure;
use serde_json::{Value, json};

use crate::{
    client::{self, Client},
    database::Database,
    documents::{self, Dice},
    load::{self, Measured, Turn},
    seed::{Shipper, World},
    server::Server,
};

/// Lines of a shipment: all of one order.
pub(crate) const LINES: usize = 40;
/// Receipts of one request of many.
pub(crate) const MANY: usize = 100;

/// Numbers of what was announced and received so far.
#[derive(Default)]
pub(crate) struct Goods {
    next_shipment: AtomicUsize,
    next_increment: AtomicUsize,
    next_final: AtomicUsize,
}

/// What a warehouse says.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Part of what arrived.
    Increment,
    /// The last word, with less than was announced.
    Final,
}

impl Goods {
    /// Shipments of a pallet, 20 cartons and 40 lines, from the shippers in turn.
    pub(crate) fn announce(
        &self,
        server: &Server,
        database: &Database,
        world: &World,
        clients: usize,
        time: Duration,
    ) -> anyhow::Result<Measured> {
        load::run(server, database, clients, time, |_| -> Turn<'_> {
            Box::new(|connection: &mut Client| {
                let number = self.next_shipment.fetch_add(1, Ordering::Relaxed);
                let (shipper, order) = of(world, number);
                let request = documents::announce(&shipment(number), order, LINES);
                let body = connection.send(&client::graphql(&shipper.token, &request, "application/json"))?;
                let text = String::from_utf8_lossy(body);
                ensure!(text.contains("\"userErrors\":[]") && !text.contains("\"errors\""), "{text}");
                Ok(Some(1))
            })
        })
    }

    /// Receipts of all lines of announced shipments, `batch` in a request. Increments go round the shipments; the
    /// last words, one in a request, take one shipment after the other, until the time or the shipments are over.
    pub(crate) fn receive(
        &self,
        server: &Server,
        database: &Database,
        world: &World,
        (kind, clients, batch): (Kind, usize, usize),
        time: Duration,
    ) -> anyhow::Result<Measured> {
        let shippers = world.shippers.len();
        let announced = self.next_shipment.load(Ordering::Relaxed);
        let next = match kind {
            Kind::Increment => &self.next_increment,
            Kind::Final => &self.next_final,
        };
        load::run(server, database, clients, time, |_| -> Turn<'_> {
            Box::new(move |connection: &mut Client| {
                // A request holds receipts of one shipper, whose shipments are `shippers` apart.
                let first = next.fetch_add(batch, Ordering::Relaxed);
                let turn = (first / batch) % shippers;
                let mut body = String::new();
                let mut units = 0;
                for place in first..first + batch {
                    let number = match kind {
                        Kind::Increment => place % (announced / shippers).max(1) * shippers + turn,
                        Kind::Final if place >= announced => break,
                        Kind::Final => place,
                    };
                    writeln!(body, "{}", receipt(world, kind, place, number))?;
                    units += 1;
                }
                if units == 0 {
                    return Ok(None);
                }
                let content_type = if batch == 1 { "application/json" } else { "application/x-ndjson" };
                let request = client::receipts(&world.shippers[turn].gate, content_type, body.as_bytes());
                let reply = String::from_utf8_lossy(connection.send(&request)?);
                ensure!(!reply.contains("REFUSED") && !reply.contains("CONFLICT"), "{reply}");
                Ok(Some(units))
            })
        })
    }
}

/// The first page of a list at 16 clients, a random supplier each time.
pub(crate) fn list(
    server: &Server,
    database: &Database,
    world: &World,
    list: &str,
    time: Duration,
) -> anyhow::Result<Measured> {
    let query = documents::list(list);
    let request = |token: &String| client::graphql(token, &query, "application/json");
    let requests: Vec<Vec<u8>> = match list {
        "purchaseOrders" => world.tokens.iter().map(request).collect(),
        _ => world.shippers.iter().map(|shipper| request(&shipper.token)).collect(),
    };
    load::run(server, database, 16, time, |client| -> Turn<'_> {
        let (mut dice, requests) = (Dice(client as u64), &requests);
        Box::new(move |connection: &mut Client| {
            let place = usize::try_from(dice.roll(requests.len() as u64))?;
            let body = connection.send(&requests[place])?;
            ensure!(body.starts_with(b"{\"data\":{"), "{}", String::from_utf8_lossy(body));
            Ok(Some(1))
        })
    })
}

/// Who announces the shipment of this number, and the order it is of.
fn of(world: &World, number: usize) -> (&Shipper, &str) {
    let (row, turn) = (number / world.shippers.len(), number % world.shippers.len());
    let shipper = &world.shippers[turn];
    (shipper, &shipper.orders[row % shipper.orders.len()])
}

fn shipment(number: usize) -> String {
    format!("S-{number:08}")
}

fn receipt(world: &World, kind: Kind, place: usize, number: usize) -> Value {
    let (_, order) = of(world, number);
    let kind = match kind {
        Kind::Increment => "INCREMENT",
        Kind::Final => "FINAL",
    };
    let line = |line: usize| json!({ "order": order, "line": documents::line_number(line), "quantity": "1" });
    json!({
        "number": format!("{kind}-{place:010}"), "kind": kind, "shipment": shipment(number),
        "receivedAt": "2026-11-24T09:00:00Z", "lines": (1..=LINES).map(line).collect::<Vec<Value>>()
    })
}
