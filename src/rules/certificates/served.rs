//! The certificate in use, as administrators are shown it.

use std::net::IpAddr;

use super::validity::Validity;

/// Where a certificate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A CA on the network.
    Acme {
        /// For trying alone: browsers do not know it.
        is_test: bool,
    },
    /// Files of the owner.
    Files,
    /// The office's own CA.
    Office,
}

/// What is to be known of the certificate in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// Where it comes from.
    pub source: Source,
    /// The common name of its issuer, if it has one.
    pub issuer: Option<String>,
    /// Its DNS names.
    pub names: Vec<String>,
    /// Its addresses, where they are known: those of the office CA's leaf.
    pub addresses: Vec<IpAddr>,
    /// When it is valid.
    pub validity: Validity,
}
