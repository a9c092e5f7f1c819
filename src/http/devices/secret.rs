//! Devices' secrets: shown, made anew, chosen by their owner.

use serde::{Deserialize, Serialize};

use super::device::{named, tag};
use crate::http::front::call::Call;
use crate::http::front::etag::IfMatch;
use crate::http::front::reply::{self, Answer};
use crate::rules::phones::roster;
use crate::rules::text::visible;
use crate::rules::verdict::Verdict;

#[derive(Default, Deserialize)]
struct Wanted {
    /// Another one, instead of the one there is.
    #[serde(default)]
    rotate: bool,
}

/// A message without a word, which may be left out.
#[derive(Default, Deserialize)]
struct Nothing {}

#[derive(Serialize)]
struct SecretJson<'a> {
    username: &'a str,
    realm: &'a str,
    secret: &'a str,
    /// What opens the phone's own menu.
    menu: &'a str,
}

#[derive(Serialize)]
struct Rotated {
    rotated: usize,
}

#[derive(Deserialize)]
struct Chosen {
    secret: String,
}

/// Shows what a device registers with, or with `rotate` what it registers with from now on. The journal tells of it.
pub async fn reveal(call: Call) -> Answer {
    let (wanted, id): (Wanted, _) = (call.message_if_any()?, named(&call)?);
    let (office, key, seen) = (call.office(), call.office().key.clone(), IfMatch::of(&call.request));
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let device = facts.device(id)?;
        if let Err(stale) = seen.holds_where(device.as_ref().map(tag)) {
            return Ok(Verdict::no(stale));
        }
        Ok(if wanted.rotate {
            roster::rotate(device, &key, moment).into()
        } else {
            roster::reveal(device, &key).into()
        })
    });
    let issued = turn.await??;
    Ok(reply::json(&SecretJson {
        username: issued.device.username.as_str(),
        realm: office.site.name.as_str(),
        secret: issued.secrets.sip.reveal(),
        menu: issued.secrets.menu.reveal(),
    }))
}

/// Makes every device's secret anew, all in one transaction: all are off the line until they have the new ones.
pub async fn rotate_all(call: Call) -> Answer {
    let Nothing {} = call.message_if_any()?;
    let (office, key) = (call.office(), call.office().key.clone());
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        Ok(roster::rotate_all(facts.devices()?, &key, moment).into())
    });
    let rotated = turn.await??;
    Ok(reply::json(&Rotated { rotated }))
}

/// Sets the SIP password of one's own device, where the office lets people do so (SPEC §2).
pub async fn choose(call: Call) -> Answer {
    let (chosen, id): (Chosen, _) = (call.message()?, named(&call)?);
    let owner = call.signed_in()?.account.id;
    let (office, key, seen) = (call.office(), call.office().key.clone(), IfMatch::of(&call.request));
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let (device, allowed) = (facts.device(id)?, facts.settings()?.people_set_sip_passwords);
        if let Err(stale) = seen.holds_where(device.as_ref().map(tag)) {
            return Ok(Verdict::no(stale));
        }
        Ok(roster::choose(device, owner, visible(&chosen.secret), allowed, &key, moment).into())
    });
    turn.await??;
    Ok(reply::done())
}
