//! A folder that backups go to, held open: what is written into it lands on the file system that was looked at, also
//! where that is unmounted meanwhile.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, AtFlags, Dir, FileType, Mode, OFlags};

use crate::rules::office::schedule::Trouble;

/// An open folder.
pub struct Folder(OwnedFd);

/// Where the file system is mounted that this folder is on; `None`: it is the system's own. A mount is told by a device
/// number that differs from that of the folder above, so a bind mount of the same file system is none.
///
/// # Errors
/// There is no such folder, or it cannot be looked at.
pub fn mount_of(folder: &Path) -> io::Result<Option<String>> {
    let folder = fs::canonicalize(folder)?;
    if !fs::metadata(&folder)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    for place in folder.ancestors() {
        let Some(above) = place.parent() else { break };
        if fs::metadata(place)?.dev() != fs::metadata(above)?.dev() {
            return Ok(place.to_str().map(str::to_owned));
        }
    }
    Ok(None)
}

/// Whether the folder is the system's, and no place for files: `/`, or below where Linux shows devices and processes.
pub fn is_systems(folder: &Path) -> bool {
    let folder = fs::canonicalize(folder).unwrap_or_default();
    let is_root = folder.parent().is_none() && folder.is_absolute();
    is_root || ["/dev", "/proc", "/sys"].iter().any(|place| folder.starts_with(place))
}

impl Folder {
    /// Opens it, if the file system is there that it was on when `mount` was noted.
    pub fn open(path: &str, mount: Option<&str>) -> Result<Self, Trouble> {
        let opened = rustix::fs::open(path, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
        let folder = match opened {
            Ok(folder) => Self(folder),
            Err(_) if mount.is_some_and(|mount| !is_mounted(mount)) => return Err(Trouble::Absent),
            Err(error) => return Err(trouble(&error.into())),
        };
        if let Some(mount) = mount {
            let above = Path::new(mount).parent().map_or_else(PathBuf::new, Path::to_path_buf);
            let below = rustix::fs::fstat(&folder.0).map_err(|error| trouble(&error.into()))?;
            let same = fs::metadata(above).map_or(true, |above| above.dev() == below.st_dev);
            if same {
                return Err(Trouble::Absent);
            }
        }
        Ok(folder)
    }

    /// Makes a file for this user alone, in the place of what a cut run left under that name: never through a link,
    /// nor into a file that is called something else besides.
    pub fn create(&self, name: &str) -> io::Result<File> {
        self.remove(name)?;
        let how = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.0, name, how, Mode::RUSR | Mode::WUSR)?.into())
    }

    /// Opens a file to be read from the medium, as far as the system lets go of what it has in memory.
    pub fn read(&self, name: &str) -> io::Result<File> {
        // A FIFO opens at once then, and is refused.
        let how = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.0, name, how, Mode::empty())?;
        let kind = FileType::from_raw_mode(rustix::fs::fstat(&file)?.st_mode);
        if !kind.is_file() {
            let what = if kind.is_dir() {
                "a folder, and no file"
            } else {
                "no file, but a FIFO, a device or a socket"
            };
            return Err(io::Error::other(format!("{name} is {what}")));
        }
        // What has no such memory reads from the medium anyhow.
        rustix::fs::fadvise(&file, 0, None, Advice::DontNeed).ok();
        Ok(file.into())
    }

    /// Gives a file its name, for good.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        rustix::fs::renameat(&self.0, from, &self.0, to)?;
        self.sync()
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.0, name, AtFlags::empty()) {
            Err(error) if error != rustix::io::Errno::NOENT => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Makes sure that what was renamed or removed stays so after a power cut.
    pub fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.0)?)
    }

    /// The names in it that are text.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            if let Ok(name) = entry?.file_name().to_str() {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }
}

/// Whether something is mounted there.
pub fn is_mounted(mount: &str) -> bool {
    let Some(above) = Path::new(mount).parent() else {
        return true;
    };
    match (fs::metadata(mount), fs::metadata(above)) {
        (Ok(here), Ok(above)) => here.dev() != above.dev(),
        _ => false,
    }
}

/// What the system's error means for a backup.
pub fn trouble(error: &io::Error) -> Trouble {
    let known = [
        (io::ErrorKind::NotADirectory, Trouble::Missing),
        (io::ErrorKind::NotFound, Trouble::Missing),
        (io::ErrorKind::PermissionDenied, Trouble::Denied),
        (io::ErrorKind::QuotaExceeded, Trouble::Full),
        (io::ErrorKind::ReadOnlyFilesystem, Trouble::ReadOnly),
        (io::ErrorKind::StorageFull, Trouble::Full),
    ];
    let known = known.into_iter().find(|(kind, _)| *kind == error.kind());
    known.map_or_else(|| Trouble::Other(error.to_string()), |(_, trouble)| trouble)
}
