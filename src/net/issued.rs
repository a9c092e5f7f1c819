//! Why what a CA on the network issued is not put in use, in sentences.

use crate::rules::certificates::inspect::Flaw;

/// The sentence of such a flaw, without a full stop.
pub fn sentence(flaw: &Flaw) -> String {
    if matches!(flaw, Flaw::Expired { .. } | Flaw::NotYetValid { .. }) {
        return format!(
            "the CA issued a certificate that is not used: {}; set the date of this machine if it is wrong, or ask the \
             CA why",
            what(flaw)
        );
    }
    format!(
        "the CA issued a certificate that browsers refuse, so it is not used: {}; ask the CA why, or choose \
         another one",
        what(flaw)
    )
}

/// What it is. Flaws of files alone do not come over the network.
fn what(flaw: &Flaw) -> String {
    match flaw {
        Flaw::Expired { until, now } => format!(
            "it expired on {}, and today is {} by this machine's clock",
            until.iso(),
            now.iso()
        ),
        Flaw::NotYetValid { from, now } => format!(
            "it is valid from {} on only, and today is {} by this machine's clock",
            from.iso(),
            now.iso()
        ),
        Flaw::OtherName { wanted, names, .. } if names.is_empty() => format!("it is for no name, not for {wanted}"),
        Flaw::OtherName { wanted, names, .. } => {
            let first: Vec<&str> = names.iter().take(4).map(String::as_str).collect();
            format!("it is for {}, not for {wanted}", first.join(", "))
        }
        Flaw::ForeignKey | Flaw::LeafNotFirst { .. } => {
            "it is for another key than the one that it was asked for with".to_owned()
        }
        Flaw::WeakSignature { .. } => "it is signed with SHA-1 or MD5".to_owned(),
        Flaw::NotForServers => "it is not made for servers (extended key usage)".to_owned(),
        Flaw::UnknownExtension { identifier, .. } => {
            format!("it has a critical extension ({identifier}) that browsers do not know")
        }
        Flaw::Version { .. } => "it is of X.509 version 1, which names no host".to_owned(),
        Flaw::Unreadable { position, why } => format!("certificate number {position} of it is malformed ({why})"),
        Flaw::TooMany { certificates } => format!("there are {certificates} certificates in it"),
        Flaw::Damaged { .. }
        | Flaw::DateUnknown { .. }
        | Flaw::EncryptedKey
        | Flaw::ForeignSignature { .. }
        | Flaw::IssuerExpired { .. }
        | Flaw::IssuerNotYetValid { .. }
        | Flaw::Missing { .. }
        | Flaw::MissingChain { .. }
        | Flaw::NotAuthority { .. }
        | Flaw::SelfSigned
        | Flaw::TooLongLived { .. }
        | Flaw::TooLong { .. }
        | Flaw::UnreadableKey { .. }
        | Flaw::UnusableKey { .. } => "its key is of no use here".to_owned(),
    }
}
