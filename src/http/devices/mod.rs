//! Devices for administrators and for their owners: lists, changes, secrets, the export for another PBX, and the line
//! live.

pub mod app;
pub mod asterisk;
pub mod change;
pub mod desk;
pub mod device;
pub mod handshakes;
pub mod import;
pub mod list;
pub mod live;
pub mod provisioning;
pub mod ring;
pub mod secret;
