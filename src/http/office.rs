//! What every handler works with: the store, the desk, the site, and where time and dice come from.

use std::net::IpAddr;
use std::sync::Arc;

use super::passwords::Passwords;
use crate::desk::Desk;
use crate::desk::refused::RefusedSignIn;
use crate::rules::id::{AccountId, HostName};
use crate::rules::moment::{Fresh, Moment, UnixTime};
use crate::rules::people::ways_in::Administrator;
use crate::rules::secret::SealKey;
use crate::rules::verdict::Refusal;
use crate::rules::webauthn::RelyingParty;
use crate::store::{Facts, Fault, Store};

/// What the appliance is called in browsers' prompts.
pub const TITLE: &str = "Linekey";

/// One Linekey at work.
pub struct Office {
    /// What lasts.
    pub store: Store,
    /// What may be forgotten.
    pub desk: Desk,
    /// Which name and origins it answers to.
    pub site: Site,
    /// The appliance's own key.
    pub key: SealKey,
    /// The slow checks.
    pub passwords: Passwords,
    /// Where time and dice come from.
    pub world: World,
}

/// tide's state: one office, shared.
pub type Shared = Arc<Office>;

/// Where this appliance lives, as browsers see it. Comes from one setting, never from a request.
pub struct Site {
    /// The RP ID and the origins that may use it.
    pub party: RelyingParty,
    /// Where people are sent: the first of the origins.
    pub origin: String,
    /// The RP ID as a host name.
    pub name: HostName,
    /// Whether a start-up flag decided the name.
    pub name_fixed_by_flag: bool,
}

impl Site {
    /// Whether people are sent to HTTPS: then nothing is served in the clear beyond this machine, where a proxy may be.
    pub fn is_secure(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// Whether somebody at that address gets anywhere by following the origin: `localhost` is another machine to them.
    pub fn can_be_reached_from(&self, address: IpAddr) -> bool {
        self.name.as_str() != "localhost" || address.is_loopback()
    }
}

/// The shell's clock and dice.
pub struct World {
    /// Seconds since 1970; never runs backwards past the newest time in the store.
    pub clock: Box<dyn Fn() -> UnixTime + Send + Sync>,
    /// 32 bytes that nobody can guess.
    pub dice: Box<dyn Fn() -> [u8; 32] + Send + Sync>,
}

impl Office {
    /// The time now.
    pub fn now(&self) -> UnixTime {
        (self.world.clock)()
    }

    /// The time and dice for one turn.
    pub fn moment(&self) -> Moment {
        Moment {
            now: self.now(),
            fresh: Fresh::seeded((self.world.dice)()),
        }
    }

    /// Notes a refused sign-in at the desk, and hands the refusal back.
    pub fn refused(&self, address: IpAddr, refusal: Refusal) -> Refusal {
        let why = if let Refusal::Assertion(step) = &refusal {
            format!("passkey: {step}")
        } else {
            super::reply::code(&refusal).to_owned()
        };
        self.desk.refused().note(RefusedSignIn {
            at: self.now(),
            address,
            why,
        });
        refusal
    }
}

/// All administrators with their ways in.
pub fn administrators(facts: &Facts<'_>) -> Result<Vec<Administrator>, Fault> {
    let count = |id: AccountId| facts.passkeys_of(id).map(|passkeys| passkeys.len());
    let accounts = facts.administrators()?.into_iter();
    accounts
        .map(|account| {
            Ok(Administrator {
                passkeys: count(account.id)?,
                account,
            })
        })
        .collect()
}
