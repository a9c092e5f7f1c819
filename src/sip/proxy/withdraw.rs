//! Callers that give up, and devices that are taken off the line (RFC 3261 §9.2, §16.10).

use super::answer;
use super::cancel::{branch, others};
use super::table::Branch;
use crate::rules::phones::device::DeviceId;
use crate::sip::codec::Name;
use crate::sip::flow::Flow;
use crate::sip::line::{Arrived, Line};
use crate::sip::transaction::client::ClientKey;

/// Takes the CANCEL of a caller.
pub(in crate::sip) fn take(line: &mut Line, arrived: Arrived<'_, '_>) {
    let server = line
        .transactions
        .servers
        .cancelled(&line.wire, arrived.request, arrived.source);
    let Some(number) = server else {
        return line.refuse(arrived, 481, "Call/Transaction Does Not Exist");
    };
    line.refuse(arrived, 200, "OK");
    let Some(forward) = line.forwards.by_server.get_mut(&number) else {
        return;
    };
    if forward.is_answered || forward.is_cancelled {
        return;
    }
    forward.is_cancelled = true;
    forward.reasons = arrived
        .request
        .view
        .all(Name::Reason)
        .map(|field| field.value.to_vec())
        .collect();
    others(line, number, None, None);
    answer::conclude(line, number);
}

/// The connection of callers is gone: nobody waits for an answer any more.
pub(in crate::sip) fn hung_up(line: &mut Line, flow: Flow) {
    let forwards = line.forwards.by_server.iter();
    let lost: Vec<u64> = forwards
        .filter(|(_, forward)| forward.flow == flow && forward.is_invite && !forward.is_answered)
        .map(|(number, _)| *number)
        .collect();
    for number in lost {
        if let Some(forward) = line.forwards.by_server.get_mut(&number) {
            forward.is_cancelled = true;
        }
        others(line, number, None, None);
        answer::conclude(line, number);
    }
}

/// A device is off the line: it is rung no more, and what it asked for goes no further.
pub(in crate::sip) fn withdraw(line: &mut Line, device: DeviceId) {
    let numbers: Vec<u64> = line.forwards.by_server.keys().copied().collect();
    for number in numbers {
        let Some(forward) = line.forwards.by_server.get_mut(&number).filter(|it| !it.is_answered) else {
            continue;
        };
        if forward.sender == device && forward.makes_call {
            forward.is_cancelled = true;
            others(line, number, None, None);
            answer::conclude(line, number);
            continue;
        }
        let is_its = |branch: &Branch| branch.target.device == device && branch.status.is_none();
        let places = forward.branches.iter().enumerate().filter(|(_, branch)| is_its(branch));
        let places: Vec<(usize, ClientKey)> = places.map(|(place, branch)| (place, branch.key)).collect();
        for (place, key) in places {
            branch(line, number, place, None);
            line.transactions.clients.disown(key);
            answer::fail(line, number, place, 480);
        }
    }
}
