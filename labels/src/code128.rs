//! GS1-128: which symbol characters of Code 128 carry an element string.
//!
//! The choice of code sets is made here, once, for both printers: a drawn symbol is as wide as a printed one.
use barcoders::sym::code128::Code128;

use crate::elements::{ElementString, FNC1};

/// A symbol: start character, FNC1 (which makes it GS1), data. Check and stop characters are added in drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Symbol(Vec<Character>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Character {
    Start(Set),
    Switch(Set),
    Fnc1,
    /// One character of set B.
    One(char),
    /// Two digits of set C.
    Two(char, char),
}

/// Set A is for control characters, which no element string has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    B,
    C,
}

impl Symbol {
    /// Digits go in pairs where that is shorter: four or more of them, or any pair when already in set C.
    pub(crate) fn new(elements: &ElementString) -> Self {
        let text = elements.scanned();
        let mut rest = text.as_str();
        let mut set = if leading_digits(rest) >= 4 { Set::C } else { Set::B };
        let mut characters = vec![Character::Start(set), Character::Fnc1];
        loop {
            let digits = leading_digits(rest);
            let mut chars = rest.chars();
            let Some(first) = chars.next() else {
                return Self(characters);
            };
            let character = match set {
                _ if first == FNC1 => Character::Fnc1,
                Set::C if digits >= 2 => Character::Two(first, chars.next().unwrap_or('0')),
                Set::C => Character::Switch(Set::B),
                Set::B if digits >= 4 && digits.is_multiple_of(2) => Character::Switch(Set::C),
                Set::B => Character::One(first),
            };
            match character {
                Character::Switch(other) => set = other,
                _ => rest = chars.as_str(),
            }
            characters.push(character);
        }
    }

    /// The modules from left to right: 1 is dark. Without quiet zones.
    pub(crate) fn modules(&self) -> Vec<u8> {
        let text: String = self.0.iter().flat_map(|character| character.barcoders()).collect();
        Code128::new(text).expect("each character is of the set that is in force").encode()
    }

    /// How many modules wide it is: eleven a character, the check character among them, and the stop.
    pub(crate) fn width(&self) -> u32 {
        let characters = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        characters.saturating_add(1).saturating_mul(11).saturating_add(13)
    }

    /// The field data of `^BC` in mode N: every set and FNC1 named, nothing left to the printer.
    pub(crate) fn zpl(&self) -> String {
        self.0.iter().map(|character| character.zpl()).collect()
    }
}

impl Character {
    /// As the `barcoders` library names them.
    fn barcoders(self) -> Vec<char> {
        match self {
            Self::Start(Set::B) | Self::Switch(Set::B) => vec!['\u{181}'],
            Self::Start(Set::C) | Self::Switch(Set::C) => vec!['\u{106}'],
            Self::Fnc1 => vec!['\u{179}'],
            Self::One(char) => vec![char],
            Self::Two(first, second) => vec![first, second],
        }
    }

    fn zpl(self) -> String {
        match self {
            Self::Start(Set::B) => ">:".to_owned(),
            Self::Start(Set::C) => ">;".to_owned(),
            Self::Switch(Set::B) => ">6".to_owned(),
            Self::Switch(Set::C) => ">5".to_owned(),
            Self::Fnc1 => ">8".to_owned(),
            Self::One('>') => ">0".to_owned(),
            Self::One(char) => char.to_string(),
            Self::Two(first, second) => format!("{first}{second}"),
        }
    }
}

fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use std::{
        env, fs,
        process::{self, Command},
    };

    use proptest::prelude::*;

    use super::*;
    use crate::elements::Element;

    fn symbol(elements: &[Element]) -> Symbol {
        Symbol::new(&ElementString::new(elements).unwrap())
    }

    #[test]
    fn an_sscc_is_start_c_fnc1_ten_pairs_and_the_published_check_character() {
        let symbol = symbol(&[Element::Sscc("106141411234567897".parse().unwrap())]);
        assert_eq!(symbol.zpl(), ">;>800106141411234567897");
        assert_eq!(symbol.width(), 156);
        let modules = symbol.modules();
        let check: String = modules[132..143].iter().map(u8::to_string).collect();
        assert_eq!(check, "10001011000", "the pattern of value 34");
    }

    #[test]
    fn digits_go_in_pairs_where_that_is_shorter() {
        let lot = |lot: &str| symbol(&[Element::Lot(lot.to_owned())]).zpl();
        assert_eq!(lot("AB"), ">:>810AB");
        assert_eq!(lot("AB123"), ">:>810AB123");
        assert_eq!(lot("AB1234"), ">:>810AB>51234");
        assert_eq!(lot("AB12345C"), ">:>810AB1>52345>6C");
        assert_eq!(lot("123"), ">;>81012>63");
        assert_eq!(lot("A>B_"), ">:>810A>0B_");
        let both = symbol(&[Element::Count(40), Element::Lot("L1".to_owned())]);
        assert_eq!(both.zpl(), ">;>83740>810>6L1");
    }

    /// Drawn as plainly as can be and read by zbar, which `scripts/setup-test` installs.
    #[test]
    fn a_scanner_reads_what_was_encoded_and_fnc1_where_it_stands() {
        let strings = [
            vec![Element::Count(40), Element::Lot("L1".to_owned())],
            vec![Element::Count(7), Element::Lot("12345".to_owned()), Element::Serial("A>B_".to_owned())],
            vec![Element::ShipToPostal("SW1A 1AA".to_owned()), Element::Order("PO-10045/7".to_owned())],
            vec![Element::Gtin("036000291452".parse().unwrap()), Element::Serial("000017".to_owned())],
        ];
        for elements in strings {
            let elements = ElementString::new(&elements).unwrap();
            assert_eq!(scanned(&Symbol::new(&elements)), elements.scanned());
        }
    }

    fn scanned(symbol: &Symbol) -> String {
        let row: String =
            [vec![0; 10], symbol.modules(), vec![0; 10]].concat().iter().map(u8::to_string).collect();
        let row: String = row.chars().flat_map(|module| [module; 4]).collect();
        let picture = format!("P1\n{} 80\n{}", row.len(), format!("{row}\n").repeat(80));
        let file = env::temp_dir().join(format!("quayside-labels-{}.pbm", process::id()));
        fs::write(&file, picture).unwrap();
        let zbar = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&file).output();
        let zbar = zbar.unwrap_or_else(|error| panic!("zbarimg: {error}; scripts/setup-test installs it"));
        fs::remove_file(file).unwrap();
        String::from_utf8(zbar.stdout).unwrap().trim_end().to_owned()
    }

    proptest! {
        #[test]
        fn every_lot_has_a_symbol_of_the_width_told(lot in "[!\"%-?A-Z_a-z]{1,20}", count in 0..99_999_999_u32) {
            let symbol = symbol(&[Element::Count(count), Element::Lot(lot)]);
            prop_assert_eq!(u32::try_from(symbol.modules().len()).unwrap(), symbol.width());
        }
    }
}
