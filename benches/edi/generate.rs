//! Makes interchanges of any size: ship notices as X12 856 and EDIFACT DESADV, whose counts, levels and check digits are
//! right. The same size gives the same bytes.

use std::io::{self, Read};

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// X12 856, version 004010: shipment, two orders, three cartons in each, two items in each.
    ShipNotices,
    /// EDIFACT DESADV, D.96A: three cartons with two items each.
    DespatchAdvices,
}

impl Kind {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::ShipNotices => "856",
            Self::DespatchAdvices => "desadv",
        }
    }
}

/// An interchange as it is read.
#[derive(Debug)]
pub(crate) struct Generator {
    kind: Kind,
    /// How large it is to become.
    size: u64,
    /// Whether all of it is one message.
    single: bool,
    made: u64,
    messages: u64,
    cartons: u64,
    state: State,
    buffer: Vec<u8>,
    read: usize,
    random: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Inside,
    After,
}

/// A message while it is made: its segments are counted.
struct Message<'a> {
    out: &'a mut Vec<u8>,
    end: &'static str,
    segments: u64,
}

impl Message<'_> {
    fn segment(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.out.extend_from_slice(self.end.as_bytes());
        self.segments += 1;
    }
}

impl Generator {
    pub(crate) fn new(kind: Kind, size: u64) -> Self {
        Self {
            kind,
            size,
            single: false,
            made: 0,
            messages: 0,
            cartons: 0,
            state: State::Before,
            buffer: Vec::new(),
            read: 0,
            random: 0x5EED,
        }
    }

    /// One whose size is all in one message.
    pub(crate) fn single(kind: Kind, size: u64) -> Self {
        Self { single: true, ..Self::new(kind, size) }
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % limit
    }

    fn refill(&mut self) {
        self.buffer.clear();
        self.read = 0;
        match self.state {
            State::Before => {
                self.header();
                self.state = State::Inside;
            }
            State::Inside if self.made >= self.size || self.single && self.messages > 0 => {
                self.trailer();
                self.state = State::After;
            }
            State::Inside => {
                self.messages += 1;
                match self.kind {
                    Kind::ShipNotices => self.ship_notice(),
                    Kind::DespatchAdvices => self.despatch_advice(),
                }
            }
            State::After => {}
        }
        self.made += self.buffer.len() as u64;
    }

    fn header(&mut self) {
        let text = match self.kind {
            Kind::ShipNotices => format!(
                "ISA*00*{:10}*00*{:10}*ZZ*{:15}*ZZ*{:15}*260901*1200*U*00401*000000001*0*T*>~\
                 GS*SH*ACMESUPPLY*NORTHDIST*20260901*1200*1*X*004010~",
                "", "", "ACMESUPPLY", "NORTHDIST"
            ),
            Kind::DespatchAdvices => {
                "UNA:+.? 'UNB+UNOC:3+4012345000009:14+4098765000005:14+260901:1200+1'".to_owned()
            }
        };
        self.buffer.extend_from_slice(text.as_bytes());
    }

    fn trailer(&mut self) {
        let messages = self.messages;
        let text = match self.kind {
            Kind::ShipNotices => format!("GE*{messages}*1~IEA*1*000000001~"),
            Kind::DespatchAdvices => format!("UNZ+{messages}+1'"),
        };
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// Whether a message takes another order or carton.
    fn goes_on(&self, done: u64, usual: u64, length: usize) -> bool {
        if self.single { self.made + (length as u64) < self.size } else { done < usual }
    }

    fn ship_notice(&mut self) {
        let number = self.messages;
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut set = Message { out: &mut buffer, end: "~", segments: 0 };
        set.segment(&format!("ST*856*{number:04}"));
        set.segment(&format!("BSN*00*ASN{number:07}*20260901*120000*0001"));
        set.segment("DTM*011*20260901");
        set.segment("DTM*017*20260904");
        set.segment("HL*1**S*1");
        let (cartons, weight) = (1 + self.below(40), 10 + self.below(4000));
        set.segment(&format!("TD1*CTN25*{cartons}****G*{weight}*LB"));
        set.segment("TD5*B*2*FDEG*M*FEDEX FREIGHT");
        set.segment(&format!("TD3*TL**TRL{:05}", number % 100_000));
        set.segment(&format!("REF*BM*BOL{number:07}"));
        set.segment(&format!("REF*CN*PRO{number:09}"));
        set.segment(&format!("N1*SF*ACME SUPPLY CO*92*V{:05}", number % 900));
        set.segment("N3*12 INDUSTRIAL WAY");
        set.segment("N4*CHICAGO*IL*60601*US");
        set.segment(&format!("N1*ST*NORTH DC*92*DC{:03}", number % 40));
        set.segment("N3*1500 LOGISTICS PKWY");
        set.segment("N4*DALLAS*TX*75261*US");
        let (mut level, mut orders) = (1, 0);
        while self.goes_on(orders, 2, set.out.len()) {
            orders += 1;
            level += 1;
            let order = level;
            set.segment(&format!("HL*{order}*1*O*1"));
            set.segment(&format!("PRF*PO{:08}***20260815", number * 10 + orders));
            set.segment(&format!("REF*IA*{:06}", number % 999_999));
            for _ in 0..3 {
                level += 1;
                let carton = level;
                set.segment(&format!("HL*{carton}*{order}*P*1"));
                set.segment(&format!("MAN*GM*00{}", self.sscc()));
                for item in 1..=2_u64 {
                    level += 1;
                    let (sku, quantity) = (number * 7 + item, 1 + self.below(240));
                    set.segment(&format!("HL*{level}*{carton}*I*0"));
                    set.segment(&format!(
                        "LIN*{item}*UP*{}*VN*SKU-{:05}*BP*B{:06}",
                        with_check_digit(&format!("061414{:05}", sku % 100_000)),
                        sku % 99_999,
                        sku % 999_999
                    ));
                    set.segment(&format!("SN1*{item}*{quantity}*EA**{quantity}*EA"));
                    set.segment(&format!("PID*F****WIDGET MODEL {}, STEEL", sku % 500));
                }
            }
        }
        set.segment(&format!("CTT*{level}"));
        let count = set.segments + 1;
        set.segment(&format!("SE*{count}*{number:04}"));
        self.buffer = buffer;
    }

    fn despatch_advice(&mut self) {
        let number = self.messages;
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut message = Message { out: &mut buffer, end: "'", segments: 0 };
        message.segment(&format!("UNH+{number}+DESADV:D:96A:UN:EAN005"));
        message.segment(&format!("BGM+351+DES{number:07}+9"));
        message.segment("DTM+137:20260901:102");
        message.segment("DTM+11:20260901:102");
        message.segment(&format!("RFF+ON:PO{number:08}"));
        message.segment("NAD+SU+4012345000009::9");
        message.segment("NAD+BY+4098765000005::9");
        message.segment("NAD+DP+4098765000012::9");
        message.segment("CPS+1");
        message.segment("PAC+3++CT");
        let (mut level, mut cartons, mut line) = (1, 0, 0);
        while self.goes_on(cartons, 3, message.out.len()) {
            cartons += 1;
            level += 1;
            message.segment(&format!("CPS+{level}+1"));
            message.segment("PAC+1++CT");
            message.segment("PCI+33E");
            message.segment(&format!("GIN+BJ+{}", self.sscc()));
            for _ in 0..2 {
                line += 1;
                let (sku, quantity) = (number * 7 + line, 1 + self.below(240));
                let gtin = with_check_digit(&format!("4012345{:05}", sku % 100_000));
                message.segment(&format!("LIN+{line}++{gtin}:EN"));
                message.segment(&format!("PIA+1+SKU-{:05}:SA+B{:06}:BP", sku % 99_999, sku % 999_999));
                message.segment(&format!("IMD+F++:::WIDGET MODEL {}, STEEL", sku % 500));
                message.segment(&format!("QTY+12:{quantity}:PCE"));
            }
        }
        message.segment(&format!("CNT+2:{line}"));
        let count = message.segments + 1;
        message.segment(&format!("UNT+{count}+{number}"));
        self.buffer = buffer;
    }

    fn sscc(&mut self) -> String {
        self.cartons += 1;
        with_check_digit(&format!("00614141{:09}", self.cartons % 1_000_000_000))
    }
}

/// Digits and the digit that GS1 keys end with: from the right, digits weigh 3 and 1 in turn.
fn with_check_digit(digits: &str) -> String {
    let weighed = digits.bytes().rev().zip([3, 1].into_iter().cycle());
    let sum: u32 = weighed.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

impl Read for Generator {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read == self.buffer.len() {
            self.refill();
        }
        let rest = &self.buffer[self.read..];
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        self.read += length;
        Ok(length)
    }
}
