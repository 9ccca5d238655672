//! Problems: what was wrong with a request, every time in the same three parts: code, field, plain words.
use std::fmt;

use serde::{Deserialize, Serialize};

/// A coded word nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a known {kind}")]
pub struct UnknownWord {
    given: String,
    kind: &'static str,
}

impl UnknownWord {
    /// `given` is no word of `kind`.
    #[must_use]
    pub fn new(given: &str, kind: &'static str) -> Self {
        Self { given: given.chars().take(80).collect(), kind }
    }
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// A stable code in SCREAMING_SNAKE_CASE, for programs.
    pub code: String,
    /// Where it is: the path into what was sent, such as `["lines", "2", "quantity"]`.
    pub field: Vec<String>,
    /// What is wrong and what would be right, for people.
    pub message: String,
}

impl Problem {
    /// The same with a sentence that tells the place too, where the field is a place in a message of EDI: the position
    /// of the segment, its name, element and component.
    #[must_use]
    pub fn told_in_place(self) -> Self {
        let number = |at: usize| self.field.get(at).and_then(|step| step.parse::<u32>().ok());
        let (Some(index), Some(segment)) = (number(0), self.field.get(1)) else { return self };
        let element = |at| number(at).and_then(|number| u16::try_from(number).ok()).unwrap_or(0);
        let place = place_in_message(segment, Some(index), element(2), element(3));
        Self { message: format!("{place}: {}", self.message), ..self }
    }
}

/// `ACK segment 12, element 2`: a place in a message of EDI, in words. What is not known is 0.
#[must_use]
pub fn place_in_message(segment: &str, index: Option<u32>, element: u16, component: u16) -> String {
    let index = index.filter(|index| *index > 0).map(|index| format!(" segment {index}")).unwrap_or_default();
    let element_words = if element > 0 { format!(", element {element}") } else { String::new() };
    let component = if component > 0 { format!(", component {component}") } else { String::new() };
    format!("{segment}{index}{element_words}{component}")
}

/// A path into what was sent. Cheap to extend, so that checks can carry it along.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field(Vec<String>);

impl Field {
    /// The request itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// A member of this.
    #[must_use]
    pub fn at(&self, step: impl fmt::Display) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.to_string());
        Self(steps)
    }

    /// The path of these steps.
    #[must_use]
    pub fn of(steps: Vec<String>) -> Self {
        Self(steps)
    }

    /// The steps from the request down.
    #[must_use]
    pub fn steps(&self) -> &[String] {
        &self.0
    }
}

/// Problems found so far. A check adds all it finds and goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only this one.
    #[must_use]
    pub fn one(code: &str, field: &Field, message: impl Into<String>) -> Self {
        let mut problems = Self::new();
        problems.add(code, field, message);
        problems
    }

    /// Adds a problem.
    pub fn add(&mut self, code: &str, field: &Field, message: impl Into<String>) {
        self.0.push(Problem { code: code.to_owned(), field: field.0.clone(), message: message.into() });
    }

    /// Adds a problem that was found elsewhere.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Adds all of `others`.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was found, in the order found.
    #[must_use]
    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }

    /// What was found, in the order found.
    #[must_use]
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    /// `Ok` when nothing was found.
    ///
    /// # Errors
    /// The problems, when there are any.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{} at {}: {}", problem.code, problem.field.join("."), problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
