//! Sending a request to several devices at once (RFC 3261 §16.6).

use super::outgoing::{self, Origin};
use super::room;
use super::table::{Branch, Forward, Target};
use crate::rules::phones::device::DeviceId;
use crate::sip::alarms::Alarm;
use crate::sip::codec::{Method, Name, Request, View};
use crate::sip::flow::Transport;
use crate::sip::limits::{BRANCHES, DATAGRAM_BYTES, FORWARDED, RINGING_MS};
use crate::sip::line::{Arrived, Line};
use crate::sip::registrar::places::Place;
use crate::sip::transaction::client::{ClientKey, Owner};

/// All phones of an extension but the caller's own device, each over one way that is open. Where a device has a stream,
/// what is larger than a datagram should be goes by that alone (RFC 3261 §18.1.1).
pub(super) fn targets(line: &Line, extension: &str, caller: DeviceId, length: usize) -> Vec<Target> {
    let devices = line.registrar.roll.devices_of(extension).unwrap_or_default();
    let mut targets = Vec::new();
    for device in devices.iter().filter(|device| **device != caller) {
        let open = open(line, *device);
        let has_stream = open.iter().any(|target| !target.flow.is_datagram());
        let is_large = length > DATAGRAM_BYTES && has_stream;
        let mut fits: Vec<Target> = Vec::new();
        for target in open.into_iter().filter(|it| !(is_large && it.flow.is_datagram())) {
            if !fits.iter().any(|other| is_one_phone(other, &target)) {
                fits.push(target);
            }
        }
        targets.append(&mut fits);
    }
    targets
}

/// The bindings of a device over ways that are open: those that answered last come first, then the newest.
fn open(line: &Line, device: DeviceId) -> Vec<Target> {
    let live = |place: &&Place| line.wire.now < place.binding.until;
    let mut places: Vec<&Place> = line.registrar.places.of(device).iter().filter(live).collect();
    places.sort_by_key(|place| place.binding.dead);
    let target = |place: &Place| {
        let flow = place.way()?;
        line.wire.remote(flow)?;
        Some(Target {
            device,
            flow,
            uri: place.binding.contact.uri.clone(),
            instance: place.binding.contact.instance.clone(),
        })
    };
    places.into_iter().filter_map(target).collect()
}

/// Whether both are flows of one phone, which is rung over one at a time (RFC 5626 §5.3).
fn is_one_phone(one: &Target, other: &Target) -> bool {
    let instances = one.instance.as_deref().zip(other.instance.as_deref());
    one.device == other.device && instances.is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
}

/// Nothing came back over a flow: the same request goes over another of that phone which was not tried yet. False: it
/// has none.
pub(super) fn retry(line: &mut Line, number: u64, failed: &Target) -> bool {
    let Some(forward) = line.forwards.by_server.get(&number) else {
        return false;
    };
    let raw = forward.request.clone();
    let Ok(view) = View::read(&raw) else {
        return false;
    };
    let Ok(request) = Request::parse(&view) else {
        return false;
    };
    let is_new = |target: &Target| !forward.branches.iter().any(|branch| branch.target.flow == target.flow);
    let others = open(line, failed.device).into_iter();
    let mut others = others.filter(|it| is_one_phone(it, failed) && is_new(it) && is_fit(line, &request, it));
    let next = others.next();
    let is_there = next.is_some() && !forward.is_cancelled && !forward.is_answered;
    if let Some(next) = next.filter(|_| is_there) {
        branch(line, number, &request, &[next], None);
    }
    is_there
}

/// Whether a request may go there: what is for a `sips:` URI goes over TLS alone (RFC 3261 §26.2.2).
pub(super) fn is_fit(line: &Line, request: &Request<'_>, target: &Target) -> bool {
    let is_secure = request.uri.sip().is_some_and(|sip| sip.is_secure);
    !is_secure || line.wire.transport(target.flow) == Some(Transport::Tls)
}

/// What is known of a request that is sent on.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) targets: Vec<Target>,
    pub(super) reached: Vec<String>,
    pub(super) call: Option<u64>,
    pub(super) makes_call: bool,
    pub(super) replaces: Option<String>,
}

/// Sends a request, whose transaction is open, to its targets. False: there is no room, and it was answered.
pub(super) fn forward(line: &mut Line, arrived: Arrived<'_, '_>, sender: DeviceId, plan: Plan) -> bool {
    let Some(number) = arrived.server else {
        return false;
    };
    if line.forwards.by_server.len() >= FORWARDED && !room::make_room(line) {
        line.refuse(arrived, 503, "Service Unavailable");
        return false;
    }
    let request = arrived.request;
    let is_invite = request.method == Method::Invite;
    let forward = Forward {
        is_invite,
        request: [request.view.head, request.view.body].concat(),
        flow: arrived.flow,
        source: arrived.source,
        sender,
        branches: Vec::new(),
        reached: plan.reached,
        best: None,
        challenges: Vec::new(),
        is_cancelled: false,
        reasons: Vec::new(),
        is_answered: false,
        call: plan.call,
        makes_call: plan.makes_call,
    };
    line.forwards.by_server.insert(number, forward);
    if is_invite {
        line.wire.wake(Alarm::Forwarded(number), RINGING_MS);
    }
    branch(line, number, request, &plan.targets, plan.replaces.as_deref());
    true
}

/// Adds branches to a request under way, and sends them.
pub(super) fn branch(line: &mut Line, number: u64, request: &Request<'_>, targets: &[Target], replaces: Option<&str>) {
    for target in targets {
        let Some(forward) = line.forwards.by_server.get(&number) else {
            return;
        };
        if forward.branches.len() >= BRANCHES {
            return;
        }
        let (flow, source, sender) = (forward.flow, forward.source, forward.sender);
        let place = forward.branches.len();
        let identity = identity(line, request, sender);
        let origin = Origin {
            flow,
            source,
            identity: identity.as_deref(),
            replaces,
        };
        let key = ClientKey {
            number: line.wire.number(),
            is_cancel: false,
        };
        let bytes = outgoing::bytes(&line.wire, request, origin, target, key.number);
        let owner = Owner::Branch(number, place);
        let clients = &mut line.transactions.clients;
        let is_sent = clients.send(&mut line.wire, key, request.method, target.flow, bytes, owner);
        if let Some(forward) = line.forwards.by_server.get_mut(&number) {
            forward.branches.push(Branch {
                target: target.clone(),
                key,
                status: (!is_sent).then_some(480),
                is_cancelled: false,
                is_heard: false,
            });
        }
    }
}

/// Who calls, as we know it (RFC 3325 §9.1). Inside a dialog both know each other.
fn identity(line: &Line, request: &Request<'_>, sender: DeviceId) -> Option<String> {
    if request.to.tag().is_some() || request.view.first(Name::Privacy).is_some_and(|value| value != b"none") {
        return None;
    }
    let entry = line.registrar.roll.device(sender)?;
    let extension = entry.extension.as_ref()?;
    let name: String = entry
        .name
        .as_str()
        .chars()
        .filter(|c| !matches!(c, '"' | '\\'))
        .collect();
    Some(format!("\"{name}\" <sip:{extension}@{}>", line.wire.config.domain))
}
