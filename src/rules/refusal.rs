//! No, and why: data for whoever has to say so.

use super::id::AccountId;
use super::invalid::{Field, Invalid};
use super::moment::Undated;
use super::time::Date;
use super::webauthn::{assertion, registration};

/// The caller is told no. An answer, not an incident. Data alone: the sentences for people stand where
/// people read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The assertion failed at that step of WebAuthn L3 §7.2.
    Assertion(assertion::Step),
    /// Too many are asking at once; the desk has room again by then.
    Busy {
        /// When to come back.
        until: Date,
    },
    /// A field of the message does not hold.
    Invalid(Invalid),
    /// Whoever changes the name has no way in under the new one.
    NoWayThere,
    /// The last way in cannot be closed.
    LastWayIn,
    /// The link was used, is too old, was replaced by a newer one or never existed.
    LinkSpent,
    /// The clock is known to be wrong, and this would be issued by it.
    NoDate,
    /// This is not for this account.
    NotAllowed,
    /// There is no such thing (or not for this account).
    NotFound,
    /// The name, password or passkey did not sign anybody in.
    NotSignedIn,
    /// A certificate is being ordered: one press, one order.
    OrderUnderWay,
    /// The administrator proved who they are, but not from one of their ranges. They are told no more than
    /// [`Self::NotSignedIn`] says; the journal has the reason.
    OutsideRanges(AccountId),
    /// The list of ranges would shut out whoever saves it.
    ShutsYouOut,
    /// This takes a passkey, shown a moment ago; the last proof was another.
    PasskeyNeeded,
    /// What came with a passkey does not have the standard's form: a password manager wrote it, or a program.
    PasskeyUnreadable,
    /// The last proof is too old for this change.
    ProveAgain,
    /// The registration failed at that step of WebAuthn L3 §7.1.
    Registration(registration::Step),
    /// Nobody is signed in.
    SignedOut,
    /// The record was changed since it was read.
    Stale,
    /// Another account has this already; which field.
    Taken(Field),
    /// A test letter is under way, or there were many; the next is sent then.
    TestLetters {
        /// When to come back.
        until: Date,
    },
    /// The ticket was used, is too old or never existed.
    TicketSpent,
    /// There are as many as the appliance keeps; of what.
    TooMany(Kept),
    /// The passkey is not known here (any more).
    UnknownPasskey,
    /// The short code is not the one in the letter, or is worth nothing here (any more).
    WrongCode,
    /// Too many failed attempts; the next is looked at then.
    Wait {
        /// When to come back.
        until: Date,
    },
}

impl Refusal {
    /// Its stable code, for programs and the journal. One for every way a sign-in fails, so that it does not say which
    /// accounts exist.
    pub const fn code(&self) -> &'static str {
        match self {
            // Whoever has this passkey learns no more of the office than by one that is unknown.
            Self::Assertion(assertion::Step::Eligible) => "passkey-changed",
            Self::Assertion(_) | Self::NotSignedIn | Self::OutsideRanges(_) => "not-signed-in",
            Self::Busy { .. } => "busy",
            Self::Invalid(_) => "invalid",
            Self::LastWayIn => "last-way-in",
            Self::LinkSpent => "link-spent",
            Self::NoDate => "no-date",
            Self::NoWayThere => "no-way-there",
            Self::NotAllowed => "not-allowed",
            Self::NotFound => "not-found",
            Self::OrderUnderWay => "order-under-way",
            Self::PasskeyNeeded => "passkey-needed",
            Self::PasskeyUnreadable => "passkey-unreadable",
            Self::ProveAgain => "prove-again",
            Self::Registration(registration::Step::Discoverable) => "not-discoverable",
            Self::Registration(_) => "passkey-refused",
            Self::ShutsYouOut => "shuts-you-out",
            Self::SignedOut => "signed-out",
            Self::Stale => "stale",
            Self::Taken(_) => "taken",
            Self::TestLetters { .. } | Self::Wait { .. } => "wait",
            Self::TicketSpent => "ticket-spent",
            Self::TooMany(_) => "too-many",
            Self::UnknownPasskey => "unknown-passkey",
            Self::WrongCode => "wrong-code",
        }
    }
}

/// Every code of [`Refusal::code`]: a closed set, for those who count.
pub const CODES: [&str; 25] = [
    "busy",
    "invalid",
    "last-way-in",
    "link-spent",
    "no-date",
    "no-way-there",
    "not-allowed",
    "not-discoverable",
    "not-found",
    "not-signed-in",
    "order-under-way",
    "passkey-changed",
    "passkey-needed",
    "passkey-refused",
    "passkey-unreadable",
    "prove-again",
    "shuts-you-out",
    "signed-out",
    "stale",
    "taken",
    "ticket-spent",
    "too-many",
    "unknown-passkey",
    "wait",
    "wrong-code",
];

/// What the appliance keeps a bounded number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// People and administrators: [`ACCOUNTS`](super::limits::ACCOUNTS).
    Accounts,
    /// [`ADMINISTRATORS`](super::limits::ADMINISTRATORS).
    Administrators,
    /// Devices: of the office [`DEVICES`](super::phones::limits::DEVICES), of one account
    /// [`DEVICES_OF_ONE`](super::phones::limits::DEVICES_OF_ONE).
    Devices,
    /// Apps that a person adds by themselves: [`OWN_APPS`](super::phones::limits::OWN_APPS).
    OwnApps,
    /// Devices with one MAC address: [`LINES_OF_ONE_MAC`](super::phones::limits::LINES_OF_ONE_MAC).
    LinesOfOneMac,
    /// Lines of one import: [`IMPORT_LINES`](super::limits::IMPORT_LINES).
    ImportLines,
    /// Passkeys of one account: [`PASSKEYS_OF_ONE`](super::limits::PASSKEYS_OF_ONE).
    Passkeys,
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Undated> for Refusal {
    fn from(Undated: Undated) -> Self {
        Self::NoDate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_that_refusals_have() {
        let page = include_str!("refusal.rs");
        let body = page
            .split_once("pub const fn code(")
            .and_then(|(_, rest)| rest.split_once("\n    }\n"));
        let arms = body.unwrap().0.lines().filter_map(|line| line.split_once("=> \""));
        let mut said: Vec<&str> = arms.filter_map(|(_, code)| code.strip_suffix("\",")).collect();
        said.sort_unstable();
        said.dedup();
        assert_eq!(said, CODES);
    }
}
