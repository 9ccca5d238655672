//! Labels as ZPL II, the language of label printers.
//!
//! Bars are drawn by the printer (`^BC` in mode N) from symbol characters that we chose; text is UTF-8 (`^CI28`)
//! in the printer's own scalable font, and what the font lacks the printer leaves out.
use std::fmt::Write;

use crate::{
    label::Label,
    layout::{self, Item, Size},
};

/// Dots to the inch of the print head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Density {
    /// 8 dots a millimetre.
    Dpi203,
    /// 12 dots a millimetre.
    Dpi300,
}

impl Density {
    fn per_inch(self) -> u32 {
        match self {
            Self::Dpi203 => 203,
            Self::Dpi300 => 300,
        }
    }
}

/// The labels in the order given, each from `^XA` to `^XZ`.
#[must_use]
pub fn zpl(labels: &[Label], size: Size, density: Density) -> String {
    labels.iter().map(|label| format(label, size, density)).collect()
}

fn format(label: &Label, size: Size, density: Density) -> String {
    let page = layout::page(label, size, density.per_inch());
    let mut zpl = format!("^XA\n^CI28\n^PW{}\n^LL{}\n^LH0,0\n", page.width, page.height);
    for item in &page.items {
        zpl.push_str(&field(item));
        zpl.push_str("^FS\n");
    }
    zpl.push_str("^XZ\n");
    zpl
}

fn field(item: &Item) -> String {
    match item {
        // The font has one weight.
        Item::Text { x, y, size, bold: _, text } => {
            format!("^FO{x},{y}^A0N,{size},{size}^FH^FD{}", escaped(text))
        }
        Item::Rule { x, y, width, height } => {
            let thickness = width.min(height);
            format!("^FO{x},{y}^GB{width},{height},{thickness}")
        }
        Item::Bars { x, y, module, height, symbol } => {
            format!("^FO{x},{y}^BY{module}^BCN,{height},N,N,N,N^FD{}", symbol.zpl())
        }
    }
}

/// Hexadecimal wherever the byte is not plainly text: `^` and `~` begin commands, `_` begins an escape, `\` breaks
/// a line in blocks, and UTF-8 must pass links that know ASCII only.
fn escaped(text: &str) -> String {
    let mut field = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b" .,:;-+/()#&'*=".contains(&byte) {
            field.push(char::from(byte));
        } else {
            let _ = write!(field, "_{byte:02X}");
        }
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_a_command_is_escaped() {
        assert_eq!(escaped("Bay 7, (A)"), "Bay 7, (A)");
        assert_eq!(escaped("^XZ~JA_\\\"é"), "_5EXZ_7EJA_5F_5C_22_C3_A9");
    }
}
