//! Our words in the partner's, and every reason why one has none.
use chrono::NaiveDate;
use quayside_canonical::{
    Field, Micro, Problems,
    partner::Agreement,
    states::{EdiCodeList, EdiSyntax},
    unit,
};
use quayside_edi::Located;
use rust_decimal::Decimal;

/// The partner's words, and what could not be said with them.
pub(super) struct Words<'a> {
    pub(super) agreement: &'a Agreement,
    problems: Problems,
}

impl<'a> Words<'a> {
    pub(super) fn new(agreement: &'a Agreement) -> Self {
        Self { agreement, problems: Problems::new() }
    }

    pub(super) fn refuse(&mut self, code: &str, field: &Field, words: impl Into<String>) {
        self.problems.add(code, field, words);
    }

    /// `made`, if nothing was in its way.
    pub(super) fn finish<T>(self, made: T) -> Result<T, Problems> {
        self.problems.into_result().map(|()| made)
    }

    /// A code as it stands. What does not fit is a reason not to send.
    pub(super) fn code(&mut self, text: &str, most: usize, field: &Field) -> Located<String> {
        let length = text.chars().count();
        if length > most {
            let words = format!("'{text}' has {length} characters; {most} fit into the message");
            self.refuse("TOO_LONG", field, words);
        }
        if let Some(cutting) = text.chars().find(|found| self.cuts(*found)) {
            let words =
                format!("'{text}' has the character {cutting:?}, which cuts messages of this partner");
            self.refuse("CHARACTER", field, words);
        }
        text.to_owned().into()
    }

    /// The partner's word for a code of ours.
    pub(super) fn theirs(
        &mut self,
        list: EdiCodeList,
        ours: &str,
        most: usize,
        field: &Field,
    ) -> Located<String> {
        let word = self.agreement.their_word(list, ours).to_owned();
        self.code(&word, most, field)
    }

    /// The partner's word for a unit.
    pub(super) fn unit(&mut self, ours: &str, field: &Field) -> Located<String> {
        let agreed = self.agreement.their_word(EdiCodeList::Unit, ours);
        let word = match self.agreement.syntax {
            EdiSyntax::X12 if agreed == ours => unit::to_x12(ours).unwrap_or(ours),
            EdiSyntax::X12 | EdiSyntax::Edifact => agreed,
        };
        let word = word.to_owned();
        let fits = match self.agreement.syntax {
            EdiSyntax::X12 => word.len() == 2,
            EdiSyntax::Edifact => (1..=3).contains(&word.len()),
        };
        if !fits {
            let words = format!("there is no code for the unit {ours}; agree on one with the partner");
            self.refuse("UNIT_WITHOUT_CODE", field, words);
        }
        self.code(&word, 3, field)
    }

    /// A text for people, in pieces of at most `most` characters, without what would cut a segment.
    pub(super) fn text(&self, text: &str, most: usize) -> Vec<Located<String>> {
        let clean: String = text.chars().map(|found| if self.cuts(found) { ' ' } else { found }).collect();
        let mut pieces: Vec<String> = Vec::new();
        let mut piece = String::new();
        for word in clean.split_whitespace() {
            let mut word = word;
            while !word.is_empty() {
                let room = most - piece.chars().count().min(most);
                let gap = usize::from(!piece.is_empty());
                let length = word.chars().count();
                if length + gap <= room {
                    piece.push_str(if gap > 0 { " " } else { "" });
                    piece.push_str(word);
                    break;
                }
                if piece.is_empty() {
                    let at = word.char_indices().nth(most).map_or(word.len(), |(at, _)| at);
                    let (head, tail) = word.split_at(at);
                    pieces.push(head.to_owned());
                    word = tail;
                } else {
                    pieces.push(std::mem::take(&mut piece));
                }
            }
        }
        if !piece.is_empty() {
            pieces.push(piece);
        }
        pieces.into_iter().map(Located::from).collect()
    }

    /// Whether a character would be taken for a separator, or is none that can be written.
    fn cuts(&self, found: char) -> bool {
        if found.is_control() {
            return true;
        }
        if self.agreement.syntax == EdiSyntax::Edifact {
            return false; // it is released
        }
        let agreed = self.agreement.delimiters;
        let repetition = super::envelope::repetition(self.agreement);
        found == agreed.element.unwrap_or('*')
            || found == agreed.component.unwrap_or('>')
            || found == agreed.segment.unwrap_or('~')
            || repetition == Some(found)
    }
}

/// A number without needless zeros.
pub(super) fn number(found: Micro) -> Located<Decimal> {
    found.decimal().normalize().into()
}

/// A day as EDIFACT writes it with format 102.
pub(super) fn day(found: NaiveDate) -> Located<String> {
    found.format("%Y%m%d").to_string().into()
}
