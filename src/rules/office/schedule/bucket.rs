//! A bucket of an S3-compatible server that backups go into.

use std::fmt;
use std::net::IpAddr;

use zeroize::Zeroizing;

use crate::rules::invalid::{Field, Invalid, Why, WrongSchedule};
use crate::rules::moment::Fresh;
use crate::rules::secret::{SealKey, Sealed};
use crate::rules::text::visible;

/// Octets of each part; S3's names have 63 at most, its keys 1,024.
const OCTETS: usize = 255;
const PURPOSE: &str = "bucket secret";
/// Where nothing is said.
const REGION: &str = "us-east-1";

/// A bucket as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// `https://host` or `https://host:port`; `http` on the LAN alone.
    pub endpoint: String,
    /// Its name.
    pub name: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The access key's name.
    pub access_key: String,
    /// Its secret, sealed and bound to the access key.
    pub secret: Sealed,
    /// What stands before every object's name; may be empty.
    pub prefix: String,
}

/// A bucket and what opens it.
#[derive(Clone)]
pub struct Access {
    /// See [`Bucket::endpoint`].
    pub endpoint: String,
    /// See [`Bucket::name`].
    pub name: String,
    /// See [`Bucket::region`].
    pub region: String,
    /// See [`Bucket::access_key`].
    pub access_key: String,
    /// The secret itself.
    pub secret: Zeroizing<String>,
    /// See [`Bucket::prefix`].
    pub prefix: String,
}

impl fmt::Debug for Access {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Access({}/{})", self.endpoint, self.name)
    }
}

/// What an administrator typed of a bucket.
pub struct TypedBucket {
    /// See [`Bucket::endpoint`]; a slash at its end and letter case do not matter.
    pub endpoint: String,
    /// See [`Bucket::name`].
    pub name: String,
    /// See [`Bucket::region`]; empty: `us-east-1`.
    pub region: String,
    /// See [`Bucket::access_key`].
    pub access_key: String,
    /// Left out: the one that is kept, if nothing else of the endpoint and the access key changed.
    pub secret: Option<Zeroizing<String>>,
    /// See [`Bucket::prefix`]; where it is not empty, a slash ends it.
    pub prefix: String,
}

impl TypedBucket {
    /// Judges it. `kept`: the bucket that was set before, and the key that opens its secret; a secret goes to no other
    /// server than it was typed for.
    pub fn read(self, kept: Option<(&Bucket, &SealKey)>) -> Result<Access, Invalid> {
        let wrong = || Invalid::new(Field::Bucket, Why::Schedule(WrongSchedule::BucketPart));
        let endpoint = visible(&self.endpoint).trim_end_matches('/').to_ascii_lowercase();
        if !is_endpoint(&endpoint) {
            return Err(Invalid::new(Field::Bucket, Why::Schedule(WrongSchedule::Endpoint)));
        }
        let text = |text: &str| {
            let text = visible(text);
            let odd = text.len() > OCTETS || text.chars().any(|c| c.is_control() || c.is_whitespace());
            if odd { Err(wrong()) } else { Ok(text) }
        };
        let name = text(&self.name)?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if name.len() < 3 || name.starts_with('.') || !name.chars().all(is_name) {
            return Err(wrong());
        }
        let region = Some(text(&self.region)?).filter(|region| !region.is_empty());
        let region = region.unwrap_or_else(|| REGION.to_owned());
        let access_key = text(&self.access_key)?;
        let is_plain = |c: char| c.is_ascii_graphic() && c != '/' && c != ',';
        if access_key.is_empty() || !access_key.chars().all(is_plain) || !region.chars().all(is_plain) {
            return Err(wrong());
        }
        let mut prefix = text(&self.prefix)?.trim_start_matches('/').to_owned();
        if !prefix.is_empty() && !prefix.ends_with('/') {
            prefix.push('/');
        }
        let is_dots = |part: &str| part == "." || part == "..";
        if prefix.split('/').any(is_dots) || prefix.contains("//") {
            return Err(wrong());
        }
        let typed = self.secret.filter(|secret| !secret.trim().is_empty());
        let secret = match typed {
            Some(secret) => Zeroizing::new(secret.trim().to_owned()),
            None => kept
                .filter(|(kept, _)| kept.endpoint.eq_ignore_ascii_case(&endpoint) && kept.access_key == access_key)
                .and_then(|(kept, key)| kept.access(key))
                .map(|kept| kept.secret)
                .ok_or(Invalid::new(Field::Secret, Why::Schedule(WrongSchedule::NoSecret)))?,
        };
        Ok(Access {
            endpoint,
            name,
            region,
            access_key,
            secret,
            prefix,
        })
    }
}

/// `https://host[:port]`, or `http` where the host is plainly on this network.
fn is_endpoint(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    let odd = |c: char| c.is_whitespace() || c.is_control() || "/?#@\\".contains(c);
    if authority.is_empty() || authority.len() > OCTETS || authority.contains(odd) || !authority.is_ascii() {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    scheme == "https" || scheme == "http" && is_near(host)
}

fn is_near(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => host == "localhost" || host.ends_with(".local") || !host.contains('.'),
    }
}

impl Access {
    /// What is kept of it.
    pub fn sealed(&self, key: &SealKey, fresh: &mut Fresh) -> Bucket {
        let row = self.access_key.as_bytes();
        Bucket {
            endpoint: self.endpoint.clone(),
            name: self.name.clone(),
            region: self.region.clone(),
            access_key: self.access_key.clone(),
            secret: key.seal(PURPOSE, row, self.secret.as_bytes(), fresh),
            prefix: self.prefix.clone(),
        }
    }
}

impl Bucket {
    /// Opens it; `None` if the key is another one.
    pub fn access(&self, key: &SealKey) -> Option<Access> {
        let secret = key.open(PURPOSE, self.access_key.as_bytes(), &self.secret)?;
        let secret = Zeroizing::new(String::from_utf8(secret.to_vec()).ok()?);
        Some(Access {
            endpoint: self.endpoint.clone(),
            name: self.name.clone(),
            region: self.region.clone(),
            access_key: self.access_key.clone(),
            secret,
            prefix: self.prefix.clone(),
        })
    }

    /// Where it is, in one line.
    pub fn place(&self) -> String {
        format!("{}/{}/{}", self.endpoint, self.name, self.prefix)
    }
}
