//! The owner chooses ACME, or turns it off.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::record::{Acme, Challenge, LETS_ENCRYPT_STAGING, Progress};
use crate::rules::certificates::name::DnsName;
use crate::rules::certificates::pasted;
use crate::rules::change::{Change, OfficeChange};
use crate::rules::id::Email;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::moment::Moment;
use crate::rules::refusal::Refusal;
use crate::rules::text::visible;
use crate::rules::time::Date;

/// Octets of a directory's address.
pub const DIRECTORY_OCTETS: usize = 250;

/// Names that nobody outside can look up: RFC 6761, RFC 6762, RFC 7686, RFC 9476, and `internal`, which ICANN reserved.
const NOT_PUBLIC: [&str; 9] = [
    "alt",
    "example",
    "home.arpa",
    "internal",
    "invalid",
    "local",
    "localhost",
    "onion",
    "test",
];

/// What an administrator typed.
pub struct Typed {
    /// See [`Acme::directory`].
    pub directory: String,
    /// See [`Acme::is_test`].
    pub is_test: bool,
    /// Empty or absent: nobody.
    pub contact: Option<String>,
    /// Empty or absent: the system's.
    pub roots: Option<String>,
    /// See [`Acme::challenge`].
    pub challenge: Challenge,
    /// See [`Acme::is_strict`].
    pub is_strict: bool,
    /// Whether the CA's terms are accepted.
    pub terms_accepted: bool,
}

/// Whether the whole world could look a name up: no CA issues for another.
pub fn is_public(name: &DnsName) -> bool {
    let reserved = NOT_PUBLIC.iter().filter_map(|zone| DnsName::parse(zone));
    name.as_str().contains('.') && !reserved.into_iter().any(|zone| name.is_within(&zone))
}

/// What is kept of the choice and of the directory that was typed.
#[derive(Default)]
pub struct Kept {
    /// The choice so far.
    pub acme: Option<Acme>,
    /// How things stand there.
    pub progress: Option<Progress>,
    /// Whether it has issued a certificate.
    pub has_certificate: bool,
}

/// Judges what was typed. Has a certificate ordered at once, unless it comes from that directory already and all is
/// well: who changes another part of the choice uses up none of the few that a CA gives in a week.
///
/// # Errors
/// A field that does not hold, a name that is not public, or a date that is not known.
pub fn set(typed: Typed, kept: Kept, name: Option<&DnsName>, moment: &Moment) -> Result<((), Vec<Change>), Refusal> {
    let named = name.filter(|name| is_public(name));
    named.ok_or(Invalid::new(Field::Name, Why::NotPublic))?;
    if !typed.terms_accepted {
        return Err(Invalid::new(Field::TermsAccepted, Why::TermsNotAccepted).into());
    }
    let directory = directory(&typed.directory).ok_or(Invalid::new(Field::Directory, Why::NotDirectory))?;
    let contact = typed.contact.filter(|contact| !contact.trim().is_empty());
    let contact = contact.map(|contact| {
        Email::parse(&contact).map_err(|why| Invalid {
            field: Field::Contact,
            ..why
        })
    });
    let roots = typed.roots.filter(|pem| !pem.trim().is_empty());
    if let Some(pem) = &roots {
        pasted::judged(pem)?;
    }
    let is_same = kept.acme.as_ref().is_some_and(|acme| acme.directory == directory);
    let before = match kept.acme {
        Some(kept) if kept.directory != directory => Some(kept.directory),
        Some(kept) => kept.before,
        None => None,
    };
    let acme = Acme {
        is_test: typed.is_test || directory == LETS_ENCRYPT_STAGING,
        directory,
        contact: contact.transpose()?,
        roots,
        challenge: typed.challenge,
        is_strict: typed.is_strict,
        before,
    };
    let is_well = kept.progress.as_ref().is_some_and(|progress| progress.next.is_none());
    let pressed = if is_same && is_well && kept.has_certificate {
        None
    } else {
        Some(press(&acme, kept.progress, moment)?)
    };
    let set = OfficeChange::AcmeSet(acme);
    Ok(((), std::iter::once(set.into()).chain(pressed).collect()))
}

/// Has a certificate ordered at once, however long the wait after a failure would have been.
///
/// # Errors
/// ACME is not chosen, or the date is not known.
pub fn order(acme: Option<Acme>, progress: Option<Progress>, moment: &Moment) -> Result<((), Vec<Change>), Refusal> {
    let acme = acme.ok_or(Refusal::NotFound)?;
    Ok(((), vec![press(&acme, progress, moment)?]))
}

fn press(acme: &Acme, progress: Option<Progress>, moment: &Moment) -> Result<Change, Refusal> {
    if !moment.known {
        return Err(Refusal::NoDate);
    }
    Ok(OfficeChange::AcmeProgressed(pressed(acme, progress, moment.now)).into())
}

fn pressed(acme: &Acme, progress: Option<Progress>, now: Date) -> Progress {
    Progress {
        directory: acme.directory.clone(),
        next: Some(now),
        ..progress.unwrap_or_default()
    }
}

/// Turns ACME off: the office's own CA is back. Account and certificate are kept, for whoever turns it on again.
///
/// # Errors
/// ACME is not chosen.
pub fn unset(acme: Option<&Acme>) -> Result<((), Vec<Change>), Refusal> {
    acme.ok_or(Refusal::NotFound)?;
    Ok(((), vec![OfficeChange::AcmeUnset.into()]))
}

/// Whether it is a name or an address, an IPv6 one in brackets, with a port from 1 perhaps.
fn is_place(place: &str) -> bool {
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (place, None),
    };
    let v6 = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = match v6 {
        Some(v6) => v6.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<Ipv4Addr>().is_ok() || DnsName::parse(host).is_some(),
    };
    let is_port =
        |port: &str| port.bytes().all(|octet| octet.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    is_host && port.is_none_or(is_port)
}

/// An address of a directory: `https`, a host, visible ASCII without quotes or a user's name.
fn directory(typed: &str) -> Option<String> {
    let typed = visible(typed);
    let rest = typed.strip_prefix("https://")?;
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let is_plain = |octet: u8| octet.is_ascii_graphic() && !b"\"'<>\\^`{|}#".contains(&octet);
    let fits = typed.len() <= DIRECTORY_OCTETS && is_place(host);
    (fits && typed.bytes().all(is_plain)).then_some(typed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::certificates::acme::record::LETS_ENCRYPT;
    use crate::rules::moment::Reading;

    const NOW: Date = Date(1_800_000_000);

    fn moment(known: bool) -> Moment {
        let reading = Reading {
            date: NOW,
            known,
            running: NOW,
        };
        Moment::new(reading, [1; 32])
    }

    fn typed(directory: &str) -> Typed {
        Typed {
            directory: directory.to_owned(),
            is_test: false,
            contact: None,
            roots: None,
            challenge: Challenge::TlsAlpn,
            is_strict: false,
            terms_accepted: true,
        }
    }

    fn public() -> DnsName {
        DnsName::parse("pbx.example.org").unwrap()
    }

    fn kept(acme: Option<Acme>) -> Kept {
        Kept {
            acme,
            ..Kept::default()
        }
    }

    fn after(typed: Typed, acme: Option<Acme>) -> (Acme, Progress) {
        let (_, changes) = set(typed, kept(acme), Some(&public()), &moment(true)).unwrap();
        match changes.as_slice() {
            [
                Change::Office(OfficeChange::AcmeSet(acme)),
                Change::Office(OfficeChange::AcmeProgressed(progress)),
            ] => (acme.clone(), progress.clone()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_change_of_the_directory_orders_at_once_and_remembers_the_one_before() {
        let (staging, progress) = after(typed(LETS_ENCRYPT_STAGING), None);
        assert!(staging.is_test, "staging is for trying alone, whatever was ticked");
        assert_eq!((progress.next, progress.failures), (Some(NOW), 0));
        let (production, progress) = after(typed(LETS_ENCRYPT), Some(staging));
        assert!(!production.is_test);
        assert_eq!(production.before.as_deref(), Some(LETS_ENCRYPT_STAGING));
        assert_eq!((progress.directory.as_str(), progress.next), (LETS_ENCRYPT, Some(NOW)));
        let (again, _) = after(typed(LETS_ENCRYPT), Some(production));
        assert_eq!(again.before.as_deref(), Some(LETS_ENCRYPT_STAGING));
    }

    #[test]
    fn another_part_of_the_choice_orders_nothing_while_all_is_well() {
        let (acme, progress) = after(typed(LETS_ENCRYPT), None);
        let orders = |next, has_certificate| {
            let kept = Kept {
                acme: Some(acme.clone()),
                progress: Some(Progress {
                    next,
                    ..progress.clone()
                }),
                has_certificate,
            };
            let strict = Typed {
                is_strict: true,
                ..typed(LETS_ENCRYPT)
            };
            let (_, changes) = set(strict, kept, Some(&public()), &moment(true)).unwrap();
            changes.len() == 2
        };
        assert!(!orders(None, true));
        assert!(orders(None, false) && orders(Some(Date(NOW.0 + 60)), true));
    }

    #[test]
    fn terms_are_accepted_and_the_date_is_known_or_nothing_is_ordered() {
        let refused = |typed, known| set(typed, kept(None), Some(&public()), &moment(known)).unwrap_err();
        let unread = Typed {
            terms_accepted: false,
            ..typed(LETS_ENCRYPT)
        };
        let why = Invalid::new(Field::TermsAccepted, Why::TermsNotAccepted);
        assert_eq!(refused(unread, true), why.into());
        assert_eq!(refused(typed(LETS_ENCRYPT), false), Refusal::NoDate);
        for directory in [
            "",
            "http://ca.example",
            "https://",
            "https://a@b/",
            "https://a/\"",
            "ftp://x",
            "https://[::1]:99999/dir",
            "https://ca.example:0/dir",
            "https://ca.example:65536/dir",
            "https://ca.example:+80/dir",
            "https://ca.example:/dir",
            "https://:443/dir",
            "https://[::1/dir",
            "https://::1/dir",
            "https://[fe80::g]/dir",
            "https://256.0.0.1/dir",
            "https://ca_.example/dir",
        ] {
            let why = Invalid::new(Field::Directory, Why::NotDirectory);
            assert_eq!(refused(typed(directory), true), why.into(), "{directory}");
        }
    }

    #[test]
    fn directories_stand_at_names_and_addresses_with_any_port() {
        for typed in [
            LETS_ENCRYPT,
            "https://ca.example",
            "https://CA.example:14000/dir",
            "https://127.0.0.1:1/dir?a=b",
            "https://[::1]/dir",
            "https://[2001:db8::1]:65535/dir",
        ] {
            assert_eq!(directory(typed).as_deref(), Some(typed));
        }
    }

    #[test]
    fn names_that_nobody_outside_can_look_up_get_no_certificate() {
        for name in [
            "localhost",
            "linekey.local",
            "pbx",
            "pbx.test",
            "a.home.arpa",
            "pbx.internal",
        ] {
            let name = DnsName::parse(name).unwrap();
            assert!(!is_public(&name), "{name:?}");
            assert!(set(typed(LETS_ENCRYPT), kept(None), Some(&name), &moment(true)).is_err());
        }
        assert!(is_public(&public()));
    }

    #[test]
    fn a_press_ends_the_wait_and_keeps_the_count_of_failures() {
        let (acme, _) = after(typed(LETS_ENCRYPT), None);
        let waits = Progress {
            directory: acme.directory.clone(),
            failures: 3,
            next: Some(Date(NOW.0 + 500)),
            ..Progress::default()
        };
        let (_, changes) = order(Some(acme), Some(waits), &moment(true)).unwrap();
        let Some(Change::Office(OfficeChange::AcmeProgressed(progress))) = changes.first() else {
            panic!("{changes:?}")
        };
        assert_eq!((progress.failures, progress.next), (3, Some(NOW)));
        assert_eq!(order(None, None, &moment(true)).unwrap_err(), Refusal::NotFound);
    }
}
