//! What a trading partner's agreement says of a file, beyond what the standard does.
use anyhow::Context;
use quayside_canonical::{
    partner::{Agreement, Identifier},
    states::Environment,
};
use quayside_connectors::edi;
use quayside_domain::partners;
use quayside_edi::lint::{InterchangeHeader, Report};
use serde::Serialize;

use super::set_up::tenant_id;
use crate::app::App;

/// What files are held against.
#[derive(Debug)]
pub(super) struct Held {
    name: String,
    theirs: Vec<Identifier>,
    takes_test_data: bool,
    agreement: Agreement,
}

/// Something that the partner's set-up does not allow.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Remark {
    code: &'static str,
    message: String,
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "error {}: {}", self.code, self.message)
    }
}

/// The agreement with a partner, by the tenant's short name and the partner's name.
pub(super) async fn held(app: &App, tenant: &str, name: &str) -> anyhow::Result<Held> {
    let tenant = tenant_id(app, tenant).await?;
    let found = partners::partner_by_name(app.system(), tenant, name).await?;
    let found = found.with_context(|| format!("there is no trading partner `{name}`"))?;
    Ok(Held {
        name: found.name,
        theirs: serde_json::from_str(&found.identifiers)?,
        takes_test_data: found.environment == Environment::Test,
        agreement: serde_json::from_str(&found.agreement)?,
    })
}

impl Held {
    /// Takes out of a report what the agreement explains: codes that are the partner's own words.
    pub(super) fn settle(&self, report: &mut Report) {
        let groups = report.interchanges.iter_mut().flat_map(|interchange| &mut interchange.groups);
        for set in groups.flat_map(|group| &mut group.sets) {
            set.problems.retain(|problem| !edi::is_agreed(problem, &self.agreement));
        }
    }

    /// What the set-up does not allow.
    pub(super) fn remarks(&self, report: &Report) -> Vec<Remark> {
        let headers = report.interchanges.iter().filter_map(|interchange| interchange.header.as_ref());
        headers.flat_map(|header| self.of_header(header)).collect()
    }

    fn of_header(&self, header: &InterchangeHeader) -> Vec<Remark> {
        let party = |qualifier: &str, id: &str| Identifier {
            qualifier: qualifier.trim().to_owned(),
            id: id.trim().to_owned(),
        };
        let (number, sender, receiver, is_test) = match header {
            InterchangeHeader::X12(isa) => (
                &isa.control_number,
                party(&isa.sender_qualifier, &isa.sender),
                party(&isa.receiver_qualifier, &isa.receiver),
                isa.usage == "T",
            ),
            InterchangeHeader::Edifact(unb) => (
                &unb.reference,
                party(&unb.sender_qualifier, &unb.sender),
                party(&unb.recipient_qualifier, &unb.recipient),
                unb.is_test,
            ),
        };
        let mut remarks = Vec::new();
        let mut remark = |code: &'static str, message: String| remarks.push(Remark { code, message });
        let (from, to) = (shown(&sender), shown(&receiver));
        let other = if self.theirs.contains(&sender) {
            Some(&receiver)
        } else if self.theirs.contains(&receiver) {
            Some(&sender)
        } else {
            let message = format!("interchange {number} goes from {from} to {to}; neither is {}", self.name);
            remark("OTHER_PARTNER", message);
            None
        };
        let ours = &self.agreement.ours;
        if let Some(other) = other.filter(|other| !ours.is_empty() && !ours.contains(other)) {
            let named: Vec<String> = ours.iter().map(shown).collect();
            let message = format!(
                "interchange {number} names {} as the other side; with {} we are {}",
                shown(other),
                self.name,
                named.join(" or ")
            );
            remark("OTHER_RECEIVER", message);
        }
        if is_test && !self.takes_test_data {
            let message =
                format!("interchange {number} is marked as a test, and the data of {} is real", self.name);
            remark("TEST_DATA", message);
        }
        remarks
    }
}

fn shown(party: &Identifier) -> String {
    let Identifier { qualifier, id } = party;
    format!("{qualifier}:{id}").chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use quayside_edi::{Options, lint};

    use super::*;

    fn held(theirs: &str, ours: &[&str], takes_test_data: bool) -> Held {
        let party = |id: &str| Identifier { qualifier: "ZZ".to_owned(), id: id.to_owned() };
        let ours = ours.iter().map(|id| party(id)).collect();
        Held {
            name: "ACME".to_owned(),
            theirs: vec![party(theirs)],
            takes_test_data,
            agreement: Agreement { ours, ..Agreement::default() },
        }
    }

    fn report(file: &str) -> Report {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("edi/tests/samples").join(file);
        lint::file(std::fs::File::open(path).unwrap(), &Options::default()).unwrap()
    }

    fn codes(held: &Held, file: &str) -> Vec<&'static str> {
        held.remarks(&report(file)).into_iter().map(|remark| remark.code).collect()
    }

    #[test]
    fn an_envelope_is_held_against_both_sides() {
        let file = "malformed/ok-850.x12";
        let report = report(file);
        let Some(InterchangeHeader::X12(isa)) = &report.interchanges[0].header else { panic!("{report}") };
        assert_eq!((isa.sender_qualifier.as_str(), isa.receiver_qualifier.as_str()), ("ZZ", "ZZ"));

        let test = isa.usage == "T";
        assert_eq!(codes(&held(&isa.sender, &[], true), file), [""; 0]);
        assert_eq!(codes(&held(&isa.receiver, &[&isa.sender], true), file), [""; 0]);
        assert_eq!(codes(&held("SOMEONE", &[], true), file), ["OTHER_PARTNER"]);
        assert_eq!(codes(&held(&isa.sender, &["SOMEONE"], true), file), ["OTHER_RECEIVER"]);
        let expected: &[&str] = if test { &["TEST_DATA"] } else { &[] };
        assert_eq!(codes(&held(&isa.sender, &[], false), file), expected);
    }

    #[test]
    fn a_word_of_the_partners_own_is_no_unknown_code() {
        let mut report = report("malformed/ack-bad-code.x12");
        let word =
            report.problems().find_map(|problem| problem.message.split('\'').nth(1)).unwrap().to_owned();
        let mut held = held("ACME", &[], true);
        held.agreement.codes = vec![
            serde_json::from_value(
                serde_json::json!({ "list": "LINE_ANSWER", "theirs": word, "ours": "IA" }),
            )
            .unwrap(),
        ];
        held.settle(&mut report);
        assert_eq!(report.problems().count(), 0, "{report}");
    }
}
