//! Labels as PDF, one page each. The bars are filled rectangles, exact at any resolution; the text is in Helvetica,
//! which every reader has and no file carries.
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

use crate::{
    code128::Symbol,
    label::Label,
    layout::{self, Item, Page, Size},
    text,
};

/// One unit of the layout is a micrometre.
const PER_INCH: u32 = 25_400;
const POINTS: f32 = 72.0 / 25_400.0;

const CATALOG: i32 = 1;
const PAGES: i32 = 2;
const REGULAR: i32 = 3;
const BOLD: i32 = 4;
const FIRST_PAGE: i32 = 5;

const FONTS: [(i32, Name<'static>, Name<'static>); 2] =
    [(REGULAR, Name(b"R"), Name(b"Helvetica")), (BOLD, Name(b"B"), Name(b"Helvetica-Bold"))];

/// The labels in the order given. The same labels make the same bytes.
#[must_use]
pub fn pdf(labels: &[Label], size: Size) -> Vec<u8> {
    let mut pdf = Pdf::new();
    pdf.catalog(Ref::new(CATALOG)).pages(Ref::new(PAGES));
    for (id, _, font) in FONTS {
        pdf.type1_font(Ref::new(id)).base_font(font).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let mut pages = Vec::new();
    for (label, id) in labels.iter().zip((FIRST_PAGE..).step_by(2)) {
        write(&mut pdf, &layout::page(label, size, PER_INCH), id);
        pages.push(Ref::new(id));
    }
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(Ref::new(PAGES)).kids(pages).count(count);
    pdf.finish()
}

fn write(pdf: &mut Pdf, sheet: &Page, id: i32) {
    let content = Ref::new(id + 1);
    let mut page = pdf.page(Ref::new(id));
    page.parent(Ref::new(PAGES)).contents(content);
    page.media_box(Rect::new(0.0, 0.0, float(sheet.width) * POINTS, float(sheet.height) * POINTS));
    let mut resources = page.resources();
    let mut fonts = resources.fonts();
    for (id, name, _) in FONTS {
        fonts.pair(name, Ref::new(id));
    }
    fonts.finish();
    resources.finish();
    page.finish();
    pdf.stream(content, &draw(sheet));
}

/// In micrometres, so that all numbers are whole.
fn draw(sheet: &Page) -> Vec<u8> {
    let mut content = Content::new();
    content.transform([POINTS, 0.0, 0.0, POINTS, 0.0, 0.0]);
    for item in &sheet.items {
        match item {
            Item::Text { x, y, size, bold, text } => {
                // The upper left corner is that of the letters' box; a PDF asks for their foot.
                let foot = sheet.height - y - size * 8 / 10;
                let font = if *bold { Name(b"B") } else { Name(b"R") };
                content.begin_text().set_font(font, float(*size));
                content.next_line(float(*x), float(foot)).show(Str(&text::winansi(text))).end_text();
            }
            Item::Rule { x, y, width, height } => {
                content.rect(float(*x), float(sheet.height - y - height), float(*width), float(*height));
                content.fill_nonzero();
            }
            Item::Bars { x, y, module, height, symbol } => {
                let foot = sheet.height - y - height;
                for (start, width) in bars(symbol) {
                    let (left, width) = (x + start * module, width * module);
                    content.rect(float(left), float(foot), float(width), float(*height));
                }
                content.fill_nonzero();
            }
        }
    }
    content.finish().into_vec()
}

/// Left end and width of each bar, in modules. Neighbouring dark modules are one bar: two rectangles side by side
/// would show a hair line on some screens and printers.
fn bars(symbol: &Symbol) -> Vec<(u32, u32)> {
    let modules = symbol.modules();
    let mut bars = Vec::new();
    let mut start = 0;
    for run in modules.chunk_by(|left, right| left == right) {
        let width = u32::try_from(run.len()).unwrap_or(u32::MAX);
        if run.first() == Some(&1) {
            bars.push((start, width));
        }
        start += width;
    }
    bars
}

/// Exact: a label is far below 2²⁴ micrometres.
#[expect(clippy::cast_precision_loss, reason = "measures of a label have less than 24 bits")]
fn float(units: u32) -> f32 {
    units as f32
}
