//! Labels as a scanner and a reader find them on paper.
//!
//! Nothing of ours reads them: poppler draws the PDF and measures its text, zplkit plays the label printer, and
//! zbar scans what they drew. `scripts/setup-test` installs all three; without them the tests fail.
#![expect(clippy::unwrap_used, reason = "tests")]

mod pdf;
mod samples;
mod tools;
mod zpl;
