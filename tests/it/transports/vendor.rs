//! A vendor that knows nothing but files: it takes what lies in `out/`, and puts what it has to say into `in/`.
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

/// What the vendor's system speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    X12,
    Edifact,
}

/// A file that the vendor took.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    /// Such as `850` or `CONTRL`.
    pub(super) kind: String,
    /// The control number of the interchange.
    pub(super) number: u32,
    pub(super) text: String,
}

/// The vendor's system.
pub(super) struct Vendor {
    pub(super) syntax: Syntax,
    folder: PathBuf,
    id: String,
    numbers: AtomicU32,
    files: AtomicU32,
}

/// A message as the vendor says it: its type, its group, and its segments.
pub(super) struct Says {
    kind: &'static str,
    group: &'static str,
    segments: Vec<String>,
}

impl Vendor {
    pub(super) fn new(syntax: Syntax, folder: &Path, id: &str) -> Self {
        let (numbers, files) = (AtomicU32::new(700), AtomicU32::new(0));
        Self { syntax, folder: folder.to_owned(), id: id.to_owned(), numbers, files }
    }

    /// Takes what lies there, in the order of the control numbers.
    pub(super) fn take(&self) -> Vec<Taken> {
        let mut taken: Vec<Taken> = fs::read_dir(self.folder.join("out"))
            .map(|files| files.map(|file| taken(&file.unwrap().path())).collect())
            .unwrap_or_default();
        taken.sort_by_key(|file| file.number);
        taken
    }

    /// Puts these messages, and gives the texts of the files. In EDIFACT each is an interchange of its own: a CONTRL is
    /// not confirmed, and neither is what shares an interchange with it.
    pub(super) fn put(&self, says: &[Says]) -> Vec<String> {
        let together = if self.syntax == Syntax::X12 { says.len() } else { 1 };
        let texts: Vec<String> = says.chunks(together).map(|some| self.interchange(some)).collect();
        texts.iter().for_each(|text| self.put_text(text));
        texts
    }

    /// Puts a file that has been lying there since long before the test's clock, one a second after the other.
    pub(super) fn put_text(&self, text: &str) {
        let file = self.files.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join("in").join(format!("from-us-{file}.edi"));
        fs::write(&path, text).unwrap();
        at_rest(&path, file);
    }

    /// An interchange of these messages.
    pub(super) fn interchange(&self, says: &[Says]) -> String {
        let (id, number) = (&self.id, self.numbers.fetch_add(1, Ordering::Relaxed));
        let messages = says.iter().enumerate();
        match self.syntax {
            Syntax::X12 => {
                let groups: String = messages
                    .map(|(place, Says { kind, group, segments })| {
                        let (count, place) = (segments.len() + 2, place + 1);
                        let body: String = segments.iter().map(|segment| format!("{segment}~")).collect();
                        format!(
                            "GS*{group}*{id}*BUYER*20261123*0800*{number}{place}*X*004010~ST*{kind}*0001~{body}\
                             SE*{count}*0001~GE*1*{number}{place}~"
                        )
                    })
                    .collect();
                format!(
                    "ISA*00*          *00*          *ZZ*{id:<15}*ZZ*BUYER          *261123*0800*U*00401*\
                     {number:09}*0*P*>~{groups}IEA*{}*{number:09}~",
                    says.len()
                )
            }
            Syntax::Edifact => {
                let messages: String = messages
                    .map(|(place, Says { kind, segments, .. })| {
                        let (count, place) = (segments.len() + 2, place + 1);
                        let version = if *kind == "CONTRL" { "D:3:UN" } else { "D:96A:UN" };
                        let body: String = segments.iter().map(|segment| format!("{segment}'")).collect();
                        format!("UNH+{place}+{kind}:{version}'{body}UNT+{count}+{place}'")
                    })
                    .collect();
                format!(
                    "UNB+UNOC:3+{id}:ZZ+BUYER:ZZ+261123:0800+{number}'{messages}UNZ+{}+{number}'",
                    says.len()
                )
            }
        }
    }

    /// By 997 or CONTRL: what was taken is right in form.
    pub(super) fn confirms(&self, file: &Taken) -> Says {
        let (kind, id) = (&file.kind, &self.id);
        self.says(
            "SYNTAX",
            || {
                let (group, set) = (file.after("~GS*", 6), file.after("~ST*", 2));
                let of = file.after("~GS*", 1);
                vec![
                    format!("AK1*{of}*{group}"),
                    format!("AK2*{kind}*{set}"),
                    "AK5*A".to_owned(),
                    "AK9*A*1*1*1".to_owned(),
                ]
            },
            || {
                let message = file.after("'UNH+", 1);
                vec![
                    format!("UCI+{}+BUYER:ZZ+{id}:ZZ+7", file.number),
                    format!("UCM+{message}+{kind}:D:96A:UN+7"),
                ]
            },
        )
    }

    /// By 997 or CONTRL: the third segment of what was taken is not right.
    pub(super) fn rejects(&self, file: &Taken) -> Says {
        let (kind, id) = (&file.kind, &self.id);
        self.says(
            "SYNTAX",
            || {
                let (group, set) = (file.after("~GS*", 6), file.after("~ST*", 2));
                let of = file.after("~GS*", 1);
                vec![
                    format!("AK1*{of}*{group}"),
                    format!("AK2*{kind}*{set}"),
                    "AK3*CUR*3**8".to_owned(),
                    "AK4*2**7*EUR".to_owned(),
                    "AK5*R*5".to_owned(),
                    "AK9*R*1*1*0".to_owned(),
                ]
            },
            || {
                let message = file.after("'UNH+", 1);
                vec![
                    format!("UCI+{}+BUYER:ZZ+{id}:ZZ+7", file.number),
                    format!("UCM+{message}+{kind}:D:96A:UN+4"),
                    "UCS+3".to_owned(),
                    "UCD+12+2:1".to_owned(),
                ]
            },
        )
    }

    /// By 855 or ORDRSP: so much of the first line and all of the second, in time.
    pub(super) fn answers(&self, order: &str, quantity: &str) -> Says {
        self.says(
            "ANSWER",
            || {
                vec![
                    format!("BAK*00*AC*{order}*20261101****SO-1"),
                    format!("PO1*00010*{quantity}*EA"),
                    format!("ACK*IA*{quantity}*EA*067*20261205"),
                    "PO1*00020*12.5*KG".to_owned(),
                    "ACK*IA*12.5*KG*067*20261205".to_owned(),
                ]
            },
            || {
                vec![
                    "BGM+231+SO-1+4".to_owned(),
                    "DTM+137:20261123:102".to_owned(),
                    format!("RFF+ON:{order}"),
                    "LIN+00010+5".to_owned(),
                    format!("QTY+113:{quantity}:EA"),
                    "DTM+67:20261205:102".to_owned(),
                    "LIN+00020+5".to_owned(),
                    "QTY+113:12.5:KGM".to_owned(),
                    "DTM+67:20261205:102".to_owned(),
                    "UNS+S".to_owned(),
                ]
            },
        )
    }

    /// By 856 or DESADV: so much of the first line and all of the second are on their way.
    pub(super) fn ships(&self, number: &str, order: &str, quantity: &str) -> Says {
        self.says(
            "SHIPMENT",
            || {
                vec![
                    format!("BSN*00*{number}*20261202*1230*0004"),
                    "HL*1**S*1".to_owned(),
                    "HL*2*1*O*1".to_owned(),
                    format!("PRF*{order}"),
                    "HL*3*2*I*0".to_owned(),
                    "LIN*00010*BP*B-1*VN*S-1".to_owned(),
                    format!("SN1*00010*{quantity}*EA"),
                    "HL*4*2*I*0".to_owned(),
                    "LIN*00020*BP*B-2".to_owned(),
                    "SN1*00020*12.5*KG".to_owned(),
                ]
            },
            || {
                vec![
                    format!("BGM+351+{number}+9"),
                    "DTM+137:20261202:102".to_owned(),
                    "CPS+1".to_owned(),
                    "LIN+1".to_owned(),
                    "PIA+1+B-1:BP+S-1:SA".to_owned(),
                    format!("QTY+12:{quantity}:EA"),
                    format!("RFF+ON:{order}:00010"),
                    "LIN+2".to_owned(),
                    "PIA+1+B-2:BP".to_owned(),
                    "QTY+12:12.5:KGM".to_owned(),
                    format!("RFF+ON:{order}:00020"),
                ]
            },
        )
    }

    fn says(
        &self,
        what: &str,
        x12: impl FnOnce() -> Vec<String>,
        edifact: impl FnOnce() -> Vec<String>,
    ) -> Says {
        let (kind, group) = match (self.syntax, what) {
            (Syntax::X12, "SYNTAX") => ("997", "FA"),
            (Syntax::X12, "ANSWER") => ("855", "PR"),
            (Syntax::X12, _) => ("856", "SH"),
            (Syntax::Edifact, "SYNTAX") => ("CONTRL", ""),
            (Syntax::Edifact, "ANSWER") => ("ORDRSP", ""),
            (Syntax::Edifact, _) => ("DESADV", ""),
        };
        let segments = if self.syntax == Syntax::X12 { x12() } else { edifact() };
        Says { kind, group, segments }
    }
}

impl Taken {
    /// The element at `place` of the first segment that begins with `start`, which ends in a separator.
    fn after(&self, start: &str, place: usize) -> &str {
        let rest = self.text.split_once(start).unwrap().1;
        rest.split(['*', '+', '~', '\'']).nth(place - 1).unwrap()
    }
}

/// Makes a file one that was written long ago: the `place`th of its kind.
pub(super) fn at_rest(path: &Path, place: u32) {
    let since = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + u64::from(place));
    fs::File::options().write(true).open(path).unwrap().set_modified(since).unwrap();
}

/// Reads `850-000000012.x12`, and removes it.
fn taken(path: &Path) -> Taken {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let (kind, number) = name.split_once('-').unwrap();
    let taken = Taken {
        kind: kind.to_owned(),
        number: number.parse().unwrap(),
        text: fs::read_to_string(path).unwrap(),
    };
    fs::remove_file(path).unwrap();
    taken
}
