//! Requests outside a dialog: who may call whom.

use super::calls::{Call, CallSide, Side};
use super::fork::{self, Plan, forward};
use super::table::Target;
use super::{dialog, progress, route};
use crate::rules::phones::device::DeviceId;
use crate::sip::codec::{Method, Name, Replaces, Request};
use crate::sip::line::{Arrived, Line};

/// What a phone dials before an extension to take a call that rings there.
const PICK_UP: &str = "**";

/// Takes a request without a To tag that is not for this server itself.
pub(in crate::sip) fn take(line: &mut Line, arrived: Arrived<'_, '_>) {
    let request = arrived.request;
    if !route::check(line, arrived) {
        return;
    }
    let Some(device) = line.admit(arrived, true) else {
        return;
    };
    let is_ours = line.wire.is_ours(&request.uri);
    if !is_ours && !names_device(line, request) {
        return line.refuse(arrived, 403, "Foreign Address");
    }
    if !is_own_name(line, request, device) {
        return line.refuse(arrived, 403, "Foreign From");
    }
    let Some(arrived) = line.open(arrived) else {
        return;
    };
    if request.method == Method::Invite {
        let bytes = line.draft(arrived, 100, "Trying").finish();
        line.reply(arrived, 100, bytes);
        invite(line, arrived, device);
    } else {
        match plan(line, arrived, device).and_then(|plan| secured(line, request, plan)) {
            Ok(plan) => {
                forward(line, arrived, device, plan);
            }
            Err((status, reason)) => line.refuse(arrived, status, reason),
        }
    }
}

/// Whether the URI of a request is one that a device of ours has registered, or the Contact of the device in the call
/// that it replaces: what phones are sent to by REFER (RFC 5589 §7) and by other phones' 3xx.
fn names_device(line: &Line, request: &Request<'_>) -> bool {
    let uri = request.uri.as_str();
    let replaces = request.replaces().ok().flatten();
    let replaced = replaces.and_then(|replaces| replaced(line, &replaces));
    let is_replaced = replaced
        .and_then(|(call, found)| call.sides(found))
        .is_some_and(|(_, receiver)| dialog::is_of(line, receiver, uri));
    is_replaced || dialog::registered_as(line, uri).is_some()
}

/// The plan of a request to a `sips:` URI: over TLS alone (RFC 3261 §26.2.2).
fn secured(line: &Line, request: &Request<'_>, mut plan: Plan) -> Result<Plan, (u16, &'static str)> {
    plan.targets.retain(|target| fork::is_fit(line, request, target));
    if plan.targets.is_empty() {
        return Err((480, "Temporarily Unavailable"));
    }
    Ok(plan)
}

/// Whether From is the device's own address, or of nobody (RFC 3323 §4.1.1.3).
fn is_own_name(line: &Line, request: &Request<'_>, device: DeviceId) -> bool {
    let Some(entry) = line.registrar.roll.device(device) else {
        return false;
    };
    let from = request.from.uri.account();
    let extension = entry.extension.as_ref().map(|extension| extension.as_str());
    from.eq_ignore_ascii_case("anonymous") || from == entry.username.as_str() || extension == Some(&*from)
}

fn invite(line: &mut Line, arrived: Arrived<'_, '_>, device: DeviceId) {
    let request = arrived.request;
    let user = request.uri.account();
    let plan = match request.replaces() {
        Err(why) => Err(why.status()),
        Ok(Some(replaces)) => match taken_over(line, &replaces, device) {
            Some(plan) => Ok(plan),
            None => plan(line, arrived, device),
        },
        Ok(None) => match user.strip_prefix(PICK_UP) {
            Some(extension) => picked_up(line, extension, device),
            None => plan(line, arrived, device),
        },
    };
    let mut plan = match plan.and_then(|plan| secured(line, request, plan)) {
        Ok(plan) => plan,
        Err((status, reason)) => return line.refuse(arrived, status, reason),
    };
    let callee = plan.reached.first().cloned();
    plan.call = progress::begin(line, arrived, device, callee.as_deref());
    plan.makes_call = true;
    let call = plan.call;
    if call.is_none() {
        return line.refuse(arrived, 503, "Service Unavailable");
    }
    if !forward(line, arrived, device, plan)
        && let Some(call) = call
    {
        progress::over(line, call);
    }
}

/// Where a request to an extension goes.
fn plan(line: &Line, arrived: Arrived<'_, '_>, device: DeviceId) -> Result<Plan, (u16, &'static str)> {
    let request = arrived.request;
    if !line.wire.is_ours(&request.uri) {
        return straight(line, arrived);
    }
    let view = request.view;
    let user = &*request.uri.account();
    // The office has no line to the outside, so nobody answers for help: never that there is no such number.
    let is_emergency = line.wire.config.emergency.iter().any(|number| number == user);
    let nobody = if is_emergency {
        (503, "No Line To The Outside")
    } else {
        (404, "Not Found")
    };
    let extension = line.registrar.roll.extension(user).ok_or(nobody)?;
    let length = view.head.len().saturating_add(view.body.len());
    let targets = fork::targets(line, extension, device, length);
    if targets.is_empty() {
        return Err((480, "Temporarily Unavailable"));
    }
    Ok(Plan {
        targets,
        reached: vec![extension.to_owned()],
        ..Plan::default()
    })
}

/// Where a request to the Contact of a device goes: to that device alone.
fn straight(line: &Line, arrived: Arrived<'_, '_>) -> Result<Plan, (u16, &'static str)> {
    let target = dialog::registered_as(line, arrived.request.uri.as_str());
    let target = target.filter(|target| target.flow != arrived.flow);
    let target = target.ok_or((480, "Temporarily Unavailable"))?;
    let extension = progress::extension_of(line, target.device);
    Ok(Plan {
        reached: extension.iter().map(|it| it.as_str().to_owned()).collect(),
        targets: vec![target],
        ..Plan::default()
    })
}

/// The call that an INVITE with Replaces means, with the place of the device that is asked as the receiver. A tag of
/// zero is none (RFC 3891 §3).
fn replaced<'l>(line: &'l Line, replaces: &Replaces<'_>) -> Option<(&'l Call, CallSide)> {
    let (to, from) = (replaces.to_tag, replaces.from_tag);
    let null = |tag| if tag == "0" { "" } else { tag };
    let exact = line.calls.find(replaces.call_id, from, to);
    let found = exact.or_else(|| line.calls.find(replaces.call_id, null(from), null(to)))?;
    let call = line.calls.get(found.call).filter(|call| !call.is_ended)?;
    Some((call, found))
}

/// Where an INVITE with Replaces goes: to the very device that is in that call (RFC 3891 §3). A call that still rings
/// is the caller's to hand over, so it goes to the caller's device with the tags as that one sees them.
fn taken_over(line: &Line, replaces: &Replaces<'_>, device: DeviceId) -> Option<Plan> {
    let (call, found) = replaced(line, replaces)?;
    let leg = call.legs.get(found.leg)?;
    if !leg.is_answered && found.is_from_caller {
        return pick_up(line, call, &leg.tag, device).ok();
    }
    // `to` is the tag of the device that is asked.
    let (_, receiver) = call.sides(found)?;
    to_side(line, receiver, device)
}

/// Where `**` and an extension goes: to the caller of what rings there.
fn picked_up(line: &Line, extension: &str, device: DeviceId) -> Result<Plan, (u16, &'static str)> {
    let extension = line.registrar.roll.extension(extension).ok_or((404, "Not Found"))?;
    let rings = |call: &&Call| {
        let rings_there =
            |leg: &super::calls::Leg| leg.side.extension.as_ref().is_some_and(|it| it.as_str() == extension);
        !call.is_ended && !call.is_answered() && call.legs.iter().any(|leg| !leg.is_ended && rings_there(leg))
    };
    let (_, call) = line
        .calls
        .iter()
        .find(|(_, call)| rings(call))
        .ok_or((480, "Nothing Rings There"))?;
    let leg = call
        .legs
        .iter()
        .find(|leg| !leg.is_ended)
        .ok_or((480, "Nothing Rings There"))?;
    pick_up(line, call, &leg.tag, device)
}

fn pick_up(line: &Line, call: &Call, leg_tag: &str, device: DeviceId) -> Result<Plan, (u16, &'static str)> {
    if !call.takes_replaces {
        return Err((480, "Caller Cannot Be Taken Over"));
    }
    let mut plan = to_side(line, &call.caller, device).ok_or((480, "Temporarily Unavailable"))?;
    let null = |tag: &str| if tag.is_empty() { "0".to_owned() } else { tag.to_owned() };
    plan.replaces = Some(format!(
        "{};to-tag={};from-tag={}",
        call.call_id,
        null(&call.caller_tag),
        null(leg_tag)
    ));
    Ok(plan)
}

fn to_side(line: &Line, side: &Side, device: DeviceId) -> Option<Plan> {
    let flow = line.way(side.device, side.flow, side.heard)?;
    let is_other = side.device != device;
    is_other.then(|| Plan {
        targets: vec![Target {
            device: side.device,
            flow,
            uri: side.target.clone(),
            instance: None,
        }],
        reached: side
            .extension
            .iter()
            .map(|extension| extension.as_str().to_owned())
            .collect(),
        ..Plan::default()
    })
}

/// Whether a request is for this server, and not for anybody of the office.
pub(in crate::sip) fn is_for_server(line: &Line, request: &Request<'_>) -> bool {
    line.wire.is_ours(&request.uri) && request.uri.sip().is_some_and(|sip| sip.user.is_none())
}

/// Answers what is for this server itself.
pub(in crate::sip) fn serve(line: &mut Line, arrived: Arrived<'_, '_>) {
    let allow = "INVITE, ACK, CANCEL, OPTIONS, BYE, REGISTER, SUBSCRIBE, NOTIFY, INFO, UPDATE, PRACK, REFER, MESSAGE";
    if arrived.request.method == Method::Options {
        let draft = line.draft(arrived, 200, "OK").with("Allow", allow);
        let bytes = draft
            .with("Accept", "application/sdp")
            .with("Allow-Events", "dialog")
            .finish();
        return line.reply(arrived, 200, bytes);
    }
    if arrived.request.view.first(Name::Event).is_some() {
        let draft = line.draft(arrived, 489, "Bad Event").with("Allow-Events", "dialog");
        return line.reply(arrived, 489, draft.finish());
    }
    if matches!(
        arrived.request.method,
        Method::Invite | Method::Message | Method::Refer | Method::Info
    ) {
        return line.refuse(arrived, 404, "Not Found");
    }
    let draft = line.draft(arrived, 405, "Method Not Allowed").with("Allow", allow);
    line.reply(arrived, 405, draft.finish());
}
