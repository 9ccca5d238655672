//! What these sets are made of.

use rust_decimal::Decimal;

use crate::pieces::{Piece, Rest, field, give, node, number, pieces, put, put_rest, rest, text};
use crate::position::{Located, Place};
use crate::raw::RawSegment;
use crate::tree::Node;
use crate::x12::messages::parts::ProductId;

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
        Self::read(segment.clone(), Vec::new())
    }

    /// The segment, for [`Writer::acknowledgment`](crate::x12::Writer::acknowledgment).
    #[must_use]
    pub fn segment(&self) -> RawSegment {
        let mut segments = Vec::new();
        self.write().flatten(&mut segments);
        segments.into_iter().next().unwrap_or_default()
    }
}
