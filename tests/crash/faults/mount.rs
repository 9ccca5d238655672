//! A small file system of its own, which can be full without harm to anybody else.
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use super::system;

/// A file system in memory, gone when this is dropped.
pub(super) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// So many MiB at `folder`. The error says why this machine cannot.
    pub(super) fn mount(folder: &Path, mebibytes: u32) -> Result<Self, String> {
        if !cfg!(target_os = "linux") || system(&["id", "-u"])? != "0" {
            return Err("only root on Linux can mount a small file system".to_owned());
        }
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        let size = format!("size={mebibytes}m,mode=755");
        system(&["mount", "-t", "tmpfs", "-o", &size, "quayside-test", folder.to_str().unwrap()])?;
        Ok(Self(folder.to_owned()))
    }

    /// Leaves not a byte.
    pub(super) fn fill(&self) {
        let mut balloon = File::options().create(true).append(true).open(self.balloon()).unwrap();
        for size in [1 << 20, 4_096, 64, 1] {
            while balloon.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Gives the space back.
    pub(super) fn empty(&self) {
        let _ = fs::remove_file(self.balloon());
    }

    fn balloon(&self) -> PathBuf {
        self.0.join("balloon")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let folder = self.0.to_str().unwrap();
        if system(&["umount", folder]).is_err() {
            let _ = system(&["umount", "--lazy", folder]);
        }
        let _ = fs::remove_dir(&self.0);
    }
}
