//! Lets a parsed filter in, or says what of it stays out. What is let in measures all that it makes.
use jaq_core::{
    load::{
        lex::StrPart,
        parse::{BinaryOp, Pattern, Term},
    },
    ops::Math,
    path::{Part, Path},
};

use super::{
    FilterError, meter,
    words::{Argument, word},
};

/// How deep parts of a filter may stand in one another.
const DEEPEST: usize = 64;
/// The most steps of a path, cases of an `if` and insertions in a text: each is one within the other when it runs.
const LONGEST_CHAIN: usize = 64;
/// The most members that an object is given at once.
const MOST_MEMBERS: usize = 256;
/// The most characters of a number.
const LONGEST_NUMBER: usize = 64;

type Parsed<'s> = Term<&'s str>;
type Admitted<'s> = Result<Parsed<'s>, FilterError>;

/// A filter, or a part of one, for its values.
pub(super) fn value(term: Parsed<'_>) -> Admitted<'_> {
    any(term, DEEPEST)
}

fn any(term: Parsed<'_>, depth: usize) -> Admitted<'_> {
    let depth = deeper(depth)?;
    let admitted = match term {
        Term::Id => Term::Id,
        Term::Num(digits) if digits.len() <= LONGEST_NUMBER => return Ok(Term::Num(digits)),
        Term::Num(_) => return Err(FilterError::new("a number has too many digits")),
        Term::Str(None, parts) => Term::Str(None, text(parts, depth)?),
        Term::Str(Some(format), _) => return Err(stays_out(format)),
        Term::Arr(items) => Term::Arr(items.map(|items| boxed(*items, depth)).transpose()?),
        Term::Obj(members) if members.len() > MOST_MEMBERS => return Err(too_long()),
        Term::IfThenElse(cases, _) if cases.len() > LONGEST_CHAIN => return Err(too_long()),
        Term::Obj(members) => {
            let members = members.into_iter().map(|(name, member)| entry(name, member, depth));
            Term::Obj(members.collect::<Result<_, _>>()?)
        }
        Term::Neg(term) => Term::Neg(boxed(*term, depth)?),
        Term::BinOp(left, operator, right) => operation(*left, operator, *right, depth)?,
        Term::Fold("reduce", over, Pattern::Var(name), steps) => {
            let steps = steps.into_iter().map(|step| any(step, depth)).collect::<Result<_, _>>()?;
            Term::Fold("reduce", boxed(*over, depth)?, Pattern::Var(name), steps)
        }
        Term::Fold("reduce", ..) => return Err(FilterError::new("`reduce` takes one variable")),
        Term::Fold(name, ..) => return Err(stays_out(name)),
        Term::TryCatch(term, caught) => {
            Term::TryCatch(boxed(*term, depth)?, caught.map(|caught| boxed(*caught, depth)).transpose()?)
        }
        Term::IfThenElse(cases, otherwise) => {
            let cases = cases.into_iter().map(|(when, then)| Ok((any(when, depth)?, any(then, depth)?)));
            let cases = cases.collect::<Result<_, FilterError>>()?;
            Term::IfThenElse(cases, otherwise.map(|term| boxed(*term, depth)).transpose()?)
        }
        Term::Call(name, arguments) => call(name, arguments, depth)?,
        Term::Var("$ENV" | "$__loc__") => {
            return Err(FilterError::new("the environment stays out of filters"));
        }
        Term::Var(name) => Term::Var(name),
        Term::Path(from, Path(parts)) => Term::Path(boxed(*from, depth)?, Path(steps(parts, depth)?)),
        Term::Recurse => return Err(stays_out("..")),
        Term::Def(..) => return Err(stays_out("def")),
        Term::Label(..) | Term::Break(_) => return Err(stays_out("label")),
    };
    Ok(measured(admitted))
}

/// What the place in front of `|=`, and `del`, take: paths that name each place once, so that no filter makes more
/// of them than its input has.
fn path(term: Parsed<'_>, depth: usize) -> Admitted<'_> {
    let depth = deeper(depth)?;
    match term {
        Term::Id => Ok(Term::Id),
        Term::Path(from, Path(parts)) => {
            Ok(Term::Path(Box::new(path(*from, depth)?), Path(steps(parts, depth)?)))
        }
        Term::BinOp(left, BinaryOp::Pipe(None), right) => Ok(Term::BinOp(
            Box::new(path(*left, depth)?),
            BinaryOp::Pipe(None),
            Box::new(path(*right, depth)?),
        )),
        Term::Call("select", arguments) if arguments.len() == 1 => {
            let arguments = arguments.into_iter().map(|argument| any(argument, depth));
            Ok(Term::Call("select", arguments.collect::<Result<_, _>>()?))
        }
        _ => Err(FilterError::new(
            "only paths such as `.a.b[]`, with `|` and `select`, can be changed or deleted",
        )),
    }
}

fn paths(term: Parsed<'_>, depth: usize) -> Admitted<'_> {
    match term {
        Term::BinOp(left, BinaryOp::Comma, right) => {
            let depth = deeper(depth)?;
            let (left, right) = (paths(*left, depth)?, paths(*right, depth)?);
            Ok(Term::BinOp(Box::new(left), BinaryOp::Comma, Box::new(right)))
        }
        term => path(term, depth),
    }
}

fn operation<'s>(
    left: Parsed<'s>,
    operator: BinaryOp<&'s str>,
    right: Parsed<'s>,
    depth: usize,
) -> Admitted<'s> {
    let left = match &operator {
        BinaryOp::Pipe(None | Some(Pattern::Var(_)))
        | BinaryOp::Comma
        | BinaryOp::Alt
        | BinaryOp::Or
        | BinaryOp::And
        | BinaryOp::Math(_)
        | BinaryOp::Cmp(_) => any(left, depth)?,
        BinaryOp::Pipe(Some(_)) => return Err(FilterError::new("`as` takes one variable")),
        BinaryOp::UpdateMath(Math::Mul) => return Err(stays_out("*=")),
        BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
            path(left, depth)?
        }
    };
    let right = any(right, depth)?;
    Ok(match operator {
        BinaryOp::Math(Math::Mul) => Term::Call(meter::TIMES, vec![left, right]),
        operator => Term::BinOp(Box::new(left), operator, Box::new(right)),
    })
}

fn call<'s>(name: &'s str, arguments: Vec<Parsed<'s>>, depth: usize) -> Admitted<'s> {
    let word = word(name, arguments.len()).ok_or_else(|| stays_out(name))?;
    let arguments = word.arguments.iter().zip(arguments).map(|(how, argument)| match how {
        Argument::Any => any(argument, depth),
        Argument::Paths => paths(argument, depth),
    });
    Ok(Term::Call(word.carried_out_as.unwrap_or(name), arguments.collect::<Result<_, _>>()?))
}

/// A member of an object. A name alone, `{a}` or `{$a}`, is its own value and cannot be measured in its place.
fn entry<'s>(
    name: Parsed<'s>,
    member: Option<Parsed<'s>>,
    depth: usize,
) -> Result<(Parsed<'s>, Option<Parsed<'s>>), FilterError> {
    let Some(member) = member else {
        return match name {
            Term::Var("$ENV" | "$__loc__") => Err(FilterError::new("the environment stays out of filters")),
            Term::Var(_) => Ok((name, None)),
            Term::Str(None, ref parts) if parts.iter().all(|part| !matches!(part, StrPart::Term(_))) => {
                Ok((name, None))
            }
            _ => Err(FilterError::new("a member of an object needs a value")),
        };
    };
    Ok((any(name, depth)?, Some(any(member, depth)?)))
}

fn steps<'s>(
    parts: Vec<(Part<Parsed<'s>>, jaq_core::path::Opt)>,
    depth: usize,
) -> Result<Vec<(Part<Parsed<'s>>, jaq_core::path::Opt)>, FilterError> {
    let step = |part: Part<Parsed<'s>>| {
        Ok(match part {
            Part::Index(index) => Part::Index(any(index, depth)?),
            Part::Range(from, until) => Part::Range(
                from.map(|from| any(from, depth)).transpose()?,
                until.map(|until| any(until, depth)).transpose()?,
            ),
        })
    };
    if parts.len() > LONGEST_CHAIN {
        return Err(too_long());
    }
    parts.into_iter().map(|(part, optional)| Ok((step(part)?, optional))).collect()
}

fn text<'s>(
    parts: Vec<StrPart<&'s str, Parsed<'s>>>,
    depth: usize,
) -> Result<Vec<StrPart<&'s str, Parsed<'s>>>, FilterError> {
    if parts.len() > 2 * LONGEST_CHAIN {
        return Err(too_long());
    }
    let part = |part| {
        Ok(match part {
            StrPart::Term(term) => StrPart::Term(any(term, depth)?),
            part => part,
        })
    };
    parts.into_iter().map(part).collect()
}

fn boxed(term: Parsed<'_>, depth: usize) -> Result<Box<Parsed<'_>>, FilterError> {
    any(term, depth).map(Box::new)
}

fn measured(term: Parsed<'_>) -> Parsed<'_> {
    let tick = Term::Call(meter::TICK, Vec::new());
    Term::BinOp(Box::new(term), BinaryOp::Pipe(None), Box::new(tick))
}

fn deeper(depth: usize) -> Result<usize, FilterError> {
    depth.checked_sub(1).ok_or_else(|| FilterError::new("its parts stand too deep in one another"))
}

fn too_long() -> FilterError {
    FilterError::new("one of its parts has too many parts")
}

fn stays_out(name: &str) -> FilterError {
    let name: String = name.chars().take(40).collect();
    FilterError::new(format!("`{name}` may not be used in a filter"))
}
