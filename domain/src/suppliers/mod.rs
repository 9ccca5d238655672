//! Tenants, their suppliers, and the rules that hold for each.

mod create_group;
mod create_supplier;
mod create_tenant;
mod find;
mod numbers;
mod rules;
mod set_gs1_prefix;
mod set_policy;

pub use create_group::{CreateGroup, create_group};
pub use create_supplier::{CreateSupplier, create_supplier};
pub use create_tenant::{CreateTenant, create_tenant};
pub use find::{group_by_name, supplier_by_number, tenant_by_slug};
pub(crate) use numbers::ids_by_number;
pub use rules::rules_of;
pub use set_gs1_prefix::{SetGs1Prefix, set_gs1_prefix};
pub use set_policy::{Layer, SetPolicy, set_policy};
