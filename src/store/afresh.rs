//! Files that are made anew under a name of Linekey's own.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Makes a file for this user alone where there is nothing, to be written and read: never through a link.
///
/// # Errors
/// Something has that name already ([`ErrorKind::AlreadyExists`]), or the folder takes no file.
pub fn made_new(path: &Path) -> io::Result<File> {
    let mut made = OpenOptions::new();
    made.create_new(true).read(true).write(true).mode(0o600);
    made.open(path)
}

/// The same in the place of what a cut run left there. What else that file is called, or the link leads to, stays.
///
/// # Errors
/// What is there cannot be removed, as a folder, or the folder takes no file.
pub fn made_again(path: &Path) -> io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => made_new(path),
    }
}
