//! Where a spare finds the backups: a folder, or a bucket.

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::appliance::cannot_start::CannotStart;
use crate::appliance::flags::Standby;
use crate::appliance::one_time;
use crate::rules::office::schedule::bucket::{Access, TypedBucket};

/// Where the backups are.
pub(super) enum Origin {
    Folder(PathBuf),
    Bucket(Access),
}

impl Origin {
    /// `/a/folder`, or `https://server/bucket/prefix` with a file that holds access key, secret and region in lines.
    pub(super) fn read(standby: &Standby) -> Result<Self, CannotStart> {
        let text = standby.place.as_str();
        if text.starts_with('/') {
            return Ok(Self::Folder(PathBuf::from(text)));
        }
        let odd = || {
            CannotStart(format!(
                "--standby takes the folder or the bucket that the board's backups go to, like /media/nas or \
                 https://s3.example.org/bucket/prefix; not {text:?}"
            ))
        };
        let (scheme, rest) = text.split_once("://").ok_or_else(odd)?;
        let (host, path) = rest.split_once('/').ok_or_else(odd)?;
        let (name, prefix) = path.split_once('/').unwrap_or((path, ""));
        let file = standby.key_file.as_deref();
        let file =
            file.ok_or("a bucket's access key and secret come from a file: name it with --bucket-key-file FILE")?;
        let lines = one_time::lines(file)
            .map_err(|why| format!("the bucket's access key cannot be read from {}: {why}", file.display()))?;
        let mut lines = lines.iter();
        let mut line = || lines.next().map(|line| line.to_string()).unwrap_or_default();
        let typed = TypedBucket {
            endpoint: format!("{scheme}://{host}"),
            name: name.to_owned(),
            prefix: prefix.to_owned(),
            access_key: line(),
            secret: Some(Zeroizing::new(line())),
            region: line(),
        };
        let access = typed
            .read(None)
            .map_err(|invalid| format!("--standby: {}", crate::http::front::sentences::invalid(invalid)))?;
        Ok(Self::Bucket(access))
    }
}
