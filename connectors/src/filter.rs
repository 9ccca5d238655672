//! A tenant's change to outgoing JSON, in the words of jq, that can neither hang nor eat memory.
//!
//! The filter comes from a tenant and runs in our process. Three walls, see decision 0027:
//! - Only what is on the list of [`words`] may be called; no definitions, no recursion, no `..`, no loops without
//!   an end, nothing that reads the clock, the environment or other input. Checked on the parsed filter.
//! - What is left can still multiply, by two lists within one another or by doubling a text. So every value that
//!   a part of the filter gives is measured as it is made ([`meter`]): too large, too deep, or too much in all,
//!   and the filter stops, which no `try` can catch. The limit is an amount, not a time: the same event always
//!   ends the same way, on a busy machine too.
//! - Filter, input and result have a largest size. The result is one object.
use std::sync::Arc;

use jaq_core::{
    Compiler, Ctx, Vars,
    data::JustLut,
    load::{Arena, File, Loader, parse},
};
use jaq_json::Val;
use serde_json::Value;

use crate::delivery::Reshape;

mod admit;
mod meter;
#[cfg(test)]
mod tests;
mod words;

/// The longest filter, in bytes.
pub const LONGEST_FILTER: usize = 4 * 1024;
/// The largest event and the largest result, in bytes of JSON.
pub const LARGEST_VALUE: usize = 1024 * 1024;
/// Room for a parser that goes one call deeper with each bracket: enough for a filter of nothing else.
const PARSER_STACK: usize = 64 * 1024 * 1024;
/// What the checked filter is called within.
const ENTRY: &str = "quayside_filter";

/// A filter that was checked.
#[derive(Clone)]
pub struct Filter(Arc<jaq_core::Filter<JustLut<Val>>>);

/// Why a text is no filter we run, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FilterError(String);

impl FilterError {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Filter")
    }
}

impl Filter {
    /// Reads and checks `text`.
    ///
    /// # Errors
    /// It is no jq, or uses what is not allowed.
    pub fn new(text: &str) -> Result<Self, FilterError> {
        if text.len() > LONGEST_FILTER {
            return Err(FilterError::new(format!("longer than {LONGEST_FILTER} bytes")));
        }
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .stack_size(PARSER_STACK)
                .spawn_scoped(scope, || compile(text))
                .map_err(|error| FilterError::new(format!("cannot be read now: {error}")))?;
            thread.join().unwrap_or_else(|_| Err(FilterError::new("is no jq that we can read")))
        })
    }

    /// The changed JSON.
    ///
    /// # Errors
    /// The filter failed, gave another number of results than one, or no object. In words, for people.
    pub fn apply(&self, body: &Value) -> Result<Value, String> {
        let input = serde_json::to_vec(body).map_err(|error| error.to_string())?;
        if input.len() > LARGEST_VALUE {
            return Err(format!("the filter is given no more than {LARGEST_VALUE} bytes"));
        }
        let input = jaq_json::read::parse_single(&input).map_err(|error| error.to_string())?;
        meter::start();
        let context = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        let mut results = self.0.id.run((context, input));
        let first = results.next().ok_or("the filter gives nothing")?.map_err(explain)?;
        match results.next() {
            None => {}
            Some(Ok(_)) => return Err("the filter gives more than one result".to_owned()),
            Some(Err(exception)) => return Err(explain(exception)),
        }
        if !matches!(first, Val::Obj(_)) {
            return Err("the filter's result is no object".to_owned());
        }
        let text = first.to_string();
        if text.len() > LARGEST_VALUE {
            return Err(format!("the filter's result is larger than {LARGEST_VALUE} bytes"));
        }
        serde_json::from_str(&text).map_err(|_| "the filter's result is no JSON".to_owned())
    }

    /// The filter as connectors take it.
    #[must_use]
    pub fn reshape(&self) -> Reshape {
        let filter = self.clone();
        Reshape(Arc::new(move |body| filter.apply(&body)))
    }
}

fn compile(text: &str) -> Result<Filter, FilterError> {
    let parsed = parse_filter(text)?;
    let body = admit::value(parsed)?;
    let entry = parse::Def { name: ENTRY, args: Vec::new(), body };
    let defs = jaq_core::defs().chain(words::defs()).map(shorter).chain([entry]);
    let funs = jaq_core::funs().chain(jaq_std::base_funs()).chain(jaq_json::funs()).chain(meter::funs());
    let arena = Arena::default();
    let modules = Loader::new(defs)
        .load(&arena, File { code: ENTRY, path: () })
        .map_err(|_| FilterError::new("is no jq that we can read"))?;
    let compiled = Compiler::default().with_funs(funs).compile(modules).map_err(|errors| {
        let unknown = errors.iter().flat_map(|(_, errors)| errors).map(|(name, _)| (*name).to_string());
        FilterError::new(format!("names what is not there: {}", unknown.collect::<Vec<_>>().join(", ")))
    })?;
    Ok(Filter(Arc::new(compiled)))
}

/// What lives for ever lives long enough.
fn shorter<'s>(def: parse::Def<&'static str>) -> parse::Def<&'s str> {
    def
}

fn parse_filter(text: &str) -> Result<parse::Term<&str>, FilterError> {
    let tokens = jaq_core::load::Lexer::new(text).lex().map_err(|errors| {
        let near = errors.first().map_or("", |(_, rest)| rest);
        FilterError::new(format!("is no jq near `{}`", near.chars().take(20).collect::<String>()))
    })?;
    parse::Parser::new(&tokens).parse(parse::Parser::term).map_err(|errors| {
        let expected = errors.first().map_or("something else", |(expected, _)| expected.as_str());
        FilterError::new(format!("is no jq: expected {expected}"))
    })
}

fn explain(exception: jaq_core::Exn<'_, Val>) -> String {
    match exception.get_halt() {
        Ok(code) => meter::words(code).to_owned(),
        Err(exception) => match exception.get_err() {
            Ok(error) => {
                format!("the filter failed: {}", error.to_string().chars().take(200).collect::<String>())
            }
            Err(_) => "the filter broke off".to_owned(),
        },
    }
}
