//! Apps: a person adds one by themselves, with a code that works once.

use serde::{Deserialize, Serialize};

use super::device::{DeviceJson, named, tag};
use crate::http::edge::limits::PHONES;
use crate::http::front::call::Call;
use crate::http::front::etag::IfMatch;
use crate::http::front::qr::{self, Drawn};
use crate::http::front::reply::{self, Answer};
use crate::office::app_codes::AppCode;
use crate::rules::id::{DisplayName, Extension};
use crate::rules::phones::device::{Algorithm, DeviceId, DeviceKind, Hardware};
use crate::rules::phones::provisioning::linphone;
use crate::rules::phones::roster::{self, DeviceToAdd, Owner};
use crate::rules::refusal::Refusal;
use crate::rules::secret::Token;
use crate::rules::time::Ttl;

/// How long a code works: to install the app first.
const CODE: Ttl = Ttl::minutes(15);

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
    let account = call.signed_in()?.account.clone();
    if account.is_administrator() {
        // Nothing rings for who has no number.
        return Err(Refusal::NotFound.into());
    }
    let owner = Owner {
        account: account.id,
        extension: Extension::parse(account.username())?,
    };
    let asked = DeviceToAdd {
        kind: DeviceKind::App,
        owner: Some(owner),
        label: DisplayName::parse("Linphone")?,
        algorithm: Algorithm::Md5,
        hardware: Hardware::default(),
        shares_mac: false,
    };
    let (office, key) = (call.office(), call.office().key.clone());
    let device = match wanted.again {
        Some(id) => {
            let there = office.store.read(|facts| facts.device(DeviceId(id)))?;
            roster::own_app(there, account.id)?
        }
        None => {
            let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
                Ok(roster::add(facts.next_device()?, asked, &facts.devices()?, &key, moment).into())
            });
            turn.await??.device
        }
    };
    let mut moment = office.moment();
    let token = Token::fresh(&mut moment.fresh);
    let until = office.stopwatch() + CODE;
    let sets_up = AppCode {
        device: device.id,
        again: wanted.again.is_some(),
    };
    office
        .hardware
        .apps()
        .give(token.hash(), sets_up, office.stopwatch(), until);
    let link = format!("{}{PHONES}app/{}", office.site.origin, token.reveal());
    let line = office.line.now();
    let shown = office
        .store
        .read(|facts| DeviceJson::of(&device, facts, office, &line))?;
    Ok(reply::created(&Added {
        device: shown,
        qr: qr::drawn(&link),
        link,
        until: (office.now() + CODE).0,
        needs: linphone::NEEDS,
    }))
}
