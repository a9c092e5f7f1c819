//! The certificate at the start: the owner's files, else the office CA where HTTPS is asked for.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::appliance::cannot_start::CannotStart;
use crate::appliance::flags::{Flags, Listen};
use crate::http::edge::server::Strict;
use crate::names::addresses::{self, Interfaces};
use crate::net::certificates::{Certificates, Judged};
use crate::office::log;
use crate::office::trust::{AtWork, AuthorityFile, Trust};
use crate::rules::certificates::keep;
use crate::rules::certificates::name::DnsName;
use crate::rules::certificates::profile;
use crate::rules::id::HostName;
use crate::rules::moment::Moment;
use crate::rules::office::journal::Actor;
use crate::store::Store;
use crate::trust::acme;
use crate::trust::keeper::{Keeper, Safe};

/// How often the addresses and the date are looked at. A date that becomes known gives a valid leaf within this time.
const EVERY: Duration = Duration::from_secs(20);
/// HSTS for 180 days, renewed by every answer. Not a year: an owner who loses the certificate wants the name back some
/// day. Without `includeSubDomains`: other machines under the name are not ours to speak for.
const STRICT: &str = "max-age=15552000";
/// Takes HSTS back (RFC 6797 §6.1.1).
const NO_MORE: &str = "max-age=0";

/// Where TLS takes its certificate from.
pub(in crate::appliance) enum Certificate {
    /// The owner's files.
    Files(Certificates),
    /// The office CA.
    Office(Arc<Keeper>),
}

/// Where HTTPS is to be served: as the flag says; else where the board says, if there are files or the board brings
/// HTTPS up by itself (`by_board`: the name that it does so under). A name that is this machine's alone needs none, and
/// behind a proxy that ends TLS it is the proxy's.
pub(in crate::appliance) fn wants_https(flags: &Flags, name: &HostName, by_board: Option<&str>) -> bool {
    match flags.https {
        Some(Listen::At(_)) => true,
        Some(Listen::Off) => false,
        None => {
            let by_itself = by_board.is_some() && flags.front.is_none() && name.as_str() != "localhost";
            flags.certificate.is_some() || by_itself
        }
    }
}

impl Certificate {
    /// Reads the owner's files, or takes up the office CA; made where there is none.
    pub(in crate::appliance) fn open(
        files: Option<&(std::path::PathBuf, std::path::PathBuf)>,
        safe: Safe,
        name: &HostName,
        door: Option<SocketAddr>,
    ) -> Result<Self, CannotStart> {
        if let Some((certificate, key)) = files {
            return Ok(Self::Files(Certificates::open(certificate, key)?));
        }
        let name = DnsName::parse(name.as_str()).ok_or("no certificate can be made for this name")?;
        let keeper = Keeper::open(safe, name, &addresses(door)).map_err(|why| why.to_string())?;
        Ok(Self::Office(Arc::new(keeper)))
    }

    /// What TLS serves.
    pub(in crate::appliance) fn certificates(&self) -> Certificates {
        match self {
            Self::Files(certificates) => certificates.clone(),
            Self::Office(keeper) => keeper.certificates().clone(),
        }
    }

    /// The office CA at work.
    pub(in crate::appliance) fn keeper(&self) -> Option<Arc<Keeper>> {
        match self {
            Self::Files(_) => None,
            Self::Office(keeper) => Some(Arc::clone(keeper)),
        }
    }
}

/// What pages say of the certificate.
pub(in crate::appliance) fn trust(certificate: Option<&Certificate>) -> Trust {
    let Some(certificate) = certificate else {
        return Trust::none();
    };
    let authority = certificate.keeper().map(|keeper| AuthorityFile {
        certificate: keeper.certificate().to_vec(),
        common_name: keeper.common_name().to_owned(),
        until: keeper.ends(),
    });
    let acme = authority.is_some().then(Arc::default);
    let certificates = certificate.certificates();
    let handshakes = certificates.handshakes();
    let judged = certificates.clone();
    let doubts = move |name: &str, reading| judged.doubts(Judged { name, reading });
    Trust::new(authority, acme, move || Some(certificates.served()), doubts).noting(move || handshakes.all())
}

/// ACME at work, where it can be chosen.
pub(in crate::appliance) fn online(
    certificate: Option<&Certificate>,
    safe: Safe,
    name: &HostName,
    at_work: Option<Arc<AtWork>>,
) -> Result<Option<Arc<acme::keeper::Keeper>>, CannotStart> {
    let (Some(certificate), Some(at_work), Some(name)) = (certificate, at_work, DnsName::parse(name.as_str())) else {
        return Ok(None);
    };
    let keeper = acme::keeper::Keeper::open(safe, name, certificate.certificates(), at_work)?;
    Ok(Some(keeper))
}

/// The fingerprint of the office CA, as systems show it.
pub(in crate::appliance) fn fingerprint(trust: &Trust) -> Option<String> {
    let authority = trust.authority.as_ref()?;
    Some(profile::fingerprint(&profile::digest(&authority.certificate)))
}

/// What answers over TLS say of HSTS. It is the owner's choice, and only with a certificate that browsers know by
/// themselves: under an office CA that was lost, it would close the page that helps. What was once said is taken back.
///
/// # Errors
/// The choice without certificate files.
pub(in crate::appliance) fn strict(
    chosen: bool,
    certificate: Option<&Certificate>,
    store: &Store,
    moment: Moment,
) -> Result<Option<&'static str>, CannotStart> {
    let is_files = matches!(certificate, Some(Certificate::Files(_)));
    if chosen && !is_files {
        return Err("--hsts needs a certificate that every browser knows: give --tls-cert and --tls-key".into());
    }
    let was_told = store.read(|facts| facts.is_strict())?;
    if chosen {
        // Noted for good: what browsers were told outlives the next change of mind.
        let turn = store.turn_now(Actor::APPLIANCE, moment, |_, _| Ok(keep::strict(true, was_told)))?;
        turn.map_err(|_| "the choice of HSTS could not be noted")?;
        return Ok(Some(STRICT));
    }
    // Earlier versions sent it with every certificate file.
    Ok((was_told || is_files).then_some(NO_MORE))
}

/// The same with ACME, whose choice is made and taken back while the program runs, and with files that browsers know
/// (`is_known`) at one time and not at another.
pub(in crate::appliance) fn strict_now(
    said: Option<&'static str>,
    acme: Option<Arc<AtWork>>,
    is_known: Arc<AtomicBool>,
) -> Box<Strict> {
    Box::new(move || match acme.as_ref().map(|acme| acme.strict()) {
        Some((true, _)) => Some(STRICT),
        Some((false, true)) => Some(NO_MORE),
        Some((false, false)) | None => said.map(|said| match is_known.load(Ordering::Acquire) {
            true => said,
            false => NO_MORE,
        }),
    })
}

/// The addresses under which others reach that door: all of this host that are of the door's family, or the one that
/// the door is at. None while the system does not tell.
pub(in crate::appliance) fn addresses(door: Option<SocketAddr>) -> Vec<IpAddr> {
    let Some(door) = door else { return Vec::new() };
    if !door.ip().is_unspecified() {
        return vec![door.ip()];
    }
    match addresses::of_this_host(&Interfaces::Lan) {
        // An IPv6 door takes IPv4 too.
        Ok(all) => all
            .into_iter()
            .filter(|found| door.is_ipv6() || found.is_ipv4())
            .collect(),
        Err(error) => {
            log::error(&format!("this machine's addresses cannot be found out: {error}"));
            Vec::new()
        }
    }
}

/// Renews the office CA's leaf when it is due, for ever.
pub(in crate::appliance) async fn renew<Pause: Future<Output = ()>>(
    keeper: Arc<Keeper>,
    door: Option<SocketAddr>,
    pause: impl Fn(Duration) -> Pause,
) {
    loop {
        pause(EVERY).await;
        let keeper = Arc::clone(&keeper);
        let renewed = smol::unblock(move || keeper.renew(&addresses(door))).await;
        match renewed {
            Ok(None) => {}
            Ok(Some(due)) => log::notice(&format!("the office CA issued a new certificate: {due}")),
            Err(why) => log::error(&format!("the certificate in use stays in use: {why}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appliance::flags::{Wish, parse};

    /// Whether HTTPS is served with these flags under that name, on a board of that name.
    fn wants(flags: &str, name: &str, by_board: Option<&str>) -> bool {
        let words = flags.split_whitespace().map(Into::into);
        let Ok(Wish::Run(flags)) = parse(words) else {
            panic!("{flags} are no flags");
        };
        wants_https(&flags, &HostName::parse(name).unwrap(), by_board)
    }

    #[test]
    fn on_a_board_https_comes_up_by_itself_and_elsewhere_with_files_or_a_flag() {
        let board = Some("linekey.local");
        for (flags, name, by_board, wanted) in [
            ("", "linekey.local", board, true),
            ("--name pbx.example.org", "pbx.example.org", board, true),
            ("--https off", "linekey.local", board, false),
            // Passkeys are bound to localhost, and it needs no certificate.
            ("", "localhost", board, false),
            // The proxy ends TLS.
            ("--origin https://pbx.example.org", "pbx.example.org", board, false),
            // No board brings one: a laptop, a container, a trial on loopback.
            ("", "localhost", None, false),
            ("--name pbx.example.org", "pbx.example.org", None, false),
            ("--https 0.0.0.0:443", "pbx.example.org", None, true),
            ("--https 127.0.0.1:0", "localhost", None, true),
            ("--tls-cert c.pem --tls-key k.pem", "pbx.example.org", None, true),
            (
                "--tls-cert c.pem --tls-key k.pem --https off",
                "pbx.example.org",
                None,
                false,
            ),
        ] {
            assert_eq!(wants(flags, name, by_board), wanted, "{flags:?} {name} {by_board:?}");
        }
    }
}
