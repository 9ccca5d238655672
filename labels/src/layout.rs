//! Where everything stands on a label, whatever prints it.
//!
//! Measures are in the printer's own units, so many to the inch: dots, or micrometres in a PDF. The symbols are
//! placed first, from the bottom up; the text shares what is left, in lines as tall as that allows.
use crate::{
    code128::Symbol,
    elements::{Element, ElementString},
    label::{Contents, Label, Party},
    text,
};

/// What the label is printed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 4 × 6 inches.
    FourBySix,
    /// 105 × 148 mm.
    A6,
}

impl Size {
    /// Width and height in micrometres.
    fn micrometres(self) -> (u32, u32) {
        match self {
            Self::FourBySix => (101_600, 152_400),
            Self::A6 => (105_000, 148_000),
        }
    }
}

pub(crate) struct Page {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) items: Vec<Item>,
}

/// `x` and `y` are of the upper left corner, from the upper left corner of the label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Text { x: u32, y: u32, size: u32, bold: bool, text: String },
    Rule { x: u32, y: u32, width: u32, height: u32 },
    Bars { x: u32, y: u32, module: u32, height: u32, symbol: Symbol },
}

// In micrometres. GS1 asks for bars of at least 31.75 mm, and of modules 0.495 to 0.94 mm where logistic units are
// scanned. Half a millimetre is four dots at 203 dpi, and the SSCC with its quiet zones needs 88 mm of it.
const MARGIN: u32 = 2_500;
const MODULE: u32 = 500;
const LEAST_MODULE: u32 = 250;
const BAR_HEIGHT: u32 = 32_000;
const BAR_TEXT: u32 = 3_000;
const BAR_GAP: u32 = 600;
const TALLEST_LINE: u32 = 4_200;
const RULE: u32 = 250;

/// Modules of white on both sides of a symbol, together.
const QUIET: u32 = 20;

/// Address lines below a name.
const ADDRESS_LINES: usize = 4;

/// Lays out one label for a printer with so many units to the inch.
pub(crate) fn page(label: &Label, size: Size, per_inch: u32) -> Page {
    let (width, height) = size.micrometres();
    let mut sheet = Sheet { per_inch, width: 0, height: 0, items: Vec::new() };
    (sheet.width, sheet.height) = (sheet.units(width), sheet.units(height));
    let floor = sheet.symbols(label);
    sheet.words(label, floor);
    Page { width: sheet.width, height: sheet.height, items: sheet.items }
}

struct Sheet {
    per_inch: u32,
    width: u32,
    height: u32,
    items: Vec<Item>,
}

impl Sheet {
    fn units(&self, micrometres: u32) -> u32 {
        let units = (u64::from(micrometres) * u64::from(self.per_inch) + 12_700) / 25_400;
        u32::try_from(units).unwrap_or(u32::MAX)
    }

    /// Places the symbols, the SSCC last, and tells where the uppermost begins.
    fn symbols(&mut self, label: &Label) -> u32 {
        let sscc = ElementString::new(&[Element::Sscc(label.sscc)]).into_iter();
        let all: Vec<ElementString> = self.above_the_sscc(label).into_iter().chain(sscc).collect();
        let mut y = self.height - self.units(MARGIN);
        for elements in all.iter().rev() {
            y -= self.units(BAR_HEIGHT) + self.units(BAR_TEXT) + 2 * self.units(BAR_GAP);
            self.symbol(elements, y);
        }
        y
    }

    /// What is inside, and the lot below it: together they are too wide for any lot, and a lot says nothing without
    /// its item. Without contents, where the unit goes.
    fn above_the_sscc(&self, label: &Label) -> Vec<ElementString> {
        let Some(contents) = &label.contents else {
            let symbol = destination(label).and_then(|postal_code| ElementString::new(&[postal_code]).ok());
            return symbol.filter(|symbol| self.is_roomy(symbol)).into_iter().collect();
        };
        let items = [Element::Content(contents.gtin), Element::Count(contents.count)];
        let (Ok(items), origin) = (ElementString::new(&items), origin(contents)) else {
            return Vec::new();
        };
        let origin = (!origin.is_empty()).then(|| ElementString::new(&origin).ok()).flatten();
        std::iter::once(items).chain(origin).collect()
    }

    fn is_roomy(&self, elements: &ElementString) -> bool {
        let modules = Symbol::new(elements).width() + QUIET;
        modules * self.units(MODULE) <= self.width
    }

    /// Half a millimetre a module; less only for contents that would not fit otherwise.
    fn symbol(&mut self, elements: &ElementString, y: u32) {
        let symbol = Symbol::new(elements);
        let room = self.width / (symbol.width() + QUIET);
        let module = self.units(MODULE).min(room).max(self.units(LEAST_MODULE));
        let x = self.width.saturating_sub(symbol.width() * module) / 2;
        let height = self.units(BAR_HEIGHT);
        self.items.push(Item::Bars { x, y, module, height, symbol });
        let below = y + height + self.units(BAR_GAP);
        let most = self.width - 2 * self.units(MARGIN);
        let (text, size) = text::fit(&elements.human_readable(), self.units(BAR_TEXT), most);
        let x = (self.width - text::width(&text, size)) / 2;
        self.items.push(Item::Text { x, y: below, size, bold: false, text });
    }

    /// Parties, then transport, then what people read about the unit, between the margin and `floor`.
    fn words(&mut self, label: &Label, floor: u32) {
        let (from, to) = (address(&label.ship_from), address(&label.ship_to));
        let blocks = [transport(label), unit(label)];
        let lines =
            1 + from.len().max(to.len()) + blocks.iter().map(|block| block.len().div_ceil(2)).sum::<usize>();
        let tenths = u32::try_from(10 * lines).unwrap_or(u32::MAX) + 5 * 3;
        let top = self.units(MARGIN);
        let line = (floor.saturating_sub(top) * 10 / tenths).min(self.units(TALLEST_LINE));

        let mut y = self.parties(&from, &to, top, line);
        for block in blocks.iter().filter(|block| !block.is_empty()) {
            y = self.rule(y, line);
            for pair in block.chunks(2) {
                self.fields(pair, y, line);
                y += line;
            }
        }
        self.rule(y, line);
    }

    fn parties(&mut self, from: &[String], to: &[String], top: u32, line: u32) -> u32 {
        let (left, right) = self.columns();
        for (title, lines, (x, width)) in [("SHIP FROM", from, left), ("SHIP TO", to, right)] {
            self.text(title, (x, top + line * 24 / 100), line * 6 / 10, true, width);
            for (index, text) in (1..).zip(lines) {
                self.text(text, (x, top + line * index), line * 9 / 10, index == 1, width);
            }
        }
        let lines = u32::try_from(1 + from.len().max(to.len())).unwrap_or(u32::MAX);
        let height = line * lines;
        let x = right.0 - self.units(MARGIN) / 2;
        let width = self.units(RULE);
        self.items.push(Item::Rule { x, y: top, width, height: height + line / 4 });
        top + height
    }

    fn fields(&mut self, pair: &[Field], y: u32, line: u32) {
        let (left, right) = self.columns();
        let indent = line * 4;
        for (field, (x, width)) in pair.iter().zip([left, right]) {
            self.text(field.title, (x, y + line * 24 / 100), line * 6 / 10, true, indent - line / 4);
            self.text(&field.text, (x + indent, y), line * 9 / 10, false, width.saturating_sub(indent));
        }
    }

    /// Left end and width of both columns.
    fn columns(&self) -> ((u32, u32), (u32, u32)) {
        let margin = self.units(MARGIN);
        let width = self.width - 3 * margin;
        let left = width * 52 / 100;
        ((margin, left), (2 * margin + left, width - left))
    }

    fn text(&mut self, text: &str, (x, y): (u32, u32), size: u32, bold: bool, most: u32) {
        let (text, fitting) = text::fit(text, size, most);
        let y = y + (size - fitting) * 8 / 10; // on the foot of its neighbours
        self.items.push(Item::Text { x, y, size: fitting, bold, text });
    }

    /// A line across the label, a quarter of a line below what is above it; tells where the next line begins.
    fn rule(&mut self, y: u32, line: u32) -> u32 {
        let (x, height) = (self.units(MARGIN), self.units(RULE));
        self.items.push(Item::Rule { x, y: y + line / 4, width: self.width - 2 * x, height });
        y + line / 2
    }
}

struct Field {
    title: &'static str,
    text: String,
}

fn transport(label: &Label) -> Vec<Field> {
    let fields = [
        ("CARRIER", label.carrier.clone()),
        ("PRO/TRACK", label.tracking.clone()),
        ("SUPPLIER", label.supplier.clone()),
        ("B/L", label.bill_of_lading.clone()),
    ];
    present(fields)
}

fn unit(label: &Label) -> Vec<Field> {
    let contents = label.contents.as_ref();
    let orders = (!label.orders.is_empty()).then(|| label.orders.join(", "));
    let fields = [
        ("SSCC", Some(label.sscc.to_string())),
        ("UNIT", label.unit.map(|unit| unit.to_string())),
        ("ORDER", orders),
        ("SHIPMENT", label.shipment.clone()),
        ("PACKAGE", label.package.clone()),
        ("GROSS WT", label.gross_weight.map(|weight| weight.to_string())),
        ("CONTENT", contents.map(|contents| contents.gtin.to_string())),
        ("COUNT", contents.map(|contents| contents.count.to_string())),
        ("BATCH/LOT", contents.and_then(|contents| contents.lot.clone())),
        ("BEST BEFORE", contents.and_then(|contents| contents.best_before).map(|date| date.to_string())),
        ("EXPIRY", contents.and_then(|contents| contents.expiry).map(|date| date.to_string())),
    ];
    present(fields)
}

fn present<const N: usize>(fields: [(&'static str, Option<String>); N]) -> Vec<Field> {
    let fields = fields.into_iter().filter_map(|(title, text)| Some(Field { title, text: text? }));
    fields.filter(|field| !text::line(&field.text).is_empty()).collect()
}

/// Name, street and town, then postal code and country.
fn address(party: &Party) -> Vec<String> {
    let mut lines = vec![party.name.clone()];
    let whole = party.address.len().min(ADDRESS_LINES - 1);
    lines.extend_from_slice(&party.address[..whole]);
    lines.push(party.address[whole..].join(", "));
    let place = [party.postal_code.as_deref(), party.country.as_deref()];
    lines.push(place.into_iter().flatten().collect::<Vec<_>>().join(" "));
    lines.retain(|line| !text::line(line).is_empty());
    lines
}

/// The postal code, which is only clear within one country.
fn destination(label: &Label) -> Option<Element> {
    let (from, to) = (&label.ship_from.country, &label.ship_to.country);
    let abroad = from.is_some() && to.is_some() && from != to;
    label.ship_to.postal_code.clone().filter(|_| !abroad).map(Element::ShipToPostal)
}

/// Dates and lot; a lot that no symbol can carry is left to the text.
fn origin(contents: &Contents) -> Vec<Element> {
    let dates = [contents.best_before.map(Element::BestBefore), contents.expiry.map(Element::Expiry)];
    let lot = contents.lot.clone().map(Element::Lot);
    let lot = lot.filter(|lot| ElementString::new(std::slice::from_ref(lot)).is_ok());
    dates.into_iter().flatten().chain(lot).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn label(texts: &[String; 6], lot: String, count: u32) -> Label {
        let [name, street, postal_code, carrier, order, package] = texts.clone();
        let party = Party {
            name,
            address: vec![street; order.len()],
            postal_code: Some(postal_code),
            country: Some(package.clone()),
        };
        Label {
            ship_from: Party::default(),
            ship_to: party,
            supplier: None,
            carrier: Some(carrier),
            bill_of_lading: None,
            tracking: None,
            orders: vec![order],
            shipment: None,
            unit: None,
            package: Some(package),
            gross_weight: None,
            contents: count.checked_sub(1).map(|count| Contents {
                gtin: "10614141123459".parse().unwrap(),
                count,
                lot: Some(lot),
                best_before: None,
                expiry: "2027-01-31".parse().ok(),
            }),
            sscc: "106141411234567897".parse().unwrap(),
        }
    }

    /// One too high, so that nothing stands for no contents; some of them with too many digits for a symbol.
    fn counts() -> impl Strategy<Value = u32> {
        prop_oneof![Just(0), 1..=100_000_000_u32, 100_000_001..=u32::MAX]
    }

    /// Left, top, right and foot.
    fn edges(item: &Item) -> (u32, u32, u32, u32) {
        match item {
            Item::Text { x, y, size, bold: _, text } => (*x, *y, x + text::width(text, *size), y + size),
            Item::Rule { x, y, width, height } => (*x, *y, x + width, y + height),
            Item::Bars { x, y, module, height, symbol } => {
                let quiet = QUIET / 2 * module;
                assert!(*x >= quiet, "no quiet zone");
                (x - quiet, *y, x + symbol.width() * module + quiet, y + height)
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_leaves_the_label_and_no_text_runs_into_bars(
            texts in prop::array::uniform6(any::<String>()),
            lot in "[ -~]{0,25}",
            count in counts(),
            size in prop::sample::select(vec![Size::FourBySix, Size::A6]),
            per_inch in prop::sample::select(vec![203, 300, 25_400]),
        ) {
            let page = page(&label(&texts, lot, count), size, per_inch);
            let bars = page.items.iter().filter(|item| matches!(item, Item::Bars { .. }));
            let bars: Vec<_> = bars.map(edges).collect();
            for item in &page.items {
                let (_, top, right, foot) = edges(item);
                prop_assert!(right <= page.width && foot <= page.height, "{:?} leaves the label", item);
                for (_, bars_top, _, bars_foot) in &bars {
                    let apart = foot <= *bars_top || top >= *bars_foot;
                    prop_assert!(apart || matches!(item, Item::Bars { .. }), "{:?} runs into bars", item);
                }
            }
        }

        #[test]
        fn a_lot_is_in_bars_only_below_its_item(lot in "[ -~]{0,25}", count in counts()) {
            let texts = std::array::from_fn(|_| String::new());
            let page = page(&label(&texts, lot, count), Size::A6, 203);
            let bars: Vec<String> = page.items.iter().filter_map(|item| match item {
                Item::Bars { symbol, .. } => Some(symbol.zpl()),
                _ => None,
            }).collect();
            let expected = if (1..=100_000_000).contains(&count) { 3 } else { 1 };
            prop_assert_eq!(bars.len(), expected, "{:?}", bars);
        }

        #[test]
        fn the_sscc_comes_last_and_is_of_full_size(
            texts in prop::array::uniform6(any::<String>()),
            count in counts(),
            per_inch in prop::sample::select(vec![203_u32, 300, 25_400]),
        ) {
            let page = page(&label(&texts, "L".repeat(20), count), Size::FourBySix, per_inch);
            let lowest = page.items.iter().filter(|item| matches!(item, Item::Bars { .. })).max_by_key(|item| edges(item).1);
            let Some(Item::Bars { module, height, symbol, .. }) = lowest else {
                panic!("no bars");
            };
            prop_assert_eq!(symbol.zpl(), ">;>800106141411234567897");
            prop_assert!(module * 25_400 >= 495 * per_inch);
            prop_assert!(height * 25_400 >= 31_750 * per_inch);
        }
    }
}
