//! The GS1 logistic label of a handling unit: bytes for a printer, no I/O.
//!
//! 1. [`Label`]: what is to be said about one unit;
//! 2. [`ElementString`]: what bars say, application identifier by application identifier;
//! 3. one layout for all printers: parties on top, text for people below, bars at the bottom and the SSCC last;
//! 4. [`pdf`] and [`zpl`]: the layout on paper and in the language of label printers.
//!
//! What must stay true: the symbol of the SSCC is always there and never smaller than general distribution
//! scanning asks (bars of 0.5 mm and 32 mm, quiet zones of ten modules); no text leaves the label, whatever its
//! length or script; printing cannot fail.

mod code128;
mod elements;
mod label;
mod layout;
mod pdf;
mod text;
mod zpl;

pub use elements::{Element, ElementString, InvalidElement};
pub use label::{Contents, Label, Party, UnitOf, Weight, WeightUnit};
pub use layout::Size;
pub use pdf::pdf;
pub use zpl::{Density, zpl};
