//! Other devices, other settings.

use std::sync::Arc;

use super::flow::{ListenerId, StreamId};
use super::input::{Config, Directory};
use super::lamps::subscribe;
use super::line::Line;
use super::proxy::{progress, withdraw};
use super::receive;
use super::registrar::register;

/// Other devices: those that are gone, or have another secret, are off the line.
pub(super) fn directory(line: &mut Line, directory: Arc<Directory>) {
    let gone = line.registrar.replace(directory, line.wire.now);
    for device in &gone {
        register::remove(line, *device);
        withdraw::withdraw(line, *device);
    }
    for side in line.calls.sides_mut().filter(|side| gone.contains(&side.device)) {
        side.is_proven = false;
    }
    progress::miss(line, &gone, None);
    subscribe::recheck(line, &gone);
}

/// Other settings: sockets that are gone take their connections and bindings along. A socket is gone where another, or
/// none, has its place.
pub(super) fn config(line: &mut Line, config: Config) {
    let is_renamed = config.domain != line.wire.config.domain;
    let listeners = std::mem::take(&mut line.wire.config.listeners);
    line.wire.configure(config);
    if is_renamed {
        line.registrar.rename(&mut line.wire);
    }
    let is_other = |place: &usize| listeners.get(*place) != line.wire.config.listeners.get(*place);
    let gone: Vec<ListenerId> = (0..listeners.len())
        .filter(is_other)
        .filter_map(|place| u8::try_from(place).ok().map(ListenerId))
        .collect();
    let wire = &line.wire;
    let streams = wire.streams.iter();
    let lost: Vec<StreamId> = streams
        .filter(|(_, it)| gone.contains(&it.listener) || !wire.admits(it.remote))
        .map(|(stream, _)| *stream)
        .collect();
    for stream in lost {
        receive::close(line, stream);
    }
    register::recheck(line, &gone);
}
