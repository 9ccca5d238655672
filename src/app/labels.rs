//! Files to download: the labels of a shipment. Whoever may use the API may fetch them, with the same credentials.
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Path, Query, State},
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use quayside_canonical::{Channel, ShipmentId, shipment::HandlingUnit};
use quayside_domain::{
    Scope,
    identity::Via,
    shipments::labels::{Labelled, labelled},
};
use quayside_labels::{Density, Label, Size, pdf, zpl};
use serde::Deserialize;

use super::{
    App,
    api::{Caller, Gateway, origin},
};
use crate::{
    ingest::reply::Refusal,
    labels::labels,
    web::{
        graphql::{Api, Credentials, NoCaller},
        headers::{Ids, client_address},
    },
};

/// How labels are wanted.
#[derive(Deserialize)]
pub(super) struct Wanted {
    size: Option<String>,
    dpi: Option<String>,
}

/// `/files/labels/{shipment}.pdf` or `.zpl`: a label for each handling unit that has an SSCC.
pub(super) async fn of_shipment(
    State(app): State<App>,
    Path(file): Path<String>,
    Query(wanted): Query<Wanted>,
    request: Parts,
) -> Result<Response, Refusal> {
    let (shipment, form) = Form::of(&file, &wanted)?;
    let found = app.labelled(&request, shipment).await?;
    let labels = labels(&found, |_| true);
    reply(labels, form, shipment).await
}

/// `/files/labels/{shipment}/{unit}.pdf` or `.zpl`: the label of one handling unit, named by its key or its SSCC.
pub(super) async fn of_unit(
    State(app): State<App>,
    Path((shipment, file)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
    request: Parts,
) -> Result<Response, Refusal> {
    let (name, form) = Form::of(&file, &wanted)?;
    let found = app.labelled(&request, &shipment).await?;
    let is_it =
        |unit: &HandlingUnit| unit.key == name || unit.sscc.is_some_and(|sscc| name.parse() == Ok(sscc));
    if !found.shipment.notice.units.iter().any(is_it) {
        return Err(Refusal::not_found());
    }
    let labels = labels(&found, is_it);
    reply(labels, form, name).await
}

/// What the file is.
#[derive(Clone, Copy)]
enum Form {
    Pdf(Size),
    Zpl(Size, Density),
}

impl Form {
    /// The name before the ending, and what the ending and the query ask for.
    fn of<'a>(file: &'a str, wanted: &Wanted) -> Result<(&'a str, Self), Refusal> {
        let bad = |message| Err(Refusal::bad_request("INVALID_VALUE", message));
        let Some((name, ending)) = file.rsplit_once('.') else { return Err(Refusal::not_found()) };
        let size = match wanted.size.as_deref() {
            None | Some("4x6") => Size::FourBySix,
            Some("A6" | "a6") => Size::A6,
            Some(_) => return bad("size is 4x6 or A6"),
        };
        let density = match wanted.dpi.as_deref() {
            None | Some("203") => Density::Dpi203,
            Some("300") => Density::Dpi300,
            Some(_) => return bad("dpi is 203 or 300"),
        };
        match ending {
            "pdf" => Ok((name, Self::Pdf(size))),
            "zpl" => Ok((name, Self::Zpl(size, density))),
            _ => Err(Refusal::not_found()),
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Pdf(_) => "application/pdf",
            Self::Zpl(..) => "text/plain; charset=utf-8",
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Pdf(_) => "pdf",
            Self::Zpl(..) => "zpl",
        }
    }

    fn draw(self, labels: &[Label]) -> Vec<u8> {
        match self {
            Self::Pdf(size) => pdf(labels, size),
            Self::Zpl(size, density) => zpl(labels, size, density).into_bytes(),
        }
    }
}

async fn reply(labels: Vec<Label>, form: Form, name: &str) -> Result<Response, Refusal> {
    if labels.is_empty() {
        let message = "there is no SSCC to print: send one for each handling unit, or have them given out";
        return Err(Refusal::unprocessable("NO_SSCC", message));
    }
    // Thousands of labels take a while, which other requests need not wait for.
    let drawn = tokio::task::spawn_blocking(move || form.draw(&labels)).await;
    let bytes = drawn.map_err(|error| {
        tracing::error!(%error, "labels could not be drawn");
        Refusal::busy()
    })?;
    let mut reply = bytes.into_response();
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.content_type()));
    headers.insert(header::CONTENT_DISPOSITION, attachment(name, form.ending()));
    Ok(reply)
}

/// A file to be kept, never shown inside a page. Only what is plain in every system stays of its name.
fn attachment(name: &str, ending: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' })
        .take(80)
        .collect();
    HeaderValue::from_str(&format!("attachment; filename=\"labels-{plain}.{ending}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

impl App {
    /// The shipment with what its labels need, when it is there for whoever asks.
    async fn labelled(&self, request: &Parts, shipment: &str) -> Result<Labelled, Refusal> {
        let scope = self.reader(request).await?;
        let Ok(shipment) = shipment.parse::<ShipmentId>() else { return Err(Refusal::not_found()) };
        let found = labelled(&scope, shipment).await.map_err(|failure| Refusal::internal(&failure))?;
        found.ok_or_else(Refusal::not_found)
    }

    /// Who asks, as the API knows its callers. Reading changes nothing, so a link from elsewhere may bring a session
    /// along; another site's page may not fetch with it.
    async fn reader(&self, request: &Parts) -> Result<Scope, Refusal> {
        let headers = &request.headers;
        let credentials = Credentials::reading(headers, self.client(request), &self.origins())
            .ok_or_else(|| Refusal::forbidden("a page of another site may not fetch this"))?;
        let caller = Gateway(self.clone()).caller(&credentials).await.map_err(|none| match none {
            NoCaller::Unauthenticated => Refusal::not_signed_in(),
            NoCaller::Unavailable => Refusal::busy(),
        })?;
        let Caller::Known(principal) = caller else { return Err(Refusal::not_signed_in()) };
        let channel = if matches!(principal.via, Via::Token(..)) { Channel::Api } else { Channel::Portal };
        let ids = request.extensions.get::<Ids>().cloned().unwrap_or_else(|| Ids::of(headers));
        Ok(Scope::new(self.0.system.store(), &principal.standing, &origin(channel, &ids)))
    }

    fn client(&self, request: &Parts) -> IpAddr {
        let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        client_address(peer, &request.headers, &self.0.config.http.trusted_proxies)
    }
}
