//! Relay connections: how a page is asked for, and what a cursor is.
use std::{fmt::Display, str::FromStr};

use async_graphql::{Error, ErrorExtensions, SimpleObject};
use quayside_canonical::Timestamp;

/// The most a page may hold.
pub const MAX_PAGE: u32 = 100;

/// Where a page stands in its list.
#[derive(Clone, Debug, Default, SimpleObject)]
pub struct PageInfo {
    /// Whether there is more after this page.
    pub has_next_page: bool,
    /// Whether there is more before this page.
    pub has_previous_page: bool,
    /// The first item's cursor.
    pub start_cursor: Option<String>,
    /// The last item's cursor.
    pub end_cursor: Option<String>,
}

/// What was asked for, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// How many items.
    pub size: u32,
    /// Whether they are taken from the end.
    pub from_end: bool,
    /// Only after this cursor.
    pub after: Option<String>,
    /// Only before this cursor.
    pub before: Option<String>,
}

impl Paging {
    /// Checks the four arguments of a connection.
    ///
    /// # Errors
    /// Neither or both of `first` and `last`, or a size outside 1 to 100.
    pub fn new(
        first: Option<i32>,
        last: Option<i32>,
        after: Option<String>,
        before: Option<String>,
    ) -> Result<Self, Error> {
        let (size, from_end) = match (first, last) {
            (Some(first), None) => (first, false),
            (None, Some(last)) => (last, true),
            _ => return Err(bad_input("ask for either `first` or `last`, from 1 to 100")),
        };
        match u32::try_from(size) {
            Ok(size @ 1..=MAX_PAGE) => Ok(Self { size, from_end, after, before }),
            _ => Err(bad_input("a page holds 1 to 100 items")),
        }
    }

    /// Cuts the extra item off, which was asked for to see whether there is more.
    pub fn cut<T>(&self, rows: &mut Vec<T>) -> PageInfo {
        let size = self.size as usize;
        let more = rows.len() > size;
        if self.from_end {
            rows.drain(..rows.len().saturating_sub(size));
        } else {
            rows.truncate(size);
        }
        let mut info =
            PageInfo { has_next_page: more, has_previous_page: self.after.is_some(), ..PageInfo::default() };
        if self.from_end {
            info = PageInfo { has_next_page: self.before.is_some(), has_previous_page: more, ..info };
        }
        info
    }
}

/// An argument that cannot be used.
#[must_use]
pub fn bad_input(message: &str) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", "BAD_USER_INPUT"))
}

/// A place in a list by time as text nobody needs to read.
#[must_use]
pub fn cursor(at: Timestamp, id: impl Display) -> String {
    format!("{:x}.{id}", at.micros())
}

/// The place a cursor names.
///
/// # Errors
/// It is not one of [`cursor`]'s.
pub fn place<I: FromStr>(cursor: &str) -> Result<(Timestamp, I), Error> {
    let parsed = cursor.split_once('.').and_then(|(micros, id)| {
        Some((Timestamp::from_micros(i64::from_str_radix(micros, 16).ok()?), id.parse().ok()?))
    });
    parsed.ok_or_else(|| bad_input("the cursor is not one of this list"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_size_between_1_and_100() {
        assert!(Paging::new(Some(100), None, None, None).is_ok());
        for (first, last) in
            [(None, None), (Some(1), Some(1)), (Some(0), None), (Some(101), None), (None, Some(-1))]
        {
            assert!(Paging::new(first, last, None, None).is_err());
        }
    }

    #[test]
    fn the_extra_item_is_cut_from_the_far_end() {
        let paging = Paging::new(None, Some(2), None, Some("x".to_owned())).unwrap();
        let mut rows = vec![1, 2, 3];
        let info = paging.cut(&mut rows);
        assert_eq!(rows, [2, 3]);
        assert!(info.has_previous_page && info.has_next_page);
    }
}
