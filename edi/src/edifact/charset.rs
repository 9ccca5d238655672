//! The repertoires of UNB S001: how bytes become text, and text bytes.

use std::borrow::Cow;

/// ISO 8859-2.
const LATIN_2: &str = "\u{a0}Ą˘Ł\u{a4}ĽŚ\u{a7}\u{a8}ŠŞŤŹ\u{ad}ŽŻ°ą˛ł´ľśˇ¸šşťź˝žżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙";
/// ISO 8859-3.
const LATIN_3: &str = "\u{a0}Ħ˘\u{a3}\u{a4}\u{fffd}Ĥ\u{a7}\u{a8}İŞĞĴ\u{ad}\u{fffd}Ż°ħ²³´µĥ·¸ışğĵ½\u{fffd}żÀÁÂ\u{fffd}ÄĊĈÇÈÉÊËÌÍÎÏ\u{fffd}ÑÒÓÔĠÖ×ĜÙÚÛÜŬŜßàáâ\u{fffd}äċĉçèéêëìíîï\u{fffd}ñòóôġö÷ĝùúûüŭŝ˙";
/// ISO 8859-4.
const LATIN_4: &str = "\u{a0}ĄĸŖ\u{a4}ĨĻ\u{a7}\u{a8}ŠĒĢŦ\u{ad}Ž¯°ą˛ŗ´ĩļˇ¸šēģŧŊžŋĀÁÂÃÄÅÆĮČÉĘËĖÍÎĪĐŅŌĶÔÕÖ×ØŲÚÛÜŨŪßāáâãäåæįčéęëėíîīđņōķôõö÷øųúûüũū˙";
/// ISO 8859-5.
const LATIN_5: &str = "\u{a0}ЁЂЃЄЅІЇЈЉЊЋЌ\u{ad}ЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя№ёђѓєѕіїјљњћќ\u{a7}ўџ";
/// ISO 8859-6.
const LATIN_6: &str = "\u{a0}\u{fffd}\u{fffd}\u{fffd}\u{a4}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{60c}\u{ad}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{61b}\u{fffd}\u{fffd}\u{fffd}\u{61f}\u{fffd}\u{621}\u{622}\u{623}\u{624}\u{625}\u{626}\u{627}\u{628}\u{629}\u{62a}\u{62b}\u{62c}\u{62d}\u{62e}\u{62f}\u{630}\u{631}\u{632}\u{633}\u{634}\u{635}\u{636}\u{637}\u{638}\u{639}\u{63a}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{640}\u{641}\u{642}\u{643}\u{644}\u{645}\u{646}\u{647}\u{648}\u{649}\u{64a}\u{64b}\u{64c}\u{64d}\u{64e}\u{64f}\u{650}\u{651}\u{652}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}";
/// ISO 8859-7.
const LATIN_7: &str = "\u{a0}‘’\u{a3}€₯\u{a6}\u{a7}\u{a8}\u{a9}ͺ\u{ab}\u{ac}\u{ad}\u{fffd}―°±²³΄΅Ά·ΈΉΊ»Ό½ΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡ\u{fffd}ΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώ\u{fffd}";
/// ISO 8859-8.
const LATIN_8: &str = "\u{a0}\u{fffd}\u{a2}\u{a3}\u{a4}\u{a5}\u{a6}\u{a7}\u{a8}\u{a9}×\u{ab}\u{ac}\u{ad}®¯°±²³´µ¶·¸¹÷»¼½¾\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}‗\u{5d0}\u{5d1}\u{5d2}\u{5d3}\u{5d4}\u{5d5}\u{5d6}\u{5d7}\u{5d8}\u{5d9}\u{5da}\u{5db}\u{5dc}\u{5dd}\u{5de}\u{5df}\u{5e0}\u{5e1}\u{5e2}\u{5e3}\u{5e4}\u{5e5}\u{5e6}\u{5e7}\u{5e8}\u{5e9}\u{5ea}\u{fffd}\u{fffd}\u{200e}\u{200f}\u{fffd}";
/// ISO 8859-9.
const LATIN_9: &str = "\u{a0}\u{a1}\u{a2}\u{a3}\u{a4}\u{a5}\u{a6}\u{a7}\u{a8}\u{a9}\u{aa}\u{ab}\u{ac}\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ";

/// A repertoire, by the name in UNB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// `UNOA`: capital letters, digits and some signs.
    #[default]
    A,
    /// `UNOB`: ASCII.
    B,
    /// `UNOC`: ISO 8859-1.
    C,
    /// `UNOD`: ISO 8859-2.
    D,
    /// `UNOE`: ISO 8859-5, Cyrillic.
    E,
    /// `UNOF`: ISO 8859-7, Greek.
    F,
    /// `UNOG`: ISO 8859-3.
    G,
    /// `UNOH`: ISO 8859-4.
    H,
    /// `UNOI`: ISO 8859-6, Arabic.
    I,
    /// `UNOJ`: ISO 8859-8, Hebrew.
    J,
    /// `UNOK`: ISO 8859-9.
    K,
    /// `UNOX`: ISO 2022; what is not ASCII in it is kept byte by byte.
    X,
    /// `UNOW`, `UNOY`: ISO 10646 as UTF-8.
    W,
}

/// Text, and whether its bytes belong to the repertoire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) fits: bool,
}

impl Charset {
    /// The repertoire named in UNB, such as `UNOC`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.strip_prefix("UNO")? {
            "A" => Self::A,
            "B" => Self::B,
            "C" => Self::C,
            "D" => Self::D,
            "E" => Self::E,
            "F" => Self::F,
            "G" => Self::G,
            "H" => Self::H,
            "I" => Self::I,
            "J" => Self::J,
            "K" => Self::K,
            "X" => Self::X,
            "W" | "Y" => Self::W,
            _ => return None,
        })
    }

    /// The characters of the upper half, where they are neither ASCII, Latin-1 nor UTF-8.
    fn upper(self) -> Option<&'static str> {
        Some(match self {
            Self::D => LATIN_2,
            Self::E => LATIN_5,
            Self::F => LATIN_7,
            Self::G => LATIN_3,
            Self::H => LATIN_4,
            Self::I => LATIN_6,
            Self::J => LATIN_8,
            Self::K => LATIN_9,
            Self::A | Self::B | Self::C | Self::X | Self::W => return None,
        })
    }

    /// Whether an ASCII character may stand in data.
    fn allows(self, byte: u8) -> bool {
        match self {
            Self::A => {
                byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" .,-()/=!\"%&*;<>'+:?".contains(&byte)
            }
            _ => !byte.is_ascii_control(),
        }
    }

    /// Bytes to text, as [`decode`](Self::decode) has it.
    pub(super) fn text(self, bytes: &[u8]) -> Cow<'_, str> {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.is_ascii() => Cow::Borrowed(text),
            _ => self.decode(bytes).text,
        }
    }

    /// Bytes to text, and whether they fit. What is outside the repertoire is read as UTF-8 if it is that, else as Latin-1, so that
    /// nothing is lost.
    pub(super) fn decode(self, bytes: &[u8]) -> Decoded<'_> {
        if bytes.is_ascii() {
            let fits = bytes.iter().all(|byte| self.allows(*byte));
            return Decoded { text: String::from_utf8_lossy(bytes), fits };
        }
        let utf8 = std::str::from_utf8(bytes).ok();
        let latin = || bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
        match (self, self.upper()) {
            (Self::C, _) => Decoded { text: latin().into(), fits: !bytes.iter().any(u8::is_ascii_control) },
            (_, Some(upper)) => {
                let wide = |byte: u8| match byte.checked_sub(0xA0) {
                    Some(at) => upper.chars().nth(usize::from(at)).unwrap_or('\u{fffd}'),
                    None => char::from(byte),
                };
                let text: String = bytes.iter().map(|byte| wide(*byte)).collect();
                let fits = !text.contains('\u{fffd}');
                Decoded { text: if fits { text } else { latin() }.into(), fits }
            }
            (_, None) => {
                let fits = self == Self::W && utf8.is_some();
                Decoded { text: utf8.map_or_else(|| latin().into(), Cow::Borrowed), fits }
            }
        }
    }

    /// Text to bytes; the first character that the repertoire does not have, if any.
    pub(super) fn encode(self, text: &str, out: &mut Vec<u8>) -> Result<(), char> {
        for character in text.chars() {
            let byte = u8::try_from(character).ok();
            match (byte.filter(u8::is_ascii), self.upper()) {
                (Some(byte), _) if self.allows(byte) => out.push(byte),
                (Some(_), _) => return Err(character),
                (None, Some(upper)) => {
                    let at = upper
                        .chars()
                        .position(|known| known == character)
                        .filter(|_| character != '\u{fffd}');
                    out.push(at.and_then(|at| u8::try_from(at + 0xA0).ok()).ok_or(character)?);
                }
                (None, None) if self == Self::W => {
                    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                (None, None) if self == Self::C => {
                    out.push(byte.filter(|byte| *byte >= 0xA0).ok_or(character)?);
                }
                (None, None) => return Err(character),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_has_the_upper_half() {
        for charset in
            [Charset::D, Charset::E, Charset::F, Charset::G, Charset::H, Charset::I, Charset::J, Charset::K]
        {
            assert_eq!(charset.upper().map(|upper| upper.chars().count()), Some(96), "{charset:?}");
        }
    }

    #[test]
    fn text_survives_the_way_out_and_back() {
        for (name, text) in [
            ("UNOA", "ACME 1"),
            ("UNOC", "Müller"),
            ("UNOD", "Łódź"),
            ("UNOE", "Москва"),
            ("UNOF", "Αθήνα"),
            ("UNOK", "İstanbul"),
            ("UNOY", "天津 Łódź"),
        ] {
            let charset = Charset::named(name).expect(name);
            let mut bytes = Vec::new();
            charset.encode(text, &mut bytes).expect(name);
            assert_eq!(charset.decode(&bytes), Decoded { text: text.into(), fits: true }, "{name}");
        }
        assert_eq!(Charset::C.encode("Łódź", &mut Vec::new()), Err('Ł'));
        assert_eq!(Charset::A.encode("acme", &mut Vec::new()), Err('a'));
        assert_eq!(Charset::named("UNOZ"), None);
    }

    #[test]
    fn what_is_outside_the_repertoire_is_read_and_told() {
        assert_eq!(Charset::A.decode("天津".as_bytes()), Decoded { text: "天津".into(), fits: false });
        assert_eq!(Charset::B.decode(b"M\xfcller"), Decoded { text: "Müller".into(), fits: false });
        assert!(!Charset::A.decode(b"acme").fits && Charset::B.decode(b"acme").fits);
    }
}
