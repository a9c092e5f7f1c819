//! Shared desks: a phone that becomes the extension of whoever signs in at its sticker by passkey.

use serde::{Deserialize, Serialize};

use super::device::named;
use crate::http::front::call::Call;
use crate::http::front::qr::{self, Drawn};
use crate::http::front::reply::{self, Answer, Failure};
use crate::office::Office;
use crate::office::hardware::PutOut;
use crate::rules::id::AccountId;
use crate::rules::phones::desk;
use crate::rules::phones::device::{Device, DeviceId, Role};
use crate::rules::refusal::Refusal;
use crate::rules::time::{Date, Ttl};
use crate::rules::verdict::Verdict;
use crate::store::{Facts, Fault};

/// How long somebody sits who does not say until when: a day at work.
const A_DAY_AT_WORK: Ttl = Ttl::hours(8);

#[derive(Serialize)]
struct DeskJson {
    id: u64,
    label: String,
    /// Who sits there; none: it is free.
    sitting: Option<SitterJson>,
    /// Numbers that help is called by. None reaches anybody: the office has no line to the outside.
    emergency: Vec<String>,
    /// Who put out whoever asks, in the last day; none: nobody, or they sat down again since.
    put_out: Option<PutOutJson>,
}

/// Somebody was put out of a desk.
#[derive(Serialize)]
pub struct PutOutJson {
    /// What the desk is called.
    label: String,
    /// Who sits there since; none: an administrator made it free.
    by: Option<String>,
    at: u64,
}

impl From<PutOut> for PutOutJson {
    fn from(put_out: PutOut) -> Self {
        Self {
            label: put_out.label,
            by: put_out.by,
            at: put_out.at.0,
        }
    }
}

#[derive(Serialize)]
struct SitterJson {
    extension: String,
    name: String,
    until: u64,
    /// Whether that is whoever asks.
    mine: bool,
}

#[derive(Serialize)]
struct Sticker {
    link: String,
    qr: Option<Drawn>,
}

#[derive(Default, Deserialize)]
struct Taking {
    /// Seconds since 1970; at most a day from now.
    until: Option<u64>,
}

/// A desk, for whoever is signed in.
pub async fn show(call: Call) -> Answer {
    let id = named(&call)?;
    let shown = shown(&call, id)?;
    Ok(reply::json(&shown.ok_or(Refusal::NotFound)?))
}

/// The desk is one's own until then. An earlier sitter is put out, and one leaves every other desk.
pub async fn take(call: Call) -> Answer {
    let (said, id): (Taking, _) = (call.message_if_any()?, named(&call)?);
    let signed_in = call.signed_in()?.clone();
    if signed_in.account.is_administrator() {
        // Nothing rings for who has no number.
        return Err(Refusal::NotFound.into());
    }
    let office = call.office();
    let length = said.until.map_or(A_DAY_AT_WORK, |until| Date(until) - office.now());
    let by = signed_in.account.name.to_string();
    let who = signed_in.account.id;
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let before = facts.device(id)?;
        let put_out = before.as_ref().and_then(|desk| desk::sitter(desk, moment.now));
        let taken = desk::take(before, &signed_in.session, length, moment);
        Ok(match taken {
            Ok((sitting, taken)) => {
                let elsewhere = desk::elsewhere(&facts.devices()?, id, sitting.who, moment.now);
                let taken = taken.into_iter().chain(elsewhere);
                Verdict::yes(put_out, taken.map(Into::into).collect())
            }
            Err(refusal) => Verdict::no(refusal),
        })
    });
    let put_out = turn.await??;
    office.hardware.sits(who);
    if let Some(earlier) = put_out.filter(|earlier| *earlier != who) {
        told(&call, id, earlier, Some(by))?;
    }
    Ok(reply::json(&shown(&call, id)?.ok_or(Refusal::NotFound)?))
}

/// Whoever sat there is told by their pages.
fn told(call: &Call, id: DeviceId, earlier: AccountId, by: Option<String>) -> Result<(), Fault> {
    let office = call.office();
    if let Some(desk) = office.store.read(|facts| facts.device(id))? {
        let (label, at) = (desk.label.to_string(), office.now());
        office.hardware.put_out(earlier, PutOut { label, by, at });
    }
    Ok(())
}

/// One leaves the desk.
pub async fn leave(call: Call) -> Answer {
    let (id, who) = (named(&call)?, call.signed_in()?.account.id);
    left(&call, id, Some(who)).await?;
    Ok(reply::json(&shown(&call, id)?.ok_or(Refusal::NotFound)?))
}

/// An administrator makes the desk free.
pub async fn free(call: Call) -> Answer {
    let id = named(&call)?;
    if let Some(earlier) = left(&call, id, None).await? {
        told(&call, id, earlier, None)?;
    }
    Ok(reply::done())
}

/// Says who sat there.
async fn left(call: &Call, id: DeviceId, by: Option<AccountId>) -> Result<Option<AccountId>, Failure> {
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let device = facts.device(id)?;
        let earlier = device.as_ref().and_then(|desk| desk::sitter(desk, moment.now));
        let revised = device.as_ref().map(|device| desk::revised(device, moment.now));
        Ok(match desk::leave(device, by) {
            Ok(((), left)) => Verdict::yes(earlier, left.into_iter().chain(revised).map(Into::into).collect()),
            Err(refusal) => Verdict::no(refusal),
        })
    });
    Ok(turn.await??)
}

/// What is printed and stuck to the desk's phone.
pub async fn sticker(call: Call) -> Answer {
    let (office, id) = (call.office(), named(&call)?);
    let device = office.store.read(|facts| facts.device(id))?;
    let DeviceId(number) = device.filter(Device::is_desk).ok_or(Refusal::NotFound)?.id;
    let link = format!("{}/desk/{number}", office.site.origin);
    let qr = qr::drawn(&link);
    Ok(reply::json(&Sticker { link, qr }))
}

fn shown(call: &Call, id: DeviceId) -> Result<Option<DeskJson>, Fault> {
    let (office, me) = (call.office(), call.account().ok().map(|account| account.id));
    office.store.read(|facts| {
        let Some(device) = facts.device(id)?.filter(Device::is_desk) else {
            return Ok(None);
        };
        let sitting = sitter(&device, facts, office)?.map(|sitter| SitterJson {
            mine: me == Some(sitter.0),
            ..sitter.1
        });
        Ok(Some(DeskJson {
            id: device.id.0,
            label: device.label.to_string(),
            sitting,
            emergency: facts.settings()?.phones.emergency,
            put_out: me
                .and_then(|me| office.hardware.was_put_out(me, office.now()))
                .map(Into::into),
        }))
    })
}

fn sitter(device: &Device, facts: &Facts<'_>, office: &Office) -> Result<Option<(AccountId, SitterJson)>, Fault> {
    let Role::Desk {
        sitting: Some(sitting), ..
    } = device.role
    else {
        return Ok(None);
    };
    let who = facts.account(sitting.who)?.filter(|_| office.now() < sitting.until);
    Ok(who.map(|who| {
        let shown = SitterJson {
            extension: who.username().to_owned(),
            name: who.name.to_string(),
            until: sitting.until.0,
            mine: false,
        };
        (who.id, shown)
    }))
}
