//! How much a reader takes in, and how strict it is: one value per trading partner.

/// Bounds that keep a hostile or broken file from taking more than its share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes from `ISA` to the end of `IEA`, from `UNA` or `UNB` to the end of `UNZ`.
    pub interchange_bytes: u64,
    /// Segments in an interchange, empty ones included.
    pub segments: u64,
    /// Bytes of one segment; the reader's buffer grows no further than about twice this.
    pub segment_bytes: usize,
    /// Bytes of one element.
    pub element_bytes: usize,
    /// Digits of a number, sign and decimal point not counted.
    pub number_digits: usize,
    /// Problems kept for one interchange, group or set; the rest are counted.
    pub problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            interchange_bytes: 64 << 20,
            segments: 1_000_000,
            segment_bytes: 1 << 20,
            element_bytes: 64 << 10,
            number_digits: 18,
            problems: 200,
        }
    }
}

/// What becomes of a set with a segment or code that is not in our tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unknown {
    /// Keep it and say so.
    #[default]
    Warn,
    /// Refuse the transaction set.
    Reject,
}

/// What a partner's files are held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The bounds.
    pub limits: Limits,
    /// Unknown segments and codes.
    pub unknown: Unknown,
    /// Read an ISA whose elements are not padded to their fixed width, with a warning.
    pub lenient_isa: bool,
    /// Read characters that are not in the repertoire an UNB names, with a warning.
    pub lenient_characters: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            unknown: Unknown::default(),
            lenient_isa: true,
            lenient_characters: true,
        }
    }
}
