use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use quayside_edi::Options;
use quayside_edi::lint::{self, Verdict};

use super::{EdiSupplier, EdiSupplierSettings};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A buyer with a folder, and a supplier that looks into it.
struct World {
    folder: PathBuf,
    clock: Arc<AtomicI64>,
    supplier: EdiSupplier,
}

impl World {
    fn start() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("quayside-simulator-edi-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(folder.join("out")).unwrap();
        let clock = Arc::new(AtomicI64::new(1_795_000_000));
        let supplier = open(&folder, &clock);
        Self { folder, clock, supplier }
    }

    /// A set of the buyer's, in an interchange of its own.
    fn send(&self, number: u32, group: &str, kind: &str, segments: &[&str]) {
        let body: String = segments.iter().map(|segment| format!("{segment}~")).collect();
        let count = segments.len() + 2;
        let text = format!(
            "ISA*00*          *00*          *ZZ*HARBOUR        *ZZ*BEARINGS       *261123*0800*U*00401*{number:09}*0*T*>~\
             GS*{group}*HARBOUR*BEARINGS*20261123*0800*{number}*X*004010~ST*{kind}*0001~{body}SE*{count}*0001~\
             GE*1*{number}~IEA*1*{number:09}~"
        );
        fs::write(self.folder.join("out").join(format!("{kind}-{number:09}.x12")), text).unwrap();
    }

    fn order(&self, number: u32, order: &str) {
        self.send(
            number,
            "PO",
            "850",
            &[
                &format!("BEG*00*SA*{order}**20261123"),
                "PO1*10*40*EA*3.1**VN*6204-2RS*BP*HS-9",
                "DTM*063*20261215",
                "PO1*20*2.5*KG***VN*GREASE",
                "CTT*2",
            ],
        );
    }

    /// What it put into the folder, without the line breaks; each file once.
    fn said(&self) -> Vec<(String, String)> {
        let Ok(files) = fs::read_dir(self.folder.join("in")) else { return Vec::new() };
        let mut said = Vec::new();
        for file in files {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let report = lint::file(text.as_bytes(), &Options::default()).unwrap();
            assert!(report.sets().all(|set| set.verdict == Verdict::Accepted), "{text}");
            said.push((path.file_name().unwrap().to_str().unwrap().to_owned(), text.replace('\n', "")));
            fs::remove_file(path).unwrap();
        }
        said.sort_by_key(|(name, _)| name[4..].to_owned());
        said
    }

    fn names(&self) -> Vec<String> {
        self.said().into_iter().map(|(name, _)| name).collect()
    }

    fn advance(&self) {
        self.clock.fetch_add(i64::try_from(DAY.as_secs()).unwrap() + 1, Ordering::SeqCst);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn open(folder: &std::path::Path, clock: &Arc<AtomicI64>) -> EdiSupplier {
    let clock = clock.clone();
    let now = move || DateTime::<Utc>::from_timestamp(clock.load(Ordering::SeqCst), 0).unwrap();
    let settings = EdiSupplierSettings {
        ship_after: DAY,
        books: Some(folder.join("books.json")),
        clock: Arc::new(now),
        ..EdiSupplierSettings::new(folder, "BEARINGS")
    };
    EdiSupplier::open(settings).unwrap()
}

#[test]
fn an_order_is_confirmed_answered_and_shipped_a_while_later() {
    let world = World::start();
    assert_eq!(world.supplier.work().unwrap(), 0);
    world.order(1, "PO-1");
    assert_eq!(world.supplier.work().unwrap(), 3);
    assert!(fs::read_dir(world.folder.join("out")).unwrap().next().is_none(), "what was taken is gone");
    let said = world.said();
    let [(first, confirmation), (second, answer)] = &said[..] else { panic!("{said:#?}") };
    assert_eq!((first.as_str(), second.as_str()), ("997-000000001.x12", "855-000000002.x12"));
    assert!(confirmation.contains("~AK1*PO*1~AK2*850*0001~AK5*A~AK9*A*1*1*1~"), "{confirmation}");
    assert!(answer.contains("*ZZ*BEARINGS       *ZZ*HARBOUR        *"), "{answer}");
    assert!(answer.contains("~BAK*00*AD*PO-1*20261123~PO1*10*40*EA***VN*6204-2RS*BP*HS-9~"), "{answer}");
    assert!(answer.contains("~ACK*IA*40*EA*067*20261215~"), "the day that was asked for: {answer}");
    assert!(answer.contains("~ACK*IA*2.5*KG*067*20261130~"), "a week, where none was: {answer}");

    assert_eq!(world.supplier.work().unwrap(), 0, "the goods have not left");
    world.advance();
    assert_eq!(world.supplier.work().unwrap(), 1);
    let said = world.said();
    assert_eq!(said[0].0, "856-000000003.x12");
    assert!(said[0].1.contains("~PRF*PO-1***20261123~HL*3*2*I"), "{}", said[0].1);
    assert!(said[0].1.contains("~SN1*10*40*EA~") && said[0].1.contains("~SN1*20*2.5*KG~"), "{}", said[0].1);
    world.advance();
    assert_eq!(world.supplier.work().unwrap(), 0, "once");
}

#[test]
fn a_change_is_taken_before_the_goods_leave_and_rejected_after() {
    let world = World::start();
    world.order(1, "PO-1");
    world.supplier.work().unwrap();
    world.said();
    let change = |number, sequence, quantity| {
        let line = format!("POC*10*QD*{quantity}**EA*3.1**VN*6204-2RS");
        let begin = format!("BCH*04*SA*PO-1**{sequence}*20261123");
        world.send(number, "PC", "860", &[&begin, &line, "POC*20*DI*2.5**KG", "CTT*2"]);
    };
    change(2, 1, 30);
    world.supplier.work().unwrap();
    let said = world.said();
    assert!(said[1].1.contains("~BCA*11*AD*PO-1**1*20261123~POC*10*QD*30**EA"), "{said:#?}");
    assert!(said[1].1.contains("~ACK*IA*30*EA*") && !said[1].1.contains("POC*20"), "{said:#?}");
    world.advance();
    world.supplier.work().unwrap();
    let shipped = &world.said()[0].1;
    assert!(shipped.contains("SN1*10*30*EA~") && !shipped.contains("SN1*20"), "{shipped}");

    change(3, 2, 10);
    world.supplier.work().unwrap();
    let said = world.said();
    assert!(said[1].1.contains("~BCA*11*RJ*PO-1**2*") && said[1].1.contains("~ACK*IR*30*EA~"), "{said:#?}");
}

#[test]
fn what_comes_again_is_not_answered_again_and_what_is_for_others_stays() {
    let world = World::start();
    world.order(1, "PO-1");
    world.supplier.work().unwrap();
    assert_eq!(world.names().len(), 2);
    world.order(1, "PO-1");
    assert_eq!(world.supplier.work().unwrap(), 1, "the same interchange is put away");
    world.order(2, "PO-1");
    world.supplier.work().unwrap();
    assert_eq!(world.names(), ["997-000000003.x12"], "the same order is confirmed, and is one order");

    world.send(3, "FA", "997", &["AK1*PR*2", "AK2*855*0001", "AK5*R*5", "AK9*R*1*1*0"]);
    world.supplier.work().unwrap();
    assert_eq!(world.names(), [""; 0], "nobody confirms a confirmation");
    let report = world.supplier.report();
    assert_eq!(report.rejected, ["997 on 855 0001"]);
    assert_eq!(report.heard.get("850"), Some(&2));
    assert_eq!(report.orders.len(), 1);

    let path = world.folder.join("out/850-000000009.x12");
    world.order(9, "PO-9");
    let theirs = fs::read_to_string(&path).unwrap().replace("BEARINGS ", "SOMEBODY ");
    fs::write(&path, theirs).unwrap();
    fs::write(world.folder.join("out/850-000000010.x12.tmp"), "half").unwrap();
    assert_eq!(world.supplier.work().unwrap(), 0);
    assert!(path.exists());
}

#[test]
fn stopped_on_any_line_it_says_everything_once() {
    let world = World::start();
    world.order(1, "PO-1");
    let order = fs::read(world.folder.join("out/850-000000001.x12")).unwrap();
    // The folder cannot be written to: what is to be said is in the books only.
    fs::write(world.folder.join("in"), "no folder").unwrap();
    world.supplier.work().unwrap_err();
    fs::remove_file(world.folder.join("in")).unwrap();
    let again = open(&world.folder, &world.clock);
    again.work().unwrap();
    assert_eq!(world.names(), ["997-000000001.x12", "855-000000002.x12"]);
    // The file it took is there once more: it died before it removed it.
    fs::write(world.folder.join("out/850-000000001.x12"), order).unwrap();
    open(&world.folder, &world.clock).work().unwrap();
    assert_eq!(world.names(), [""; 0]);
    assert_eq!(open(&world.folder, &world.clock).report(), again.report());
}
