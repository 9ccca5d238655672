//! 997, 999, 824, 810 and TA1: sets that are read and written by a table of their structure, like the messages of
//! EDIFACT. What no field holds stays in `rest` and `other`. Dates are text, as they stand.

mod pieces;

use std::sync::LazyLock;

use crate::options::Options;
use crate::pieces::{Piece, give, take};
use crate::position::Control;
use crate::problem::{ProblemCode, Problems};
use crate::raw::RawSegment;
use crate::tree::{self, Growing, Need, Node, Placed, Rule};
use crate::x12::set::TransactionSet;

use super::check::Checker;
use super::codes::Family;
use super::fields::Fields;

pub use pieces::{
    AdviceBegin, ApplicationResponse, Charge, ElementNote, GroupReference, GroupVerdict,
    ImplementationElementNote, ImplementationResponse, ImplementationSegmentNote, ImplementationVerdict,
    InterchangeAcknowledgment, InvoiceBegin, InvoiceLine, InvoiceParty, InvoiceTotal, PlainDate, PlainNote,
    PlainReference, SegmentNote, SetResponse, SetVerdict, TechnicalError,
};

/// The sets and their structure, as in [`tree`]. Two letters are filled up with `_`.
const ROWS: &[(&str, &str)] = &[
    ("997", "AK1! (AK2 (AK3 AK499)999999 AK5!)999999 AK9!"),
    ("999", "AK1! (AK2 (IK3 CTX10 (IK4 CTX10)99)999999 IK5!)999999 AK9!"),
    (
        "824",
        "BGN! (N1_ N2_2 N3_2 N4_ REF12 PER3)999 (OTI! REF12 DTM2 PER3 AMT10 QTY10 NM19 (TED CTX10 NTE100 RED100)9999 (LM_ LQ_100)999)999999",
    ),
    (
        "810",
        "BIG! NTE100 CUR REF12 YNQ10 PER3 (N1_ N2_2 N3_2 N4_ REF12 PER3 DMG)200 ITD99 DTM10 FOB PID200 MEA40 PWK25 PKG25 \
         L7_ BAL9 INC PAM40 (LM_ LQ_100)10 (N9_ MSG10)99 (V1_ R4_99 DTM99)99 (FA1 FA299)99 \
         (IT1 CRC QTY5 CUR IT3 TXI10 CTP25 PAM10 MEA40 (PID MEA10)1000 PWK25 PKG25 PO4 ITD2 REF999 YNQ10 PER5 SDQ500 DTM10 \
         CAD999 L7_999 SR_ (SAC TXI10)25 (SLN DTM REF999 PID1000 SAC25 TC22 TXI10)1000 (N1_ N2_2 N3_2 N4_ REF12 PER3 DMG)200 \
         (LM_ LQ_100)10 (V1_ R4_99 DTM99)99 (FA1 FA299)99)200000 TDS! TXI10 CAD AMT99 (SAC TXI10)25 (ISS PID)999 CTT",
    ),
];

static GRAMMARS: LazyLock<Vec<(&'static str, Vec<Rule>)>> =
    LazyLock::new(|| ROWS.iter().map(|(id, row)| (*id, tree::parse(row))).collect());

pub(super) fn grammar(id: &str) -> &'static [Rule] {
    GRAMMARS.iter().find(|(of, _)| *of == id).map_or(&[], |(_, rules)| rules.as_slice())
}

/// The sets that are read by their structure.
pub(super) fn sets() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|(id, _)| *id)
}

/// The segments that may stand in a set of any kind.
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    fn add(rules: &[Rule], ids: &mut Vec<&'static str>) {
        for rule in rules {
            ids.push(rule.id);
            add(rule.group.as_deref().unwrap_or_default(), ids);
        }
    }
    let mut ids = Vec::new();
    GRAMMARS.iter().for_each(|(_, rules)| add(rules, &mut ids));
    ids.into_iter()
}

/// Whether a segment may stand in a set of this kind.
pub(super) fn has(id: &str, segment: &str) -> bool {
    fn found(rules: &[Rule], segment: &str) -> bool {
        rules.iter().any(|rule| {
            rule.id == segment || rule.group.as_ref().is_some_and(|inside| found(inside, segment))
        })
    }
    found(grammar(id), segment)
}

/// Sorts a set into its tree.
fn walk(set: &TransactionSet, checker: &mut Checker<'_>) -> Vec<Node> {
    let mut growing = Growing::new(grammar(&set.id), "");
    for segment in set.segments().skip(1) {
        if segment.id() == b"SE" {
            break;
        }
        let fields = Fields::new(segment, checker.options.limits.number_digits);
        let at = fields.at(0);
        let Some(id) = checker.admit(&fields) else { continue };
        match growing.place(segment.to_raw()) {
            Placed::Well => {}
            Placed::OutOfOrder => {
                let message = format!("{id} stands later or earlier than it may");
                let problem = checker.problem(ProblemCode::SegmentOutOfOrder, at, message);
                checker.problems.push(problem.tolerated());
            }
            // An unknown or a foreign one was told of already.
            Placed::Nowhere if has(&set.id, id) => {
                let message = format!("{id} has no place here; it was kept as it is");
                checker.report(ProblemCode::SegmentUnexpected, at, message);
            }
            Placed::Nowhere => {}
            Placed::TooOften { group, most } => {
                let code = if group { ProblemCode::LoopTooOften } else { ProblemCode::SegmentRepeated };
                let problem = checker.problem(code, at, format!("{id} stands more than {most} times"));
                checker.problems.push(problem.tolerated());
            }
        }
    }
    let (nodes, missing) = growing.finish();
    for rule in missing.into_iter().filter(|rule| rule.need == Need::Must) {
        checker.missing(rule.id, set);
    }
    nodes
}

macro_rules! sets {
    ($(
        $(#[$doc:meta])* $name:ident $id:literal, $begin:ident: $first:ident, $end:ident: $last:ident {
            $($(#[$list_doc:meta])* $list:ident: $of:ident,)*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name {
            /// Where it came from; turns a place into a position.
            pub control: Control,
            /// The segment after ST.
            pub $begin: $first,
            $($(#[$list_doc])* pub $list: Vec<$of>,)*
            /// What closes it.
            pub $end: Vec<$last>,
            /// What else stands in the set.
            pub other: Vec<Node>,
        }

        impl $name {
            pub(super) fn read(set: &TransactionSet, options: &Options, problems: &mut Problems) -> Self {
                let mut checker = Checker::new(set, Family::Answer($id), options, problems);
                let mut nodes = walk(set, &mut checker);
                Self {
                    control: set.control.clone(),
                    $begin: take(&mut nodes).into_iter().next().unwrap_or_default(),
                    $($list: take(&mut nodes),)*
                    $end: take(&mut nodes),
                    other: nodes,
                }
            }

            /// The segments between ST and SE, in the order of the standard.
            #[must_use]
            pub fn segments(&self) -> Vec<RawSegment> {
                let mut nodes = self.other.clone();
                nodes.push(self.$begin.write());
                $(give(&self.$list, &mut nodes);)*
                give(&self.$end, &mut nodes);
                tree::sort(&mut nodes, grammar($id));
                let mut segments = Vec::new();
                nodes.into_iter().for_each(|node| node.flatten(&mut segments));
                segments
            }
        }
    )*};
}

sets! {
    /// 997: what a receiver says about the syntax of a group.
    FunctionalAcknowledgment "997", group: GroupReference, verdicts: GroupVerdict {
        /// AK2.
        sets: SetResponse,
    }

    /// 999: the same, held against an implementation guide.
    ImplementationAcknowledgment "999", group: GroupReference, verdicts: GroupVerdict {
        /// AK2.
        sets: ImplementationResponse,
    }

    /// 824: what an application says about a set.
    ApplicationAdvice "824", begin: AdviceBegin, responses: ApplicationResponse {
        /// N1.
        parties: InvoiceParty,
    }

    /// 810: an invoice.
    Invoice "810", begin: InvoiceBegin, totals: InvoiceTotal {
        /// REF.
        references: PlainReference,
        /// N1.
        parties: InvoiceParty,
        /// DTM.
        dates: PlainDate,
        /// IT1.
        lines: InvoiceLine,
        /// SAC of the whole.
        charges: Charge,
    }
}
