//! Answers to one line over several messages, in both standards.
use quayside_canonical::states::{DocumentOutcome, LineStatus};
use quayside_domain::interchanges::MessageResult;

use super::support::{ORDER, Partner, edifact, interchange, one_partner, send, standing};

/// An answer to line 1 of the order, under a control number.
type Answer = fn(number: u32, what: &str) -> String;

fn x12(number: u32, what: &str) -> String {
    let (kind, quantity) = what.split_once(' ').unwrap();
    let ack = match kind {
        "accepts" => format!("ACK*IA*{quantity}*EA*067*20260915"),
        "holds" => format!("ACK*IH*{quantity}*EA"),
        _ => format!("ACK*IB*{quantity}*EA"),
    };
    let now = "ACK*IA*60*EA*067*20260915";
    let said = ["BAK*00*AC*PO-1*20260901", "PO1*1*100*EA", now, ack.as_str()];
    let beside = if kind == "accepts" { &[&said[..2], &said[3..]].concat() } else { &said[..] };
    interchange("PR", &format!("{:04}", 1000 + number), number, &[("855", beside)])
}

fn of_edifact(number: u32, what: &str) -> String {
    let (kind, quantity) = what.split_once(' ').unwrap();
    let later = format!("QTY+83:{quantity}:EA");
    let all = format!("QTY+113:{quantity}:EA");
    let said: &[&str] = match kind {
        "accepts" => &[all.as_str(), "DTM+69:20260915:102"],
        _ => &["QTY+113:60:EA", "DTM+69:20260915:102", later.as_str()],
    };
    let begin = format!("BGM+231+A{number}+4");
    let head = [begin.as_str(), "DTM+137:20260901:102", "RFF+ON:PO-1", "LIN+1+5++WIDGET:SA"];
    edifact(&format!("R{number}"), "ORDRSP", &[&head[..], said, &["UNS+S"]].concat())
}

fn is_in_part(message: &MessageResult) -> bool {
    message.warnings.iter().any(|warning| warning.code == "ANSWERED_IN_PART")
}

async fn says(store: &quayside_domain::Store, partner: &Partner, file: &str) -> MessageResult {
    send(store, partner, file).await.messages.remove(0)
}

#[tokio::test]
async fn sixty_now_and_forty_in_another_message_answer_the_line() {
    for answer in [x12 as Answer, of_edifact] {
        let (store, partner) = one_partner().await;
        send(&store, &partner, &interchange("PO", "0800", 1, &[("850", ORDER)])).await;
        let first = says(&store, &partner, &answer(2, "accepts 60")).await;
        assert_eq!((first.outcome, is_in_part(&first)), (DocumentOutcome::Answered, true), "{first:?}");
        let line = standing(&store, &partner).await.remove(0);
        assert_eq!((line.status, line.parts.len()), (LineStatus::AwaitingAnswer, 1));

        let again = answer(2, "accepts 60").replace("000000002", "000000003").replace("R2", "R3");
        assert_eq!(
            says(&store, &partner, &again).await.outcome,
            DocumentOutcome::Unchanged,
            "the same message"
        );
        let between = says(&store, &partner, &answer(4, "accepts 70")).await;
        assert_eq!(between.problems[0].code, "SPLIT_UNCLEAR", "{between:?}");
        assert!(between.problems[0].message.contains("state what is open, or all of the line"));

        let rest = says(&store, &partner, &answer(5, "accepts 40")).await;
        assert_eq!((rest.outcome, is_in_part(&rest)), (DocumentOutcome::Answered, false), "{rest:?}");
        let line = standing(&store, &partner).await.remove(0);
        let parts: Vec<String> = line.parts.iter().map(|part| part.quantity.to_string()).collect();
        assert_eq!((line.status, parts), (LineStatus::Accepted, vec!["60".to_owned(), "40".to_owned()]));
    }
}

#[tokio::test]
async fn what_comes_some_day_leaves_the_rest_open_and_keeps_what_is_decided() {
    for (answer, later) in [(x12 as Answer, "holds 40"), (x12, "later 40"), (of_edifact, "later 40")] {
        let (store, partner) = one_partner().await;
        send(&store, &partner, &interchange("PO", "0800", 1, &[("850", ORDER)])).await;
        let first = says(&store, &partner, &answer(2, later)).await;
        assert_eq!(first.outcome, DocumentOutcome::Answered, "{first:?}");
        let undecided = first.warnings.iter().any(|warning| warning.code == "NO_STATEMENT");
        assert!(undecided && is_in_part(&first), "{first:?}");
        let rest = says(&store, &partner, &answer(3, "accepts 40")).await;
        assert_eq!(rest.outcome, DocumentOutcome::Answered, "{rest:?}");
        let line = standing(&store, &partner).await.remove(0);
        assert_eq!((line.status, line.parts.len()), (LineStatus::Accepted, 2), "{later}");
    }
}
