//! Responses on their way back (RFC 3261 §16.7): which one the caller gets.

use super::calls::CallSide;
use super::progress::{self, target_of};
use super::room::forget;
use super::table::{Best, Forward, Target};
use super::{cancel, dialog, fork};
use crate::sip::alarms::Alarm;
use crate::sip::codec::{Edit, Method, Name, Request, Response, View};
use crate::sip::flow::Transport;
use crate::sip::limits::{EXTENSIONS_OF_ONE, GIVE_UP_MS, RINGING_MS};
use crate::sip::line::{Arrived, Line};

/// Takes the response of a branch.
pub(in crate::sip) fn take(line: &mut Line, number: u64, place: usize, response: &Response<'_>) {
    let Some(forward) = line.forwards.by_server.get_mut(&number) else {
        return;
    };
    let is_decisive = line.wire.config.decline_silences_all;
    let Some(branch) = forward.branches.get_mut(place) else {
        return;
    };
    branch.is_heard = true;
    let target = branch.target.clone();
    let wants_cancel = branch.is_cancelled;
    match response.status {
        ..200 => {
            if wants_cancel {
                cancel::branch(line, number, place, None);
            } else {
                provisional(line, number, &target, response);
            }
        }
        200..300 => success(line, number, place, &target, response),
        status => {
            branch.status = Some(status);
            // 430: this flow of the phone is gone (RFC 5626 §5.3).
            if status == 430 && fork::retry(line, number, &target) {
                return;
            }
            let is_redirected = (300..400).contains(&status) && redirect(line, number, &target, response);
            if !is_redirected {
                note(line, number, status, passed_on(response));
            }
            if status >= 600 && is_decisive {
                cancel::others(line, number, None, None);
            }
            conclude(line, number);
        }
    }
}

/// The response without our own Via.
fn passed_on(response: &Response<'_>) -> Option<Vec<u8>> {
    // One with our Via alone is of a request of ours.
    (response.vias.len() > 1).then(|| {
        let mut edit = Edit::new(response.view);
        edit.pop(Name::Via);
        edit.finish()
    })
}

fn provisional(line: &mut Line, number: u64, target: &Target, response: &Response<'_>) {
    let Some(forward) = line.forwards.by_server.get(&number) else {
        return;
    };
    let (is_invite, call) = (forward.is_invite, forward.call.filter(|_| forward.makes_call));
    if is_invite && !forward.is_answered {
        line.wire.wake(Alarm::Forwarded(number), RINGING_MS);
    }
    if response.status == 100 {
        return;
    }
    if let Some(call) = call.filter(|_| !forward.is_answered) {
        progress::hear(line, call, target, response);
    }
    if let Some(bytes) = passed_on(response) {
        line.transactions
            .servers
            .respond(&mut line.wire, number, response.status, bytes);
    }
}

fn success(line: &mut Line, number: u64, place: usize, target: &Target, response: &Response<'_>) {
    let Some(forward) = line.forwards.by_server.get_mut(&number) else {
        return;
    };
    if let Some(branch) = forward.branches.get_mut(place) {
        branch.status = Some(response.status);
    }
    let (call, makes_call, is_invite) = (forward.call, forward.makes_call, forward.is_invite);
    if !line.transactions.servers.takes(number, response.status) {
        // The caller was told that the call is over: it will not hang up on a device that answers now.
        if is_invite {
            cancel::hang_up(line, target.flow, &target.uri, response);
        }
        return;
    }
    let is_first = !forward.is_answered;
    forward.is_answered = true;
    if let Some(bytes) = passed_on(response) {
        line.transactions
            .servers
            .respond(&mut line.wire, number, response.status, bytes);
    }
    if !is_invite {
        refresh_target(line, call, response);
        return forget(line, number);
    }
    line.wire.wake(Alarm::Forwarded(number), GIVE_UP_MS);
    if makes_call && let Some(call) = call {
        progress::hear(line, call, target, response);
    } else {
        refresh_target(line, call, response);
    }
    if is_first {
        cancel::others(
            line,
            number,
            Some(place),
            Some("SIP;cause=200;text=\"Call completed elsewhere\""),
        );
        if makes_call && let Some(call) = call {
            progress::settle(line, call);
        }
    }
}

/// A 2xx inside a call may bring another Contact (RFC 3261 §12.2.1.2).
fn refresh_target(line: &mut Line, call: Option<u64>, response: &Response<'_>) {
    let is_refresh = matches!(response.method, Method::Invite | Method::Update);
    let contact = response.contacts().ok().and_then(|contacts| target_of(&contacts));
    let (Some(call), Some(contact), true) = (call, contact, is_refresh) else {
        return;
    };
    // The response comes from whoever the request went to: the other direction.
    let tags = response.to.tag().zip(response.from.tag());
    let found: Option<CallSide> = tags.and_then(|(to, from)| line.calls.find(response.call_id, to, from));
    if let Some(found) = found.filter(|found| found.call == call)
        && let Some(side) = line.calls.get_mut(call).and_then(|call| call.sender_mut(found))
    {
        side.target = contact;
    }
}

/// Rings those that a device sends its caller to, if they are of the office and were not rung yet. False: the answer
/// counts as it is.
fn redirect(line: &mut Line, number: u64, from: &Target, response: &Response<'_>) -> bool {
    let Some(forward) = line.forwards.by_server.get(&number) else {
        return false;
    };
    if !forward.makes_call || forward.is_cancelled || forward.is_answered {
        return false;
    }
    let (sender, raw) = (forward.sender, forward.request.clone());
    let Ok(contacts) = response.contacts() else {
        return false;
    };
    let mut is_ours = false;
    let mut is_sent = false;
    for contact in contacts.each() {
        let uri = &contact.address.uri;
        let mut targets = if line.wire.is_ours(uri) {
            is_ours = true;
            let extension = line.registrar.roll.extension(&uri.account()).map(str::to_owned);
            let Some((extension, forward)) = extension.zip(line.forwards.by_server.get_mut(&number)) else {
                continue;
            };
            if forward.reached.contains(&extension) || forward.reached.len() >= EXTENSIONS_OF_ONE {
                continue;
            }
            forward.reached.push(extension.clone());
            fork::targets(line, &extension, sender, raw.len())
        } else if let Some(target) = dialog::registered_as(line, uri.as_str()) {
            is_ours = true;
            vec![target]
        } else {
            continue;
        };
        let tried = line.forwards.by_server.get(&number).map(|forward| &forward.branches);
        targets.retain(|target| {
            let is_tried = tried.is_some_and(|tried| tried.iter().any(|branch| branch.target.flow == target.flow));
            target != from && !is_tried
        });
        let is_secure = uri.sip().is_some_and(|sip| sip.is_secure);
        targets.retain(|target| !is_secure || line.wire.transport(target.flow) == Some(Transport::Tls));
        if let Ok(view) = View::read(&raw)
            && let Ok(request) = Request::parse(&view)
        {
            targets.retain(|target| fork::is_fit(line, &request, target));
            is_sent |= !targets.is_empty();
            fork::branch(line, number, &request, &targets, None);
        }
    }
    if is_ours && !is_sent {
        // In a circle, or to nobody: the caller's phone would only try the same.
        note(line, number, 480, None);
    }
    is_ours
}

/// A branch heard nothing in time, or its connection is gone.
pub(in crate::sip) fn fail(line: &mut Line, number: u64, place: usize, status: u16) {
    let Some(forward) = line.forwards.by_server.get_mut(&number) else {
        return;
    };
    let Some(branch) = forward.branches.get_mut(place).filter(|branch| branch.status.is_none()) else {
        return;
    };
    branch.status = Some(status);
    let (is_unheard, target) = (!branch.is_heard, branch.target.clone());
    if is_unheard && status == 408 {
        line.registrar.places.mark_dead(target.device, target.flow);
    }
    if is_unheard && fork::retry(line, number, &target) {
        return;
    }
    note(line, number, status, None);
    conclude(line, number);
}

/// Which of several answers says most: the less, the better. Where the caller gave up, that is the answer; 6xx is for
/// the whole extension; then what the caller's phone can mend, then what a person did, then what a machine did not.
const fn rank(status: u16, is_cancelled: bool) -> u16 {
    match status {
        487 if is_cancelled => 0,
        600.. => 1,
        401 | 407 | 415 | 420 | 422 | 484 | 488 | 491 | 494 => 2,
        486 => 3,
        300..=399 => 4,
        480 => 7,
        408 => 8,
        487 => 9,
        503 => 11,
        500.. => 10,
        _ => 6,
    }
}

/// Keeps the best answer so far, and what the others ask for.
fn note(line: &mut Line, number: u64, status: u16, bytes: Option<Vec<u8>>) {
    if let Some(forward) = line.forwards.by_server.get_mut(&number) {
        let is_cancelled = forward.is_cancelled;
        let is_better = |best: &Best| rank(status, is_cancelled) < rank(best.status, is_cancelled);
        let new = Best { status, bytes };
        let other = if forward.best.as_ref().is_none_or(is_better) {
            forward.best.replace(new)
        } else {
            Some(new)
        };
        forward.challenges.extend(other.iter().flat_map(challenges));
    }
}

/// The challenges of a 401 or 407.
fn challenges(answer: &Best) -> Vec<(Name, String)> {
    let asks = matches!(answer.status, 401 | 407);
    let view = answer.bytes.as_deref().filter(|_| asks).map(View::read);
    let Some(Ok(view)) = view else {
        return Vec::new();
    };
    let names = [Name::WwwAuthenticate, Name::ProxyAuthenticate];
    let fields = view.fields.iter().filter(|field| names.contains(&field.name));
    fields
        .map(|field| (field.name, String::from_utf8_lossy(field.value).into_owned()))
        .collect()
}

/// A 401 or 407 with what the other devices ask for, so that the caller's phone can answer all at once (RFC 3261 §16.7
/// step 7).
fn gathered(answer: Vec<u8>, challenges: &[(Name, String)]) -> Vec<u8> {
    match View::read(&answer) {
        Ok(view) if !challenges.is_empty() => {
            let mut edit = Edit::new(&view);
            for (name, value) in challenges {
                edit.append(*name, value);
            }
            edit.finish()
        }
        Ok(_) | Err(_) => answer,
    }
}

/// Answers the caller if nothing is waited for any more.
pub(super) fn conclude(line: &mut Line, number: u64) {
    let Some(forward) = line.forwards.by_server.get_mut(&number) else {
        return;
    };
    let is_over = forward.is_over();
    if forward.is_settled() && !forward.is_answered {
        forward.is_answered = true;
        let best = if forward.is_cancelled {
            Best {
                status: 487,
                bytes: forward
                    .best
                    .take()
                    .filter(|best| best.status == 487)
                    .and_then(|best| best.bytes),
            }
        } else {
            forward.best.take().unwrap_or(Best {
                status: 480,
                bytes: None,
            })
        };
        let call = forward.call.filter(|_| forward.makes_call);
        let forward = forward.clone();
        finish(line, number, &forward, best);
        if let Some(call) = call {
            progress::over(line, call);
        }
    }
    if is_over && line.forwards.by_server.get(&number).is_some_and(|it| !has_success(it)) {
        forget(line, number);
    }
}

fn has_success(forward: &Forward) -> bool {
    forward
        .branches
        .iter()
        .any(|branch| branch.status.is_some_and(|status| status < 300))
}

/// Sends the final answer.
fn finish(line: &mut Line, number: u64, forward: &Forward, best: Best) {
    let (status, reason) = match best.status {
        408 if !forward.is_invite => {
            // RFC 4320 §4.2: by now the sender has given up by itself.
            return line.transactions.servers.end(&mut line.wire, number);
        }
        408 => (408, "Request Timeout"),
        487 => (487, "Request Terminated"),
        503 => (500, "Server Internal Error"),
        other => (other, "Temporarily Unavailable"),
    };
    if let Some(mut bytes) = best.bytes.filter(|_| best.status == status) {
        if matches!(status, 401 | 407) {
            bytes = gathered(bytes, &forward.challenges);
        }
        return line.transactions.servers.respond(&mut line.wire, number, status, bytes);
    }
    if let Ok(view) = View::read(&forward.request)
        && let Ok(request) = Request::parse(&view)
    {
        let arrived = Arrived {
            request: &request,
            flow: forward.flow,
            source: forward.source,
            server: Some(number),
        };
        line.refuse(arrived, status, reason);
    }
}

/// Timer C, or the end of the time in which copies of a 2xx come.
pub(in crate::sip) fn wake(line: &mut Line, number: u64) {
    let Some(forward) = line.forwards.by_server.get(&number) else {
        return;
    };
    if forward.is_answered {
        return forget(line, number);
    }
    let waiting: Vec<usize> = (0..forward.branches.len())
        .filter(|place| {
            forward
                .branches
                .get(*place)
                .is_some_and(|branch| branch.status.is_none())
        })
        .collect();
    for place in waiting {
        cancel::branch(line, number, place, None);
        fail(line, number, place, 408);
    }
}
