//! Buckets as places for backups: the client of `net` behind the interface of `office`.

use std::io::Read;
use std::sync::Arc;

use crate::net::bucket::Bucket;
use crate::office::backups::shelf::{Buckets, Shelf, Stream};
use crate::rules::office::schedule::Trouble;
use crate::rules::time::Date;

struct Remote(Bucket);

impl Shelf for Remote {
    fn names(&self) -> Result<Vec<String>, Trouble> {
        self.0.names()
    }

    fn put(&self, name: &str, length: u64, from: &mut dyn Read) -> Result<(), Trouble> {
        self.0.put(name, length, from)
    }

    fn read(&self, name: &str) -> Result<Stream, Trouble> {
        let received = self.0.get(name)?;
        Ok(Stream {
            length: received.length(),
            from: Box::new(received),
        })
    }

    fn small(&self, name: &str) -> Result<Option<Vec<u8>>, Trouble> {
        self.0.small(name)
    }

    fn remove(&self, name: &str) -> Result<(), Trouble> {
        self.0.remove(name)
    }
}

/// Opens buckets, whose requests are signed by that date.
pub fn opener(now: impl Fn() -> Date + Send + Sync + 'static) -> Box<Buckets> {
    let now: Arc<dyn Fn() -> Date + Send + Sync> = Arc::new(now);
    Box::new(move |access| Box::new(Remote(Bucket::new(access, now.clone()))))
}
