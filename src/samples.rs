//! Examples of EDI, as the API asks for them: see [`Samples`].
use quayside_canonical::{
    Field, Micro, Problems, ReceiptId, SupplierId,
    events::{ReceiptRecorded, ReceivedQuantity},
    exchange::ControlNumbers,
    order::PurchaseOrder,
    states::{EdiDocument, EdiWay, GoodsCondition, QuantityBasis, ReceiptKind},
};
use quayside_connectors::edi::outgoing::{
    self, Draft, Envelope, Objection, Revised,
    sample::{answer, change_answer, invoice, made_up_order, ship_notice, syntax_report},
};
use quayside_domain::exchange::{Sample, SampleOf, Samples};

/// The writers of this build.
pub(crate) struct Examples;

impl Samples for Examples {
    fn write(&self, of: &SampleOf) -> Result<Sample, Problems> {
        let order = of.order.clone().unwrap_or_else(|| made_up_order(of.at));
        let drafts = [draft(of, &order)?];
        let needs = outgoing::needs(&drafts);
        // Numbers that no partner has used lately: an example may be handed in as a trial.
        let number = of.at.seconds().rem_euclid(1_000_000_000);
        let numbers = ControlNumbers {
            interchange: number,
            groups: (1..).take(needs.groups).collect(),
            messages: (1..).take(needs.messages).collect(),
        };
        let (from, to) = match of.way {
            EdiWay::Out => (&of.ours, &of.theirs),
            EdiWay::In => (&of.theirs, &of.ours),
        };
        let envelope = Envelope { agreement: &of.agreement, from, to, test: of.test, at: of.at };
        let written = outgoing::write(&drafts, envelope, &numbers)?;
        let [draft] = drafts;
        Ok(Sample {
            content: written.bytes,
            kind: draft.kind,
            file_name: written.file_name,
            media_type: written.media_type,
        })
    }
}

fn draft(of: &SampleOf, order: &PurchaseOrder) -> Result<Draft, Problems> {
    let nothing = || {
        let words = "nothing of this order is wanted, so there is nothing to say about it";
        Problems::one("INVALID_VALUE", &Field::root().at("purchaseOrderId"), words)
    };
    match of.document {
        EdiDocument::Order => outgoing::order(order, &of.agreement)?.ok_or_else(nothing),
        EdiDocument::OrderChange => {
            let after = more(order);
            let revised = Revised { before: order, after: &after, count: 1 };
            outgoing::change(revised, &of.agreement)?.ok_or_else(nothing)
        }
        EdiDocument::ReceivingAdvice => outgoing::receipt(&received(of, order), &of.agreement),
        EdiDocument::OrderAnswer => answer(order, &of.agreement),
        EdiDocument::ShipNotice => ship_notice(order, of.at, &of.agreement),
        EdiDocument::SyntaxReport => Ok(syntax_report(&of.agreement)),
        EdiDocument::ApplicationAdvice => outgoing::advise(&objection(of, order), &of.agreement),
        EdiDocument::ChangeAnswer => change_answer(order, &of.agreement),
        EdiDocument::Invoice => invoice(order, of.at, &of.agreement),
    }
}

/// The order with one more of its first line.
fn more(order: &PurchaseOrder) -> PurchaseOrder {
    let mut after = order.clone();
    if let Some(line) = after.lines.iter_mut().find(|line| !line.cancelled) {
        line.quantity = line.quantity + Micro::ONE;
        line.schedules.clear();
    }
    after
}

fn received(of: &SampleOf, order: &PurchaseOrder) -> ReceiptRecorded {
    let lines = order.lines.iter().filter(|line| !line.cancelled).map(|line| ReceivedQuantity {
        order: quayside_canonical::PurchaseOrderId::generate(),
        order_number: order.number.clone(),
        line: line.number.clone(),
        quantity: line.quantity,
        unit: line.unit.clone(),
        condition: GoodsCondition::Good,
        condition_code: None,
    });
    ReceiptRecorded {
        receipt: ReceiptId::generate(),
        supplier: SupplierId::generate(),
        number: "EXAMPLE-RECEIPT".to_owned(),
        source: String::new(),
        kind: ReceiptKind::Increment,
        basis: QuantityBasis::Delta,
        replaces: None,
        shipment_number: None,
        shipment: None,
        location: order.ship_to.as_ref().and_then(|party| party.code.clone()),
        received_at: of.at,
        sequence: None,
        lines: lines.collect(),
    }
}

fn objection(of: &SampleOf, order: &PurchaseOrder) -> Objection {
    let problem = Problems::one("UNKNOWN_ORDER", &Field::root(), "there is no such order").into_vec();
    Objection {
        number: "EXAMPLE-ADVICE".to_owned(),
        kind: "855".to_owned(),
        about: Some(order.number.clone()),
        group: Some("1".to_owned()),
        message: "0001".to_owned(),
        problems: problem,
        at: of.at,
    }
}
