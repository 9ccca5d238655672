//! Interchanges and their messages, for procurement and for the supplier whose they are.
use quayside_canonical::{
    InterchangeId, MessageId, Problem, PurchaseOrderId, SupplierId, Timestamp, TradingPartnerId,
    partner::Identifier,
    states::{DocumentOutcome, InterchangeStatus, MessageStage},
};
use quayside_entity::{interchange, interchange_file, interchange_message};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, RelationTrait,
};

use super::{
    MessageResult,
    content,
    finish::{message_result, party},
    record::Findings,
};
use crate::{Failure, Scope, scope::in_tenant, store::Tx};
