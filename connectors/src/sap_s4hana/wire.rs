//! SAP's words, as far as we use them.
//!
//! Orders and confirmations come in OData V4 (ISO dates, `value`, `@odata.etag`), deliveries and material documents
//! in V2 (`/Date(…)/`, `d.results`, `__metadata.etag`). Members that we did not ask for or that SAP leaves out read as
//! empty: in ABAP an empty text is "nothing".
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// An answer of OData V4 that holds a list.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub(super) value: Vec<T>,
    /// There is more than the server wants to say at once.
    #[serde(rename = "@odata.nextLink")]
    pub(super) next: Option<String>,
}

/// An answer of OData V2.
#[derive(Debug, Deserialize)]
pub(super) struct V2<T> {
    pub(super) d: T,
}

/// A list in OData V2, at the top or below a navigation.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Results<T> {
    pub(super) results: Vec<T>,
    #[serde(rename = "__next", default)]
    pub(super) next: Option<String>,
}

impl<T> Default for Results<T> {
    fn default() -> Self {
        Self { results: Vec::new(), next: None }
    }
}

/// What OData V2 says about an entity.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Metadata {
    pub(super) etag: Option<String>,
}

/// A decimal: a text in V2 and where V4 was asked for it, a number elsewhere. No quantity of SAP's has more digits
/// than a double holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Decimal(pub(super) String);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Decimal;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal, E> {
                Ok(Decimal(text.trim().to_owned()))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Decimal, E> {
                Ok(Decimal(number.to_string()))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Decimal, E> {
                Ok(Decimal(number.to_string()))
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Decimal, E> {
                Ok(Decimal(number.to_string()))
            }
        }
        deserializer.deserialize_any(Digits)
    }
}

/// `PurchaseOrder`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct PurchaseOrder {
    pub(super) purchase_order: String,
    pub(super) purchase_order_date: Option<String>,
    pub(super) last_change_date_time: Option<String>,
    pub(super) purchase_order_deletion_code: String,
    /// Its release is under way: it is not an order yet, or not in this form.
    pub(super) release_is_not_completed: bool,
    pub(super) supplier: String,
    pub(super) payment_terms: String,
    pub(super) incoterms_classification: String,
    #[serde(rename = "IncotermsLocation1")]
    pub(super) incoterms_location_1: String,
    pub(super) document_currency: String,
    #[serde(rename = "_PurchaseOrderItem")]
    pub(super) items: Vec<Item>,
    #[serde(rename = "_PurchaseOrderNote")]
    pub(super) notes: Vec<Note>,
}

/// `PurchaseOrderNote`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Note {
    pub(super) text_object_type: String,
    pub(super) plain_long_text: String,
}

/// `PurchaseOrderItem`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Item {
    #[serde(rename = "@odata.etag")]
    pub(super) etag: Option<String>,
    pub(super) purchase_order_item: String,
    /// `L` deleted, `S` blocked.
    pub(super) purchasing_document_deletion_code: String,
    pub(super) purchase_order_item_text: String,
    pub(super) material: String,
    pub(super) supplier_material_number: String,
    pub(super) international_article_number: String,
    pub(super) plant: String,
    pub(super) storage_location: String,
    pub(super) order_quantity: Decimal,
    pub(super) purchase_order_quantity_unit: String,
    pub(super) order_price_unit: String,
    pub(super) net_price_amount: Decimal,
    pub(super) net_price_quantity: Decimal,
    pub(super) document_currency: String,
    pub(super) is_returns_item: bool,
    #[serde(rename = "PurgDocOrderAcknNumber")]
    pub(super) acknowledgment_number: String,
    #[serde(rename = "_PurchaseOrderScheduleLineTP")]
    pub(super) schedules: Vec<ScheduleLine>,
    #[serde(rename = "_DeliveryAddress")]
    pub(super) address: Option<Address>,
}

/// `PurchaseOrderScheduleLine`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ScheduleLine {
    #[serde(rename = "@odata.etag")]
    pub(super) etag: Option<String>,
    pub(super) schedule_line: String,
    pub(super) schedule_line_delivery_date: Option<String>,
    pub(super) schedule_line_order_quantity: Decimal,
    pub(super) deliv_date_category: String,
}

/// `PurOrderItemDeliveryAddress`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Address {
    pub(super) addressee_full_name: String,
    #[serde(rename = "OrganizationName1")]
    pub(super) organization_name_1: String,
    pub(super) street_name: String,
    pub(super) house_number: String,
    pub(super) postal_code: String,
    pub(super) city_name: String,
    pub(super) region: String,
    pub(super) country: String,
}

/// `Confirmation`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Confirmation {
    pub(super) supplier_confirmation: String,
    #[serde(rename = "_SupplierConfirmationItemTP")]
    pub(super) items: Vec<ConfirmationItem>,
}

/// `ConfirmationItem`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ConfirmationItem {
    #[serde(rename = "@odata.etag")]
    pub(super) etag: Option<String>,
    pub(super) supplier_confirmation_item: String,
    #[serde(rename = "SuplrConfRefPurchaseOrderItem")]
    pub(super) order_item: String,
    #[serde(rename = "SuplrConfItemExternalReference")]
    pub(super) reference: String,
    pub(super) supplier_confirmed_net_price: Decimal,
    pub(super) item_is_rejected_by_supplier: bool,
    #[serde(rename = "_SupplierConfirmationLineTP")]
    pub(super) lines: Vec<ConfirmationLine>,
}

/// `ConfirmationLine`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ConfirmationLine {
    #[serde(rename = "@odata.etag")]
    pub(super) etag: Option<String>,
    pub(super) supplier_confirmation_line: String,
    pub(super) delivery_date: Option<String>,
    pub(super) confirmed_quantity: Decimal,
}

/// `A_InbDeliveryHeader`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct InboundDelivery {
    #[serde(rename = "__metadata")]
    pub(super) metadata: Metadata,
    pub(super) delivery_document: String,
    pub(super) supplier: String,
    pub(super) bill_of_lading: String,
    pub(super) delivery_date: Option<String>,
    pub(super) delivery_time: Option<String>,
    #[serde(rename = "to_DeliveryDocumentItem")]
    pub(super) items: Results<InboundDeliveryItem>,
}

/// `A_InbDeliveryItem`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct InboundDeliveryItem {
    #[serde(rename = "__metadata")]
    pub(super) metadata: Metadata,
    pub(super) delivery_document_item: String,
    #[serde(rename = "ReferenceSDDocument")]
    pub(super) order: String,
    #[serde(rename = "ReferenceSDDocumentItem")]
    pub(super) order_item: String,
    pub(super) actual_delivery_quantity: Decimal,
    pub(super) batch_by_supplier: String,
    pub(super) manufacture_date: Option<String>,
    pub(super) shelf_life_expiration_date: Option<String>,
}

/// `A_MaterialDocumentHeader`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct MaterialDocument {
    pub(super) material_document_year: String,
    pub(super) material_document: String,
    #[serde(rename = "to_MaterialDocumentItem")]
    pub(super) items: Results<MaterialDocumentItem>,
}

/// `A_MaterialDocumentItem`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct MaterialDocumentItem {
    pub(super) goods_movement_is_cancelled: bool,
    /// The document that this one takes back.
    pub(super) reversed_material_document: String,
}

/// A notification of `CE_PURCHASEORDEREVENTS`: a CloudEvent that names keys only.
#[derive(Debug, Deserialize)]
pub(super) struct Notification {
    #[serde(rename = "type")]
    pub(super) event_type: String,
    pub(super) data: NotificationKeys,
}

/// The keys.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NotificationKeys {
    pub(super) purchase_order: String,
}
