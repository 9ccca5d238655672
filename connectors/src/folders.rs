//! Which folders of this machine connections may use. A tenant writes the path, so every one is a possible attempt to
//! read or write what is not the tenant's.
//!
//! Two checks, as with addresses: [`Folders::place`] reads the path, and whoever opens it opens the allowed folder and
//! walks down from there with `cap-std`, which follows no link out of it.
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Folders below which one tenant's connections may read and write: named by whoever runs this machine, never by the
/// tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folders(Arc<[PathBuf]>);

/// The text names no folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the absolute path of a folder, without `..`")]
pub struct InvalidFolder(String);

/// Why a folder may not be used. Names no folder but the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FolderForbidden {
    /// No absolute path, or one that goes up.
    #[error("a folder is an absolute path without `..`")]
    Path,
    /// Outside of what is allowed.
    #[error("the folder is not below one that the operator allows this tenant (setting `edi.folders`)")]
    Outside,
}

/// A folder that may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// The folder that the operator named.
    pub(crate) root: PathBuf,
    /// The way down from there; empty for the folder itself.
    pub(crate) below: PathBuf,
}

impl Folders {
    /// Reads absolute paths.
    ///
    /// # Errors
    /// One of them is none.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidFolder> {
        let folder = |entry: &str| {
            let invalid = || InvalidFolder(entry.chars().take(200).collect());
            let path = plain(entry).ok_or_else(invalid)?;
            // The root of the file system would allow everything.
            if path.components().count() > 1 { Ok(path) } else { Err(invalid()) }
        };
        let folders = entries.into_iter().map(folder).collect::<Result<Vec<_>, _>>()?;
        Ok(Self(folders.into()))
    }

    /// Whether none is allowed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What forbids the use of a folder, as far as its path says.
    ///
    /// # Errors
    /// It may not be used.
    pub fn check(&self, folder: &str) -> Result<(), FolderForbidden> {
        self.place(folder).map(drop)
    }

    pub(crate) fn place(&self, folder: &str) -> Result<Allowed, FolderForbidden> {
        let path = plain(folder).ok_or(FolderForbidden::Path)?;
        let found = self.0.iter().find_map(|root| Some((root, path.strip_prefix(root).ok()?)));
        let (root, below) = found.ok_or(FolderForbidden::Outside)?;
        Ok(Allowed { root: root.clone(), below: below.to_owned() })
    }
}

/// An absolute path of plain steps.
fn plain(text: &str) -> Option<PathBuf> {
    let path = Path::new(text);
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::RootDir);
    (path.is_absolute() && !text.contains('\0') && path.components().all(is_plain)).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_below_what_the_operator_allows_or_it_is_not_used() {
        let folders = Folders::parse(["/srv/edi/acme", "/mnt/van"]).unwrap();
        for (folder, expected) in [
            ("/srv/edi/acme", Ok(())),
            ("/srv/edi/acme/nordhaven", Ok(())),
            ("/srv/edi/acme/./nordhaven/", Ok(())),
            ("/mnt/van/a/b", Ok(())),
            ("/srv/edi/acme2", Err(FolderForbidden::Outside)),
            ("/srv/edi", Err(FolderForbidden::Outside)),
            ("/", Err(FolderForbidden::Outside)),
            ("/etc", Err(FolderForbidden::Outside)),
            ("/srv/edi/acme/../beta", Err(FolderForbidden::Path)),
            ("srv/edi/acme", Err(FolderForbidden::Path)),
            ("", Err(FolderForbidden::Path)),
            ("/srv/edi/acme/\0", Err(FolderForbidden::Path)),
        ] {
            assert_eq!(folders.check(folder), expected, "{folder:?}");
        }
        assert_eq!(Folders::default().check("/srv/edi/acme"), Err(FolderForbidden::Outside));
    }

    #[test]
    fn what_is_no_folder_cannot_be_allowed() {
        for wrong in ["", "/", "edi", "/srv/../etc", "./x"] {
            assert!(Folders::parse([wrong]).is_err(), "{wrong}");
        }
    }
}
