//! Whole messages of samples, and the command each becomes.
use super::{edifact_messages, *};

/// What a message becomes, as it is kept in `golden/`.
fn shown(mapped: Mapped) -> String {
    let command = match mapped.command.unwrap() {
        Command::Order(order) => serde_json::to_value(order),
        Command::Change(change) => serde_json::to_value(change),
        Command::Answer(statement) => serde_json::to_value(statement),
        Command::Shipment(statement) => serde_json::to_value(statement),
        Command::Receipt(statement) => serde_json::to_value(statement),
        Command::Report(report) => serde_json::to_value(report),
        Command::Advice(advice) => serde_json::to_value(advice),
    };
    let warnings: Vec<String> =
        mapped.warnings.into_iter().map(|warning| format!("{}: {}", warning.code, warning.message)).collect();
    let whole = json!({ "key": mapped.key, "command": command.unwrap(), "warnings": warnings });
    format!("{}\n", serde_json::to_string_pretty(&whole).unwrap())
}

#[test]
fn samples_become_what_is_kept() {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut differ = Vec::new();
    for (sample, golden) in [
        ("edifact-orders/gen-orders-escapes.edi", "orders"),
        ("edifact-ordchg/mockedi-change.ORDCHG.sent.edifact", "ordchg"),
        ("edifact-ordrsp/mockedi-change.ORDRSP.response.edifact", "ordrsp"),
        ("edifact-desadv/gen-desadv-sscc.edi", "desadv"),
        ("edifact-recadv/own-recadv-over.edi", "recadv"),
        ("edifact-contrl/own-contrl-reject.edi", "contrl"),
        ("x12-865/mockedi-change.865.change-response.x12", "865"),
        ("x12-999/own-999-reject.x12", "999"),
    ] {
        let text = std::fs::read_to_string(format!("{root}/../edi/tests/corpus/{sample}")).unwrap();
        let mut found = match sample.starts_with("edifact") {
            true => {
                edifact_messages::file(&text, &Terms { currency: Some("EUR".to_owned()), ..terms(json!({})) })
            }
            false => mapped(&text),
        };
        let found = shown(found.remove(0));
        let kept =
            std::fs::read_to_string(format!("{root}/src/edi/tests/golden/{golden}.json")).unwrap_or_default();
        if found != kept {
            differ.push(format!("{golden}.json should be:\n{found}"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
