//! Why a bucket does not take backups.

use std::fmt;

use crate::rules::time::Date;

/// What is wrong with a bucket or the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketTrouble {
    /// The server is busy, or has a fault of its own; later it may do what is asked.
    Busy(u16),
    /// The two clocks differ by more than S3 takes: ours, and the server's.
    Clock {
        /// By which the request was signed.
        here: Date,
        /// That of the server's answer.
        there: Date,
    },
    /// The connection ended before the whole of it came.
    Cut,
    /// The access key may not do that.
    Denied,
    /// What answers leads elsewhere, to no other address of the bucket: a network's page to sign in, or a proxy's.
    Elsewhere,
    /// The upload took longer than its signature holds.
    Expired,
    /// The bucket, its owner's account or the server's disk has no room.
    Full,
    /// There is no such object.
    Gone,
    /// The server does not know the access key.
    Key,
    /// There is no such bucket.
    NoBucket,
    /// What answers is no such server.
    NoServer,
    /// The bucket is in another region than requests are signed for, or at another address.
    Region,
    /// The secret is not the access key's.
    Secret,
    /// The server answers with that status, and no reason that is known here.
    Status(u16),
    /// The server's certificate is not trusted.
    Untrusted,
    /// The server cannot be reached.
    Unreachable,
}

impl fmt::Display for BucketTrouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Clock { here, there } => {
                return write!(
                    out,
                    "this appliance's clock says {}, that of the bucket's server {}: more than 15 minutes apart, so it \
                     refuses everything. The access key may well be right; set the clock that is wrong",
                    here.iso(),
                    there.iso()
                );
            }
            Self::Status(status) => return write!(out, "the bucket's server answers with the status {status}"),
            Self::Busy(status) => {
                return write!(
                    out,
                    "the bucket's server is busy or has a fault of its own (status {status}); a later try may succeed"
                );
            }
            Self::Cut => "the connection to the bucket's server ended too early",
            Self::Denied => {
                "the access key may not do that in this bucket: it must list, read, write and delete (or its account \
                 is closed)"
            }
            Self::Elsewhere => {
                "what answers there leads elsewhere, and is no bucket's server: a page to sign in to the network, or a \
                 proxy"
            }
            Self::Expired => "the upload took longer than the server waits",
            Self::Full => "the bucket or its owner's account has no room left, or takes no file of this size",
            Self::Gone => "the file is not in the bucket any more",
            Self::Key => "the bucket's server does not know this access key",
            Self::NoBucket => "there is no such bucket on that server",
            Self::NoServer => "what answers there is no S3-compatible server",
            Self::Region => {
                "the bucket is in another region: write the region and the server's address as the bucket's maker \
                 shows them together"
            }
            Self::Secret => "the secret does not belong to the access key, or the region is another one",
            Self::Untrusted => "the certificate of the bucket's server is not trusted by this machine",
            Self::Unreachable => "the bucket's server cannot be reached",
        };
        out.write_str(words)
    }
}
