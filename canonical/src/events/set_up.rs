//! Events about how a tenant is set up: the audit trail of its rules, people and systems.
use serde::{Deserialize, Serialize};

use crate::{
    ConnectionId, MembershipId, SupplierGroupId, SupplierId, TenantId, TradingPartnerId, UserId,
    identity::Role,
    policy::Policy,
    states::{Environment, PartnerMode},
};

/// A tenant was set up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantCreated {
    /// The tenant.
    pub tenant: TenantId,
    /// Its short name, as in the source of its events.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// A supplier was set up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SupplierCreated {
    /// The supplier.
    pub supplier: SupplierId,
    /// The tenant's number for it.
    pub number: String,
    /// Its name.
    pub name: String,
    /// The group whose rules it shares.
    pub group: Option<SupplierGroupId>,
}

/// A supplier's GS1 company prefix was noted or taken away.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Gs1PrefixChanged {
    /// The supplier.
    pub supplier: SupplierId,
    /// The prefix; none when no codes are given out for the supplier any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

/// A group of suppliers was set up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SupplierGroupCreated {
    /// The group.
    pub group: SupplierGroupId,
    /// Its name.
    pub name: String,
}

/// A layer of the rules was replaced.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PolicyChanged {
    /// Whose layer: the tenant, a group or a supplier, by its id.
    pub subject: String,
    /// What it says from now on.
    pub policy: Policy,
}

/// A person got a place in the tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct MembershipGranted {
    /// The place.
    pub membership: MembershipId,
    /// The person.
    pub user: UserId,
    /// For which supplier; none on the buyer's side.
    pub supplier: Option<SupplierId>,
    /// As what.
    pub role: Role,
}

/// A person lost a place in the tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct MembershipEnded {
    /// The place.
    pub membership: MembershipId,
    /// The person.
    pub user: UserId,
}

/// An ERP, WMS or other system was set up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConnectionCreated {
    /// The connection.
    pub connection: ConnectionId,
    /// What kind of system.
    pub kind: String,
    /// What the tenant calls it.
    pub name: String,
    /// Real data or trial data.
    pub environment: Environment,
}

/// A connection was changed. Says what, never to what: a secret may be among it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConnectionUpdated {
    /// The connection.
    pub connection: ConnectionId,
    /// Its revision from now on.
    pub revision: i64,
    /// What was changed: `name`, `config`, `receives`, `codeSystem`, `filter`, a secret as `secrets.<member>`.
    pub changed: Vec<String>,
}

/// A supplier was set up for EDI.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TradingPartnerCreated {
    /// The partner.
    pub partner: TradingPartnerId,
    /// The supplier it is.
    pub supplier: SupplierId,
    /// What the tenant calls it.
    pub name: String,
    /// How its traffic reaches us.
    pub mode: PartnerMode,
}

/// What is agreed with a trading partner was changed. Says what, never to what.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TradingPartnerUpdated {
    /// The partner.
    pub partner: TradingPartnerId,
    /// The supplier it is.
    pub supplier: SupplierId,
    /// Its revision from now on.
    pub revision: i32,
    /// What was changed: `name`, `mode`, `identifiers`, a part of what was agreed as `agreement.<member>`.
    pub changed: Vec<String>,
}

/// Nothing is taken from a trading partner any more, and nothing is sent to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TradingPartnerDisabled {
    /// The partner.
    pub partner: TradingPartnerId,
    /// The supplier it is.
    pub supplier: SupplierId,
    /// Its revision from now on.
    pub revision: i32,
    /// Why, in the words of whoever did it.
    pub reason: String,
}

/// A trading partner takes part again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TradingPartnerEnabled {
    /// The partner.
    pub partner: TradingPartnerId,
    /// The supplier it is.
    pub supplier: SupplierId,
    /// Its revision from now on.
    pub revision: i32,
}
