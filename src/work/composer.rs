//! Composes what trading partners are sent: follows each tenant's log, and tries again what could not be made.
//!
//! The domain says what happened and keeps what is made; the connectors say it in the partner's words. Each interchange
//! is made in a transaction of its own, and the cursor moves after them: who was killed in between finds what is made
//! already.
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use quayside_canonical::{
    Problems, PurchaseOrderId, TenantId, Timestamp,
    events::{Event, PurchaseOrderReleased, PurchaseOrderRevised, ReceiptRecorded},
    exchange::{ControlNumbers, Letter, NumbersNeeded, WrittenInterchange},
    partner::Identifier,
    states::{EdiDocument, Environment, ExchangePurpose},
};
use quayside_connectors::edi::outgoing::{self, Draft, Envelope, Revised};
use quayside_domain::{
    Failure, SystemScope,
    exchange::{self, About, Behind, Composed, Occasion, Partner, Plan, Told},
};
use tokio_util::sync::CancellationToken;

use super::{NAP, answers, rest};

/// How far the note of a tenant with whom nothing is exchanged may lag behind its log.
const LAG: i64 = 1_000;

/// Composes, and knows how far it looked through the logs of tenants with whom nothing is exchanged: noting that each
/// time would be a write for every event there is.
#[derive(Default)]
pub(super) struct Composer {
    passed: Mutex<HashMap<TenantId, i64>>,
}

impl Composer {
    /// Composes everything that is due, and says how many interchanges were made.
    pub(super) async fn compose_due(&self, system: &SystemScope) -> Result<usize, Failure> {
        let mut due = Vec::new();
        for behind in exchange::behind(system).await? {
            let behind = Behind { followed: behind.followed.max(self.passed(behind.tenant)), ..behind };
            if behind.followed < behind.last {
                match exchange::partners_of(system, behind.tenant).await? {
                    partners if partners.is_empty() => self.pass(system, behind).await?,
                    partners => due.push((behind, partners)),
                }
            }
        }
        let waiting = exchange::tenants_waiting(system).await?;
        if due.is_empty() && waiting.is_empty() || !exchange::hold(system).await? {
            return Ok(0); // idle: no write, no lock
        }
        Box::pin(compose_all(system, due, waiting)).await
    }

    fn passed(&self, tenant: TenantId) -> i64 {
        let passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.get(&tenant).copied().unwrap_or_default()
    }

    async fn pass(&self, system: &SystemScope, behind: Behind) -> Result<(), Failure> {
        let Behind { tenant, last, .. } = behind;
        let before = self.passed.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant, last);
        if before.is_none_or(|before| last / LAG > before / LAG) {
            exchange::followed(system, tenant, last).await?;
        }
        Ok(())
    }

    /// Composes until told to stop.
    pub(super) async fn run(&self, system: &SystemScope, stop: &CancellationToken) {
        let wake = system.store().wake().log.clone();
        while !stop.is_cancelled() {
            match self.compose_due(system).await {
                Ok(made) if made > 0 => continue,
                Ok(_) => {}
                Err(failure) => tracing::warn!(error = %failure, "composing has to wait"),
            }
            rest(&wake, NAP, stop).await;
        }
        if let Err(failure) = exchange::hand_over(system).await {
            tracing::debug!(error = %failure, "the composer's place runs out by itself");
        }
    }
}

async fn compose_all(
    system: &SystemScope,
    due: Vec<(Behind, Vec<Partner>)>,
    waiting: Vec<TenantId>,
) -> Result<usize, Failure> {
    let mut made = 0;
    for (tenant, partners) in due {
        let (occasions, upto) = exchange::next(system, tenant).await?;
        for occasion in &occasions {
            for partner in &partners {
                made += compose(system, partner, occasion, None).await?;
            }
        }
        exchange::followed(system, tenant.tenant, upto).await?;
        made += usize::from(upto < tenant.last); // there is more to look through
    }
    for tenant in waiting {
        for partner in exchange::partners_of(system, tenant).await? {
            for waiting in exchange::waiting(system, &partner).await? {
                made += compose(system, &partner, &waiting.occasion, Some(waiting.purpose)).await?;
            }
        }
    }
    Ok(made)
}

/// What an occasion is to a partner, and how many interchanges were made of it. Of `only` one kind, when it is tried
/// again.
async fn compose(
    system: &SystemScope,
    partner: &Partner,
    occasion: &Occasion,
    only: Option<ExchangePurpose>,
) -> Result<usize, Failure> {
    let event = &occasion.event;
    if event.supplier_id != Some(partner.row.supplier_id) {
        return Ok(0);
    }
    let composed = match event.event_type.as_str() {
        PurchaseOrderReleased::TYPE | PurchaseOrderRevised::TYPE => {
            vec![order(system, partner, occasion).await?]
        }
        ReceiptRecorded::TYPE => vec![receipt(system, partner, occasion).await?],
        _ => answers::answer(system, partner, occasion, only).await?,
    };
    Ok(composed.iter().filter(|composed| matches!(composed, Composed::Made(_))).count())
}

/// What of an event about an order is needed here.
#[derive(serde::Deserialize)]
struct OrderNews {
    order: PurchaseOrderId,
    number: String,
    revision: i32,
}

async fn order(system: &SystemScope, partner: &Partner, occasion: &Occasion) -> Result<Composed, Failure> {
    if partner.is(&occasion.event.actor) || !partner.gets(EdiDocument::Order) {
        return Ok(Composed::Nothing);
    }
    let news: OrderNews = serde_json::from_str(&occasion.event.payload)?;
    let name = format!("Order {} (revision {})", news.number, news.revision);
    let plan = Plan {
        partner,
        occasion,
        purpose: ExchangePurpose::Document,
        order: Some((news.order, news.revision)),
        name: &name,
    };
    let about = vec![About { number: Some(news.number.clone()), subject: Some(news.order.to_string()) }];
    let draft = |told: &Told| {
        let draft = order_draft(partner, told, news.revision)?;
        Ok(draft.map(|draft| (Mail::new(partner, vec![draft], system.now()), about.clone())))
    };
    exchange::compose(system, plan, draft).await
}

/// The first statement of an order, or what changed since the partner was told last.
fn order_draft(partner: &Partner, told: &Told, revision: i32) -> Result<Option<Draft>, Problems> {
    let Some(after) = &told.after else { return Ok(None) };
    match &told.before {
        None => outgoing::order(after, &partner.agreement),
        // What came after it was told already.
        Some((before, _)) if *before >= revision => Ok(None),
        Some((_, before)) if partner.gets(EdiDocument::OrderChange) => {
            let revised = Revised { before, after, count: told.changes + 1 };
            outgoing::change(revised, &partner.agreement)
        }
        Some(_) => Ok(None),
    }
}

async fn receipt(system: &SystemScope, partner: &Partner, occasion: &Occasion) -> Result<Composed, Failure> {
    if partner.is(&occasion.event.actor) || !partner.gets(EdiDocument::ReceivingAdvice) {
        return Ok(Composed::Nothing);
    }
    let receipt: ReceiptRecorded = serde_json::from_str(&occasion.event.payload)?;
    let name = format!("Receipt {}", receipt.number);
    let plan = Plan { partner, occasion, purpose: ExchangePurpose::Document, order: None, name: &name };
    let about =
        vec![About { number: Some(receipt.number.clone()), subject: Some(receipt.receipt.to_string()) }];
    let draft = |_: &Told| {
        let draft = outgoing::receipt(&receipt, &partner.agreement)?;
        Ok(Some((Mail::new(partner, vec![draft], system.now()), about.clone())))
    };
    exchange::compose(system, plan, draft).await
}

/// Drafts in the envelope of a partner.
pub(super) struct Mail<'a> {
    partner: &'a Partner,
    drafts: Vec<Draft>,
    at: Timestamp,
}

impl<'a> Mail<'a> {
    pub(super) const fn new(partner: &'a Partner, drafts: Vec<Draft>, at: Timestamp) -> Self {
        Self { partner, drafts, at }
    }
}

impl Letter for Mail<'_> {
    fn needs(&self) -> NumbersNeeded {
        outgoing::needs(&self.drafts)
    }

    fn write(&self, numbers: &ControlNumbers) -> Result<WrittenInterchange, Problems> {
        let nobody = Identifier { qualifier: String::new(), id: String::new() };
        let envelope = Envelope {
            agreement: &self.partner.agreement,
            from: self.partner.agreement.ours.first().unwrap_or(&nobody),
            to: self.partner.theirs.first().unwrap_or(&nobody),
            test: self.partner.row.environment == Environment::Test,
            at: self.at,
        };
        outgoing::write(&self.drafts, envelope, numbers)
    }
}
