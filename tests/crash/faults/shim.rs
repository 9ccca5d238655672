//! The library that stands between the server and the system, built here from `tests/crash/shim.c`.
use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

use super::system;
use crate::{server::Launch, world::World};

/// Places in the file of orders, each eight bytes.
const CLOCK: u64 = 0;
const SYNC: u64 = 1;
const SHORT: u64 = 2;
const FELT: u64 = 3;

/// What a running server is told by way of the library.
pub(super) struct Shim {
    folder: PathBuf,
    orders: File,
}

impl Shim {
    /// Builds the library. The error says why this machine cannot.
    pub(super) fn build() -> Result<Self, String> {
        if !cfg!(target_os = "linux") {
            return Err("it takes a library that is loaded before others, as on Linux".to_owned());
        }
        let folder = std::env::temp_dir().join(format!("quayside-shim-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/shim.c");
        let library = folder.join("shim.so");
        let (source, library) = (source.to_str().unwrap(), library.to_str().unwrap());
        system(&["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"])?;
        let options = File::options().create(true).truncate(true).read(true).write(true).to_owned();
        let orders = options.open(folder.join("orders")).map_err(|error| error.to_string())?;
        orders.write_all_at(&[0; 32], 0).map_err(|error| error.to_string())?;
        Ok(Self { folder, orders })
    }

    /// How a server is started that obeys.
    pub(super) fn launch(&self) -> Launch {
        let path = |name| self.folder.join(name).display().to_string();
        let variable = |name: &str, value| (name.to_owned(), value);
        let environment =
            vec![variable("LD_PRELOAD", path("shim.so")), variable("QUAYSIDE_TEST_SHIM", path("orders"))];
        Launch { environment, ..Launch::default() }
    }

    /// Sets the clocks of the server and of the ERPs, which are of the same time.
    pub(super) fn set_clock(&self, world: &World, ahead_seconds: i64) {
        self.order(CLOCK, ahead_seconds);
        world.ahead.store(ahead_seconds * 1_000_000, Ordering::Relaxed);
    }

    /// Whether what is to be made durable fails.
    pub(super) fn sync_fails(&self, fails: bool) {
        self.order(SYNC, i64::from(fails));
    }

    /// Whether half of what is written to the database arrives.
    pub(super) fn short_writes(&self, short: bool) {
        self.order(SHORT, i64::from(short));
    }

    /// How often a write or a sync failed.
    pub(super) fn felt(&self) -> u64 {
        let mut bytes = [0; 8];
        self.orders.read_exact_at(&mut bytes, FELT * 8).unwrap();
        u64::from_ne_bytes(bytes)
    }

    fn order(&self, place: u64, value: i64) {
        self.orders.write_all_at(&value.to_ne_bytes(), place * 8).unwrap();
    }
}

impl Drop for Shim {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
