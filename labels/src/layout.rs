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
const TALLEST_LINE: u32 = 5_000;
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

    /// The contents, in one symbol where it has room and else in two; without contents, where the unit goes.
    fn above_the_sscc(&self, label: &Label) -> Vec<ElementString> {
        let Some(contents) = &label.contents else {
            let postal_code = label.ship_to.postal_code.clone().map(Element::ShipToPostal);
            let symbol = postal_code.and_then(|postal_code| ElementString::new(&[postal_code]).ok());
            return symbol.filter(|symbol| self.is_roomy(symbol)).into_iter().collect();
        };
        let items = [Element::Content(contents.gtin), Element::Count(contents.count)];
        let origin = origin(contents);
        let together: Vec<Element> = [&items[..1], &origin.fixed, &items[1..], &origin.variable].concat();
        let apart = [items.to_vec(), [origin.fixed, origin.variable].concat()];
        match ElementString::new(&together) {
            Ok(symbol) if self.is_roomy(&symbol) => vec![symbol],
            _ => apart
                .iter()
                .filter(|elements| !elements.is_empty())
                .filter_map(|elements| ElementString::new(elements).ok())
                .collect(),
        }
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
            self.text(title, (x, top + line / 5), line * 6 / 10, true, width);
            for (index, text) in (1..).zip(lines) {
                self.text(text, (x, top + line * index), line * 8 / 10, index == 1, width);
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
            self.text(field.title, (x, y + line / 5), line * 5 / 10, true, indent);
            self.text(&field.text, (x + indent, y), line * 8 / 10, false, width.saturating_sub(indent));
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
        let (text, size) = text::fit(text, size, most);
        self.items.push(Item::Text { x, y, size, bold, text });
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

struct Origin {
    fixed: Vec<Element>,
    variable: Vec<Element>,
}

/// Dates and lot; a lot that no symbol can carry is left to the text.
fn origin(contents: &Contents) -> Origin {
    let dates = [contents.best_before.map(Element::BestBefore), contents.expiry.map(Element::Expiry)];
    let lot = contents.lot.clone().map(Element::Lot);
    let lot = lot.filter(|lot| ElementString::new(std::slice::from_ref(lot)).is_ok());
    Origin { fixed: dates.into_iter().flatten().collect(), variable: lot.into_iter().collect() }
}
