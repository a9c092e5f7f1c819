//! Apps: a person adds one by themselves, with a code that works once.

use serde::{Deserialize, Serialize};

use super::device::{DeviceJson, named, tag};
use crate::http::edge::limits::PHONES;
use crate::http::front::call::Call;
use crate::http::front::etag::IfMatch;
use crate::http::front::qr::{self, Drawn};
use crate::http::front::reply::{self, Answer, Failure};
use crate::office::app_codes::AppCode;
use crate::rules::id::{AccountId, DisplayName, Extension};
use crate::rules::phones::apps::{self, CODE};
use crate::rules::phones::device::{Algorithm, Device, DeviceId, DeviceKind, Hardware};
use crate::rules::phones::provisioning::linphone;
use crate::rules::phones::roster::{self, DeviceToAdd, Issued, Owner};
use crate::rules::refusal::Refusal;
use crate::rules::secret::Token;
use crate::store::Fault;

#[derive(Default, Deserialize)]
struct Wanted {
    /// The app that the code sets up again, in place of a further one.
    again: Option<u64>,
}

#[derive(Serialize)]
struct Added {
    device: DeviceJson,
    /// The address alone, as the app scans it.
    link: String,
    qr: Option<Drawn>,
    until: u64,
    /// What its owner should know before.
    needs: &'static [&'static str],
}

/// What is typed into an app by hand.
#[derive(Serialize)]
struct ByHand<'a> {
    device: DeviceJson,
    /// The server, and the domain of addresses.
    server: &'a str,
    /// The number that others call.
    extension: &'a str,
    /// What it registers as: the user, and the user for authentication.
    username: &'a str,
    /// Its password.
    secret: &'a str,
    /// By which transports and ports, the best first.
    ways: Vec<Way>,
    /// Whether the office takes calls by SRTP alone.
    encrypted: bool,
    /// The same lines as text; none where an old camera could not read it.
    qr: Option<Drawn>,
}

#[derive(Serialize)]
struct Way {
    transport: &'static str,
    port: u16,
}

/// Removes an app of one's own; it is off the line at once.
pub async fn remove(call: Call) -> Answer {
    let (id, owner) = (named(&call)?, call.signed_in()?.account.id);
    let (office, seen) = (call.office(), IfMatch::of(&call.request));
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let device = facts.device(id)?;
        let fresh = seen.holds_where(device.as_ref().map(tag));
        let devices = facts.devices()?;
        Ok(fresh
            .and_then(|()| roster::remove_app(device, owner, &devices, moment.now))
            .into())
    });
    turn.await??;
    Ok(reply::done())
}

/// Adds an app of one's own, and shows the code that sets it up; or the code for one that is there: once it is used,
/// what was set up before is off the line.
pub async fn add(call: Call) -> Answer {
    let wanted: Wanted = call.message_if_any()?;
    let asked = asked(&call)?;
    let (office, key) = (call.office(), call.office().key.clone());
    let device = match wanted.again {
        Some(id) => {
            let there = office.store.read(|facts| facts.device(DeviceId(id)))?;
            roster::own_app(there, asked.account)?
        }
        None => {
            let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
                let (id, devices) = (facts.next_device()?, facts.devices()?);
                Ok(apps::add(id, asked.device, &devices, &key, moment).into())
            });
            turn.await??
        }
    };
    let mut moment = office.moment();
    let token = Token::fresh(&mut moment.fresh);
    let until = office.stopwatch() + CODE;
    let sets_up = AppCode {
        device: device.id,
        // Nobody was set up as one that waits still.
        again: wanted.again.is_some() && !device.waits_for_code(),
    };
    office
        .hardware
        .apps()
        .give(token.hash(), sets_up, office.stopwatch(), until);
    let link = format!("{}{PHONES}app/{}", office.origin_for_phones(false), token.reveal());
    Ok(reply::created(&Added {
        device: shown(&call, &device)?,
        qr: qr::drawn(&link),
        link,
        until: (office.now() + CODE).0,
        needs: linphone::NEEDS,
    }))
}

/// Shows what is typed into an app that knows no codes of ours, once: of an app that is there, which is off the line
/// then, or of a further one.
pub async fn by_hand(call: Call) -> Answer {
    let wanted: Wanted = call.message_if_any()?;
    let OwnApp { device, account } = asked(&call)?;
    let (office, key) = (call.office(), call.office().key.clone());
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let added = match wanted.again {
            Some(id) => roster::own_app(facts.device(DeviceId(id))?, account).map(|there| (there, Vec::new())),
            None => apps::add(facts.next_device()?, device, &facts.devices()?, &key, moment),
        };
        let shown = added.and_then(|(app, mut changes)| {
            let (issued, shown) = apps::by_hand(app, account, &key, moment)?;
            changes.extend(shown);
            Ok((issued, changes))
        });
        Ok(shown.into())
    });
    let issued: Issued = turn.await??;
    office.hardware.apps().forget(issued.device.id);
    let (name, ports) = (office.host_for_phones(), office.hardware.sip());
    let settings = office.store.read(|facts| facts.settings())?;
    let plain = ports.plain.filter(|_| !settings.phones.tls_only);
    let secret = issued.secrets.sip.reveal();
    let username = issued.device.username.as_str();
    let ways: Vec<Way> = [("tls", ports.secure), ("tcp", plain), ("udp", plain)]
        .into_iter()
        .filter_map(|(transport, port)| Some(Way { transport, port: port? }))
        .collect();
    let said = |way: &Way| format!("{} {}", way.transport.to_uppercase(), way.port);
    let lines = [
        format!("Server: {name}"),
        format!("Port: {}", ways.iter().map(said).collect::<Vec<_>>().join(", ")),
        format!("User: {username}"),
        format!("Password: {secret}"),
    ];
    Ok(reply::created(&ByHand {
        device: shown(&call, &issued.device)?,
        server: &name,
        extension: call.signed_in()?.account.username(),
        username,
        secret,
        ways,
        encrypted: settings.phones.tls_only && ports.secure.is_some(),
        qr: qr::drawn(&lines.join("\n")).filter(Drawn::is_coarse),
    }))
}

/// An app to be added to whoever asks.
struct OwnApp {
    device: DeviceToAdd,
    account: AccountId,
}

fn asked(call: &Call) -> Result<OwnApp, Failure> {
    let account = call.signed_in()?.account.clone();
    if account.is_administrator() {
        // Nothing rings for who has no number.
        return Err(Refusal::NotFound.into());
    }
    let owner = Owner {
        account: account.id,
        extension: Extension::parse(account.username())?,
    };
    let device = DeviceToAdd {
        kind: DeviceKind::App,
        owner: Some(owner),
        label: DisplayName::parse("Linphone")?,
        algorithm: Algorithm::Md5,
        hardware: Hardware::default(),
        shares_mac: false,
    };
    Ok(OwnApp {
        device,
        account: account.id,
    })
}

fn shown(call: &Call, device: &Device) -> Result<DeviceJson, Fault> {
    let office = call.office();
    let line = office.line.now();
    office.store.read(|facts| DeviceJson::of(device, facts, office, &line))
}
