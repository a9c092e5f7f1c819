//! The program as a service: what the service manager is told, serving until it is told to stop, and the page of a
//! board that serves no office.

pub(super) mod closed;
pub(super) mod manager;
pub(super) mod serve;
