//! The codes of a source, put into the tenant's own. Only an exact entry of the cross-reference counts; a code
//! without one stays as it came.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{Channel, master_data::CrossReferenceKind};
use quayside_entity::{cross_reference, location};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::{
    BuyerScope, Failure,
    store::{ROWS, Tx},
};

/// What the codes of a batch mean.
#[derive(Default)]
pub(crate) struct Codes {
    crosswalk: HashMap<(CrossReferenceKind, String), String>,
    /// The tenant's places among the codes named; nothing where the tenant keeps no list of them.
    locations: Option<BTreeSet<String>>,
}

impl Codes {
    /// Looks up `codes`, of which `places` are codes of locations.
    pub(crate) async fn load(
        tx: &Tx,
        scope: &BuyerScope,
        codes: BTreeSet<&str>,
        places: BTreeSet<&str>,
    ) -> Result<Self, Failure> {
        let all: Vec<&str> = codes.union(&places).copied().collect();
        let mut found = Self::default();
        for codes in all.chunks(ROWS) {
            found.crosswalk.extend(entries(tx, scope, codes).await?);
        }
        let places: BTreeSet<String> =
            places.iter().map(|code| found.own(CrossReferenceKind::Location, code).to_owned()).collect();
        if !places.is_empty() {
            found.locations = locations(tx, scope, &places).await?;
        }
        Ok(found)
    }

    /// The tenant's code for what the source calls `code`.
    pub(crate) fn own<'a>(&'a self, kind: CrossReferenceKind, code: &'a str) -> &'a str {
        self.crosswalk.get(&(kind, code.to_owned())).map_or(code, String::as_str)
    }

    /// Whether the tenant keeps a list of locations, and this code of its own is not in it.
    pub(crate) fn is_unknown_location(&self, code: &str) -> bool {
        self.locations.as_ref().is_some_and(|known| !known.contains(code))
    }
}

async fn entries(
    tx: &Tx,
    scope: &BuyerScope,
    codes: &[&str],
) -> Result<impl Iterator<Item = ((CrossReferenceKind, String), String)>, Failure> {
    use cross_reference::Column;
    let rows: Vec<(CrossReferenceKind, String, String)> = scope
        .find_own::<cross_reference::Entity>()
        .filter(Column::System.eq(if scope.channel == Channel::Edi { "EDI" } else { "ERP" }))
        .filter(Column::ExternalCode.is_in(codes.iter().copied()))
        .select_only()
        .columns([Column::Kind, Column::ExternalCode, Column::Code])
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().map(|(kind, external, code)| ((kind, external), code)))
}

async fn locations(
    tx: &Tx,
    scope: &BuyerScope,
    places: &BTreeSet<String>,
) -> Result<Option<BTreeSet<String>>, Failure> {
    if scope.find_shared::<location::Entity>().limit(1).one(&**tx).await?.is_none() {
        return Ok(None);
    }
    let rows = scope.find_shared::<location::Entity>();
    let rows = rows.filter(location::Column::Code.is_in(places)).all(&**tx).await?;
    Ok(Some(rows.into_iter().map(|row| row.code).collect()))
}
