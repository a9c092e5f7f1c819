//! Where the store's file lies, and whether it still does.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::Fault;

/// A file's device and number.
type FileId = (u64, u64);

/// A store's place: none for one that is no file.
pub(super) struct Place {
    path: Option<PathBuf>,
    /// Which file was opened there.
    opened: Mutex<Option<FileId>>,
}

impl Place {
    /// The file that was just opened there.
    pub(super) fn of(path: Option<&Path>) -> Self {
        let place = Self {
            path: path.map(Path::to_path_buf),
            opened: Mutex::default(),
        };
        place.renew();
        place
    }

    /// The file was closed and opened anew.
    pub(super) fn renew(&self) {
        let found = self.found();
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    /// Whether the file that was opened is still there: what is written into one that was moved away or removed is
    /// lost at the next start. It counts again as soon as it is back.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if *self.opened.lock().unwrap_or_else(PoisonError::into_inner) == self.found() {
            return Ok(());
        }
        let why = "the store's file was moved away, removed or exchanged while it was in use; put it back";
        let error = io::Error::new(io::ErrorKind::NotFound, why);
        Err(Fault::of(None, redb::Error::Io(error)))
    }

    /// Whether a folder is the one that the file is in, or lies within that, by whatever name.
    pub(super) fn is_around(&self, folder: &Path) -> bool {
        let own = self.path.as_deref().and_then(|file| file.canonicalize().ok());
        let own = own.as_deref().and_then(Path::parent).and_then(id);
        let folder = folder.canonicalize().unwrap_or_default();
        own.is_some() && folder.ancestors().any(|place| id(place) == own)
    }

    fn found(&self) -> Option<FileId> {
        self.path.as_deref().and_then(id)
    }
}

fn id(path: &Path) -> Option<FileId> {
    path.metadata().ok().map(|found| (found.dev(), found.ino()))
}
