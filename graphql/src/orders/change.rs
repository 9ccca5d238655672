//! What changed between two revisions.
use quayside_domain::orders::{Diff, FieldChange as Field, LineChange as Line, LineChangeKind as Kind};

use crate::types::plain::plain;

plain! {
    /// What changed from one revision to another.
    RevisionDiff {
        /// The earlier revision.
        from_revision as "fromRevision": i32,
        /// The later revision.
        to_revision as "toRevision": i32,
        /// Every field that differs.
        fields as "fields": Vec<FieldChange>,
        /// Every line that was added, removed or changed.
        lines as "lines": Vec<LineChange>,
    }

    /// One field that differs.
    FieldChange {
        /// The line; nothing for the order itself.
        line as "line": Option<String>,
        /// The field's name in the canonical order.
        field as "field": String,
        /// Before; nothing when it was not there.
        old as "old": Option<String>,
        /// After; nothing when it is gone.
        new as "new": Option<String>,
        /// Whether it touches what you answer.
        material as "material": bool,
    }

    /// One line that differs.
    LineChange {
        /// The line number.
        line as "line": String,
        /// How it differs: `ADDED`, `REMOVED` or `CHANGED`.
        kind as "kind": String,
        /// Whether a field you answer differs.
        material as "material": bool,
        /// Whether the earlier answer still holds; nothing when there was none.
        answer_holds as "answerHolds": Option<bool>,
    }
}

impl RevisionDiff {
    /// A diff; `holds` tells whether a line's earlier answer still holds.
    pub(crate) fn new(from: i32, to: i32, diff: Diff, holds: impl Fn(&str) -> Option<bool>) -> Self {
        Self {
            from_revision: from,
            to_revision: to,
            fields: diff.fields.into_iter().map(FieldChange::from).collect(),
            lines: diff.lines.into_iter().map(|line| LineChange::new(&line, &holds)).collect(),
        }
    }
}

impl From<Field> for FieldChange {
    fn from(change: Field) -> Self {
        let Field { line, field, old, new, material } = change;
        Self { line, field: field.to_owned(), old, new, material }
    }
}

impl LineChange {
    fn new(change: &Line, holds: impl Fn(&str) -> Option<bool>) -> Self {
        let kind = match change.kind {
            Kind::Added => "ADDED",
            Kind::Removed => "REMOVED",
            Kind::Changed => "CHANGED",
        };
        Self {
            line: change.line.clone(),
            kind: kind.to_owned(),
            material: change.material,
            answer_holds: holds(&change.line),
        }
    }
}
