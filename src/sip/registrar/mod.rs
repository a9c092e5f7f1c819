//! Who is where (RFC 3261 §10), and who is who (§22).

pub(super) mod admission;
pub(super) mod former;
mod nonces;
pub(super) mod offers;
pub(super) mod places;
pub(super) mod register;
pub(super) mod roll;
mod strikes;

use std::sync::Arc;

use super::input::Directory;
use super::wire::Wire;
use crate::rules::phones::device::DeviceId;
use crate::rules::phones::digest::Guard;
use crate::rules::time::Tick;
use former::FormerWays;
use nonces::Nonces;
use offers::Offers;
use places::Places;
use roll::Roll;
use strikes::Strikes;

/// The registrar's tables.
pub(super) struct Registrar {
    pub(super) roll: Roll,
    pub(super) places: Places,
    pub(super) former: FormerWays,
    pub(super) strikes: Strikes,
    guard: Guard,
    nonces: Nonces,
    offers: Offers,
}

impl Registrar {
    pub(super) fn new(wire: &mut Wire, directory: Arc<Directory>) -> Self {
        Self {
            roll: Roll::new(directory),
            places: Places::default(),
            former: FormerWays::default(),
            strikes: Strikes::default(),
            guard: Guard::new(wire.config.domain.clone(), &mut wire.fresh),
            nonces: Nonces::default(),
            offers: Offers::default(),
        }
    }

    /// Other devices. Says which of before are gone, or have another name, secret or hash. Where the latter are is kept
    /// until they come back, so that they can be told.
    pub(super) fn replace(&mut self, directory: Arc<Directory>, now: Tick) -> Vec<DeviceId> {
        let later = Roll::new(directory);
        let gone = self.roll.gone(&later);
        for entry in gone.iter().filter_map(|device| self.roll.device(*device)) {
            self.former.keep(entry, self.places.of(entry.device));
        }
        self.former.tidy(&later, now);
        self.roll = later;
        self.offers.forget(&gone);
        gone
    }

    /// A guard for a new realm: each nonce so far is old.
    pub(super) fn rename(&mut self, wire: &mut Wire) {
        self.guard = Guard::new(wire.config.domain.clone(), &mut wire.fresh);
    }
}
