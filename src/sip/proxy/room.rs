//! How requests that are under way make room.

use crate::sip::alarms::Alarm;
use crate::sip::line::Line;

/// Forgets the oldest request that is answered, and waits for copies of its 2xx alone. False: none is.
pub(super) fn make_room(line: &mut Line) -> bool {
    let mut under_way = line.forwards.by_server.iter();
    let done = under_way.find(|(_, forward)| forward.is_answered && forward.is_over());
    let number = done.map(|(number, _)| *number);
    if let Some(number) = number {
        forget(line, number);
    }
    number.is_some()
}

/// A request is under way no more. What is left of its transactions ends by itself.
pub(super) fn forget(line: &mut Line, number: u64) {
    line.wire.alarms.clear(Alarm::Forwarded(number));
    if let Some(forward) = line.forwards.by_server.remove(&number) {
        for branch in forward.branches.iter().filter(|branch| branch.status.is_none()) {
            line.transactions.clients.end(&mut line.wire, branch.key);
        }
    }
}
