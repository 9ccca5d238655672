//! A network of the server's own, which can lose what passes without harm to anybody else's.
use super::system;

/// A network namespace, joined to this machine by one wire. Gone when this is dropped.
pub(super) struct Namespace {
    name: String,
    outside: End,
    inside: End,
}

/// One end of the wire.
struct End {
    device: String,
    address: String,
    hardware: String,
}

/// Which way nothing passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    Nothing,
    ToTheServer,
    FromTheServer,
    Everything,
}

/// Whose hardware address nobody has.
const NOBODY: &str = "02:00:00:00:00:01";

impl Namespace {
    /// Makes one. The error says why this machine cannot.
    pub(super) fn make() -> Result<Self, String> {
        if !cfg!(target_os = "linux") || system(&["id", "-u"])? != "0" {
            return Err("only root on Linux can make a network of its own".to_owned());
        }
        let number = std::process::id() % 60_000;
        let (third, fourth) = (number / 250, number % 250);
        let end = |side: &str, last: u32| End {
            device: format!("qs{side}{number}"),
            address: format!("10.213.{third}.{}", fourth / 4 * 4 + last),
            hardware: String::new(),
        };
        let name = format!("quayside-{number}");
        let mut made = Self { name, outside: end("o", 1), inside: end("i", 2) };
        made.lay()?;
        Ok(made)
    }

    fn lay(&mut self) -> Result<(), String> {
        let Self { name, outside, inside } = self;
        system(&["ip", "netns", "add", name])?;
        system(&["ip", "link", "add", &outside.device, "type", "veth", "peer", "name", &inside.device])?;
        system(&["ip", "link", "set", &inside.device, "netns", name])?;
        system(&["ip", "addr", "add", &format!("{}/30", outside.address), "dev", &outside.device])?;
        system(&["ip", "link", "set", &outside.device, "up"])?;
        let within = ["ip", "-n", name];
        system(
            &[&within[..], &["addr", "add", &format!("{}/30", inside.address), "dev", &inside.device]]
                .concat(),
        )?;
        system(&[&within[..], &["link", "set", "lo", "up"]].concat())?;
        system(&[&within[..], &["link", "set", &inside.device, "up"]].concat())?;
        outside.hardware = hardware(&system(&["ip", "-o", "link", "show", &outside.device])?);
        let shown = system(&[&within[..], &["-o", "link", "show", &inside.device]].concat())?;
        inside.hardware = hardware(&shown);
        self.lose(Lost::Nothing)
    }

    /// What stands before a program that runs inside.
    pub(super) fn before(&self) -> Vec<String> {
        ["ip", "netns", "exec", &self.name].map(str::to_owned).to_vec()
    }

    /// This machine's address, as the server sees it.
    pub(super) fn outside(&self) -> &str {
        &self.outside.address
    }

    /// The server's address.
    pub(super) fn inside(&self) -> &str {
        &self.inside.address
    }

    /// From now on: packets go to a hardware address that nobody has, and no end is told.
    pub(super) fn lose(&self, lost: Lost) -> Result<(), String> {
        let to = |end: &End, is_lost| if is_lost { NOBODY.to_owned() } else { end.hardware.clone() };
        let inwards = to(&self.inside, matches!(lost, Lost::ToTheServer | Lost::Everything));
        let outwards = to(&self.outside, matches!(lost, Lost::FromTheServer | Lost::Everything));
        let (outside, inside) = (&self.outside, &self.inside);
        let neighbour = |end: &End, hardware: &str, device: &str| -> Vec<String> {
            ["neigh", "replace", &end.address, "lladdr", hardware, "dev", device, "nud", "permanent"]
                .map(str::to_owned)
                .to_vec()
        };
        run(&["ip"], &neighbour(inside, &inwards, &outside.device))?;
        run(&["ip", "-n", &self.name], &neighbour(outside, &outwards, &inside.device))
    }
}

fn run(before: &[&str], words: &[String]) -> Result<(), String> {
    let words: Vec<&str> = before.iter().copied().chain(words.iter().map(String::as_str)).collect();
    system(&words).map(drop)
}

/// What stands behind `link/ether`.
fn hardware(shown: &str) -> String {
    let mut words = shown.split_whitespace().skip_while(|word| *word != "link/ether");
    words.nth(1).unwrap_or_default().to_owned()
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The wire goes with it.
        let _ = system(&["ip", "link", "del", &self.outside.device]);
        let _ = system(&["ip", "netns", "del", &self.name]);
    }
}

#[test]
fn the_hardware_address_is_found() {
    let shown = "3: qsi7@if4: <BROADCAST> mtu 1500 link/ether 5a:01:02:03:04:05 brd ff:ff:ff:ff:ff:ff";
    assert_eq!(hardware(shown), "5a:01:02:03:04:05");
}
