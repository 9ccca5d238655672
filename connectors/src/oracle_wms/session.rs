//! One call after another as one user: credentials, the question before a change, and the read-back.
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta};
use reqwest::Url;
use serde_json::Value;

use super::answer::{self, Rows, Standing};
use super::map::{self, Body, Here, Known, Plan, Target, Want};
use super::wire::{Auth, Config};
use crate::http::Call;
use crate::oauth::{Grant, Tokens, basic, before_the_call};
use crate::{Answer, Attempted, Delivery, DeliveryError, Errand, Exchange, Http, Receipt};

/// Records of a page, the most that Oracle gives.
const PAGE: &str = "1250";
/// Pages of one document's details: no shipment has more.
const MOST_PAGES: u32 = 20;

/// What calls are made with.
pub(super) struct Session<'a> {
    pub(super) config: &'a Config,
    pub(super) tokens: &'a Tokens,
    pub(super) http: &'a Http,
    pub(super) errand: &'a Errand,
}

/// The record of the last call, which is the one an outcome is about.
type Last = Option<Exchange>;

impl Session<'_> {
    /// Makes a call with our credentials. A token that does not work any more is replaced once.
    pub(super) async fn exchange(&self, call: Call) -> Attempted<Answer> {
        let first = self.try_exchange(call.clone()).await;
        let refused = matches!(&first.outcome, Ok(answer) if answer.status.as_u16() == 401);
        if self.config.auth == Auth::Basic || !refused {
            return first;
        }
        self.tokens.forget();
        self.try_exchange(call).await
    }

    async fn try_exchange(&self, call: Call) -> Attempted<Answer> {
        let missing = || Attempted::unsent(DeliveryError::Unauthorized);
        let user = self.config.user.as_deref().zip(self.config.password.as_ref());
        let header = if self.config.auth == Auth::Basic {
            let Some(user) = user else { return missing() };
            basic(user)
        } else {
            let client = self.config.client_id.as_deref().zip(self.config.client_secret.as_ref());
            let (Some(client), Some(endpoint)) = (client, &self.config.token_url) else { return missing() };
            let user = user.filter(|_| self.config.auth == Auth::Oauth2Password);
            let grant = Grant { endpoint, client, user, scope: self.config.scope.as_deref() };
            let Attempted { outcome, exchange } = self.tokens.get(self.http, self.errand, &grant).await;
            match outcome {
                Ok(token) => crate::Secret::new(format!("Bearer {}", token.expose())),
                Err(error) => return Attempted { outcome: Err(error), exchange },
            }
        };
        match call.secret_header("authorization", &header) {
            Ok(call) => self.http.exchange(call).await,
            Err(error) => Attempted::unsent(error),
        }
    }

    /// Asks for one page of records.
    pub(super) async fn page(
        &self,
        entity: &str,
        filters: &[(&str, &str)],
        facility: Option<&str>,
    ) -> Attempted<Rows> {
        let call = Call::get(self.records(entity, filters), self.errand);
        let config = self.config;
        self.exchange(call).await.and_then(|answer| answer::rows(answer, config, facility))
    }

    fn records(&self, entity: &str, filters: &[(&str, &str)]) -> Url {
        records(self.config, entity, filters)
    }

    /// How the record stands to what is wanted, and the record.
    async fn look(&self, plan: &Plan) -> Attempted<(Standing, Option<Value>)> {
        let (config, target) = (self.config, &plan.target);
        let page = self.page(target.entity, &question(config, target), Some(&target.facility)).await;
        page.and_then(|rows| {
            let row = answer::the_one(&rows, target)?;
            Ok((answer::standing(row, config, target, plan.want)?, row.cloned()))
        })
    }

    /// The numbers of the details that a record has.
    async fn details(&self, target: &Target) -> Attempted<BTreeSet<i64>> {
        let (entity, key) = detail_names(target);
        let mut numbers = BTreeSet::new();
        let mut last: Last = None;
        for page in 1..=MOST_PAGES {
            let (page, values) = (page.to_string(), format!("seq_nbr,{key}"));
            let facility = key.replace(target.key, "facility_id__code");
            let company = key.replace(target.key, "company_id__code");
            let filters = [
                (key, target.number.as_str()),
                (&facility, &target.facility),
                (&company, &self.config.company),
                ("values_list", &values),
                ("page_size", PAGE),
                ("page", &page),
            ];
            let Attempted { outcome, exchange } = self.page(entity, &filters, Some(&target.facility)).await;
            last = exchange;
            let rows = match outcome {
                Ok(rows) => rows,
                Err(error) => return Attempted { outcome: Err(error), exchange: last },
            };
            for row in &rows.rows {
                let number = row["seq_nbr"].as_i64().or_else(|| row["seq_nbr"].as_str()?.parse().ok());
                match number {
                    Some(number) if row[key].as_str() == Some(&target.number) => numbers.insert(number),
                    _ => {
                        let error =
                            DeliveryError::unconfirmed("the WMS did not say clearly which details it has");
                        return Attempted { outcome: Err(error), exchange: last };
                    }
                };
            }
            if !rows.more {
                return Attempted { outcome: Ok(numbers), exchange: last };
            }
        }
        let error = DeliveryError::Unmappable("the document has more details than can be read".to_owned());
        Attempted { outcome: Err(error), exchange: last }
    }

    /// Looks where that is needed, writes, and where the WMS refuses, looks whether an earlier attempt arrived.
    pub(super) async fn deliver(&self, delivery: &Delivery, plan: &Plan) -> Attempted<Receipt> {
        let mut here = Here::Absent;
        if plan.look_first {
            let Attempted { outcome, exchange } = self.look_before(plan).await;
            here = match outcome {
                Ok(Looked::Go(here)) => here,
                Ok(Looked::Done(receipt)) => return Attempted { outcome: Ok(receipt), exchange },
                Err(error) => return Attempted { outcome: Err(before_the_call(error)), exchange },
            };
        }
        let made = match map::call(self.config, delivery, plan, &here) {
            Ok(made) => made,
            Err(error) => return Attempted::unsent(error),
        };
        let asynchronous = made.asynchronous;
        let answered = self.exchange(made.call).await.and_then(|answer| match plan.body {
            Body::Staged { .. } => {
                answer::staged(answer, self.config, &plan.target).map(|staged| staged.group)
            }
            Body::Json(_) => answer::created(answer, self.config, &plan.target).map(|()| None),
        });
        match &answered.outcome {
            Err(DeliveryError::Refused { code, .. })
                if code != "NOT_ELIGIBLE" && code != "ENDPOINT_FORBIDDEN" =>
            {
                self.arrived_before(plan, answered).await
            }
            _ => answered.and_then(|group| match (group, asynchronous) {
                (group, false) => Ok(Receipt { reference: group.map(|group| format!("file group {group}")) }),
                (group, true) => Err(DeliveryError::unconfirmed(format!(
                    "handed over as file group {}, and not yet seen",
                    group.as_deref().unwrap_or("unknown")
                ))),
            }),
        }
    }

    async fn look_before(&self, plan: &Plan) -> Attempted<Looked> {
        let Attempted { outcome, exchange } = self.look(plan).await;
        let (standing, row) = match outcome {
            Ok(looked) => looked,
            Err(error) => return Attempted { outcome: Err(error), exchange },
        };
        match standing {
            Standing::Done(receipt) => Attempted { outcome: Ok(Looked::Done(receipt)), exchange },
            Standing::Absent => Attempted { outcome: Ok(Looked::Go(Here::Absent)), exchange },
            Standing::Older => {
                let start = row.as_ref().and_then(|row| row["planned_start_ts"].as_str()).map(str::to_owned);
                let known = |details| Looked::Go(Here::Present(Known { details, planned_start: start }));
                if plan.want == Want::Gone || matches!(plan.body, Body::Json(_)) {
                    return Attempted { outcome: Ok(known(BTreeSet::new())), exchange };
                }
                self.details(&plan.target).await.and_then(|details| Ok(known(details)))
            }
        }
    }

    /// A refusal may be the answer to a repeat. Where that cannot be found out, the refusal stands.
    async fn arrived_before(&self, plan: &Plan, refused: Attempted<Option<String>>) -> Attempted<Receipt> {
        let looked = self.look(plan).await.outcome;
        let outcome = match looked {
            Ok((Standing::Done(receipt), _)) => Ok(receipt),
            _ => refused.outcome.map(|_| Receipt { reference: None }),
        };
        Attempted { outcome, exchange: refused.exchange }
    }

    /// The read-back. What was handed over to be worked on later may be on its way for a while.
    pub(super) async fn find(&self, delivery: &Delivery, plan: &Plan) -> Attempted<Option<Receipt>> {
        let waits = may_be_on_its_way(self.config, delivery, plan);
        self.look(plan).await.and_then(|(standing, _)| match standing {
            Standing::Done(receipt) => Ok(Some(receipt)),
            Standing::Older | Standing::Absent if waits => {
                Err(DeliveryError::unconfirmed("handed over to be worked on, and not there yet"))
            }
            Standing::Older | Standing::Absent => Ok(None),
        })
    }

    /// Whether the user sees the facility and the company.
    pub(super) async fn test(&self) -> Attempted<()> {
        let config = self.config;
        let facility = config.facility.as_ref().or_else(|| config.facilities.values().next());
        let mut tested = Attempted { outcome: Ok(()), exchange: None };
        for (entity, code) in [("facility", facility), ("company", Some(&config.company))] {
            let Some(code) = code else { continue };
            let page = self.page(entity, &[("code", code), ("values_list", "id,code")], None).await;
            tested = page.and_then(|rows| {
                if rows.rows.iter().any(|row| row["code"].as_str() == Some(code)) {
                    return Ok(());
                }
                let message = format!(
                    "the user does not see {entity} {code}: ask the administrator of the WMS for eligibility"
                );
                Err(DeliveryError::Refused { code: "NOT_ELIGIBLE".to_owned(), message })
            });
            if tested.outcome.is_err() {
                break;
            }
        }
        tested
    }
}

/// What a look found to do.
enum Looked {
    Done(Receipt),
    Go(Here),
}

/// The question whether a record is there.
pub(super) fn look_call(config: &Config, delivery: &Delivery, target: &Target) -> Call {
    Call::get(records(config, target.entity, &question(config, target)), &delivery.errand)
}

fn question<'a>(config: &'a Config, target: &'a Target) -> Vec<(&'a str, &'a str)> {
    vec![
        (target.key, target.number.as_str()),
        ("facility_id__code", &target.facility),
        ("company_id__code", &config.company),
    ]
}

fn records(config: &Config, entity: &str, filters: &[(&str, &str)]) -> Url {
    let mut url = config.url(&format!("wms/lgfapi/v10/entity/{entity}/"));
    url.query_pairs_mut().extend_pairs(filters);
    url
}

/// The entity of a record's details, and its way back to the record's number.
fn detail_names(target: &Target) -> (&'static str, &'static str) {
    match target.entity {
        "purchase_order" => ("purchase_order_dtl", "po_id__po_nbr"),
        _ => ("ib_shipment_dtl", "ib_shipment_id__shipment_nbr"),
    }
}

/// Whether an earlier attempt may have been handed over and not be done yet. The event's own time is all there is to
/// go by: an attempt is never older than its event.
fn may_be_on_its_way(config: &Config, delivery: &Delivery, plan: &Plan) -> bool {
    let Body::Staged { rows, .. } = &plan.body else { return false };
    let time = delivery.event.get("time").and_then(Value::as_str);
    let Some(since) = time.and_then(|time| DateTime::parse_from_rfc3339(time).ok()) else { return false };
    let patience = TimeDelta::minutes(i64::from(config.settle_minutes));
    rows.len() > config.asynchronous_above && delivery.errand.at < since + patience
}
