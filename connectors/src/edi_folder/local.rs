//! Folders of this machine. Each operation opens the folder that the operator allows and goes down from there with
//! `cap-std`: no link, wherever somebody put one, leads out of it.
use std::io::{self, ErrorKind, Read as _, Write as _};

use async_trait::async_trait;
use cap_std::fs::{Dir, DirEntry, Metadata, OpenOptions};
use chrono::{DateTime, Utc};

use crate::drop_folder::{Listed, Place, PlaceError};
use crate::folders::Allowed;

/// A folder with the folders of the protocol in it.
#[derive(Debug, Clone)]
pub(super) struct Local(pub(super) Allowed);

impl Local {
    /// Runs what blocks where it does not block others.
    async fn run<T: Send + 'static>(
        &self,
        what: String,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> Result<T, PlaceError> {
        let own = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&own)).await;
        let done = done.map_err(|error| PlaceError::Away(error.to_string()))?;
        done.map_err(|error| explained(&what, &error))
    }

    /// One of the folders. It is made where it is missing; the folder around it is not.
    fn open(&self, name: &str) -> io::Result<Dir> {
        let root = Dir::open_ambient_dir(&self.0.root, cap_std::ambient_authority())?;
        let base = if self.0.below.as_os_str().is_empty() { root } else { root.open_dir(&self.0.below)? };
        match base.open_dir(name) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                base.create_dir(name)?;
                base.open_dir(name)
            }
            opened => opened,
        }
    }
}

/// No path of this machine is in it: the error is for the tenant.
fn explained(what: &str, error: &io::Error) -> PlaceError {
    match error.kind() {
        ErrorKind::NotFound => PlaceError::Missing(what.to_owned()),
        ErrorKind::PermissionDenied => {
            PlaceError::Denied(format!("{what}: not permitted, or it leads out of the folder"))
        }
        kind => PlaceError::Away(format!("{what}: {kind}")),
    }
}

/// What is renamed or written is there after a power cut only when its folder was written too.
fn settle(folder: &Dir) -> io::Result<()> {
    folder.open(".")?.sync_all()
}

fn listed(name: String, metadata: &Metadata) -> io::Result<Option<Listed>> {
    if !metadata.is_file() {
        return Ok(None);
    }
    let modified = DateTime::<Utc>::from(metadata.modified()?.into_std());
    Ok(Some(Listed { name, size: metadata.len(), modified }))
}

/// A name that is no text is none that we gave, and nobody could be told of it.
fn entry(entry: &DirEntry) -> io::Result<Option<Listed>> {
    let Ok(name) = entry.file_name().into_string() else { return Ok(None) };
    match entry.metadata() {
        Ok(metadata) => listed(name, &metadata),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[async_trait]
impl Place for Local {
    async fn list(&self, folder: &str) -> Result<Vec<Listed>, PlaceError> {
        let (what, folder) = (format!("the folder `{folder}`"), folder.to_owned());
        self.run(what, move |own| {
            let mut found = Vec::new();
            for each in own.open(&folder)?.entries()? {
                found.extend(entry(&each?)?);
            }
            Ok(found)
        })
        .await
    }

    async fn find(&self, folder: &str, name: &str) -> Result<Option<Listed>, PlaceError> {
        let (what, folder, name) = (format!("{folder}/{name}"), folder.to_owned(), name.to_owned());
        self.run(what, move |own| match own.open(&folder)?.symlink_metadata(&name) {
            Ok(metadata) => listed(name, &metadata),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    async fn read(&self, folder: &str, name: &str, most: u64) -> Result<Vec<u8>, PlaceError> {
        let (what, folder, name) = (format!("{folder}/{name}"), folder.to_owned(), name.to_owned());
        self.run(what, move |own| {
            let mut bytes = Vec::new();
            own.open(&folder)?.open(&name)?.take(most).read_to_end(&mut bytes)?;
            Ok(bytes)
        })
        .await
    }

    async fn write(&self, folder: &str, name: &str, bytes: &[u8]) -> Result<(), PlaceError> {
        let (what, folder, name) = (format!("{folder}/{name}"), folder.to_owned(), name.to_owned());
        let bytes = bytes.to_vec();
        self.run(what, move |own| {
            let folder = own.open(&folder)?;
            let options = OpenOptions::new().write(true).create(true).truncate(true).clone();
            let mut file = folder.open_with(&name, &options)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            settle(&folder)
        })
        .await
    }

    async fn rename(&self, from: (&str, &str), to: (&str, &str)) -> Result<(), PlaceError> {
        let what = format!("{}/{}", from.0, from.1);
        let from = (from.0.to_owned(), from.1.to_owned());
        let to = (to.0.to_owned(), to.1.to_owned());
        self.run(what, move |own| {
            let (source, target) = (own.open(&from.0)?, own.open(&to.0)?);
            source.rename(&from.1, &target, &to.1)?;
            settle(&target)?;
            if from.0 == to.0 { Ok(()) } else { settle(&source) }
        })
        .await
    }

    async fn remove(&self, folder: &str, name: &str) -> Result<(), PlaceError> {
        let (what, folder, name) = (format!("{folder}/{name}"), folder.to_owned(), name.to_owned());
        self.run(what, move |own| own.open(&folder)?.remove_file(&name)).await
    }
}
