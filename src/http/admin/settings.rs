//! The office's settings.

use serde::Serialize;

use super::name;
use crate::http::front::call::Call;
use crate::http::front::etag::{self, IfMatch};
use crate::http::front::reply::{self, Answer, Failure};
use crate::office::Office;
use crate::office::trust::AuthorityFile;
use crate::office::twins::Twin;
use crate::rules::certificates::profile;
use crate::rules::certificates::served::Source;
use crate::rules::id::{Extension, Username};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::office::settings::{self, Changed, Settings};
use crate::rules::phones::device::Device;
use crate::rules::phones::roster;
use crate::rules::verdict::Verdict;
use crate::rules::webauthn::aaguid;
use crate::store::{Facts, Fault};

#[derive(Serialize)]
struct SettingsJson {
    session_hours: u64,
    /// The name that the next start uses.
    name: String,
    /// The name that passkeys are bound to now.
    name_in_use: String,
    name_fixed_by_flag: bool,
    passkeys_bound: u64,
    trusted_proxies: Vec<String>,
    invite_hours: u64,
    reset_minutes: u64,
    people_set_passwords: bool,
    people_set_sip_passwords: bool,
    /// Whether phones are served.
    phones: bool,
    tls_only: bool,
    decline_silences_all: bool,
    hide_names: bool,
    phones_from_anywhere: bool,
    plain_provisioning: bool,
    emergency: Vec<String>,
    /// An IANA name; none: UTC.
    time_zone: Option<String>,
    /// Whom phones ask for the time.
    time_server: String,
    attestation: Attestation,
    certificate: Option<CertificateJson>,
    on_lan: OnLanJson,
    twin: Option<TwinJson>,
}

/// The certificate in use.
#[derive(Serialize)]
struct CertificateJson {
    source: &'static str,
    issuer: Option<String>,
    names: Vec<String>,
    addresses: Vec<String>,
    from: u64,
    until: u64,
    /// What browsers will not like of it.
    doubts: Vec<String>,
    authority_fingerprint: Option<String>,
    /// The office CA's last second.
    authority_until: Option<u64>,
    /// Whether that is near, or past.
    authority_ends_soon: bool,
}

/// Another running board with a copy of this store.
#[derive(Serialize)]
struct TwinJson {
    address: Option<String>,
    started: u64,
    /// The newest date in its store when it started.
    newest: u64,
    started_later: bool,
}

impl From<Twin> for TwinJson {
    fn from(twin: Twin) -> Self {
        Self {
            address: twin.address.map(|address| address.to_string()),
            started: twin.run.started.0,
            newest: twin.run.newest.0,
            started_later: twin.started_later,
        }
    }
}

#[derive(Serialize)]
struct OnLanJson {
    announced: bool,
    taken_by: Option<String>,
    /// The resolver that does not give out the name.
    withheld_by: Option<String>,
    /// Where the name should lead then.
    withheld_address: Option<String>,
}

impl CertificateJson {
    fn of(office: &Office) -> Option<Self> {
        let (trust, now) = (&office.trust, office.now());
        let served = trust.served()?;
        let reading = (office.world.clock)();
        let digest = |authority: &AuthorityFile| profile::fingerprint(&profile::digest(&authority.certificate));
        Some(Self {
            source: match served.source {
                Source::Acme { is_test: false } => "acme",
                Source::Acme { is_test: true } => "acme-test",
                Source::Files => "files",
                Source::Office => "office",
            },
            issuer: served.issuer,
            names: served.names,
            addresses: served.addresses.iter().map(ToString::to_string).collect(),
            from: served.validity.from.0,
            until: served.validity.until.0,
            doubts: trust.doubts(office.site.name.as_str(), reading),
            authority_fingerprint: trust.authority.as_ref().map(digest),
            authority_until: trust.authority.as_ref().map(|authority| authority.until.0),
            authority_ends_soon: trust
                .authority
                .as_ref()
                .is_some_and(|authority| authority.ends_soon(now)),
        })
    }
}

#[derive(Serialize)]
struct Attestation {
    required: bool,
    models: Vec<String>,
    roots: String,
}

impl From<&settings::Attestation> for Attestation {
    fn from(kept: &settings::Attestation) -> Self {
        Self {
            required: kept.required,
            models: kept.models.iter().map(aaguid::text).collect(),
            roots: kept.roots.iter().map(|der| profile::pem(der)).collect(),
        }
    }
}

/// The settings as they are.
pub async fn show(call: Call) -> Answer {
    shown(call.office())
}

/// Changes some of them. A new name is used from the next start on, so that nobody who is signed in now falls out.
pub async fn change(call: Call) -> Answer {
    let said: Changed = call.message()?;
    let (office, seen) = (call.office(), IfMatch::of(&call.request));
    let around = office.surroundings();
    let (renames, actor, in_use) = (said.renames(), call.account()?.clone(), office.site.name.clone());
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let settings = facts.settings()?;
        let fresh = seen.holds(&etag::of_record(&settings));
        let before = settings.clone();
        let changed = fresh.and_then(|()| Ok(settings.changed(said)?));
        Ok(match changed {
            Ok((after, changes)) => {
                if let Some(taken) = taken(facts, &before, &after)? {
                    return Ok(Verdict::no(taken.into()));
                }
                let renamed = match (renames, &after.name) {
                    (Some(is_move), Some(wanted)) => {
                        name::renamed(facts, &actor, [wanted, &in_use], is_move, moment.now)?
                    }
                    _ => Ok(Vec::new()),
                };
                let renamed = match renamed {
                    Ok(renamed) => renamed,
                    Err(refusal) => return Ok(Verdict::no(refusal)),
                };
                let devices = facts.devices()?;
                let mut files = Vec::new();
                let all_differ = before.files_differ(&after);
                if all_differ {
                    files.extend(roster::all_revised(&devices, moment.now));
                }
                if after.phones.on && !before.phones.on {
                    let others: &[Device] = if all_differ { &[] } else { &devices };
                    files.extend(roster::looked_around(facts.surroundings()?, around, others, moment.now));
                }
                let files = files.into_iter().map(Into::into);
                Verdict::yes((), changes.into_iter().chain(renamed).chain(files).collect())
            }
            Err(refusal) => Verdict::no(refusal),
        })
    });
    turn.await??;
    shown(office)
}

/// A number that help is to be called by, and that somebody has.
fn taken(facts: &Facts<'_>, before: &Settings, after: &Settings) -> Result<Option<Invalid>, Fault> {
    let new = after
        .phones
        .emergency
        .iter()
        .filter(|number| !before.phones.emergency.contains(number));
    for extension in new.filter_map(|number| Extension::parse(number).ok()) {
        if facts.owner_of(&Username::from(&extension))?.is_some() {
            return Ok(Some(Invalid::new(Field::Emergency, Why::Emergency)));
        }
    }
    Ok(None)
}

fn shown(office: &Office) -> Answer {
    let (settings, passkeys_bound) = office
        .store
        .read(|facts| Ok((facts.settings()?, facts.passkeys()?)))
        .map_err(Failure::from)?;
    let name_in_use = office.site.name.to_string();
    let (on_lan, withheld) = (office.trust.on_lan(), office.trust.withheld());
    let Settings {
        name,
        attestation,
        phones,
        ..
    } = &settings;
    let next = name.as_ref().map_or_else(|| name_in_use.clone(), ToString::to_string);
    let shown = reply::json(&SettingsJson {
        session_hours: settings.session_hours,
        name: if office.site.name_fixed_by_flag {
            name_in_use.clone()
        } else {
            next
        },
        name_in_use,
        name_fixed_by_flag: office.site.name_fixed_by_flag,
        passkeys_bound,
        trusted_proxies: office.proxies.iter().map(ToString::to_string).collect(),
        invite_hours: settings.invite_hours,
        reset_minutes: settings.reset_minutes,
        people_set_passwords: settings.people_set_passwords,
        people_set_sip_passwords: settings.people_set_sip_passwords,
        phones: phones.on,
        tls_only: phones.tls_only,
        decline_silences_all: phones.decline_silences_all,
        hide_names: phones.hide_names,
        phones_from_anywhere: phones.from_anywhere,
        plain_provisioning: phones.plain_provisioning,
        emergency: phones.emergency.clone(),
        time_zone: settings.clock.zone.clone(),
        time_server: settings.clock.server().to_owned(),
        attestation: attestation.into(),
        certificate: CertificateJson::of(office),
        on_lan: OnLanJson {
            announced: on_lan.announced,
            taken_by: on_lan.taken_by.map(|by| by.to_string()),
            withheld_by: withheld.map(|withheld| withheld.by.to_string()),
            withheld_address: withheld.map(|withheld| withheld.address.to_string()),
        },
        twin: office.twins.first().map(Into::into),
    });
    Ok(etag::tagged(shown, etag::of_record(&settings)))
}
