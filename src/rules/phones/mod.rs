//! Devices: desk phones and apps, their secrets, and what they are told.

pub mod provisioning;
