//! Other devices, other settings.

use std::sync::Arc;

use super::flow::{Flow, StreamId};
use super::input::{Config, Directory};
use super::lamps::subscribe;
use super::line::Line;
use super::proxy::withdraw;
use super::receive;
use super::registrar::register;
use super::registrar::roll::Roll;

/// Other devices: those that are gone, or have another secret, are off the line.
pub(super) fn directory(line: &mut Line, directory: Arc<Directory>) {
    let later = Roll::new(directory);
    let gone = line.registrar.roll.gone(&later);
    line.registrar.roll = later;
    for device in &gone {
        register::remove(line, *device);
        withdraw::withdraw(line, *device);
    }
    subscribe::recheck(line, &gone);
}

/// Other settings: sockets that are gone take their connections and bindings along.
pub(super) fn config(line: &mut Line, config: Config) {
    let is_renamed = config.domain != line.wire.config.domain;
    line.wire.configure(config);
    if is_renamed {
        line.registrar.rename(&mut line.wire);
    }
    let wire = &line.wire;
    let is_lost = |stream: &StreamId| {
        wire.remote(Flow::Stream(*stream))
            .is_none_or(|remote| !wire.admits(remote))
    };
    let lost: Vec<StreamId> = wire.streams.keys().copied().filter(is_lost).collect();
    for stream in lost {
        receive::close(line, stream);
    }
    register::recheck(line);
}
