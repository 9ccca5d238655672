//! Lets an operation in: within the limits, allowed, and paid for before it runs.

use std::net::IpAddr;

use async_graphql::parser::types::OperationType;
use async_graphql::{Response, Value};
use axum::http::HeaderMap;

use super::params::Params;
use super::refusal::Refusal;
use super::reply::{Bill, actual_cost};
use super::{Api, Call, Endpoint};
use crate::web::headers::Ids;

/// How a request came.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub(super) ids: Ids,
    pub(super) client: IpAddr,
    /// The `Idempotency-Key` header as it came.
    pub(super) idempotency_key: Option<Vec<u8>>,
    /// By GET nothing may change.
    pub(super) reading_only: bool,
}

impl Arrival {
    pub(super) fn idempotency_key(headers: &HeaderMap) -> Option<Vec<u8>> {
        headers.get("idempotency-key").map(|value| value.as_bytes().to_vec())
    }
}

/// An operation that may run, and its price.
pub(super) struct Admitted {
    pub(super) call: Call,
    pub(super) bill: Bill,
    bucket: String,
}

/// Why not, and where the caller's bucket stands.
pub(super) struct Refused {
    pub(super) refusal: Refusal,
    pub(super) bill: Bill,
}

impl<A: Api> Endpoint<A> {
    /// Every request pays a point before its document is read, so that nonsense is not free; the rest once it is known.
    pub(super) fn admit(
        &self,
        caller: &A::Caller,
        params: Params,
        arrival: &Arrival,
    ) -> Result<Admitted, Box<Refused>> {
        let bucket = self.api.bucket(caller);
        let mut bill = Bill { requested: None, actual: None, level: self.pay(&bucket, 1, None)? };
        let refuse = |refusal: Refusal, bill: Bill| Box::new(Refused { refusal, bill });
        let mut request = params.into_request();
        let checked = self.guard.check(&request.query, request.operation_name.as_deref(), &request.variables);
        let checked = checked.map_err(|error| {
            let requested = error.cost();
            refuse(error.into(), Bill { requested, ..bill })
        })?;
        bill.requested = Some(checked.cost);
        if arrival.reading_only && checked.kind == OperationType::Mutation {
            return Err(refuse(Refusal::MutationByGet, bill));
        }
        if checked.introspects && !self.api.may_introspect(caller) {
            return Err(refuse(Refusal::Introspection, bill));
        }
        let idempotency_key = key_for(arrival, checked.kind, checked.root_fields.len());
        let idempotency_key = idempotency_key.map_err(|refusal| refuse(refusal, bill))?;
        bill.level = self.pay(&bucket, checked.cost.saturating_sub(1), Some(checked.cost))?;
        request.set_parsed_query(checked.executable());
        let call = Call {
            request,
            kind: checked.kind,
            operation: checked.name,
            root_fields: checked.root_fields,
            cost: checked.cost,
            ids: arrival.ids.clone(),
            idempotency_key,
            client: arrival.client,
        };
        Ok(Admitted { call, bill, bucket })
    }

    fn pay(
        &self,
        bucket: &str,
        points: u64,
        requested: Option<u64>,
    ) -> Result<super::throttle::Level, Box<Refused>> {
        self.throttle.take(bucket, points).map_err(|level| {
            let refusal = Refusal::Throttled { wait: level.wait_for(points) };
            Box::new(Refused { refusal, bill: Bill { requested, actual: None, level } })
        })
    }

    /// Runs a query or a mutation, in time or not at all, and gives back what it turned out not to cost.
    pub(super) async fn run(
        &self,
        caller: &A::Caller,
        admitted: Admitted,
    ) -> (Result<Response, Refusal>, Bill) {
        let Admitted { call, mut bill, bucket } = admitted;
        let paid = call.cost.max(1);
        let executed =
            tokio::time::timeout(self.settings.execution_time, self.api.execute(caller, call)).await;
        let Ok(response) = executed else { return (Err(Refusal::Timeout), bill) };
        let actual = actual_cost(&response.data).min(paid);
        bill.level = self.throttle.give_back(&bucket, paid - actual.max(1));
        bill.actual = (response.data != Value::Null).then_some(actual);
        (Ok(response), bill)
    }
}

/// The key for the operation's one mutation. To drop a key that cannot be honoured would let the caller repeat an effect.
fn key_for(arrival: &Arrival, kind: OperationType, fields: usize) -> Result<Option<String>, Refusal> {
    let Some(key) = &arrival.idempotency_key else { return Ok(None) };
    if kind != OperationType::Mutation {
        return Ok(None);
    }
    if fields != 1 {
        return Err(Refusal::IdempotencyKeyAmbiguous);
    }
    let visible = (1..=255).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    match String::from_utf8(key.clone()) {
        Ok(key) if visible => Ok(Some(key)),
        _ => Err(Refusal::IdempotencyKeyInvalid),
    }
}
