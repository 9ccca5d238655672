//! The books on disk: one JSON document on each line, appended before the answer is given.
//!
//! A process may be killed in the middle of a line; that line was never answered for, so the next start cuts
//! it off. It is not synced: this is a stand-in, and a power cut may take its memory.
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::OpenError;

pub(super) struct Journal {
    file: File,
    length: u64,
}

impl Journal {
    /// Opens or makes the file and applies what is in it.
    pub(super) fn open<L: DeserializeOwned>(
        path: &Path,
        mut apply: impl FnMut(L),
    ) -> Result<Self, OpenError> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut reader = BufReader::new(&file);
        let mut length = 0;
        let mut bytes = Vec::new();
        for line in 1.. {
            bytes.clear();
            let count = reader.read_until(b'\n', &mut bytes)?;
            if !bytes.ends_with(b"\n") {
                break; // the end, or a line that was never finished
            }
            apply(serde_json::from_slice(&bytes).map_err(|_| OpenError::Line { line })?);
            length += count as u64;
        }
        file.set_len(length)?;
        Ok(Self { file, length })
    }

    /// A line that could not be written whole is taken back.
    pub(super) fn append(&mut self, entry: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            self.file.set_len(self.length)?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}
