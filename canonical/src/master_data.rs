//! Master data as a source system states it: what codes mean. One document is one whole item, location,
//! supplier or cross-reference.
use serde::{Deserialize, Serialize};

use crate::macros::words;

words! {
    /// What a document of master data is about.
    MasterDataKind {
        /// Items, with their units and the suppliers' part numbers.
        Item = "ITEM",
        /// Places goods are shipped to.
        Location = "LOCATION",
        /// Suppliers.
        Supplier = "SUPPLIER",
        /// Other systems' codes.
        CrossReference = "CROSS_REFERENCE",
    }

    /// What a cross-referenced code stands for.
    CrossReferenceKind {
        /// A unit of measure.
        Unit = "UNIT",
        /// An item, by its number.
        Item = "ITEM",
        /// A location, by its code.
        Location = "LOCATION",
        /// A supplier, by its number.
        Supplier = "SUPPLIER",
    }
}

/// An item, whole: units and suppliers that are not in it are not there any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The tenant's number of it, as in `buyerPart` of an order line.
    pub number: String,
    /// What it is, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its base unit: what the other units are counted in.
    pub unit: String,
    /// Its other units.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<UnitFactor>,
    /// Who supplies it, and under which part number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppliers: Vec<ItemSupplier>,
}

/// How many base units one of another unit holds, as a fraction: 12/1 for a case of twelve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UnitFactor {
    /// The unit.
    pub unit: String,
    /// Above the line, 1 to 1,000,000,000.
    pub numerator: i64,
    /// Below the line, 1 to 1,000,000,000.
    pub denominator: i64,
}

/// A supplier's part number of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemSupplier {
    /// The supplier, by the number the tenant knows it by.
    pub supplier: String,
    /// Its part number.
    pub supplier_part: String,
}

/// A place goods are shipped to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The tenant's code of it, as in `shipTo.code` of an order.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Address lines, as on an order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub address: Vec<String>,
}

/// A supplier's number and name. Its rules are not the ERP's to set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SupplierRecord {
    /// The tenant's number for it, as in `supplier` of an order.
    pub number: String,
    /// Its name.
    pub name: String,
}

/// What another system's code means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CrossReference {
    /// The system: `ERP`, `EDI`, or the name of a trading partner.
    pub system: String,
    /// What the code stands for.
    pub kind: CrossReferenceKind,
    /// The system's code, exactly as it writes it.
    pub external_code: String,
    /// The tenant's own code; for a unit that of UN/ECE.
    pub code: String,
}
