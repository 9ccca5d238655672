//! What a worker holds: every delivery it has claimed and not recorded yet. While it lives, it renews their leases;
//! what it cannot renew in time it lets go, a call in flight included, so that no two workers send the same at once.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use quayside_canonical::DeliveryId;
use quayside_domain::{
    SystemScope,
    deliveries::{self, Claimed, LEASE, Lease},
};

/// How often leases are renewed: twice before one ends, so that one failure costs nothing.
const RENEW: Duration = Duration::from_secs(LEASE.as_secs() / 3);

/// Deliveries in a worker's hands, each with its fence and its lease.
#[derive(Default)]
pub(super) struct Holding(Mutex<HashMap<DeliveryId, (i64, Lease)>>);

impl Holding {
    pub(super) fn take(&self, claimed: &[Claimed]) {
        let mut held = self.lock();
        held.extend(claimed.iter().map(|one| (one.id, (one.fence(), one.lease.clone()))));
    }

    /// Lets go of what was recorded, unless it was claimed again meanwhile.
    pub(super) fn put_down<'a>(&self, recorded: impl Iterator<Item = &'a Claimed>) {
        for claimed in recorded {
            self.let_go(claimed.id, claimed.fence());
        }
    }

    /// Renews, again and again, for as long as it is asked to.
    pub(super) async fn keep(&self, system: &SystemScope) {
        let mut beat = tokio::time::interval(RENEW);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        beat.tick().await;
        loop {
            beat.tick().await;
            let held: Vec<_> = {
                let held = self.lock();
                held.iter().map(|(id, (fence, lease))| (*id, *fence, lease.clone())).collect()
            };
            if held.is_empty() {
                continue;
            }
            match deliveries::renew(system, &held).await {
                Ok(lost) => self.lose(&lost, &held),
                Err(failure) => tracing::warn!(error = %failure, "leases could not be renewed"),
            }
        }
    }

    /// What another worker has, or what was recorded while it was renewed.
    fn lose(&self, lost: &[DeliveryId], held: &[(DeliveryId, i64, Lease)]) {
        let mut now_held = self.lock();
        for (id, fence, _) in held.iter().filter(|(id, ..)| lost.contains(id)) {
            if now_held.get(id).is_some_and(|(now, _)| now == fence) {
                now_held.remove(id);
                tracing::warn!(delivery.id = %id, "another worker has it");
            }
        }
    }

    fn let_go(&self, id: DeliveryId, fence: i64) {
        let mut held = self.lock();
        if held.get(&id).is_some_and(|(now, _)| *now == fence) {
            held.remove(&id);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<DeliveryId, (i64, Lease)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds one delivery while it is carried. Dropped by a flight that panics, it lets go, so that the lease runs out.
pub(super) struct Grip {
    holding: Arc<Holding>,
    delivery: Option<(DeliveryId, i64)>,
}

impl Grip {
    pub(super) fn on(holding: &Arc<Holding>, claimed: &Claimed) -> Self {
        Self { holding: holding.clone(), delivery: Some((claimed.id, claimed.fence())) }
    }

    /// It has landed: whoever records it lets go.
    pub(super) fn hand_over(mut self) {
        self.delivery = None;
    }
}

impl Drop for Grip {
    fn drop(&mut self) {
        if let Some((id, fence)) = self.delivery {
            self.holding.let_go(id, fence);
        }
    }
}

/// Waits until `lease` is over.
pub(super) async fn over(system: &SystemScope, lease: &Lease) {
    loop {
        let left = lease.left(system.now());
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left).await;
    }
}
