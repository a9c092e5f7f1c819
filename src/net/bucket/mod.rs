//! A bucket of an S3-compatible server, as a place for files. Path-style addresses; one connection a request. Blocks.

mod listing;
mod signature;

use std::io::{self, Read};
use std::sync::Arc;

use super::https::{Client, HttpsError};
use super::streamed::{self, Body, Received, Request};
use crate::rules::office::schedule::bucket::Access;
use crate::rules::office::schedule::{BucketTrouble, Trouble};
use crate::rules::time::{Date, Ttl};

/// Octets of a list or of an error: a list has a thousand names.
const ANSWER: u64 = 1024 * 1024;
/// Octets of a small object.
const SMALL: u64 = 4096;
/// Lists that are asked for at most, of a thousand names each.
const LISTS: usize = 64;
/// S3 takes a clock that differs by so much at most.
const SKEW: Ttl = Ttl::minutes(15);

/// A bucket, and when its requests are signed.
pub struct Bucket {
    access: Access,
    now: Arc<dyn Fn() -> Date + Send + Sync>,
}

impl Bucket {
    /// Nothing is asked yet. `now`: the date by which requests are signed.
    pub fn new(access: Access, now: Arc<dyn Fn() -> Date + Send + Sync>) -> Self {
        Self { access, now }
    }

    /// The names of all objects below the prefix, the prefix taken away.
    ///
    /// # Errors
    /// Why the bucket does not say.
    pub fn names(&self) -> Result<Vec<String>, Trouble> {
        let (mut names, mut from) = (Vec::new(), None::<String>);
        for _ in 0..LISTS {
            let mut query = vec![("list-type", "2"), ("prefix", self.access.prefix.as_str())];
            if let Some(from) = &from {
                query.insert(0, ("continuation-token", from.as_str()));
            }
            let answered = self.ask("GET", "", &query, None).map_err(|why| {
                let is_gone = why == Trouble::Bucket(BucketTrouble::Gone);
                if is_gone { BucketTrouble::NoBucket.into() } else { why }
            })?;
            let xml = answered.whole(ANSWER).map_err(|error| cut(&error))?;
            let xml = String::from_utf8_lossy(&xml).into_owned();
            let own = listing::texts(&xml, "Key")
                .into_iter()
                .filter_map(|key| key.strip_prefix(&self.access.prefix).map(str::to_owned));
            names.extend(own);
            from = listing::text(&xml, "NextContinuationToken");
            if from.is_none() {
                break;
            }
        }
        Ok(names)
    }

    /// Puts an object of that length there. It is there whole or not at all.
    ///
    /// # Errors
    /// Why it is not. [`BucketTrouble::Expired`]: it took so long that its signature ran out; a new one may be tried.
    pub fn put(&self, name: &str, length: u64, from: &mut dyn Read) -> Result<(), Trouble> {
        let mut source = Source { from, broken: None };
        let put = self.ask("PUT", name, &[], Some((length, &mut source)));
        if let Some(error) = source.broken {
            return Err(Trouble::Other(format!("the copy of the store cannot be read: {error}")));
        }
        put.map(drop)
    }

    /// An object, to be read as it comes.
    ///
    /// # Errors
    /// Why it cannot be read; [`BucketTrouble::Gone`] where there is none.
    pub fn get(&self, name: &str) -> Result<Received, Trouble> {
        self.ask("GET", name, &[], None)
    }

    /// A small object, whole; `None` if there is none.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn small(&self, name: &str) -> Result<Option<Vec<u8>>, Trouble> {
        match self.get(name) {
            Err(Trouble::Bucket(BucketTrouble::Gone)) => Ok(None),
            got => got?.whole(SMALL).map(Some).map_err(|error| cut(&error)),
        }
    }

    /// Removes an object, if it is there.
    ///
    /// # Errors
    /// Why it stays.
    pub fn remove(&self, name: &str) -> Result<(), Trouble> {
        match self.ask("DELETE", name, &[], None) {
            Err(Trouble::Bucket(BucketTrouble::Gone)) => Ok(()),
            removed => removed.map(drop),
        }
    }

    fn ask(
        &self,
        method: &'static str,
        name: &str,
        query: &[(&str, &str)],
        body: Option<Body<'_>>,
    ) -> Result<Received, Trouble> {
        let endpoint = self.access.endpoint.as_str();
        let (scheme, host) = endpoint.split_once("://").unwrap_or_default();
        let client = match scheme {
            "https" => Some(Client::trusting(None, Vec::new()).map_err(|why| silent(&why))?),
            _ => None,
        };
        let key = match name {
            "" => String::new(),
            name => format!("{}{name}", self.access.prefix),
        };
        let path = format!("/{}/{}", self.access.name, signature::encoded(&key, "/"));
        let now = (self.now)();
        let fields = signature::fields(&self.access, (method, host), &path, query, now);
        let mut url = format!("{endpoint}{path}");
        if !query.is_empty() {
            url = format!("{url}?{}", signature::query_text(query));
        }
        let asked = Request {
            method,
            url: &url,
            fields: &fields,
        };
        let answered = streamed::ask(client.as_ref(), &asked, body).map_err(|why| silent(&why))?;
        if (200..300).contains(&answered.status) {
            return Ok(answered);
        }
        Err(refused(answered, (self.now)()).into())
    }
}

/// What is sent, and what went wrong with reading it: the line's troubles are others.
struct Source<'a> {
    from: &'a mut dyn Read,
    broken: Option<io::Error>,
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.from.read(into).map_err(|error| {
            let kind = error.kind();
            self.broken = Some(error);
            kind.into()
        })
    }
}

fn refused(answered: Received, here: Date) -> BucketTrouble {
    let status = answered.status;
    let there = answered.field("date").and_then(Date::parse_imf);
    let xml = answered.whole(ANSWER).unwrap_or_default();
    let code = listing::text(&String::from_utf8_lossy(&xml), "Code").unwrap_or_default();
    // Some servers call a wrong clock a wrong signature or an expired one.
    let apart = there.filter(|there| (*there - here).max(here - *there) > SKEW);
    match (code.as_str(), apart, there) {
        (_, Some(there), _) if status == 403 => BucketTrouble::Clock { here, there },
        // The clocks agree by now: it was under way for too long.
        ("RequestTimeTooSkewed", None, Some(_)) => BucketTrouble::Expired,
        ("RequestTimeTooSkewed", ..) => BucketTrouble::Clock { here, there: here },
        ("AccessDenied", ..) => BucketTrouble::Denied,
        (
            "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException"
            | "InvalidRegion"
            | "PermanentRedirect"
            | "TemporaryRedirect",
            ..,
        ) => BucketTrouble::Region,
        ("EntityTooLarge" | "QuotaExceeded" | "XMinioStorageFull", ..) => BucketTrouble::Full,
        ("InvalidBucketName", ..) => BucketTrouble::NoBucket,
        ("InvalidAccessKeyId" | "NotSignedUp", ..) => BucketTrouble::Key,
        ("SignatureDoesNotMatch", ..) => BucketTrouble::Secret,
        ("NoSuchBucket", ..) => BucketTrouble::NoBucket,
        ("NoSuchKey", ..) => BucketTrouble::Gone,
        // Without a word that is known here, the status says it.
        _ => match status {
            300..=399 => BucketTrouble::Elsewhere,
            401 | 403 => BucketTrouble::Denied,
            404 => BucketTrouble::Gone,
            429 | 500 | 502..=504 => BucketTrouble::Busy(status),
            507 => BucketTrouble::Full,
            _ => BucketTrouble::Status(status),
        },
    }
}

fn silent(why: &HttpsError) -> Trouble {
    let why = match why {
        HttpsError::Tls(..) | HttpsError::Untrusting(_) => BucketTrouble::Untrusted,
        HttpsError::NoHttp(_) => BucketTrouble::NoServer,
        HttpsError::Address(_) | HttpsError::Late(_) | HttpsError::Line(..) | HttpsError::Name(..) => {
            BucketTrouble::Unreachable
        }
    };
    why.into()
}

fn cut(_: &io::Error) -> Trouble {
    BucketTrouble::Cut.into()
}
