//! SAP's services, and how they are asked.
use reqwest::{Method, Url};
use serde_json::Value;

/// One OData service of SAP's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// Purchase orders, OData V4.
    Orders,
    /// Supplier confirmations, OData V4.
    Confirmations,
    /// Inbound deliveries, OData V2.
    Deliveries,
    /// Material documents, OData V2.
    Materials,
}

impl Service {
    /// Its root below the host, with the slash that a gateway needs to give out a token there.
    pub(super) const fn root(self) -> &'static str {
        match self {
            Self::Orders => "/sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/0001/",
            Self::Confirmations => {
                "/sap/opu/odata4/sap/api_supplierconfirmation/srvd_a2x/sap/supplierconfirmation/0001/"
            }
            Self::Deliveries => "/sap/opu/odata/sap/API_INBOUND_DELIVERY_SRV;v=0002/",
            Self::Materials => "/sap/opu/odata/sap/API_MATERIAL_DOCUMENT_SRV/",
        }
    }

    /// In V4 decimals are numbers unless asked for as text; V2 would answer in Atom.
    pub(super) const fn accept(self) -> &'static str {
        match self {
            Self::Orders | Self::Confirmations => "application/json;IEEE754Compatible=true",
            Self::Deliveries | Self::Materials => "application/json",
        }
    }

    /// What an administrator has to set up so that we may use it.
    pub(super) const fn needs(self) -> &'static str {
        match self {
            Self::Orders => "SAP_COM_0053 (Purchase Order Integration)",
            Self::Confirmations => "the scenario that holds the Supplier Confirmation API",
            Self::Deliveries => "SAP_COM_0106 (Delivery Processing Integration)",
            Self::Materials => "SAP_COM_0108 (Material Document Integration)",
        }
    }
}

/// Something to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) service: Service,
    /// The path below the root, and the query.
    pub(super) path: String,
}

/// Something to write.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Write {
    pub(super) method: Method,
    pub(super) service: Service,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// The state it is based on, sent as `If-Match`.
    pub(super) etag: Option<String>,
    pub(super) makes: Makes,
}

/// Which document a write is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Makes {
    /// One that is known.
    Known(String),
    /// A new one, whose number is this member of the answer.
    Numbered(&'static str),
    /// None that is left.
    Nothing,
}

impl Write {
    /// A new document.
    pub(super) fn create(service: Service, path: &str, body: Value, number: &'static str) -> Self {
        let path = path.to_owned();
        let makes = Makes::Numbered(number);
        Self { method: Method::POST, service, path, body: Some(body), etag: None, makes }
    }

    /// A change to part of a document.
    pub(super) fn change(
        service: Service,
        path: String,
        body: Value,
        etag: Option<String>,
        document: &str,
    ) -> Self {
        let makes = Makes::Known(document.to_owned());
        Self { method: Method::PATCH, service, path, body: Some(body), etag, makes }
    }

    /// The end of a document or of part of one.
    pub(super) fn delete(service: Service, path: String, etag: Option<String>, makes: Makes) -> Self {
        Self { method: Method::DELETE, service, path, body: None, etag, makes }
    }
}

/// A service's address with a path below it. Only literals made by [`quoted`] may hold text of others.
pub(super) fn address(endpoint: &Url, service: Service, path: &str) -> Url {
    let mut url = endpoint.clone();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let base = endpoint.path().trim_end_matches('/');
    url.set_path(&format!("{base}{}{path}", service.root()));
    url.set_query(query); // a space becomes %20 and not +, which a gateway need not understand
    url
}

/// A text as OData writes it, safe in a path and in a query.
pub(super) fn quoted(text: &str) -> String {
    let mut literal = String::from("'");
    for character in text.chars() {
        match character {
            '\'' => literal.push_str("''"),
            '%' | '&' | '#' | '+' | '?' | '/' | '\\' | ';' => {
                literal.push_str(&format!("%{:02X}", u32::from(character)));
            }
            other => literal.push(other),
        }
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_the_path_of_a_gateway_and_what_is_quoted_cannot_leave_its_quotes() {
        let host = Url::parse("https://sandbox.example.com/s4hanacloud/").unwrap();
        let path = format!("A_InbDeliveryHeader?$filter=Supplier eq {}", quoted("O'Neil & +Co#1"));
        assert_eq!(
            address(&host, Service::Deliveries, &path).as_str(),
            "https://sandbox.example.com/s4hanacloud/sap/opu/odata/sap/API_INBOUND_DELIVERY_SRV;v=0002/\
             A_InbDeliveryHeader?$filter=Supplier%20eq%20%27O%27%27Neil%20%26%20%2BCo%231%27"
        );
    }
}
