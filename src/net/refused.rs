//! Why TLS with a server did not come about, in sentences: what is wrong, and what to do.

use std::fmt::Debug;

use futures_rustls::rustls::{AlertDescription, CertificateError, Error, OtherError, PeerIncompatible};
use rustls_pki_types::UnixTime;

use crate::rules::certificates::weakness::Weakness;
use crate::rules::time::Date;

/// The sentence for an error of TLS with that server, without a full stop; `pasted`: whether an administrator gave
/// certificates for it.
#[allow(clippy::wildcard_enum_match_arm, reason = "rustls lets its enums grow")]
pub fn sentence(error: &Error, server: &str, pasted: bool) -> String {
    match error {
        Error::InvalidCertificate(why) => of_certificate(why, server, pasted),
        Error::AlertReceived(alert) => of_alert(*alert, server),
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => too_old(),
        Error::PeerIncompatible(why) => format!(
            "the server and Linekey find no common kind of TLS ({}); let the server offer TLS 1.2 or 1.3",
            words(why)
        ),
        Error::PeerMisbehaved(why) => {
            format!(
                "the server does not keep to the rules of TLS ({}); update it",
                words(why)
            )
        }
        Error::InvalidMessage(_) => "the server does not speak TLS on this port".to_owned(),
        Error::NoCertificatesPresented => "the server shows no certificate; give it one, or another port".to_owned(),
        error => error.to_string(),
    }
}

fn too_old() -> String {
    "the server knows old versions of TLS alone (1.0, 1.1 or SSL), which are no longer safe; update it, or let it \
     offer TLS 1.2 or 1.3"
        .to_owned()
}

/// A kind of rustls, which has no words of its own for it, as words: `NoCipherSuitesInCommon` is `no cipher suites in
/// common`. Runs of capitals stay as they are; what a kind holds is left out.
fn words(kind: &impl Debug) -> String {
    let name = format!("{kind:?}");
    let name = name
        .split(|at: char| !at.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    let mut words = String::new();
    let mut letters = name.chars().peekable();
    let mut before = None;
    while let Some(letter) = letters.next() {
        let is_next_small = letters.peek().is_some_and(char::is_ascii_lowercase);
        let begins = letter.is_ascii_uppercase()
            && before.is_some_and(|before: char| !before.is_ascii_uppercase() || is_next_small);
        if begins {
            words.push(' ');
        }
        let is_word = letter.is_ascii_uppercase() && is_next_small;
        words.push(if is_word { letter.to_ascii_lowercase() } else { letter });
        before = Some(letter);
    }
    words
}

/// An alert (RFC 8446 §6.2) with which the server ended the handshake.
#[allow(clippy::wildcard_enum_match_arm, reason = "rustls lets its enums grow")]
fn of_alert(alert: AlertDescription, server: &str) -> String {
    use AlertDescription as A;
    match alert {
        A::ProtocolVersion => too_old(),
        A::HandshakeFailure | A::InsufficientSecurity => {
            "the server found no cipher that both know (handshake failure); let it offer TLS 1.3, or TLS 1.2 with \
             ECDHE and AES-GCM or ChaCha20-Poly1305, and look whether its certificate is there"
                .to_owned()
        }
        A::UnrecognisedName => format!(
            "the server does not know itself by the name {server} (unrecognized name); give it by the name in its \
             certificate"
        ),
        A::CertificateRequired
        | A::NoCertificate
        | A::BadCertificate
        | A::UnsupportedCertificate
        | A::CertificateUnknown
        | A::UnknownCA
        | A::AccessDenied => format!(
            "the server wants a certificate from Linekey, which has none to show ({}); let it do without one",
            words(&alert)
        ),
        A::InternalError => {
            "the server broke off by an error of its own (internal error); look into its log, often its key or its \
             certificate cannot be read"
                .to_owned()
        }
        A::Unknown(number) => format!("the server broke off (alert {number}); look into its log"),
        alert => format!("the server broke off ({}); look into its log", words(&alert)),
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "rustls lets its enums grow")]
fn of_certificate(why: &CertificateError, server: &str, pasted: bool) -> String {
    let day = |time: &UnixTime| Date(time.as_secs()).iso().get(..10).unwrap_or_default().to_owned();
    match why {
        // The signature is bad where the server's certificate was made anew under the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature if pasted => {
            "the server shows another certificate than those under “certificates”, and none of those signed it; paste \
             the one that it shows now"
                .to_owned()
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => untrusted(),
        CertificateError::NotValidForName => other_name(server, &[]),
        CertificateError::NotValidForNameContext { presented, .. } => other_name(server, presented),
        CertificateError::Expired => "the server's certificate has expired; it must be renewed on the \
            server"
            .to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            let day = day(not_after);
            format!("the server's certificate expired on {day}; it must be renewed on the server")
        }
        CertificateError::NotValidYet => "the server's certificate is not valid yet; check both clocks".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            let day = day(not_before);
            format!("the server's certificate is valid from {day} on, and not yet; check both clocks")
        }
        CertificateError::Other(OtherError(other)) => match other.downcast_ref::<Weakness>() {
            Some(weakness) => format!("the server's certificate, or one that signed it, {weakness}"),
            // The library's own kinds come as text alone.
            None if other.to_string().contains("CaUsedAsEndEntity") => untrusted(),
            None => format!("the server's certificate cannot be used ({other})"),
        },
        why => format!("the server's certificate cannot be used ({why})"),
    }
}

fn untrusted() -> String {
    "the server's certificate is signed by nobody whom this machine trusts; if it signs itself, or your own CA signed \
     it, paste that certificate under “certificates”"
        .to_owned()
}

/// `presented` as rustls writes names: `DnsName("mail.example.org")`, `IpAddress(192.0.2.1)`.
fn other_name(server: &str, presented: &[String]) -> String {
    let bare = |name: &String| {
        let inside = name.split_once('(').map_or(name.as_str(), |(_, inside)| inside);
        inside.trim_matches(['(', ')', '"']).to_owned()
    };
    let names: Vec<String> = presented.iter().take(5).map(bare).collect();
    if names.is_empty() {
        return format!(
            "the server's certificate is not for {server}: it lists no such name (a common name alone does not count); \
             make a new one on the server with {server} as subject alternative name"
        );
    }
    format!(
        "the server's certificate is for {}, not for {server}; give the server by the name in its certificate",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use futures_rustls::rustls::PeerMisbehaved;

    use super::*;

    #[test]
    fn what_rustls_names_alone_is_said_in_words() {
        let said = |error: Error| sentence(&error, "mail.example.org", false);
        for (error, wanted) in [
            (
                Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
                "(no cipher suites in common)",
            ),
            (
                Error::PeerIncompatible(PeerIncompatible::EcPointsExtensionRequired),
                "(ec points extension required)",
            ),
            (
                Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedKxGroup),
                "(selected unoffered kx group)",
            ),
            (Error::AlertReceived(AlertDescription::UnknownCA), "(unknown CA)"),
            (
                Error::AlertReceived(AlertDescription::RecordOverflow),
                "(record overflow)",
            ),
            (Error::AlertReceived(AlertDescription::BadRecordMac), "(bad record mac)"),
            (Error::AlertReceived(AlertDescription::Unknown(200)), "(alert 200)"),
        ] {
            let told = said(error);
            assert!(told.contains(wanted), "{wanted}: {told}");
        }
    }
}
