//! Certificates by ACME: the choice, and how it fares.

use serde::{Deserialize, Serialize};

use crate::http::front::call::Call;
use crate::http::front::etag::{self, IfMatch};
use crate::http::front::reply::{self, Answer};
use crate::office::Office;
use crate::office::trust::AtWork;
use crate::rules::certificates::acme::due::{self, Held};
use crate::rules::certificates::acme::record::{Acme, Challenge, LETS_ENCRYPT, LETS_ENCRYPT_STAGING, Progress};
use crate::rules::certificates::acme::set::{self, Kept, Typed};
use crate::rules::certificates::acme::trouble::Hint;
use crate::rules::certificates::keep;
use crate::rules::certificates::name::DnsName;
use crate::rules::certificates::served::Source;
use crate::rules::refusal::Refusal;
use crate::rules::verdict::Verdict;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    directory: String,
    is_test: bool,
    contact: Option<String>,
    roots: Option<String>,
    challenge: ChallengeJson,
    is_strict: bool,
    terms_accepted: bool,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum ChallengeJson {
    #[serde(rename = "http-01")]
    Http,
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn,
}

#[derive(Serialize)]
struct AcmeJson {
    /// Whether it can be chosen.
    possible: bool,
    /// Whether the name is one that a CA issues for.
    name_is_public: bool,
    lets_encrypt: &'static str,
    lets_encrypt_staging: &'static str,
    choice: Option<Choice>,
    /// Whether the certificate in use is for trying alone.
    serves_test: bool,
    under_way: bool,
    next: Option<u64>,
    tried: Option<u64>,
    failures: u32,
    trouble: Option<TroubleJson>,
}

#[derive(Serialize)]
struct Choice {
    directory: String,
    is_test: bool,
    contact: Option<String>,
    roots: Option<String>,
    challenge: ChallengeJson,
    is_strict: bool,
}

#[derive(Serialize)]
struct TroubleJson {
    said: String,
    kind: Option<String>,
    address: Option<String>,
    hint: Option<&'static str>,
}

impl From<Acme> for Choice {
    fn from(acme: Acme) -> Self {
        Self {
            directory: acme.directory,
            is_test: acme.is_test,
            contact: acme.contact.map(|contact| contact.to_string()),
            roots: acme.roots,
            challenge: match acme.challenge {
                Challenge::Http => ChallengeJson::Http,
                Challenge::TlsAlpn => ChallengeJson::TlsAlpn,
            },
            is_strict: acme.is_strict,
        }
    }
}

/// The choice, and how it fares.
pub async fn show(call: Call) -> Answer {
    shown(call.office())
}

/// Chooses ACME; a certificate is ordered at once where there is none yet from that directory.
pub async fn set(call: Call) -> Answer {
    let said: Set = call.message()?;
    let typed = Typed {
        directory: said.directory,
        is_test: said.is_test,
        contact: said.contact,
        roots: said.roots,
        challenge: match said.challenge {
            ChallengeJson::Http => Challenge::Http,
            ChallengeJson::TlsAlpn => Challenge::TlsAlpn,
        },
        is_strict: said.is_strict,
        terms_accepted: said.terms_accepted,
    };
    let (office, seen) = (call.office(), IfMatch::of(&call.request));
    let at_work = free(office)?;
    let name = DnsName::parse(office.site.name.as_str());
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        if let Err(stale) = seen.holds(&tag_of(facts.acme()?.as_ref())) {
            return Ok(Verdict::no(stale));
        }
        let directory = typed.directory.trim();
        let kept = Kept {
            acme: facts.acme()?,
            progress: facts.acme_progress(directory)?,
            has_certificate: facts.acme_certificate(directory)?.is_some(),
        };
        Ok(set::set(typed, kept, name.as_ref(), moment).into())
    });
    turn.await??;
    at_work.press();
    shown(office)
}

/// Orders a certificate at once.
pub async fn order(call: Call) -> Answer {
    let office = call.office();
    let at_work = free(office)?;
    let turn = office.store.turn(call.actor(), office.moment(), |facts, moment| {
        let acme = facts.acme()?;
        let progress = acme.as_ref().map(|acme| facts.acme_progress(&acme.directory));
        Ok(set::order(acme, progress.transpose()?.flatten(), moment).into())
    });
    turn.await??;
    at_work.press();
    shown(office)
}

/// Turns ACME off: the office's own CA is back.
pub async fn unset(call: Call) -> Answer {
    let (office, seen) = (call.office(), IfMatch::of(&call.request));
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        let before = facts.acme()?;
        let fresh = seen.holds(&tag_of(before.as_ref()));
        Ok(fresh.and_then(|()| set::unset(before.as_ref())).into())
    });
    turn.await??;
    if let Some(at_work) = &office.trust.acme {
        at_work.press();
    }
    Ok(reply::done())
}

/// The office CA goes with the next start, which makes another: for one whose end is near.
pub async fn forget_authority(call: Call) -> Answer {
    let office = call.office();
    if office.trust.authority.is_none() {
        return Err(Refusal::NotFound.into());
    }
    let turn = office
        .store
        .turn(call.actor(), office.moment(), |_, _| Ok(keep::forgotten()));
    turn.await??;
    Ok(reply::done())
}

/// ACME, where it can be chosen and no order is under way: one press, one order.
fn free(office: &Office) -> Result<&AtWork, Refusal> {
    let at_work = office.trust.acme.as_deref().ok_or(Refusal::NotFound)?;
    if at_work.is_under_way() {
        return Err(Refusal::OrderUnderWay);
    }
    Ok(at_work)
}

fn shown(office: &Office) -> Answer {
    let (acme, progress, issued) = office.store.read(|facts| {
        let acme = facts.acme()?;
        let Some(directory) = acme.as_ref().map(|acme| acme.directory.as_str()) else {
            return Ok((acme, None, None));
        };
        let (progress, issued) = (facts.acme_progress(directory)?, facts.acme_certificate(directory)?);
        Ok((acme, progress, issued))
    })?;
    let Progress {
        next,
        tried,
        trouble,
        failures,
        ..
    } = progress.unwrap_or_default();
    let renewal = issued.as_ref().and_then(Held::read).map(|held| due::renewal(&held));
    let served = office.trust.served().map(|served| served.source);
    let tag = tag_of(acme.as_ref());
    let shown = reply::json(&AcmeJson {
        possible: office.trust.acme.is_some(),
        name_is_public: DnsName::parse(office.site.name.as_str()).is_some_and(|name| set::is_public(&name)),
        lets_encrypt: LETS_ENCRYPT,
        lets_encrypt_staging: LETS_ENCRYPT_STAGING,
        serves_test: served == Some(Source::Acme { is_test: true }),
        under_way: office.trust.acme.as_ref().is_some_and(|acme| acme.is_under_way()),
        next: acme.as_ref().and(next.or(renewal)).map(|date| date.0),
        tried: tried.map(|date| date.0),
        failures,
        trouble: trouble.map(|trouble| TroubleJson {
            hint: trouble.hint().map(code),
            said: trouble.said,
            kind: trouble.kind,
            address: trouble.address.map(|address| address.to_string()),
        }),
        choice: acme.map(Choice::from),
    });
    Ok(etag::tagged(shown, tag))
}

/// Of what was chosen; how it fares is no part of it.
fn tag_of(acme: Option<&Acme>) -> String {
    etag::of(&acme.cloned().map(Choice::from))
}

const fn code(hint: Hint) -> &'static str {
    match hint {
        Hint::Aaaa(_) => "aaaa",
        Hint::Caa => "caa",
        Hint::Contact => "contact",
        Hint::Dns => "dns",
        Hint::RateLimited => "rate-limited",
        Hint::Reach => "reach",
    }
}
