//! Devices: desk phones and apps, their secrets, and what they are told.

pub mod apps;
pub mod binding;
mod boxes;
pub mod change;
pub mod colleagues;
pub mod desk;
pub mod device;
pub mod digest;
pub mod fetch;
pub mod import;
pub mod joined;
pub mod limits;
pub mod line_state;
pub mod mac;
pub mod nonce;
pub mod place;
pub mod provisioning;
pub mod roster;
pub mod saved;
pub mod sip_uri;
pub mod spelling;
pub mod surroundings;
pub mod window;

#[cfg(test)]
mod tests;
