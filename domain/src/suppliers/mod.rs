//! Tenants, their suppliers, and the rules that hold for each.

mod create_group;
mod create_partner_token;
mod create_supplier;
mod create_tenant;
mod create_trading_partner;
mod find;
mod numbers;
mod rules;
mod set_gs1_prefix;
mod set_policy;

pub use create_group::{CreateGroup, create_group};
pub use create_partner_token::{CreatePartnerToken, create_partner_token};
pub use create_supplier::{CreateSupplier, create_supplier};
pub use create_tenant::{CreateTenant, create_tenant};
pub use create_trading_partner::{CreateTradingPartner, create_trading_partner};
pub use find::{group_by_name, partner_by_name, partner_of, supplier_by_number, tenant_by_slug};
pub(crate) use numbers::ids_by_number;
pub use quayside_canonical::partner::Identifier;
pub use rules::rules_of;
pub use set_gs1_prefix::{SetGs1Prefix, set_gs1_prefix};
pub use set_policy::{Layer, SetPolicy, set_policy};
