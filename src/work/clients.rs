//! HTTP clients of tenants: one for all, and one for each tenant that may call private addresses.
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use quayside_canonical::TenantId;
use quayside_connectors::{AllowList, Folders, Http};
use quayside_domain::{SystemScope, deliveries::Receiver, suppliers};

use super::receivers::NotMade;

/// What the operator permits one tenant beyond what everybody may.
#[derive(Debug, Clone, Default)]
pub struct Permitted {
    /// Private addresses that may be called.
    pub networks: AllowList,
    /// Folders of this machine that may be used.
    pub folders: Folders,
}

/// Who calls with what.
#[derive(Debug)]
pub struct Clients {
    open: Http,
    allowed: BTreeMap<String, Permitted>,
    known: Mutex<HashMap<TenantId, Http>>,
}

impl Permitted {
    /// A client with sockets of its own where private addresses may be called.
    fn client(&self, open: &Http) -> Result<Http, NotMade> {
        let client = if self.networks.is_empty() {
            open.clone()
        } else {
            open.allowing(self.networks.clone()).map_err(|error| NotMade::Wrong(error.to_string()))?
        };
        Ok(client.within(self.folders.clone()))
    }
}

impl Clients {
    /// `open` for all tenants but those in `allowed`, which are named by their short names.
    #[must_use]
    pub fn new(open: Http, allowed: BTreeMap<String, Permitted>) -> Self {
        Self { open, allowed, known: Mutex::default() }
    }

    /// The client for what goes to `receiver`. An endpoint that a supplier set up never reaches the private addresses
    /// that the operator allows the tenant.
    pub(crate) async fn for_receiver(
        &self,
        system: &SystemScope,
        receiver: &Receiver,
    ) -> Result<Http, NotMade> {
        if receiver.kind == quayside_connectors::webhook::KIND {
            return Ok(self.open.clone());
        }
        self.of(system, receiver.tenant).await
    }

    /// The client of `tenant`.
    pub(crate) async fn of(&self, system: &SystemScope, tenant: TenantId) -> Result<Http, NotMade> {
        if self.allowed.is_empty() {
            return Ok(self.open.clone());
        }
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant) {
            return Ok(known.clone());
        }
        let mut client = self.open.clone();
        for (slug, permitted) in &self.allowed {
            let named = suppliers::tenant_by_slug(system, slug).await.map_err(NotMade::Later)?;
            if named.is_some_and(|named| named.id == tenant) {
                client = permitted.client(&self.open)?;
            }
        }
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant, client.clone());
        Ok(client)
    }
}
