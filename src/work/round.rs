//! A courier's round: claims what is due, lets it fly, records what has landed. None of the three waits for another.
//!
//! Up to a fixed number of calls are in flight, and of those only so many to one connection; more deliveries than
//! that are claimed ahead, but for each connection only so many. So an endpoint that hangs keeps the others
//! waiting for nothing but its own share. What waits here for a connection that has to be left alone is given back. One task at a time claims and one records: what lands meanwhile is
//! recorded together. Order and fencing are not its business: a claim holds at most one delivery of each key, and
//! the next one of a key is due only when the one before is recorded.
use std::{collections::VecDeque, sync::Arc};

use quayside_canonical::{ConnectionId, Timestamp};
use quayside_domain::{
    Failure, SystemScope,
    deliveries::{Attempt, AttemptResult, BATCH, Claimed, Hands, Kept},
};
use tokio::{
    task::{JoinError, JoinSet},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::{
    NAP,
    courier::{Carried, Courier, landed},
};

/// How many deliveries wait for their turn before no more are claimed.
const MOST_WAITING: usize = 4 * BATCH;

/// What a courier has in its hands.
pub(super) struct Round<'a> {
    courier: &'a Arc<Courier>,
    system: &'a SystemScope,
    /// Something may be due that is not claimed.
    more: bool,
    claims: JoinSet<Result<Vec<Claimed>, Failure>>,
    /// One for each connection that has something here, in turn.
    queues: VecDeque<Queue>,
    flights: JoinSet<Carried>,
    landed: Vec<Carried>,
    records: JoinSet<Result<Kept, Failure>>,
    /// Renews the leases of all of it.
    keeping: JoinSet<()>,
}

/// What goes to one connection.
struct Queue {
    connection: ConnectionId,
    waiting: VecDeque<Claimed>,
    in_flight: usize,
    /// How many calls to it may be in flight.
    share: usize,
}

/// Delivers until told to stop; then lets what is in flight land and gives back the rest.
pub(super) async fn run(courier: &Arc<Courier>, system: &SystemScope, stop: &CancellationToken) {
    let wake = system.store().wake().deliveries.clone();
    let mut round = Round::new(courier, system);
    let mut nap = interval(NAP);
    nap.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        round.go_on();
        tokio::select! {
            Some(flight) = round.flights.join_next() => round.land(flight),
            Some(claimed) = round.claims.join_next() => round.take_in(claimed),
            Some(recorded) = round.records.join_next() => round.note(recorded),
            () = wake.notified() => round.more = true,
            _ = nap.tick() => round.more = true,
            () = stop.cancelled() => break,
        }
    }
    round.put_down().await;
}

impl<'a> Round<'a> {
    fn new(courier: &'a Arc<Courier>, system: &'a SystemScope) -> Self {
        let mut keeping = JoinSet::new();
        let (keeper, everywhere) = (courier.clone(), system.clone());
        keeping.spawn(async move { keeper.keep(&everywhere).await });
        Self {
            keeping,
            courier,
            system,
            more: true,
            claims: JoinSet::new(),
            queues: VecDeque::new(),
            flights: JoinSet::new(),
            landed: Vec::new(),
            records: JoinSet::new(),
        }
    }

    /// Starts whatever there is room for.
    fn go_on(&mut self) {
        self.launch();
        if self.records.is_empty() && !self.landed.is_empty() {
            let some = self.landed.drain(..self.landed.len().min(BATCH)).collect();
            self.record(some);
        }
        let waiting: usize = self.queues.iter().map(|queue| queue.waiting.len()).sum();
        if self.more && self.claims.is_empty() && waiting < MOST_WAITING {
            self.more = false;
            let (courier, system, hands) = (self.courier.clone(), self.system.clone(), self.hands(waiting));
            self.claims.spawn(async move { courier.claim(&system, &hands).await });
        }
    }

    fn hands(&self, waiting: usize) -> Hands {
        let held = self.queues.iter().map(|queue| (queue.connection, queue.waiting.len() + queue.in_flight));
        Hands { room: MOST_WAITING - waiting, share: self.courier.share(), held: held.collect() }
    }

    /// Sends what there is room for, one of each connection in turn, passing over those that have their share.
    fn launch(&mut self) {
        let mut passed_over = 0;
        while passed_over < self.queues.len() && self.flights.len() < self.courier.concurrency() {
            let Some(mut queue) = self.queues.pop_front() else { return };
            passed_over += 1;
            if queue.in_flight < queue.share
                && let Some(claimed) = queue.waiting.pop_front()
            {
                queue.in_flight += 1;
                passed_over = 0;
                self.courier.clone().take_off(&mut self.flights, self.system, claimed);
            }
            self.queues.push_back(queue);
        }
    }

    fn take_in(&mut self, claimed: Result<Result<Vec<Claimed>, Failure>, JoinError>) {
        let claimed = match claimed {
            Ok(Ok(claimed)) => claimed,
            Ok(Err(failure)) => return tracing::warn!(error = %failure, "deliveries have to wait"),
            Err(error) => return tracing::error!(%error, "claiming deliveries panicked"),
        };
        self.more |= !claimed.is_empty();
        for claimed in claimed {
            let connection = claimed.receiver.id;
            let place = self.queues.iter().position(|queue| queue.connection == connection);
            let share = self.courier.share_of(&claimed.receiver);
            let place = place.unwrap_or_else(|| {
                self.queues.push_back(Queue { connection, waiting: VecDeque::new(), in_flight: 0, share });
                self.queues.len() - 1
            });
            self.queues[place].share = share;
            self.queues[place].waiting.push_back(claimed);
        }
    }

    /// Takes in what has landed by now.
    fn land(&mut self, first: Result<Carried, JoinError>) {
        let mut next = Some(first);
        while let Some(flight) = next {
            if let Some(carried) = landed(flight) {
                let connection = carried.0.receiver.id;
                if let Some(queue) = self.queues.iter_mut().find(|queue| queue.connection == connection) {
                    queue.in_flight = queue.in_flight.saturating_sub(1);
                }
                self.landed.push(carried);
            }
            next = self.flights.try_join_next();
        }
        if self.flights.is_empty() {
            // A flight that panicked does not say whose it was.
            self.queues.iter_mut().for_each(|queue| queue.in_flight = 0);
        }
        self.queues.retain(|queue| queue.in_flight > 0 || !queue.waiting.is_empty());
    }

    fn record(&mut self, carried: Vec<Carried>) {
        let (courier, system) = (self.courier.clone(), self.system.clone());
        self.records.spawn(async move { courier.record(&system, &carried).await });
    }

    /// Gives back what waits here for connections that rest.
    fn note(&mut self, recorded: Result<Result<Kept, Failure>, JoinError>) {
        let Some(kept) = noted(recorded) else { return };
        let now = self.system.now();
        for queue in self.queues.iter_mut().filter(|queue| kept.resting.contains(&queue.connection)) {
            let waiting = queue.waiting.drain(..);
            self.landed.extend(waiting.map(|claimed| (claimed, released(now))));
        }
        self.queues.retain(|queue| queue.in_flight > 0 || !queue.waiting.is_empty());
    }

    async fn put_down(mut self) {
        while let Some(claimed) = self.claims.join_next().await {
            self.take_in(claimed);
        }
        let now = self.system.now();
        let waiting = self.queues.drain(..).flat_map(|queue| queue.waiting);
        self.landed.extend(waiting.map(|claimed| (claimed, released(now))));
        while let Some(flight) = self.flights.join_next().await {
            self.landed.extend(landed(flight));
        }
        let rest = std::mem::take(&mut self.landed);
        self.record(rest);
        while let Some(recorded) = self.records.join_next().await {
            noted(recorded);
        }
        self.keeping.shutdown().await;
    }
}

fn released(now: Timestamp) -> Attempt {
    Attempt::without_call(AttemptResult::Released, now)
}

fn noted(recorded: Result<Result<Kept, Failure>, JoinError>) -> Option<Kept> {
    match recorded {
        Ok(Ok(kept)) => Some(kept),
        // The lease runs out, and the receiver is asked before anything is sent again.
        Ok(Err(failure)) => {
            tracing::warn!(error = %failure, "what became of deliveries could not be recorded");
            None
        }
        Err(error) => {
            tracing::error!(%error, "recording deliveries panicked");
            None
        }
    }
}
