//! Where `--backup FILE` may go: it takes the place of nothing that the appliance or its owner needs.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::appliance::cannot_start::CannotStart;
use crate::appliance::folder::data;
use crate::appliance::reset;
use crate::rules::office::backup;

/// Refuses names of the data folder's own, what is no regular file, and the passphrase's file. Asks, unless `yes`,
/// before another file is written over that is no backup.
pub(in crate::appliance) fn allowed(
    folder: &Path,
    file: &Path,
    passphrase: Option<&Path>,
    yes: bool,
) -> Result<(), CannotStart> {
    if file == Path::new("-") {
        return Err(
            "--backup writes into a file, and not to the standard output; for a file of that name say ./-".into(),
        );
    }
    let refused = |why: &str| -> Result<(), CannotStart> {
        Err(format!("no backup is written into {}: {why}", file.display()).into())
    };
    let own = "the appliance keeps a file of its own there; name another file";
    let named = file.file_name().and_then(|name| name.to_str());
    if named.is_some_and(reset::is_ours) && is_same(data::folder_of(file), folder) {
        return refused(own);
    }
    let there = match fs::symlink_metadata(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return refused(&data::plain(&error)),
        Ok(there) => there,
    };
    if !there.is_file() {
        let kind = match there.file_type() {
            kind if kind.is_dir() => "it is a folder",
            kind if kind.is_symlink() => "it is a link; name the file itself",
            _ => "it is no file, but a FIFO, a device or a socket",
        };
        return refused(kind);
    }
    if ours(folder).any(|path| is_same(&path, file)) {
        return refused(own);
    }
    if passphrase.is_some_and(|passphrase| is_same(passphrase, file)) {
        return refused("that is the file with the passphrase");
    }
    if there.len() == 0 || is_backup(file) {
        return Ok(());
    }
    reset::confirmed(
        &format!("{} is there, and is no backup: this writes over it.", file.display()),
        yes,
    )
}

/// The files in the data folder that are Linekey's own.
fn ours(folder: &Path) -> impl Iterator<Item = std::path::PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter(|file| file.file_name().to_str().is_some_and(reset::is_ours))
        .map(|file| file.path())
}

/// Whether two names lead to one file or folder.
fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

fn is_backup(file: &Path) -> bool {
    let mut head = [0; backup::HEAD];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && backup::begins(&head)
}
