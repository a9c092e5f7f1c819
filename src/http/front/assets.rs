//! The baked files of `web/`, by name.

/// One baked file.
pub struct Asset {
    /// A page's name, or a file's address.
    pub path: &'static str,
    /// Its content type.
    pub kind: &'static str,
    /// Its entity tag, quotes included (RFC 9110 §8.8.3).
    pub etag: &'static str,
    /// Its bytes.
    pub raw: &'static [u8],
    /// The same, compressed (RFC 1952).
    pub gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The page of that name.
pub fn page(name: &str) -> Option<&'static Asset> {
    find(name)
}

/// The file at that address.
pub fn file(address: &str) -> Option<&'static Asset> {
    if address.starts_with("/a/") {
        find(address)
    } else {
        None
    }
}

/// The mark of Linekey.
pub fn favicon() -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path.ends_with("/mark.svg"))
}

fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}
