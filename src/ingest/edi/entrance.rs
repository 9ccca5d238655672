//! By what a file of EDI comes in, and whose each of its interchanges is.
use std::sync::Arc;

use quayside_canonical::{
    Actor, ConnectionId, Problem, SupplierId, TenantId, TradingPartnerId,
    identity::Permission,
    partner::Agreement,
    states::{EdiSyntax, EdiWay, Environment, RepeatPolicy},
};
use quayside_connectors::edi::Terms;
use quayside_domain::{
    BuyerScope, Failure, Scope, Store,
    interchanges::Envelope,
    partners::{self, Door, Known, SenderError, by_sender},
    scope::{Origin, Standing},
};

/// A way in for files of EDI: one partner's own, by its token, or a connection that may serve several.
#[derive(Clone, Debug)]
pub struct Entrance {
    door: Door,
    /// The partner of a token and its supplier.
    partner: Option<(TradingPartnerId, SupplierId)>,
    /// What is done about bytes of which nothing was taken when they came before.
    repeats: RepeatPolicy,
    standing: Standing,
    origin: Origin,
    /// What the file or the message is called.
    name: Option<String>,
}

impl Entrance {
    /// The trading partner whose token made `scope`.
    ///
    /// # Errors
    /// The database failed, or the scope is not a partner's.
    pub async fn of_partner(scope: &Scope) -> Result<Self, Failure> {
        let Actor::Partner(id) = scope.actor else {
            return Err(Failure::System("an interchange comes with a trading partner's token".to_owned()));
        };
        Self::as_partner(scope, id).await?.ok_or_else(|| Failure::Corrupt(format!("{id} has no supplier")))
    }

    /// As if a partner's token had made `scope`: for who may look at the partner, in the partner's own place. None when
    /// there is no such partner for the caller.
    pub(super) async fn as_partner(scope: &Scope, id: TradingPartnerId) -> Result<Option<Self>, Failure> {
        let Some((partner, supplier)) = partners::partner_of(scope, id).await? else { return Ok(None) };
        Ok(Some(Self {
            door: Door::Token(id),
            partner: Some((id, supplier.id)),
            repeats: partners::agreement_of(&partner)?.repeats,
            standing: acting_as(scope.tenant, Actor::Partner(id)),
            origin: Origin {
                channel: scope.channel,
                correlation: scope.correlation.clone(),
                trace_parent: scope.trace_parent.clone(),
            },
            name: None,
        }))
    }

    /// A connection that brings files of the partners it serves.
    #[must_use]
    pub fn of_connection(tenant: TenantId, connection: ConnectionId, origin: Origin) -> Self {
        Self {
            door: Door::Connection(connection),
            partner: None,
            repeats: RepeatPolicy::TakeAfterFailure,
            standing: acting_as(tenant, Actor::Connection(connection)),
            origin,
            name: None,
        }
    }

    /// The same for a file or message of this name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    pub(super) const fn door(&self) -> Door {
        self.door
    }

    pub(super) fn supplier(&self) -> Option<SupplierId> {
        self.partner.map(|(_, supplier)| supplier)
    }

    pub(super) const fn repeats(&self) -> RepeatPolicy {
        self.repeats
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(super) fn correlation(&self) -> &str {
        &self.origin.correlation
    }

    /// The scope in which files are kept.
    pub(super) fn scope(&self, store: &Store) -> Result<BuyerScope, Failure> {
        buyer(&Scope::new(store, &self.standing, &self.origin))
    }
}

/// Partners stand on the buyer's side: what they send, or what is copied of it, is the tenant's own.
fn acting_as(tenant: TenantId, actor: Actor) -> Standing {
    let permissions =
        Arc::from([Permission::OrdersRead, Permission::OrdersAnswer, Permission::ShipmentsManage]);
    Standing { tenant, supplier: None, actor, person: None, permissions }
}

fn buyer(scope: &Scope) -> Result<BuyerScope, Failure> {
    scope.as_buyer().ok_or_else(|| Failure::System("a scope without a supplier is the buyer's".to_owned()))
}

/// Whose an interchange is, and what holds for it.
#[derive(Debug, Default)]
pub(super) struct Owner {
    /// The partner and its supplier, as far as they are known.
    pub(super) partner: Option<(TradingPartnerId, SupplierId)>,
    pub(super) way: Option<EdiWay>,
    pub(super) agreement: Agreement,
    /// What the partner's messages leave to agreement. None where nothing of it may be taken anyway.
    terms: Option<Terms>,
    /// Why nothing of it is taken, if so.
    pub(super) refusal: Option<Problem>,
}

impl Owner {
    /// The scope in which the partner's messages act, whatever way they came: so the same message by two ways is one.
    pub(super) fn scope(&self, files: &BuyerScope) -> BuyerScope {
        let actor = self.partner.map_or(files.actor, |(partner, _)| Actor::Partner(partner));
        files.as_actor(actor, files.channel, acting_as(files.tenant, actor).permissions)
    }

    /// What the partner's messages leave to agreement. Without it nothing is asked for.
    pub(super) fn terms(&self) -> Terms {
        let nobody = || Terms { supplier: String::new(), currency: None, agreement: self.agreement.clone() };
        self.terms.clone().unwrap_or_else(nobody)
    }

    fn of(known: Known, envelope: &Envelope) -> Self {
        let takes_test_data = known.partner.environment == Environment::Test;
        let is_test = envelope.usage.as_deref() == Some("T");
        Self {
            partner: Some((known.partner.id, known.supplier.id)),
            way: known.way,
            terms: Some(Terms {
                supplier: known.supplier.number,
                currency: known.partner.currency,
                agreement: known.agreement.clone(),
            }),
            agreement: known.agreement,
            refusal: (is_test && !takes_test_data).then(|| test_data(envelope)),
        }
    }
}

/// Whose an interchange is that came through `entrance`: its sender must be the partner whose channel brought it.
pub(super) async fn owner_of(
    scope: &Scope,
    entrance: &Entrance,
    envelope: &Envelope,
) -> Result<Owner, Failure> {
    let of_token = Owner { partner: entrance.partner, ..Owner::default() };
    let (Some(sender), Some(receiver)) = (&envelope.sender, &envelope.receiver) else {
        return Ok(of_token);
    };
    match by_sender(scope, entrance.door, sender, receiver).await {
        Ok(known) => Ok(Owner::of(known, envelope)),
        Err(SenderError::Internal(failure)) => Err(failure),
        Err(error) => Ok(Owner { refusal: Some(not_theirs(&error, envelope)), ..of_token }),
    }
}

fn not_theirs(error: &SenderError, envelope: &Envelope) -> Problem {
    let code = error.code().unwrap_or("UNKNOWN_SENDER");
    let (x12, edifact) = if error.is_about_receiver() { ("08", "03") } else { ("06", "02") };
    in_envelope(envelope, code, x12, edifact, &error.to_string())
}

fn test_data(envelope: &Envelope) -> Problem {
    let words = match envelope.syntax {
        Some(EdiSyntax::Edifact) => "1 marks trial data, and this partner's data is real",
        _ => "T marks trial data, and this partner's data is real",
    };
    in_envelope(envelope, "TEST_DATA", "15", "11", words)
}

fn in_envelope(envelope: &Envelope, code: &str, x12: &str, edifact: &str, words: &str) -> Problem {
    let (segment, element) = match envelope.syntax {
        Some(EdiSyntax::Edifact) => ("UNB", edifact),
        _ => ("ISA", x12),
    };
    Problem {
        code: code.to_owned(),
        field: vec![segment.to_owned(), element.to_owned()],
        message: format!("{segment}, element {}: {words}", element.trim_start_matches('0')),
    }
}
