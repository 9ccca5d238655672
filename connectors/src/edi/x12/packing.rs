//! The levels of an 856: which goods of which order are in which pack.
//!
//! Where packs stand above items, an item is in the nearest pack above it. Where they stand below, its quantity is
//! spread over the packs: by SN1 of each, or it is in the only one there is. Goods without a pack are loose.
use std::collections::BTreeMap;

use quayside_canonical::{
    Micro,
    goods_statement::{NamedLine, StatedGoods},
    gs1::Sscc,
    shipment::{Batch, HandlingUnit},
};
use quayside_edi::x12::messages::{Detail, Level, ShipNotice, Shipped};

use super::{
    goods::{self, Made, Ordered},
    report::Report,
    ship_notice, values,
};

/// What was shipped, and in what.
#[derive(Debug, Default)]
pub(super) struct Packed {
    pub(super) units: Vec<HandlingUnit>,
    pub(super) goods: Vec<StatedGoods>,
}

/// The role of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Pallets, packs and packs within packs.
    Unit,
    Item,
    /// Shipment, order, equipment: no goods of their own.
    Frame,
    /// Components and kits under an item: the item stands for them.
    Part,
    /// Goods at a level that could mean anything.
    Unclear,
}

pub(super) fn of(notice: &ShipNotice, report: &mut Report<'_>) -> Packed {
    let roles: Vec<Role> = (0..notice.levels.len()).map(|at| role(notice, at)).collect();
    let mut packing = Packing { notice, roles, packed: Packed::default(), keys: BTreeMap::new() };
    packing.units(report);
    for at in 0..notice.levels.len() {
        packing.level(at, report);
    }
    packing.packed
}

fn role(notice: &ShipNotice, at: usize) -> Role {
    let Some(level) = notice.levels.get(at) else { return Role::Frame };
    let holds = level.is_item() || level.detail.shipped.is_some();
    let under_item = notice.upwards(at).skip(1).any(|above| above.code.value == "I");
    match level.code.value.as_str() {
        "T" | "P" | "Q" => Role::Unit,
        "I" if !under_item => Role::Item,
        "F" | "K" if under_item => Role::Part,
        _ if holds => Role::Unclear,
        _ => Role::Frame,
    }
}

struct Packing<'a> {
    notice: &'a ShipNotice,
    roles: Vec<Role>,
    packed: Packed,
    /// The key of each level that is a unit, by its position.
    keys: BTreeMap<usize, String>,
}

impl<'a> Packing<'a> {
    fn role(&self, at: usize) -> Role {
        self.roles.get(at).copied().unwrap_or(Role::Frame)
    }

    /// The nearest pack above a level.
    fn unit_above(&self, at: usize) -> Option<usize> {
        let parent = |at: &usize| self.notice.levels.get(*at).and_then(|level| level.parent);
        std::iter::successors(parent(&at), parent).find(|above| self.keys.contains_key(above))
    }

    /// Every pack, by its number in HL01, with the pack it stands in.
    fn units(&mut self, report: &mut Report<'_>) {
        let mut seen: BTreeMap<Sscc, String> = BTreeMap::new();
        for (at, level) in self.notice.levels.iter().enumerate() {
            // Some shippers mark an item itself: then it is its own pack.
            let marked = self.role(at) == Role::Item
                && level.children.is_empty()
                && level.detail.marks.iter().any(|mark| mark.sscc().is_some());
            if self.role(at) != Role::Unit && !marked {
                continue;
            }
            let Some(key) = values::code(&level.id, report) else { continue };
            let parent = self.unit_above(at).and_then(|above| self.keys.get(&above).cloned());
            let sscc = goods::sscc(&level.detail, report);
            if let Some(sscc) = &sscc
                && let Some(other) = seen.insert(sscc.value, key.clone())
            {
                let words = format!("SSCC {} is that of HL {other} already", sscc.value);
                report.refuse(sscc.at, "DUPLICATE_SSCC", words);
            }
            let sscc = sscc.map(|sscc| sscc.value);
            let unit = HandlingUnit { key: key.clone(), parent, sscc, ..unit(&level.detail, report) };
            self.packed.units.push(unit);
            self.keys.insert(at, key);
        }
    }

    fn level(&mut self, at: usize, report: &mut Report<'_>) {
        let Some(level) = self.notice.levels.get(at) else { return };
        let in_item = self.notice.upwards(at).skip(1).any(|above| above.code.value == "I");
        match self.role(at) {
            Role::Item => self.item(at, level, report),
            // A pack that names what is in it. Under an item its SN1 is a share of the item.
            Role::Unit if level.is_item() && !in_item => self.item(at, level, report),
            Role::Unit if level.detail.shipped.is_some() && !in_item => {
                report.refuse(level.at, "ITEM_MISSING", "the pack holds a quantity, and no LIN says of what");
            }
            Role::Unit if level.is_item() => {
                report.refuse(level.at, "LEVEL_NOT_TAKEN", "the pack is under an item and names another");
            }
            Role::Unit | Role::Frame => {}
            Role::Part => {
                let words = "a component of an item was left out; the item stands for it";
                report.warn(level.at, "COMPONENT_LEFT_OUT", words);
            }
            Role::Unclear => {
                let words =
                    format!("goods at a level {}: what they are part of is not known", level.code.value);
                report.refuse(level.at, "LEVEL_NOT_TAKEN", words);
            }
        }
    }

    fn item(&mut self, at: usize, level: &'a Level, report: &mut Report<'_>) {
        let Some(shipped) = &level.detail.shipped else {
            report.refuse(level.at, "REQUIRED", "the item has no SN1: how much was shipped is not said");
            return;
        };
        let order = self.notice.upwards(at).find_map(|above| Ordered::of(&above.detail));
        let order = order.or_else(|| Ordered::of(&self.notice.heading));
        let counted = [level.detail.line_id.as_ref(), shipped.line_id.as_ref()];
        let named = goods::named(order, &level.detail, &counted, level.at, report);
        let quantity = goods::quantity(&shipped.quantity, None, report);
        let (Some(named), Some((quantity, unit))) = (named, quantity) else { return };
        if !quantity.is_positive() {
            let words = format!("{quantity} was shipped: leave the item out, or say how much");
            report.refuse(shipped.quantity.value.at, "INVALID_VALUE", words);
            return;
        }
        let stated = Item { at, level, shipped, named, quantity, unit };
        let below = self.packs_below(at);
        if below.is_empty() {
            let own = self.keys.contains_key(&at).then_some(at);
            let pack = own.or_else(|| self.unit_above(at));
            self.put(&stated, pack, quantity, report);
        } else {
            self.spread(&stated, &below, report);
        }
    }

    /// The packs under an item that hold no packs themselves.
    fn packs_below(&self, item: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open = vec![item];
        while let Some(at) = open.pop() {
            let children = self.notice.levels.get(at).map_or(&[][..], |level| &level.children);
            let packs: Vec<usize> =
                children.iter().copied().filter(|child| self.role(*child) == Role::Unit).collect();
            if packs.is_empty() && at != item {
                found.push(at);
            }
            open.extend(packs);
        }
        found.sort_unstable();
        found
    }

    /// Spreads an item over the packs below it.
    fn spread(&mut self, item: &Item<'a>, packs: &[usize], report: &mut Report<'_>) {
        if let [only] = packs
            && self.notice.levels.get(*only).is_some_and(|pack| pack.detail.shipped.is_none())
        {
            return self.put(item, Some(*only), item.quantity, report);
        }
        let mut left = item.quantity;
        for pack in packs {
            let Some(level) = self.notice.levels.get(*pack) else { continue };
            let Some(shipped) = &level.detail.shipped else {
                report.refuse(
                    level.at,
                    "REQUIRED",
                    "an item in several packs: say in SN1 how much is in each",
                );
                continue;
            };
            let Some((part, unit)) = goods::quantity(&shipped.quantity, None, report) else { continue };
            let at = shipped.quantity.value.at;
            if unit != item.unit {
                report.refuse(
                    at,
                    "SEVERAL_UNITS",
                    "the pack states its quantity in another unit than the item",
                );
            } else if !part.is_positive() {
                report.refuse(at, "INVALID_VALUE", "a pack under an item holds some of it");
            } else if part > left {
                let words = format!("the packs hold more than the {} of the item", item.quantity);
                report.refuse(at, "CONTRADICTION", words);
                return;
            } else {
                left = left - part;
                self.put(item, Some(*pack), part, report);
            }
        }
        if left.is_positive() {
            let words = format!("{left} of the item are in none of its packs; they were taken as loose");
            report.warn(item.shipped.quantity.value.at, "GOODS_LOOSE", words);
            self.put(item, None, left, report);
        }
    }

    fn put(&mut self, item: &Item<'a>, pack: Option<usize>, quantity: Micro, report: &mut Report<'_>) {
        let pack_detail = pack.filter(|pack| *pack != item.at).and_then(|pack| self.notice.levels.get(pack));
        let under = pack_detail.is_some_and(|pack| pack.parent.is_some_and(|parent| parent >= item.at));
        let mut details: Vec<&Detail> = vec![&item.level.detail];
        details.extend(pack_detail.map(|pack| &pack.detail));
        // A pack under an item knows better what is in it.
        if under {
            details.reverse();
        }
        let made = Made::of(&details, report);
        let batch = Batch {
            quantity,
            lot: made.lot,
            expires_on: made.expires_on,
            produced_on: made.produced_on,
            serials: made.serials,
            origin: None,
        };
        self.packed.goods.push(StatedGoods {
            named: item.named.clone(),
            unit: item.unit.clone(),
            packed_in: pack.and_then(|pack| self.keys.get(&pack).cloned()),
            batch,
        });
    }
}

/// An item, read.
struct Item<'a> {
    at: usize,
    level: &'a Level,
    shipped: &'a Shipped,
    named: NamedLine,
    quantity: Micro,
    unit: Option<String>,
}

/// What a pack says of itself.
fn unit(detail: &Detail, report: &mut Report<'_>) -> HandlingUnit {
    let weight = ship_notice::gross_weight(&detail.ladings.iter().collect::<Vec<_>>(), report);
    let per_pack = detail.section.packs.first().and_then(|pack| pack.gross_weight.as_ref());
    HandlingUnit {
        package_type: package_type(detail),
        gross_weight: weight.or_else(|| per_pack.and_then(|weight| ship_notice::measure(weight, report))),
        ..HandlingUnit::default()
    }
}

/// Data element 103 to UN/ECE Recommendation 21, where one means the other: of TD1, PKG or PO4.
fn package_type(detail: &Detail) -> Option<String> {
    let stated = detail.ladings.first().and_then(|lading| lading.packaging.as_ref());
    let packed = detail.packaging.first().and_then(|packaging| packaging.code.as_ref());
    let pack = detail.section.packs.first().and_then(|pack| pack.packaging.as_ref());
    let code = stated.or(packed).or(pack)?;
    let known = match code.value.get(..3)? {
        "PLT" => "PX",
        "CTN" => "CT",
        "CAS" => "CS",
        "BOX" => "BX",
        "CRT" => "CR",
        "DRM" => "DR",
        "BAG" => "BG",
        "ROL" => "RO",
        "PKG" => "PK",
        "SKD" => "SI",
        "SLP" => "SL",
        _ => return None,
    };
    Some(known.to_owned())
}
