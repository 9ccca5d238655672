//! Envelopes as partners really send them, and every way they break.

use std::io::{self, Read};

use crate::lint::{self, Report, Verdict};
use crate::options::{Limits, Options};
use crate::problem::ProblemCode as Code;
use crate::x12::{Interchanges, Token, Tokenizer};

const BEG: &str = "BEG*00*NE*PO1**20260901~";

fn set(number: &str) -> String {
    format!("ST*850*{number}~{BEG}PO1*1*5*EA~CTT*1~SE*5*{number}~")
}

fn group(number: &str, sets: &[&str]) -> String {
    let content: String = sets.iter().map(|number| set(number)).collect();
    format!("GS*PO*A*B*20260901*1200*{number}*X*004010~{content}GE*{}*{number}~", sets.len())
}

fn isa() -> String {
    format!("ISA*00*{:10}*00*{:10}*ZZ*{:15}*ZZ*{:15}*260901*1200*U*00401*000000001*0*P*>~", "", "", "A", "B")
}

fn file() -> String {
    format!("{}{}IEA*1*000000001~", isa(), group("1", &["0001"]))
}

fn lint(bytes: impl AsRef<[u8]>) -> Report {
    lint_with(bytes, Options::default())
}

fn lint_with(bytes: impl AsRef<[u8]>, options: Options) -> Report {
    lint::file(bytes.as_ref(), &options).expect("memory does not fail")
}

fn codes(report: &Report) -> Vec<Code> {
    report.problems().map(|problem| problem.code).collect()
}

fn verdicts(report: &Report) -> Vec<Verdict> {
    report.sets().map(|set| set.verdict).collect()
}

/// The one fault of a file, and what became of its only set.
fn fault(text: &str) -> (Vec<Code>, Vec<Verdict>) {
    let report = lint(text);
    (codes(&report), verdicts(&report))
}

#[test]
fn a_clean_file_has_no_problems() {
    let report = lint(file());

    assert_eq!(
        (codes(&report), verdicts(&report), report.accepted()),
        (vec![], vec![Verdict::Accepted], true)
    );
    let isa = report.interchanges[0].header.as_ref().expect("an ISA");
    let crate::lint::InterchangeHeader::X12(isa) = isa else { panic!("no ISA: {isa:?}") };
    assert_eq!((isa.sender.as_str(), isa.usage.as_str(), isa.wants_acknowledgment), ("A", "P", false));
}

#[test]
fn any_separators_will_do() {
    for (element, component, terminator) in [
        ('|', '<', '^'),
        ('\u{1d}', '\u{1f}', '\u{1e}'),
        ('~', '|', '\n'),
        ('*', '@', '\r'),
        ('*', ':', '\u{15}'),
    ] {
        let text: String = file()
            .chars()
            .map(|c| match c {
                '*' => element,
                '>' => component,
                '~' => terminator,
                other => other,
            })
            .collect();
        assert_eq!(
            fault(&text),
            (vec![], vec![Verdict::Accepted]),
            "{element:?} {component:?} {terminator:?}"
        );
    }
}

#[test]
fn line_ends_after_terminators_are_layout() {
    for end in ["~\n", "~\r\n", "\r\n", "\n", "~\n\n"] {
        assert_eq!(fault(&file().replace('~', end)).1, [Verdict::Accepted], "{end:?}");
    }
    assert_eq!(codes(&lint(file().replace('~', "~\r\n"))), []);
}

#[test]
fn lines_of_80_columns_are_joined() {
    let file = file();
    let wrapped: Vec<&[u8]> = file.as_bytes().chunks(80).collect();

    let report = lint(wrapped.join(&b"\r\n"[..]));

    assert_eq!((codes(&report), verdicts(&report)), (vec![Code::LinesWrapped], vec![Verdict::Accepted]));
}

#[test]
fn a_byte_order_mark_indentation_and_a_last_ctrl_z_do_no_harm() {
    assert_eq!(fault(&format!("\u{feff}{}", file())), (vec![Code::ByteOrderMark], vec![Verdict::Accepted]));
    assert_eq!(fault(&file().replace('~', "~\n  ")), (vec![Code::SegmentsIndented], vec![Verdict::Accepted]));
    assert_eq!(fault(&format!("{}\r\n\u{1a}\n", file())), (vec![], vec![Verdict::Accepted]));
}

#[test]
fn a_trimmed_isa_is_read_unless_the_partner_is_held_to_it() {
    let trimmed = file().replace(&format!("{:15}", "A"), "A");
    let strict = Options { lenient_isa: false, ..Options::default() };

    assert_eq!(fault(&trimmed), (vec![Code::IsaWidth], vec![Verdict::Accepted]));
    assert_eq!(verdicts(&lint_with(&trimmed, strict)), [Verdict::Rejected]);
}

#[test]
fn several_interchanges_groups_and_sets_are_judged_each_by_itself() {
    let two =
        format!("{}{}{}IEA*2*000000001~\n", isa(), group("1", &["0001", "0002"]), group("2", &["0001"]));
    let report = lint(two.clone() + &file().replace("SE*5", "SE*6") + &two);

    let sets: Vec<usize> =
        report.interchanges.iter().map(|i| i.groups.iter().map(|g| g.sets.len()).sum()).collect();
    assert_eq!(sets, [3, 1, 3]);
    assert_eq!(codes(&report), [Code::SegmentCountMismatch]);
    assert_eq!(verdicts(&report).iter().filter(|verdict| verdict.accepted()).count(), 6);
}

#[test]
fn each_fault_of_the_interchange_has_its_code() {
    for (from, to, code, ta105) in [
        ("IEA*1*000000001~", "", Code::IeaMissing, "023"),
        ("IEA*1*000000001", "IEA*1*000000002", Code::InterchangeNumberMismatch, "001"),
        ("IEA*1", "IEA*2", Code::GroupCountMismatch, "021"),
        ("260901*1200*U", "261301*1200*U", Code::InterchangeDateInvalid, "014"),
        ("260901*1200*U", "260901*2500*U", Code::InterchangeTimeInvalid, "015"),
        ("U*00401", "U*00999", Code::InterchangeVersionUnsupported, "003"),
        ("*0*P*", "*2*P*", Code::AckRequestInvalid, "019"),
        ("*0*P*", "*0*Q*", Code::UsageInvalid, "020"),
        ("*ZZ*A ", "*ZZ*  ", Code::SenderMissing, "006"),
        ("*ZZ*B ", "*ZZ*  ", Code::ReceiverMissing, "008"),
        ("GE*1*1~", "GE*1*1~REF*IA*1~", Code::StructureInvalid, "022"),
    ] {
        let report = lint(file().replacen(from, to, 1));
        let problem = report.problems().next().expect("a problem");
        assert_eq!((codes(&report), verdicts(&report)), (vec![code], vec![Verdict::Rejected]));
        assert_eq!(problem.standard.map(|standard| standard.to_string()), Some(format!("TA105 {ta105}")));
    }
    let lettered = lint(file().replace("000000001", "00000A001"));
    assert_eq!(codes(&lettered), [Code::InterchangeNumberInvalid]);
}

#[test]
fn separators_that_occur_in_data_refuse_the_interchange_and_no_other() {
    let report = lint(file().replace('~', " ") + &file());

    assert_eq!(codes(&report), [Code::SegmentTerminatorInvalid]);
    assert_eq!(verdicts(&report), [Verdict::Accepted]);
}

#[test]
fn each_fault_of_the_group_has_its_code() {
    for (from, to, code, ak905) in [
        ("GE*1*1", "GE*2*1", Code::SetCountMismatch, "5"),
        ("GE*1*1", "GE*1*2", Code::GroupNumberMismatch, "4"),
        ("GE*1*1~", "", Code::GroupTrailerMissing, "3"),
        ("004010", "003010", Code::GroupVersionUnsupported, "2"),
    ] {
        let report = lint(file().replacen(from, to, 1));
        let problem = report.problems().next().expect("a problem");
        assert_eq!((codes(&report), verdicts(&report)), (vec![code], vec![Verdict::Rejected]));
        assert_eq!(problem.standard.map(|standard| standard.to_string()), Some(format!("AK905 {ak905}")));
        assert_eq!(report.interchanges[0].verdict, Verdict::Accepted, "{from}: the fault stays in its group");
        assert_eq!(report.sets().next().and_then(|set| set.refused_by), Some("the group"));
    }
    let lettered = file().replace("1200*1*X", "1200*1A*X").replace("GE*1*1", "GE*1*1A");
    assert_eq!(fault(&lettered).0, [Code::GroupNumberInvalid]);
}

#[test]
fn each_fault_of_the_set_has_its_code_and_leaves_its_siblings_alone() {
    for (from, to, code, ak502) in [
        ("SE*5*0002~", "", Code::SetTrailerMissing, "2"),
        ("SE*5*0002", "SE*5*0009", Code::SetNumberMismatch, "3"),
        ("SE*5*0002", "SE*4*0002", Code::SegmentCountMismatch, "4"),
        ("SE*5*0002", "SE*x*0002", Code::SegmentCountMismatch, "4"),
        ("ST*850*0002", "ST*855*0002", Code::SetNotOfGroup, "6"),
        ("0002", "0001", Code::SetNumberRepeated, "23"),
        ("ST*850*0002", "ST*850", Code::SetNumberInvalid, "7"),
    ] {
        let text = format!("{}{}IEA*1*000000001~", isa(), group("1", &["0001", "0002", "0003"]));
        let report = lint(text.replace(from, to));
        let problem = report.problems().find(|problem| problem.code == code).expect(from);
        assert_eq!(problem.standard.map(|standard| standard.to_string()), Some(format!("AK502 {ak502}")));
        assert_eq!(
            verdicts(&report),
            [Verdict::Accepted, Verdict::Rejected, Verdict::Accepted],
            "{from} {to}"
        );
        assert!(report.interchanges[0].groups[0].verdict.accepted());
    }
}

#[test]
fn numbers_that_differ_in_padding_only_are_equal() {
    for (from, to) in [("SE*5*0001", "SE*5*1"), ("GE*1*1", "GE*1*0001"), ("IEA*1*000000001", "IEA*1*1")] {
        assert_eq!(fault(&file().replace(from, to)).0, [Code::NumberPadding], "{to}");
    }
}

#[test]
fn a_set_outside_a_group_refuses_the_interchange() {
    let text = format!("{}{}IEA*0*000000001~", isa(), set("0001"));

    assert_eq!(fault(&text), (vec![Code::GroupMissing], vec![Verdict::Rejected]));
}

#[test]
fn a_fragment_is_refused_but_its_sets_are_named() {
    for text in [set("0001"), group("1", &["0001"]), set("0001").replace('*', "|")] {
        let report = lint(&text);
        let named: Vec<_> =
            report.sets().map(|set| (set.id.as_str(), set.control_number.as_deref())).collect();
        assert_eq!(named, [("850", Some("0001"))], "{text}");
        assert_eq!((codes(&report), verdicts(&report)), (vec![Code::IsaMissing], vec![Verdict::Rejected]));
    }
}

#[test]
fn what_is_not_x12_is_said_to_be_so() {
    assert_eq!(codes(&lint("")), [Code::NoInterchange]);
    assert_eq!(codes(&lint("Dear Sir or Madam")), [Code::BytesOutside, Code::NoInterchange]);
    assert_eq!(codes(&lint("UNB+UNOA:1+A+B+260901:1200+1'")), [Code::UnzMissing]);
    assert_eq!(
        fault(&format!("{}THIS IS NOT EDI", file())),
        (vec![Code::BytesOutside], vec![Verdict::Accepted])
    );
}

#[test]
fn text_that_is_not_utf_8_is_read_and_reported() {
    let utf8 = file().replace("CTT*1~SE*5", "N9*ZZ*D\u{c9}P\u{d4}T~CTT*1~SE*6");
    let latin1: Vec<u8> = utf8.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();

    assert_eq!(fault(&utf8), (vec![], vec![Verdict::Accepted]));
    let report = lint(latin1);
    assert_eq!(
        (codes(&report), verdicts(&report)),
        (vec![Code::NotUtf8], vec![Verdict::AcceptedWithWarnings])
    );
}

#[test]
fn a_cut_file_gives_no_usable_set() {
    let text = file();
    for length in 0..text.len() - 1 {
        let report = lint(&text[..length]);
        assert!(verdicts(&report).iter().all(|verdict| !verdict.accepted()), "{length} bytes: {report}");
        assert!(!report.accepted());
    }
}

#[test]
fn a_new_isa_ends_the_interchange_before_it() {
    let text = file().replace("IEA*1*000000001~", "") + &file();

    assert_eq!(fault(&text), (vec![Code::IeaMissing], vec![Verdict::Rejected, Verdict::Accepted]));
}

#[test]
fn limits_stop_the_reader() {
    let limits = |change: fn(&mut Limits)| {
        let mut options = Options::default();
        change(&mut options.limits);
        options
    };
    for (options, code) in [
        (limits(|limits| limits.interchange_bytes = 150), Code::InterchangeTooLarge),
        (limits(|limits| limits.segments = 3), Code::TooManySegments),
        (limits(|limits| limits.segment_bytes = 20), Code::SegmentTooLong),
        (limits(|limits| limits.element_bytes = 6), Code::ElementTooLarge),
        (limits(|limits| limits.number_digits = 0), Code::NumberTooLong),
    ] {
        let report = lint_with(file(), options);
        assert!(codes(&report).contains(&code), "{code}: {report}");
        assert!(verdicts(&report).iter().all(|verdict| !verdict.accepted()));
    }
}

/// Ones for ever, in pieces of odd sizes.
struct Endless(&'static [u8], usize);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.1);
        self.1 = self.1 % 4093 + 1;
        buffer.iter_mut().take(length).zip(self.0.iter().cycle()).for_each(|(to, from)| *to = *from);
        Ok(length)
    }
}

#[test]
fn an_endless_segment_and_an_endless_flood_of_segments_end() {
    for (flood, code) in [(&b"M"[..], Code::SegmentTooLong), (b"~", Code::TooManySegments)] {
        let header = isa();
        let source = header.as_bytes().chain(Endless(flood, 1));
        let report = lint::file(source, &Options::default()).expect("no fault in the source");
        assert_eq!(
            report.problems().filter(|problem| problem.rejects()).map(|p| p.code).collect::<Vec<_>>(),
            [code]
        );
    }
}

#[test]
fn how_the_bytes_arrive_makes_no_difference() {
    struct Dribble<'a>(&'a [u8]);
    impl Read for Dribble<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let (first, rest) = self.0.split_at(self.0.len().min(1));
            self.0 = rest;
            buffer[..first.len()].copy_from_slice(first);
            Ok(first.len())
        }
    }
    let text = format!("junk {}\n{}", file().replace('~', "~\r\n"), file().replace("*>~", "*~\n"));

    let at_once = lint(&text);
    let in_bytes = lint::file(Dribble(text.as_bytes()), &Options::default()).expect("memory does not fail");

    assert_eq!(at_once, in_bytes);
}

#[test]
fn a_failing_source_is_an_error_and_not_a_short_file() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the line went dead"))
        }
    }
    let header = isa();

    assert!(lint::file(header.as_bytes().chain(Broken), &Options::default()).is_err());
}

#[test]
fn whole_interchanges_carry_their_verdicts() {
    let text = file().replace("GE*1*1", "GE*2*1") + "rubbish" + &file();
    let mut interchanges = Interchanges::new(text.as_bytes(), Options::default());

    let first = interchanges.next().expect("one").expect("memory does not fail");
    let second = interchanges.next().expect("two").expect("memory does not fail");

    assert!(!first.rejected() && first.groups[0].rejected() && !first.groups[0].sets[0].rejected());
    assert!(!second.rejected() && !second.groups[0].rejected());
    assert!(interchanges.next().is_none());
    assert_eq!(interchanges.outside().len(), 1);
}

#[test]
fn offsets_are_those_of_the_file() {
    let text = format!("\u{feff}\n{}", file().replace('~', "~\r\n"));
    let mut tokens = Tokenizer::new(text.as_bytes(), Limits::default());
    let mut seen = 0;
    while let Some(token) = tokens.next_token().expect("memory does not fail") {
        if let Token::Segment(segment) = token {
            let offset = usize::try_from(segment.offset).expect("small");
            assert!(text.as_bytes()[offset..].starts_with(segment.bytes));
            seen += 1;
        }
    }
    assert_eq!(seen, 8);
}
