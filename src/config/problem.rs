//! What is wrong with the settings.
use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key or variable.
    pub key: String,
    /// What is wrong with it.
    pub message: String,
}

/// Everything that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Problem>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the configuration cannot be used:")?;
        for problem in &self.0 {
            writeln!(f, "  {}: {}", problem.key, problem.message)?;
        }
        write!(f, "see docs/reference/configuration.md, or run `quayside config print`")
    }
}

impl std::error::Error for ConfigError {}
