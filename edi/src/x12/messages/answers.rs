//! 997, 999, 824, 810 and TA1: sets that are read and written by a table of their structure, like the messages of
//! EDIFACT. What no field holds stays in `rest` and `other`. Dates are text, as they stand.

use std::sync::LazyLock;

use rust_decimal::Decimal;

use crate::pieces::{Piece, Rest, field, give, node, number, pieces, put_rest, rest, take, text};
use crate::position::{Control, Located, Place};
use crate::problem::ProblemCode;
use crate::raw::RawSegment;
use crate::tree::{self, Growing, Need, Node, Placed, Rule};
use crate::x12::set::TransactionSet;

use super::check::Checker;
use super::fields::Fields;
use super::parts::ProductId;

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
pub(super) fn walk(set: &TransactionSet, checker: &mut Checker<'_>) -> Vec<Node> {
    let mut growing = Growing::new(grammar(&set.id), "");
    for segment in set.segments().skip(1) {
        if segment.id() == b"SE" {
            break;
        }
        let fields = Fields::new(segment, checker.options.limits.number_digits);
        let at = fields.at(0);
        let Some(id) = checker.admit(&fields) else { continue };
        match growing.place(id, segment.to_raw()) {
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

pieces! {
    /// TA1: what is said about an interchange.
    InterchangeAcknowledgment "TA1" {
        /// TA101, ISA13 of what it answers.
        number: code(1, 1),
        /// TA102, ISA09.
        date: code(2, 1),
        /// TA103, ISA10.
        time: code(3, 1),
        /// TA104: `A` accepted, `E` accepted with errors, `R` rejected.
        code: code(4, 1),
        /// TA105: `000` no error.
        note: code(5, 1),
    } holds {}

    /// AK1: the group that is answered.
    GroupReference "AK1" {
        /// AK101, its GS01.
        kind: code(1, 1),
        /// AK102, its GS06.
        number: code(2, 1),
        /// AK103, its GS08, from 005010 on.
        version: text(3, 1),
    } holds {}

    /// AK9: what is said about the group.
    GroupVerdict "AK9" {
        /// AK901: `A`, `E`, `P` partly, `R`.
        code: code(1, 1),
        /// AK902, how many sets its GE01 says it has.
        included: number(2, 1),
        /// AK903, how many were received.
        received: number(3, 1),
        /// AK904, how many were accepted.
        accepted: number(4, 1),
        /// AK905, data element 716.
        note: text(5, 1),
        /// AK906.
        second_note: text(6, 1),
    } holds {}

    /// AK2: a set that is answered.
    SetResponse "AK2" {
        /// AK201, its ST01.
        id: code(1, 1),
        /// AK202, its ST02.
        number: code(2, 1),
        /// AK203, its ST03.
        implementation: text(3, 1),
    } holds {
        /// AK3.
        segments: SegmentNote,
        /// AK5; one.
        verdicts: SetVerdict,
    }

    /// AK3: a segment at fault.
    SegmentNote "AK3" {
        /// AK301.
        id: code(1, 1),
        /// AK302, its position; ST is 1.
        position: number(2, 1),
        /// AK303.
        loop_id: text(3, 1),
        /// AK304, data element 720.
        code: text(4, 1),
    } holds {
        /// AK4.
        elements: ElementNote,
    }

    /// AK4: an element at fault.
    ElementNote "AK4" {
        /// AK401-1, its position in the segment.
        element: code(1, 1),
        /// AK401-2.
        component: text(1, 2),
        /// AK401-3.
        repetition: text(1, 3),
        /// AK402, the number of the data element.
        reference: text(2, 1),
        /// AK403, data element 723.
        code: code(3, 1),
        /// AK404, what it held.
        value: text(4, 1),
    } holds {}

    /// AK5: what is said about a set.
    SetVerdict "AK5" {
        /// AK501: `A`, `E`, `R`.
        code: code(1, 1),
        /// AK502, data element 718.
        note: text(2, 1),
        /// AK503.
        second_note: text(3, 1),
        /// AK504.
        third_note: text(4, 1),
    } holds {}

    /// AK2 of a 999.
    ImplementationResponse "AK2" {
        /// AK201, its ST01.
        id: code(1, 1),
        /// AK202, its ST02.
        number: code(2, 1),
        /// AK203, its ST03.
        implementation: text(3, 1),
    } holds {
        /// IK3.
        segments: ImplementationSegmentNote,
        /// IK5; one.
        verdicts: ImplementationVerdict,
    }

    /// IK3: a segment at fault.
    ImplementationSegmentNote "IK3" {
        /// IK301.
        id: code(1, 1),
        /// IK302, its position; ST is 1.
        position: number(2, 1),
        /// IK303.
        loop_id: text(3, 1),
        /// IK304, data element 620.
        code: text(4, 1),
    } holds {
        /// IK4.
        elements: ImplementationElementNote,
    }

    /// IK4: an element at fault.
    ImplementationElementNote "IK4" {
        /// IK401-1, its position in the segment.
        element: code(1, 1),
        /// IK401-2.
        component: text(1, 2),
        /// IK401-3.
        repetition: text(1, 3),
        /// IK402.
        reference: text(2, 1),
        /// IK403, data element 621.
        code: code(3, 1),
        /// IK404, what it held.
        value: text(4, 1),
    } holds {}

    /// IK5: what is said about a set.
    ImplementationVerdict "IK5" {
        /// IK501: `A`, `E`, `R`.
        code: code(1, 1),
        /// IK502, data element 618.
        note: text(2, 1),
        /// IK503.
        second_note: text(3, 1),
    } holds {}

    /// BGN: what an application advice is.
    AdviceBegin "BGN" {
        /// BGN01, data element 353.
        purpose: code(1, 1),
        /// BGN02.
        number: code(2, 1),
        /// BGN03, CCYYMMDD.
        date: code(3, 1),
        /// BGN04.
        time: text(4, 1),
        /// BGN06, the advice this one refers to.
        reference: text(6, 1),
        /// BGN08.
        action: text(8, 1),
    } holds {}

    /// N1: a party of an advice or an invoice.
    InvoiceParty "N1" {
        /// N101.
        role: code(1, 1),
        /// N102.
        name: text(2, 1),
        /// N103.
        id_qualifier: text(3, 1),
        /// N104.
        id: text(4, 1),
    } holds {
        /// REF.
        references: PlainReference,
    }

    /// REF.
    PlainReference "REF" {
        /// REF01.
        qualifier: code(1, 1),
        /// REF02.
        value: text(2, 1),
        /// REF03.
        description: text(3, 1),
    } holds {}

    /// DTM.
    PlainDate "DTM" {
        /// DTM01.
        qualifier: code(1, 1),
        /// DTM02, CCYYMMDD.
        date: text(2, 1),
        /// DTM03.
        time: text(3, 1),
    } holds {}

    /// OTI: what became of a set, a group or a line.
    ApplicationResponse "OTI" {
        /// OTI01: `TA` set accepted, `TE` with errors, `TR` rejected, `IR` item rejected.
        code: code(1, 1),
        /// OTI02, data element 128.
        reference_qualifier: code(2, 1),
        /// OTI03.
        reference: code(3, 1),
        /// OTI06.
        date: text(6, 1),
        /// OTI07.
        time: text(7, 1),
        /// OTI08, GS06 of the set.
        group_number: text(8, 1),
        /// OTI09, ST02 of the set.
        set_number: text(9, 1),
        /// OTI10, ST01 of the set.
        set_id: text(10, 1),
    } holds {
        /// REF.
        references: PlainReference,
        /// DTM.
        dates: PlainDate,
        /// TED.
        errors: TechnicalError,
    }

    /// TED: what is wrong.
    TechnicalError "TED" {
        /// TED01, data element 647.
        code: code(1, 1),
        /// TED02, in words.
        text: text(2, 1),
        /// TED03.
        segment: text(3, 1),
        /// TED04, its position; ST is 1.
        position: text(4, 1),
        /// TED05.
        element: text(5, 1),
        /// TED07, what it held.
        value: text(7, 1),
        /// TED08, what was made of it.
        new_value: text(8, 1),
    } holds {
        /// NTE.
        notes: PlainNote,
    }

    /// NTE.
    PlainNote "NTE" {
        /// NTE01.
        subject: text(1, 1),
        /// NTE02.
        text: code(2, 1),
    } holds {}

    /// BIG: what an invoice is.
    InvoiceBegin "BIG" {
        /// BIG01, CCYYMMDD.
        date: code(1, 1),
        /// BIG02.
        number: code(2, 1),
        /// BIG03, the date of the order.
        order_date: text(3, 1),
        /// BIG04.
        order_number: text(4, 1),
        /// BIG05.
        release: text(5, 1),
        /// BIG07: `DI` debit, `CR` credit.
        kind: text(7, 1),
    } holds {}

    /// IT1: a line of an invoice. The ids are in [`product_ids`](InvoiceLine::product_ids).
    InvoiceLine "IT1" {
        /// IT101.
        number: text(1, 1),
        /// IT102.
        quantity: number(2, 1),
        /// IT103.
        unit: text(3, 1),
        /// IT104.
        price: number(4, 1),
        /// IT105.
        price_basis: text(5, 1),
    } holds {
        /// REF.
        references: PlainReference,
        /// DTM.
        dates: PlainDate,
        /// SAC.
        charges: Charge,
    }

    /// SAC: an allowance or a charge.
    Charge "SAC" {
        /// SAC01: `A` allowance, `C` charge.
        kind: code(1, 1),
        /// SAC02.
        code: text(2, 1),
        /// SAC05, with two decimals implied.
        amount: number(5, 1),
        /// SAC07.
        percent: number(7, 1),
        /// SAC15.
        description: text(15, 1),
    } holds {}

    /// TDS: what an invoice comes to.
    InvoiceTotal "TDS" {
        /// TDS01, with two decimals implied: `12345` is 123.45.
        total: number(1, 1),
        /// TDS02, what a discount is taken of.
        discountable: number(2, 1),
        /// TDS03.
        discounted_total: number(3, 1),
        /// TDS04.
        discount: number(4, 1),
    } holds {}
}

impl InvoiceLine {
    /// IT106 to IT125: qualifier and id in pairs.
    #[must_use]
    pub fn product_ids(&self) -> Vec<ProductId> {
        let at = |element: usize| {
            let found = self.rest.iter().find(|rest| rest.element == element && rest.component == 1);
            let place = Place { element: u16::try_from(element).unwrap_or(u16::MAX), ..self.at };
            found.map(|rest| Located { value: rest.text.clone(), at: place })
        };
        (6..25)
            .step_by(2)
            .filter_map(|first| Some(ProductId { qualifier: at(first)?.value, id: at(first + 1)? }))
            .collect()
    }
}

impl InterchangeAcknowledgment {
    /// Reads a TA1, as an [`Event::Acknowledgment`](crate::x12::Event::Acknowledgment) brings it.
    #[must_use]
    pub fn of(segment: &RawSegment) -> Self {
        Self::read(segment, Vec::new())
    }

    /// The segment, for [`Writer::acknowledgment`](crate::x12::Writer::acknowledgment).
    #[must_use]
    pub fn segment(&self) -> RawSegment {
        let mut segments = Vec::new();
        self.write().flatten(&mut segments);
        segments.into_iter().next().unwrap_or_default()
    }
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
            pub(super) fn read(set: &TransactionSet, checker: &mut Checker<'_>) -> Self {
                let mut nodes = walk(set, checker);
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
