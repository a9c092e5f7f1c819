//! A place that backups go to: a folder, or a bucket. All of it blocks.

use std::io::{self, Read};

use super::folder::{Folder, trouble};
use crate::rules::office::schedule::Trouble;
use crate::rules::office::schedule::bucket::Access;

/// Octets of a small file.
const SMALL: u64 = 4096;

/// A file that is read from its beginning.
pub struct Stream {
    /// Its bytes, where that is known.
    pub length: Option<u64>,
    /// What comes of it.
    pub from: Box<dyn Read + Send>,
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.from.read(into)
    }
}

/// A place for files.
pub trait Shelf: Send {
    /// The names of the files there.
    ///
    /// # Errors
    /// Why nobody knows.
    fn names(&self) -> Result<Vec<String>, Trouble>;

    /// Puts a file of that length there: whole, or not at all.
    ///
    /// # Errors
    /// Why it is not there.
    fn put(&self, name: &str, length: u64, from: &mut dyn Read) -> Result<(), Trouble>;

    /// A file, to be read from its beginning.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn read(&self, name: &str) -> Result<Stream, Trouble>;

    /// A small file, whole; `None` if there is none.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn small(&self, name: &str) -> Result<Option<Vec<u8>>, Trouble>;

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// Why it stays.
    fn remove(&self, name: &str) -> Result<(), Trouble>;
}

/// Opens a bucket: asks nothing of it yet.
pub type Buckets = dyn Fn(Access) -> Box<dyn Shelf> + Send + Sync;

impl Shelf for Folder {
    fn names(&self) -> Result<Vec<String>, Trouble> {
        Self::names(self).map_err(|error| trouble(&error))
    }

    fn put(&self, name: &str, _: u64, from: &mut dyn Read) -> Result<(), Trouble> {
        let aside = format!("{name}-unfinished");
        let mut write = || -> io::Result<()> {
            let mut file = self.create(&aside)?;
            io::copy(from, &mut file)?;
            file.sync_all()?;
            self.rename(&aside, name)
        };
        write().map_err(|error| trouble(&error))
    }

    fn read(&self, name: &str) -> Result<Stream, Trouble> {
        let file = Self::read(self, name).map_err(|error| trouble(&error))?;
        let length = file.metadata().map_err(|error| trouble(&error))?.len();
        Ok(Stream {
            length: Some(length),
            from: Box::new(file),
        })
    }

    fn small(&self, name: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let file = match Self::read(self, name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|error| trouble(&error))?,
        };
        let mut bytes = Vec::new();
        let read = file.take(SMALL).read_to_end(&mut bytes);
        read.map_err(|error| trouble(&error))?;
        Ok(Some(bytes))
    }

    fn remove(&self, name: &str) -> Result<(), Trouble> {
        Self::remove(self, name).map_err(|error| trouble(&error))
    }
}
