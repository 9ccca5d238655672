//! The segments of a set or message, kept as the bytes they were.

/// Segments one after the other, without what stood between them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stored {
    data: Vec<u8>,
    spans: Vec<Span>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    end: usize,
    offset: u64,
    wrapped: bool,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct One<'a> {
    pub(crate) bytes: &'a [u8],
    /// Where it stood in the file.
    pub(crate) offset: u64,
    pub(crate) wrapped: bool,
    /// Its position, from 1.
    pub(crate) index: u32,
}

impl Stored {
    pub(crate) fn push(&mut self, bytes: &[u8], offset: u64, wrapped: bool) {
        self.data.extend_from_slice(bytes);
        self.spans.push(Span { end: self.data.len(), offset, wrapped });
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.spans.len()).unwrap_or(u32::MAX)
    }

    /// One of them, by its position.
    pub(crate) fn get(&self, index: u32) -> Option<One<'_>> {
        let at = usize::try_from(index).ok()?.checked_sub(1)?;
        let Span { end, offset, wrapped } = *self.spans.get(at)?;
        let start = at.checked_sub(1).and_then(|before| self.spans.get(before)).map_or(0, |span| span.end);
        Some(One { bytes: self.data.get(start..end)?, offset, wrapped, index })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = One<'_>> {
        (1..=self.count()).filter_map(|index| self.get(index))
    }
}
