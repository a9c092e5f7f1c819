//! What happens when a time has come.

use super::alarms::Alarm;
use super::lamps::notify;
use super::line::Line;
use super::proxy::{answer, progress};
use super::receive;
use super::registrar::register;
use super::transaction::client::ClientKey;
use super::unheard::unheard;

/// Does all that is due.
pub(super) fn ring(line: &mut Line) {
    while let Some(alarm) = line.wire.alarms.due(line.wire.now) {
        match alarm {
            Alarm::Binding(device) => {
                register::expire(line, device);
                progress::miss(line, &[device], None);
            }
            Alarm::Bulk => line.registrar.strikes.tell(&mut line.wire),
            Alarm::Call(number) => {
                progress::wake(line, number);
                if line.calls.get(number).is_some_and(|call| call.is_ended) && !line.wire.alarms.has(alarm) {
                    line.calls.forget(&mut line.wire, number);
                }
            }
            Alarm::Client(number, is_cancel) => {
                let key = ClientKey { number, is_cancel };
                if let Some(owner) = line.transactions.clients.wake(&mut line.wire, key) {
                    unheard(line, owner, 408);
                }
            }
            Alarm::Discovery(id) => {
                line.lamps.discoveries.remove(&id);
            }
            Alarm::Forwarded(number) => answer::wake(line, number),
            Alarm::Server(number) => line.transactions.servers.wake(&mut line.wire, number),
            Alarm::Stream(stream) => receive::close(line, stream),
            Alarm::Subscription(number) => notify::wake(line, number),
        }
    }
}
