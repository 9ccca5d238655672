//! What a filter may call. What is not here does not exist for it.
use jaq_core::load::parse::{self, Def};

use super::meter::{ADD, JOIN, NUMBER};

/// How a function takes an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// Any part of a filter.
    Any,
    /// One or more paths, such as `.a, .b[]`.
    Paths,
}

/// One function that may be called.
pub(super) struct Word {
    /// As it is written.
    pub(super) name: &'static str,
    /// How it takes its arguments.
    pub(super) arguments: &'static [Argument],
    /// As it is carried out, when that is not as it is written.
    pub(super) carried_out_as: Option<&'static str>,
}

const NONE: &[Argument] = &[];
const ONE: &[Argument] = &[Argument::Any];

const fn plain(name: &'static str, arguments: &'static [Argument]) -> Word {
    Word { name, arguments, carried_out_as: None }
}

/// Every function there is. Each costs no more than a fixed number of looks at its input, or sorts it.
pub(super) const WORDS: &[Word] = &[
    plain("abs", NONE),
    plain("all", NONE),
    plain("all", ONE),
    plain("any", NONE),
    plain("any", ONE),
    plain("arrays", NONE),
    plain("ascii_downcase", NONE),
    plain("ascii_upcase", NONE),
    plain("booleans", NONE),
    plain("ceil", NONE),
    Word { name: "del", arguments: &[Argument::Paths], carried_out_as: None },
    plain("empty", NONE),
    plain("endswith", ONE),
    plain("error", NONE),
    plain("error", ONE),
    plain("false", NONE),
    plain("first", NONE),
    plain("floor", NONE),
    plain("from_entries", NONE),
    plain("group_by", ONE),
    plain("has", ONE),
    plain("isempty", ONE),
    plain("keys", NONE),
    plain("keys_unsorted", NONE),
    plain("last", NONE),
    plain("length", NONE),
    plain("ltrim", NONE),
    plain("ltrimstr", ONE),
    plain("map", ONE),
    plain("map_values", ONE),
    plain("max", NONE),
    plain("max_by", ONE),
    plain("min", NONE),
    plain("min_by", ONE),
    plain("not", NONE),
    plain("null", NONE),
    plain("nulls", NONE),
    plain("numbers", NONE),
    plain("objects", NONE),
    plain("reverse", NONE),
    plain("round", NONE),
    plain("rtrim", NONE),
    plain("rtrimstr", ONE),
    plain("scalars", NONE),
    plain("select", ONE),
    plain("sort", NONE),
    plain("sort_by", ONE),
    plain("split", ONE),
    plain("startswith", ONE),
    plain("strings", NONE),
    plain("to_entries", NONE),
    plain("tojson", NONE),
    plain("tostring", NONE),
    plain("trim", NONE),
    plain("true", NONE),
    plain("type", NONE),
    plain("unique", NONE),
    plain("unique_by", ONE),
    plain("utf8bytelength", NONE),
    plain("values", NONE),
    plain("with_entries", ONE),
    Word { name: "add", arguments: NONE, carried_out_as: Some(ADD) },
    Word { name: "join", arguments: ONE, carried_out_as: Some(JOIN) },
    Word { name: "tonumber", arguments: NONE, carried_out_as: Some(NUMBER) },
];

/// The function with this name that takes so many arguments.
pub(super) fn word(name: &str, arguments: usize) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.name == name && word.arguments.len() == arguments)
}

/// Of the words, those that neither the core of jq nor its natives hold.
const DEFINITIONS: &str = r#"
def null: [][0];
def abs: if . < 0 then -. else . end;
def type:
    if . == null then "null" elif . == true or . == false then "boolean" elif . < "" then "number"
    elif . < [] then "string" elif . < {} then "array" else "object" end;
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def scalars: select(. < []);
def min_by(f): reduce min_by_or_empty(f) as $x (null; $x);
def max_by(f): reduce max_by_or_empty(f) as $x (null; $x);
def min: min_by(.);
def max: max_by(.);
def unique_by(f): [group_by(f)[] | .[0]];
def unique: unique_by(.);
def keys: keys_unsorted | sort;
def split($by): if type == "string" and ($by | type == "string") then . / $by else error("split takes texts") end;
"#;

pub(super) fn defs() -> impl Iterator<Item = Def<&'static str>> {
    jaq_core::load::parse(DEFINITIONS, |parser: &mut parse::Parser<'static, '_>| parser.defs())
        .expect("the definitions are jq: a test runs each")
        .into_iter()
}
