//! Which fields a caller may set, and how long they are, by the published metadata of the services.
//!
//! Written down here on its own, and not taken from the connector, so that a mistake there shows.
use serde_json::{Map, Value};

use super::answer::Refusal;

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// A text of at most so many characters.
    Text(usize),
    /// A decimal as text, with so many digits before and after the point.
    V2Decimal(usize, usize),
    /// A decimal as a number.
    Decimal(usize, usize),
    /// `/Date(…)/`.
    V2Date,
    /// `PT10H30M00S`.
    V2Time,
    /// `2026-12-01`.
    Date,
    /// Yes or no.
    Flag,
    /// Entities below a navigation.
    Many(&'static Entity),
}
use Kind::{Date, Decimal, Flag, Many, Text, V2Date, V2Decimal, V2Time};

/// What may be set of an entity, and what has to be.
#[derive(Debug)]
pub(super) struct Entity {
    pub(super) name: &'static str,
    pub(super) fields: &'static [(&'static str, Kind)],
    pub(super) required: &'static [&'static str],
    /// What may be changed later.
    pub(super) updatable: &'static [&'static str],
}

pub(super) static DELIVERY: Entity = Entity {
    name: "A_InbDeliveryHeader",
    fields: &[
        ("ActualGoodsMovementDate", V2Date),
        ("ActualGoodsMovementTime", V2Time),
        ("BillOfLading", Text(35)),
        ("DeliveryDate", V2Date),
        ("DeliveryDocumentBySupplier", Text(35)),
        ("DeliveryTime", V2Time),
        ("ProposedDeliveryRoute", Text(6)),
        ("ShippingType", Text(2)),
        ("Supplier", Text(10)),
        ("to_DeliveryDocumentItem", Many(&DELIVERY_ITEM)),
    ],
    required: &["Supplier", "to_DeliveryDocumentItem"],
    updatable: &[
        "ActualGoodsMovementDate",
        "ActualGoodsMovementTime",
        "DeliveryDate",
        "DeliveryTime",
        "ProposedDeliveryRoute",
        "ShippingType",
    ],
};

pub(super) static DELIVERY_ITEM: Entity = Entity {
    name: "A_InbDeliveryItem",
    fields: &[
        ("ActualDeliveryQuantity", V2Decimal(10, 3)),
        ("Batch", Text(10)),
        ("BatchBySupplier", Text(15)),
        ("DeliveryQuantityUnit", Text(3)),
        ("ManufactureDate", V2Date),
        ("Material", Text(40)),
        ("Plant", Text(4)),
        ("ReferenceSDDocument", Text(10)),
        ("ReferenceSDDocumentItem", Text(6)),
        ("ShelfLifeExpirationDate", V2Date),
    ],
    required: &[
        "ActualDeliveryQuantity",
        "DeliveryQuantityUnit",
        "ReferenceSDDocument",
        "ReferenceSDDocumentItem",
    ],
    updatable: &[
        "ActualDeliveryQuantity",
        "Batch",
        "BatchBySupplier",
        "ManufactureDate",
        "ShelfLifeExpirationDate",
    ],
};

pub(super) static MATERIAL: Entity = Entity {
    name: "A_MaterialDocumentHeader",
    fields: &[
        ("GoodsMovementCode", Text(2)),
        ("PostingDate", V2Date),
        ("DocumentDate", V2Date),
        ("ReferenceDocument", Text(16)),
        ("MaterialDocumentHeaderText", Text(25)),
        ("to_MaterialDocumentItem", Many(&MATERIAL_ITEM)),
    ],
    required: &["GoodsMovementCode", "PostingDate", "to_MaterialDocumentItem"],
    updatable: &[],
};

pub(super) static MATERIAL_ITEM: Entity = Entity {
    name: "A_MaterialDocumentItem",
    fields: &[
        ("Material", Text(40)),
        ("Plant", Text(4)),
        ("StorageLocation", Text(4)),
        ("Batch", Text(10)),
        ("GoodsMovementType", Text(3)),
        ("GoodsMovementRefDocType", Text(1)),
        ("InventoryStockType", Text(2)),
        ("PurchaseOrder", Text(10)),
        ("PurchaseOrderItem", Text(5)),
        ("QuantityInEntryUnit", V2Decimal(10, 3)),
        ("EntryUnit", Text(3)),
        ("MaterialDocumentItemText", Text(50)),
        ("Delivery", Text(10)),
        ("DeliveryItem", Text(6)),
    ],
    required: &["GoodsMovementType", "Material", "Plant", "QuantityInEntryUnit", "EntryUnit"],
    updatable: &[],
};

pub(super) static CONFIRMATION: Entity = Entity {
    name: "Confirmation",
    fields: &[
        ("SuplrConfRefPurchaseOrder", Text(10)),
        ("SuplrConfExternalReference", Text(70)),
        ("_SupplierConfirmationItemTP", Many(&CONFIRMATION_ITEM)),
    ],
    required: &["SuplrConfRefPurchaseOrder", "_SupplierConfirmationItemTP"],
    updatable: &["SuplrConfExternalReference"],
};

pub(super) static CONFIRMATION_ITEM: Entity = Entity {
    name: "ConfirmationItem",
    fields: &[
        ("SuplrConfRefPurchaseOrderItem", Text(5)),
        ("SuplrConfItemExternalReference", Text(70)),
        ("SupplierConfirmedNetPrice", Decimal(11, 5)),
        ("DocumentCurrency", Text(3)),
        ("ItemIsRejectedBySupplier", Flag),
        ("SupplierOrderAcknNumber", Text(20)),
        ("SuplrConfNetPriceQuantity", Decimal(5, 0)),
        ("SuplrConfOrderPriceUnit", Text(3)),
        ("_SupplierConfirmationLineTP", Many(&CONFIRMATION_LINE)),
    ],
    required: &["SuplrConfRefPurchaseOrderItem"],
    updatable: &[
        "SuplrConfItemExternalReference",
        "SupplierConfirmedNetPrice",
        "DocumentCurrency",
        "ItemIsRejectedBySupplier",
        "SupplierOrderAcknNumber",
        "SuplrConfNetPriceQuantity",
        "SuplrConfOrderPriceUnit",
    ],
};

pub(super) static CONFIRMATION_LINE: Entity = Entity {
    name: "ConfirmationLine",
    fields: &[
        ("DeliveryDate", Date),
        ("DelivDateCategory", Text(1)),
        ("ConfirmedQuantity", Decimal(10, 3)),
        ("PurchaseOrderQuantityUnit", Text(3)),
        ("SupplierConfirmationExtNumber", Text(35)),
    ],
    required: &["DeliveryDate", "ConfirmedQuantity", "PurchaseOrderQuantityUnit"],
    updatable: &["DeliveryDate", "ConfirmedQuantity"],
};

pub(super) static ORDER_ITEM: Entity = Entity {
    name: "PurchaseOrderItem",
    fields: &[("PurgDocOrderAcknNumber", Text(20)), ("NetPriceAmount", Decimal(11, 5))],
    required: &[],
    updatable: &["PurgDocOrderAcknNumber", "NetPriceAmount"],
};

pub(super) static SCHEDULE_LINE: Entity = Entity {
    name: "PurchaseOrderScheduleLine",
    fields: &[("ScheduleLineDeliveryDate", Date), ("ScheduleLineOrderQuantity", Decimal(10, 3))],
    required: &[],
    updatable: &["ScheduleLineDeliveryDate", "ScheduleLineOrderQuantity"],
};

impl Entity {
    /// A body that creates one.
    pub(super) fn created<'a>(&self, body: &'a Value) -> Result<&'a Map<String, Value>, Refusal> {
        let members = self.members(body)?;
        for name in self.required {
            if members.get(*name).is_none_or(|value| value.is_null() || value == "") {
                return Err(Refusal::contract(format!("Property '{name}' of '{}' is mandatory", self.name)));
            }
        }
        Ok(members)
    }

    /// A body that changes one.
    pub(super) fn changed<'a>(&self, body: &'a Value) -> Result<&'a Map<String, Value>, Refusal> {
        let members = self.members(body)?;
        match members.keys().find(|name| !self.updatable.contains(&name.as_str())) {
            Some(name) => {
                Err(Refusal::contract(format!("Property '{name}' of '{}' is not updatable", self.name)))
            }
            None => Ok(members),
        }
    }

    fn members<'a>(&self, body: &'a Value) -> Result<&'a Map<String, Value>, Refusal> {
        let members =
            body.as_object().ok_or_else(|| Refusal::contract("Malformed request: expected an object"))?;
        for (name, value) in members {
            let Some((_, kind)) = self.fields.iter().find(|(known, _)| known == name) else {
                return Err(Refusal::contract(format!("Property '{name}' is invalid for '{}'", self.name)));
            };
            kind.check(name, value)?;
        }
        Ok(members)
    }
}

impl Kind {
    fn check(self, name: &str, value: &Value) -> Result<(), Refusal> {
        let text = value.as_str().unwrap_or_default();
        let fits = match self {
            Text(longest) => value.is_string() && text.chars().count() <= longest,
            V2Decimal(whole, rest) => value.is_string() && is_decimal(text, whole, rest),
            Decimal(whole, rest) => value.is_number() && is_decimal(&value.to_string(), whole, rest),
            V2Date => {
                text.strip_prefix("/Date(").and_then(|text| text.strip_suffix(")/")).is_some_and(is_whole)
            }
            V2Time => is_time(text),
            Date => text.len() == 10 && text.parse::<chrono::NaiveDate>().is_ok(),
            Flag => value.is_boolean(),
            Many(entity) => {
                let items = value.get("results").unwrap_or(value).as_array();
                let Some(items) = items else {
                    return Err(Refusal::contract(format!("Property '{name}' must hold a list")));
                };
                return items.iter().try_for_each(|item| entity.created(item).map(drop));
            }
        };
        if fits {
            Ok(())
        } else {
            Err(Refusal::contract(format!("Property '{name}' has invalid value '{value}'")))
        }
    }
}

fn is_whole(text: &str) -> bool {
    !text.is_empty() && text.parse::<i64>().is_ok()
}

fn is_decimal(text: &str, whole: usize, rest: usize) -> bool {
    let (before, after) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !before.is_empty() && digits(before) && digits(after) && before.len() <= whole && after.len() <= rest
}

fn is_time(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "PT00H00M00S"
}
