//! The files that phones fetch: pure functions from a record to bytes, one file per make.
//!
//! The same record gives the same bytes, always: phones compare what they got, and restart where it differs. A key that
//! a file leaves out keeps its old value in the phone, so each make writes every key that it ever writes, also to clear
//! it. What nobody has confirmed about a make is on [`Make::unconfirmed`], for the page and for whoever tries one.
//!
//! A new make is one file and its two lines here: its `mod` and its place in [`MAKES`].

pub mod discovery;
pub mod fanvil;
pub mod grandstream;
pub mod handout;
pub mod linphone;
pub mod make;
pub mod poly;
pub mod request;
pub mod snom;
mod xml;
pub mod yealink;
pub mod zones;

use make::Make;

use crate::rules::phones::device;
use crate::rules::phones::mac::Mac;

/// Every make that phones are provisioned of, in the order of the page. Apps have [`linphone`] instead.
pub static MAKES: [&Make; 5] = [
    &fanvil::MAKE,
    &grandstream::MAKE,
    &poly::MAKE,
    &snom::MAKE,
    &yealink::MAKE,
];

/// The make with this name in the interface (`yealink`).
pub fn named(id: &str) -> Option<&'static Make> {
    MAKES.into_iter().find(|make| make.id == id)
}

/// How a make's phones are provisioned.
pub fn of(make: device::Make) -> &'static Make {
    match make {
        device::Make::Fanvil => &fanvil::MAKE,
        device::Make::Grandstream => &grandstream::MAKE,
        device::Make::Poly => &poly::MAKE,
        device::Make::Snom => &snom::MAKE,
        device::Make::Yealink => &yealink::MAKE,
    }
}

/// The make that this MAC address's range belongs to: a hint for whoever adds a phone, never proof.
pub fn of_range(mac: Mac) -> Option<&'static Make> {
    MAKES.into_iter().find(|make| make.ouis.contains(&mac.oui()))
}

/// Who made a box, where that is known: as somebody said, else as its MAC address's range has it.
pub fn made(hardware: &device::Hardware) -> Option<&'static Make> {
    hardware.make.map(of).or_else(|| hardware.mac.and_then(of_range))
}
