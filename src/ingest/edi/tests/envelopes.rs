//! What the envelopes say: whose an interchange is, and whether it came before.
use quayside_canonical::states::{DocumentOutcome, EdiSyntax, InterchangeStatus};
use quayside_domain::interchanges::{self, DryRun, DryRunError, Interchanges};

use super::super::{Desk, process};
use super::support::{
    ORDER, Terms, buyer, interchange, on_terms, one_partner, outcome, partner, scope, send, send_file, store,
    tenant,
};

const ACME: &str = r#"[{"qualifier":"ZZ","id":"ACMESUPPLY"}]"#;

fn order(number: u32) -> String {
    interchange("PO", "0800", number, &[("850", ORDER)])
}

/// The same order in EDIFACT, under another number.
const ORDERS: &str = "UNA:+.? 'UNB+UNOC:3+ACMESUPPLY:ZZ+NORTHDIST:ZZ+260901:0800+E1++++++1'\
    UNH+1+ORDERS:D:96A:UN'BGM+220+PO-2+9'DTM+137:20260901:102'NAD+BY+NORTHDIST::92'NAD+SU+V-100::92'\
    CUX+2:USD:9'LIN+1++WIDGET:SA'QTY+21:100:PCE'PRI+AAA:12.5'UNS+S'UNT+11+1'UNZ+1+E1'";

#[tokio::test]
async fn a_file_of_both_standards_is_taken_whole_and_shown_in_parts() {
    let (store, partner) = one_partner().await;
    let file = format!("{}\r\n{ORDERS}{}", order(1), order(2).replace("PO-1", "PO-3"));
    let result = send_file(&store, &partner, file.as_bytes()).await;
    let told: Vec<_> = result
        .interchanges
        .iter()
        .map(|one| (one.syntax, one.control_number.as_deref().unwrap(), one.status))
        .collect();
    let applied = InterchangeStatus::Applied;
    let expected = [
        (Some(EdiSyntax::X12), "000000001", applied),
        (Some(EdiSyntax::Edifact), "E1", applied),
        (Some(EdiSyntax::X12), "000000002", applied),
    ];
    assert_eq!(told, expected, "{result:?}");

    let scope = buyer(&store, &partner);
    let edifact = result.interchanges[1].interchange;
    let filed = interchanges::filed(&scope, edifact).await.unwrap().unwrap();
    assert_eq!(String::from_utf8(filed.bytes).unwrap(), ORDERS);
    let message = interchanges::messages_of(&scope, edifact, 0, 10).await.unwrap().remove(0);
    let segments = interchanges::segments_of(&scope, message.row.id, 1, 2).await.unwrap().unwrap();
    let texts: Vec<_> = segments.iter().map(|one| (one.index, one.text.as_str())).collect();
    assert_eq!(texts, [(2, "BGM+220+PO-2+9"), (3, "DTM+137:20260901:102")]);
}

#[tokio::test]
async fn who_sends_must_be_the_partner_whose_channel_it_is() {
    let terms = Terms {
        identifiers: r#"[{"qualifier":"ZZ","id":"OTHER"}]"#,
        agreement: r#"{"ours":[{"qualifier":"ZZ","id":"NORTHDIST"}]}"#,
        ..Terms::default()
    };
    let (store, partner) = on_terms(terms).await;
    let file = order(1).replace("NORTHDIST      *ZZ*ACMESUPPLY", "ACMESUPPLY     *ZZ*NORTHDIST");
    let result = send(&store, &partner, &file).await;
    assert_eq!(
        (result.status, result.problems[0].code.as_str()),
        (InterchangeStatus::Refused, "SENDER_NOT_THEIRS")
    );
    assert_eq!(result.problems[0].field, ["ISA", "06"]);
    let found = super::super::outcome(&buyer(&store, &partner), result.interchange).await.unwrap().unwrap();
    assert_eq!(found.refusal.unwrap().code, "SENDER_NOT_THEIRS");
    let super::super::Acknowledgment::X12 { interchange: Some(ta1), groups, .. } = found.acknowledgment
    else {
        panic!("a refused envelope is answered");
    };
    assert_eq!((ta1.code.as_str(), ta1.note.as_str(), groups.len()), ("R", "006", 0));
}

#[tokio::test]
async fn a_number_that_was_used_is_refused_and_what_was_refused_may_come_again() {
    let (store, partner) = one_partner().await;
    let first = send(&store, &partner, &order(7)).await;
    let other = order(7).replace("PO-1", "PO-9");
    let refused = send(&store, &partner, &other).await;
    assert_eq!(refused.problems[0].code, "INTERCHANGE_REPEATED");
    assert_eq!(refused.messages[0].outcome, DocumentOutcome::Refused);
    let merged = format!("{}{}", order(7), order(8).replace("PO-1", "PO-8"));
    let merged = send_file(&store, &partner, merged.as_bytes()).await;
    assert_eq!(merged.interchanges[0], first, "the same interchange, its first outcome");
    assert_eq!(merged.interchanges[1].messages[0].outcome, DocumentOutcome::Created);

    let bad = order(9).replace("PO-1", "PO-4").replace("*EA*12.50", "*EA*-1");
    assert_eq!(outcome(&store, &partner, &bad).await.0, DocumentOutcome::Refused);
    let mended = order(9).replace("PO-1", "PO-4");
    assert_eq!(outcome(&store, &partner, &mended).await.0, DocumentOutcome::Created);
}

#[tokio::test]
async fn a_strict_partner_gets_the_first_outcome_for_the_same_bytes() {
    let terms = Terms { agreement: r#"{"repeats":"REFUSE"}"#, ..Terms::default() };
    let (store, partner) = on_terms(terms).await;
    let bad = order(9).replace("*EA*12.50", "*EA*-1");
    let again = async || process(&store, &partner.entrance, bad.clone().into()).await.unwrap();
    assert_eq!(again().await, again().await);
    let mended = send(&store, &partner, &order(9)).await;
    assert_eq!(mended.problems[0].code, "INTERCHANGE_REPEATED");
}

#[tokio::test]
async fn a_dry_run_says_what_the_real_one_would_and_writes_nothing() {
    let terms = Terms { identifiers: ACME, ..Terms::default() };
    let (store, partner) = on_terms(terms).await;
    let ship: &[&str] = &[
        "BSN*00*S1*20260901*0800",
        "HL*1**S",
        "HL*2*1*O",
        "PRF*PO-7",
        "HL*3*2*I",
        "LIN*1*VP*X",
        "SN1*1*5*EA",
    ];
    let answer: &[&str] = &["BAK*00*AT*PO-1*20260901"];
    let sets: &[(&str, &[&str])] = &[("850", ORDER)];
    let mine = |file: String| file.replace("NORTHDIST      *ZZ*ACMESUPPLY", "ACMESUPPLY     *ZZ*NORTHDIST");
    let file = format!(
        "{}{}{}",
        mine(interchange("PO", "0800", 1, sets)),
        mine(interchange("SH", "0900", 2, &[("856", ship)])),
        mine(interchange("PR", "0900", 3, &[("855", answer)]))
    );
    let run = DryRun { partner: partner.id, content: file.clone().into_bytes() };
    let tried = Desk.validate(&scope(&store, &partner), run).await.unwrap();
    let told: Vec<_> = tried
        .interchanges
        .iter()
        .flat_map(|one| &one.messages)
        .map(|one| (one.result.outcome, one.is_checked))
        .collect();
    let expected = [
        (DocumentOutcome::Created, true),
        (DocumentOutcome::Refused, true),
        (DocumentOutcome::Recorded, false),
    ];
    assert_eq!(told, expected, "{tried:?}");
    let filter = interchanges::InterchangeFilter::default();
    assert!(interchanges::list(&buyer(&store, &partner), &filter, None, 9).await.unwrap().is_empty());
    assert_eq!(
        outcome(&store, &partner, &file).await.0,
        DocumentOutcome::Created,
        "nothing was there before"
    );
}

#[tokio::test]
async fn another_tenants_partner_is_none() {
    let store = store().await;
    let ours = partner(&store, tenant(&store).await, "V-100").await;
    let theirs = partner(&store, tenant(&store).await, "V-100").await;
    let run = DryRun { partner: theirs.id, content: Vec::new() };
    let tried = Desk.validate(&scope(&store, &ours), run).await;
    assert!(matches!(tried, Err(DryRunError::NotFound)), "{tried:?}");
    let result = send(&store, &theirs, &order(1)).await;
    let seen = interchanges::by_ids(&buyer(&store, &ours), &[result.interchange]).await.unwrap();
    assert!(seen.is_empty());
}
