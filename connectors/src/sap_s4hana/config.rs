//! What a connection is configured with. Secrets are members of the top level, because those are sealed.
use std::collections::BTreeMap;

use chrono::FixedOffset;
use quayside_canonical::states::GoodsCondition;
use reqwest::Url;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::endpoint::endpoint;
use crate::secret::Secret;

/// The configuration of a connection. Holds secrets, which print as `***`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The API host, `https://my300000-api.s4hana.cloud.sap`: the services' paths come after it.
    #[serde(deserialize_with = "endpoint")]
    pub endpoint: Url,
    /// Who we are to SAP.
    pub auth: Auth,
    /// The communication user's password, for [`Auth::Basic`].
    #[serde(default)]
    pub password: Option<Secret>,
    /// The OAuth client's secret, for [`Auth::Oauth2`].
    #[serde(default)]
    pub client_secret: Option<Secret>,
    /// Sent as `APIKey`: SAP's public sandbox and API gateways ask for one.
    #[serde(default)]
    pub api_key: Option<Secret>,
    /// Orders of other company codes are not read. Empty: of all that the user may read.
    #[serde(default)]
    pub company_codes: Vec<Code<4>>,
    /// Orders of other purchasing organisations are not read. Empty: of all.
    #[serde(default)]
    pub purchasing_organizations: Vec<Code<4>>,
    /// How far back the first poll looks.
    #[serde(default = "a_month")]
    pub look_back_days: u16,
    /// Orders asked for at once. Fewer are asked for when the answer is too long.
    #[serde(default = "a_page")]
    pub page_size: u16,
    /// Header texts that are meant for the supplier, by SAP's text type, such as `F01`. No others are read.
    #[serde(default)]
    pub note_types: Vec<Code<4>>,
    /// Where answers are written.
    #[serde(default)]
    pub answers: Answers,
    /// What of an answer is written.
    #[serde(default)]
    pub write_back: WriteBack,
    /// What becomes of an answer that waits for procurement.
    #[serde(default)]
    pub proposals: Proposals,
    /// `DelivDateCategory` of a confirmed date: what SAP calls a day.
    #[serde(default = "a_day")]
    pub date_category: Code<1>,
    /// Whether shipments become inbound deliveries.
    #[serde(default = "yes")]
    pub inbound_deliveries: bool,
    /// Whether receipts become material documents: only where SAP does not learn of them from the warehouse.
    #[serde(default)]
    pub goods_receipts: bool,
    /// SAP's stock type (`InventoryStockType`) of goods in a condition, such as `{"DAMAGED": "03"}`. Good goods go
    /// where the order says; a condition that is not named here is not posted.
    #[serde(default, deserialize_with = "stock_types")]
    pub stock_types: BTreeMap<GoodsCondition, Code<2>>,
    /// The plants' distance from UTC, such as `-06:00`: it decides on which day something was posted or arrives.
    #[serde(default = "utc", deserialize_with = "offset")]
    pub utc_offset: FixedOffset,
}

/// How we prove who we are.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    /// A communication user with a password.
    Basic {
        /// Its name.
        user: String,
    },
    /// OAuth 2.0 client credentials.
    Oauth2 {
        /// Where tokens are given out.
        #[serde(deserialize_with = "endpoint")]
        token_url: Url,
        /// The client.
        client_id: String,
    },
}

/// Where an answer to an order is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// As a supplier confirmation.
    #[default]
    Confirmation,
    /// Into the order itself, for systems without that service.
    Order,
}

/// What of an answer is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteBack {
    /// Only what leaves the buyer's order as it is.
    #[default]
    ProposalFieldsOnly,
    /// Days, with the quantities they are for.
    DatesOnly,
    /// And quantities, so that lines can be rejected.
    DatesAndQuantities,
    /// And prices.
    All,
}

/// What becomes of a line that waits for procurement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposals {
    /// It is written when procurement has accepted it.
    #[default]
    Held,
    /// It is written at once, and taken back when procurement declines.
    Sent,
}

/// A short code in SAP's words: 1 to `LENGTH` letters, digits or underscores, safe in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code<const LENGTH: usize>(pub String);

impl Config {
    /// What serde cannot say: the secret that the way of signing in needs.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        match self.auth {
            Auth::Basic { .. } if self.password.is_none() => Err("password: is missing for `basic`"),
            Auth::Oauth2 { .. } if self.client_secret.is_none() => {
                Err("client_secret: is missing for `oauth2`")
            }
            _ if self.page_size == 0 => Err("page_size: must be more than 0"),
            Auth::Basic { .. } | Auth::Oauth2 { .. } => Ok(()),
        }
    }
}

impl<'de, const LENGTH: usize> Deserialize<'de> for Code<LENGTH> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if text.is_empty() || text.len() > LENGTH || !plain {
            return Err(D::Error::custom(format!("a code has 1 to {LENGTH} letters or digits")));
        }
        Ok(Self(text))
    }
}

fn stock_types<'de, D: Deserializer<'de>>(d: D) -> Result<BTreeMap<GoodsCondition, Code<2>>, D::Error> {
    let named = BTreeMap::<String, Code<2>>::deserialize(d)?;
    let read = |(name, code): (String, Code<2>)| match name.parse() {
        Ok(condition) => Ok((condition, code)),
        Err(_) => Err(D::Error::custom("stock_types: names a condition that does not exist")),
    };
    named.into_iter().map(read).collect()
}

fn offset<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FixedOffset, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| D::Error::custom("utc_offset: must look like +01:00"))
}

fn utc() -> FixedOffset {
    FixedOffset::east_opt(0).expect("no offset is an offset")
}

fn a_month() -> u16 {
    30
}

fn a_page() -> u16 {
    20
}

fn a_day() -> Code<1> {
    Code("1".to_owned())
}

fn yes() -> bool {
    true
}
