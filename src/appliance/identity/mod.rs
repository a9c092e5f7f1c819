//! Who the appliance is: the name and origins that it answers to, the certificate that shows it, and how the LAN learns
//! the name and tells of others who bear it.

pub(super) mod certificate;
pub(super) mod lan;
pub mod own_files;
pub(super) mod rebind;
pub(super) mod site;
pub(super) mod twins;
