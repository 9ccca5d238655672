//! Measures every value that a part of a filter gives, and stops the filter that gives too much.
use std::cell::Cell;

use jaq_core::{
    DataT, Exn, ValXs,
    box_iter::box_once,
    native::{Fun, run, v},
};
use jaq_json::{Num, Val};

use super::LARGEST_VALUE;

/// How much a filter may make in all, in units of about a byte: some hundredths of a second of work.
const BUDGET: usize = 64 * 1024 * 1024;
/// What a number, a member or an item counts beside its text.
const NODE: usize = 16;
/// What the looking itself counts.
const LOOK: usize = 128;
/// How deep values may stand within one another.
const DEEPEST: usize = 128;
/// Digits beyond these are no quantity of anything.
const LONGEST_NUMBER: usize = 64;

const TOO_MUCH: i32 = 1;
const TOO_LARGE: i32 = 2;
const TOO_DEEP: i32 = 3;

/// Passes its input on and counts it.
pub(super) const TICK: &str = "quayside_tick";
/// `*`, but never a text repeated.
pub(super) const TIMES: &str = "quayside_times";
/// `add`, in one pass.
pub(super) const ADD: &str = "quayside_add";
/// `join`, in one pass.
pub(super) const JOIN: &str = "quayside_join";
/// `tonumber`, of texts that can be one.
pub(super) const NUMBER: &str = "quayside_number";

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(0) };
}

/// A filter begins.
pub(super) fn start() {
    LEFT.set(BUDGET);
}

/// Why a filter was stopped.
pub(super) fn words(code: i32) -> &'static str {
    match code {
        TOO_MUCH => "the filter does more work than one event is worth",
        TOO_LARGE => "the filter makes a value that is too large",
        TOO_DEEP => "the filter makes a value that is too deep",
        _ => "the filter stopped itself",
    }
}

/// The functions that are ours.
pub(super) fn funs<D: for<'a> DataT<V<'a> = Val>>() -> impl Iterator<Item = Fun<D>> {
    [
        run((TICK, v(0), |cv| box_once(tick(cv.1)))),
        run((TIMES, v(2), |mut cv| {
            let right = cv.0.pop_var();
            let left = cv.0.pop_var();
            box_once(times(left, right))
        })),
        run((ADD, v(0), |cv| box_once(add(cv.1)))),
        run((JOIN, v(1), |mut cv| {
            let between = cv.0.pop_var();
            box_once(join(cv.1, &between))
        })),
        run((NUMBER, v(0), |cv| once(number(cv.1)))),
    ]
    .into_iter()
}

fn once<'a>(result: Result<Val, Exn<'a, Val>>) -> ValXs<'a, Val> {
    box_once(result)
}

fn tick<'a>(value: Val) -> Result<Val, Exn<'a, Val>> {
    let budget = LEFT.get().saturating_sub(LOOK);
    let allowed = budget.min(LARGEST_VALUE + NODE);
    let mut left = allowed;
    if let Err(code) = measure(&value, &mut left, DEEPEST) {
        let stopped = if code == TOO_LARGE && allowed == budget { TOO_MUCH } else { code };
        // It stays stopped, whatever catches this.
        LEFT.set(0);
        return Err(Exn::halt(stopped));
    }
    LEFT.set(budget - (allowed - left));
    Ok(value)
}

/// Takes the size of `value`, as if nothing in it were shared, from `left`.
fn measure(value: &Val, left: &mut usize, depth: usize) -> Result<(), i32> {
    let Some(depth) = depth.checked_sub(1) else { return Err(TOO_DEEP) };
    take(left, NODE)?;
    match value {
        Val::Null | Val::Bool(_) => Ok(()),
        Val::Num(number) => measure_number(number),
        Val::BStr(text) | Val::TStr(text) => take(left, text.len()),
        Val::Arr(items) => items.iter().try_for_each(|item| measure(item, left, depth)),
        Val::Obj(members) => members.iter().try_for_each(|(name, member)| {
            measure(name, left, depth)?;
            measure(member, left, depth)
        }),
    }
}

fn measure_number(number: &Num) -> Result<(), i32> {
    let fits = match number {
        Num::Int(_) | Num::Float(_) => true,
        Num::BigInt(digits) => digits.bits() <= 4 * LONGEST_NUMBER as u64,
        Num::Dec(text) => text.len() <= LONGEST_NUMBER,
    };
    if fits { Ok(()) } else { Err(TOO_LARGE) }
}

fn take(left: &mut usize, size: usize) -> Result<(), i32> {
    *left = left.checked_sub(size).ok_or(TOO_LARGE)?;
    Ok(())
}

fn fail<'a>(words: &str) -> Exn<'a, Val> {
    jaq_core::Error::str(words).into()
}

fn times<'a>(left: Val, right: Val) -> Result<Val, Exn<'a, Val>> {
    match (&left, &right) {
        (Val::Num(_), Val::Num(_)) | (Val::Obj(_), Val::Obj(_)) => Ok((left * right)?),
        _ => Err(fail("`*` takes two numbers or two objects")),
    }
}

fn add<'a>(list: Val) -> Result<Val, Exn<'a, Val>> {
    let items: Vec<Val> = match list {
        Val::Arr(items) => items.iter().cloned().collect(),
        Val::Obj(members) => members.values().cloned().collect(),
        _ => return Err(fail("add takes a list or an object")),
    };
    if items.iter().all(|item| matches!(item, Val::TStr(_) | Val::Null)) && !items.is_empty() {
        let texts = items.iter().filter(|item| !matches!(item, Val::Null)).map(text_of);
        let text = texts.collect::<Result<String, _>>()?;
        let nothing = items.iter().all(|item| matches!(item, Val::Null));
        return Ok(if nothing { Val::Null } else { Val::from(text) });
    }
    let mut sum = Val::Null;
    for item in items {
        sum = (sum + item)?;
    }
    Ok(sum)
}

fn join<'a>(list: Val, between: &Val) -> Result<Val, Exn<'a, Val>> {
    let Val::Arr(items) = list else { return Err(fail("join takes a list")) };
    let between = text_of(between)?;
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push_str(&between);
        }
        if !matches!(item, Val::Null) {
            text.push_str(&text_of(item)?);
        }
        if text.len() > LARGEST_VALUE {
            return Err(Exn::halt(TOO_LARGE));
        }
    }
    Ok(Val::from(text))
}

fn text_of<'a>(value: &Val) -> Result<String, Exn<'a, Val>> {
    match value {
        Val::TStr(text) => Ok(String::from_utf8_lossy(text).into_owned()),
        Val::Num(_) | Val::Bool(_) => Ok(value.to_string()),
        _ => Err(fail("only texts, numbers and truth values are joined")),
    }
}

fn number<'a>(value: Val) -> Result<Val, Exn<'a, Val>> {
    match &value {
        Val::Num(_) => Ok(value),
        Val::TStr(text) if text.len() <= LONGEST_NUMBER => jaq_json::read::parse_single_num(text)
            .map(Val::Num)
            .ok_or_else(|| fail("tonumber takes a text that is a number")),
        _ => Err(fail("tonumber takes a text that is a number")),
    }
}
