//! By what phones and apps reach the appliance.
//!
//! Desk phones ask the network's DNS server for a name, and no multicast DNS (RFC 6762): one that ends in `.local` they
//! do not find. They are told an address instead, one that the certificate in use carries, so that whoever checks it
//! finds it good.

use std::net::{IpAddr, Ipv4Addr};

use sha2::{Digest, Sha256};

use super::Office;
use crate::rules::phones::roster;
use crate::rules::phones::surroundings::Surroundings;
use crate::store::Fault;

impl Office {
    /// The host that phones register at: the appliance's name, or an address in its place.
    pub fn host_for_phones(&self) -> String {
        let name = || self.site.name.to_string();
        self.address_for_phones()
            .map_or_else(name, |address| address.to_string())
    }

    /// Where phones fetch their files; a phone that comes in the clear at first is sent to the origin without TLS, if
    /// there is one.
    pub fn origin_for_phones(&self, in_the_clear: bool) -> String {
        let origin = self.site.of_first_contact(in_the_clear);
        let Some(address) = self.address_for_phones() else {
            return origin.to_owned();
        };
        origin.replacen(&format!("://{}", self.site.name), &format!("://{address}"), 1)
    }

    /// Looks whether phones' files say something else of the appliance than at the last look, and has phones fetch them
    /// then. Only once two looks saw the same: an address may come later than the start, or change twice. What they say
    /// as phones come on is noted by that turn. To be called every few minutes, on the blocking pool.
    ///
    /// # Errors
    /// The store's.
    pub fn look_around(&self) -> Result<(), Fault> {
        if !self.hardware.index(&self.store)?.phones.on {
            return Ok(());
        }
        let seen = self.surroundings();
        let is_settled = self.hardware.is_settled(seen);
        let before = self.store.read(|facts| facts.surroundings())?;
        // An earlier version noted nothing as phones came on: then there is nothing to wait for.
        if before == Some(seen) || before.is_some() && !is_settled {
            return Ok(());
        }
        self.by_itself(move |facts, moment| {
            let changes = roster::looked_around(facts.surroundings()?, seen, &facts.devices()?, moment.now);
            Ok(changes.into_iter().map(Into::into).collect())
        })
    }

    /// What all files say of the appliance now.
    pub fn surroundings(&self) -> Surroundings {
        let ports = self.hardware.sip();
        let port = |port: Option<u16>| port.unwrap_or_default().to_string();
        let authority = self.hardware.authority();
        let said = [
            self.origin_for_phones(false),
            self.host_for_phones(),
            port(ports.plain),
            port(ports.secure),
            authority.as_deref().unwrap_or_default().to_owned(),
        ];
        Surroundings(Sha256::digest(said.join("\n")).into())
    }

    /// What whoever sets up phones should know of the name; nothing where the network's DNS server is asked for it.
    pub fn of_the_name_for_phones(&self) -> Option<String> {
        let name = &self.site.name;
        if !self.is_for_multicast() {
            return None;
        }
        Some(match self.address_for_phones() {
            Some(address) => format!(
                "Desk phones do not find “{name}”, because they know no multicast DNS: they are told the address \
                 {address}. Let your router always give this appliance that address."
            ),
            None => format!(
                "Desk phones do not find “{name}”, because they know no multicast DNS, and the certificate here \
                 carries no address that they could be told. Let your router's DNS server answer for “{name}” with \
                 this appliance's address, or give the appliance a name that it knows."
            ),
        })
    }

    fn is_for_multicast(&self) -> bool {
        self.site.name.as_str().ends_with(".local")
    }

    /// IPv4, because phones ask for that first and some know nothing else.
    fn address_for_phones(&self) -> Option<Ipv4Addr> {
        let served = self.trust.served().filter(|_| self.is_for_multicast())?;
        served.addresses.iter().find_map(|address| match address {
            IpAddr::V4(address) if !address.is_loopback() && !address.is_unspecified() => Some(*address),
            IpAddr::V4(_) | IpAddr::V6(_) => None,
        })
    }
}
