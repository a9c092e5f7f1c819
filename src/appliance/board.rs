//! The machine that this binary was built for: `board/*.toml`, baked in by `build.rs`.

/// A board as its file describes it.
#[derive(Debug)]
pub struct Board {
    /// The file's name without `.toml`.
    pub id: &'static str,
    /// What the machine is called.
    pub title: &'static str,
    /// Where the store lives; `None`: in the user's state folder.
    pub data: Option<&'static str>,
    /// Where plain HTTP is served, or `off`.
    pub http: &'static str,
    /// Where HTTPS is served once there is a certificate, or `off`.
    pub https: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/board.rs"));
