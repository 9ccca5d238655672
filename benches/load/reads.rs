//! Reading over the API: a supplier's page of open orders, and one order.
use std::{sync::Arc, time::Duration};

use anyhow::ensure;

use crate::{
    client::{self, Client},
    database::Database,
    documents::{self, Dice},
    load::{self, Measured, Turn},
    seed::World,
    server::Server,
};

/// Requests that are made once and sent again and again.
pub(crate) struct Reads {
    pages: Arc<[Vec<u8>]>,
    ones: Arc<[Vec<u8>]>,
}

impl Reads {
    /// One page request for each supplier and one order request for some orders.
    pub(crate) fn new(world: &World) -> Self {
        let page = documents::page(25);
        let pages = world.tokens.iter().map(|token| client::graphql(token, &page, "application/json"));
        let ones = world.open.iter().step_by(7).map(|order| {
            client::graphql(&world.tokens[order.supplier], &documents::one(&order.id), "application/json")
        });
        Self { pages: pages.collect(), ones: ones.collect() }
    }

    /// A request that any server of this run can answer.
    pub(crate) fn first_request(&self) -> &[u8] {
        &self.pages[0]
    }

    /// The page as `clients` suppliers at a time ask for it, a random supplier each time.
    pub(crate) fn page(
        &self,
        server: &Server,
        database: &Database,
        clients: usize,
        time: Duration,
    ) -> anyhow::Result<Measured> {
        load::run(server, database, clients, time, |client| turn(&self.pages, client))
    }

    /// One order, a random one each time.
    pub(crate) fn one(
        &self,
        server: &Server,
        database: &Database,
        clients: usize,
        time: Duration,
    ) -> anyhow::Result<Measured> {
        load::run(server, database, clients, time, |client| turn(&self.ones, client))
    }

    /// Whether a page holds what it should; says how long it is.
    pub(crate) fn check(&self, server: &Server) -> anyhow::Result<usize> {
        let mut client = Client::connect(server.address)?;
        let body = client.send(&self.pages[0])?;
        let reply: serde_json::Value = serde_json::from_slice(body)?;
        let nodes = reply["data"]["purchaseOrders"]["nodes"].as_array().map_or(0, Vec::len);
        ensure!(nodes == 25, "a page of {nodes} orders: {reply}");
        Ok(body.len())
    }
}

fn turn<'a>(requests: &'a [Vec<u8>], client: usize) -> Turn<'a> {
    let mut dice = Dice(client as u64);
    Box::new(move |connection: &mut Client| {
        let place = usize::try_from(dice.roll(requests.len() as u64))?;
        let body = connection.send(&requests[place])?;
        ensure!(body.starts_with(b"{\"data\":{"), "{}", String::from_utf8_lossy(body));
        Ok(Some(1))
    })
}
