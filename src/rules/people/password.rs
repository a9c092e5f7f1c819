//! What a password must be. Hashing it is slow and dicey work, and so the shell's.

use std::net::IpAddr;

use zeroize::Zeroizing;

use crate::rules::change::{Change, PeopleChange};
use crate::rules::id::AccountId;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;
use crate::rules::people::account::{Account, PasswordHash};
use crate::rules::people::common_passwords;
use crate::rules::refusal::Refusal;
use crate::rules::text::opaque;

/// A password that somebody typed: bounded, wiped when dropped, not yet judged.
pub struct Typed(Zeroizing<String>);

impl Typed {
    /// Takes what was typed, as it is.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text; `None` if it is longer than anybody types, so that no time is spent on it.
    pub fn bounded(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| text.len() <= limits::PASSWORD_MAX_OCTETS)
    }

    /// The form in which passwords are hashed ([`opaque`]), and what was typed where that is another: releases before
    /// hashed it so. As [`Self::bounded`].
    pub fn forms(&self) -> Option<Forms<'_>> {
        let typed = self.bounded()?;
        let kept = opaque(typed);
        let older = Some(typed).filter(|typed| *typed != kept.as_str());
        Some(Forms { kept, older })
    }
}

/// A password in the forms in which it may have been set.
pub struct Forms<'a> {
    /// That of passwords that are set now.
    pub kept: Zeroizing<String>,
    /// That of older ones, where it is another. Which forms there are follows from what was typed alone, so that it
    /// takes as long for everybody.
    pub older: Option<&'a str>,
}

/// A password that may be set, in the one form in which it is hashed: long enough, and not somebody's own name.
pub struct Acceptable(Zeroizing<String>);

impl Acceptable {
    /// The text, for hashing.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Judges a new password for an account (SPEC §2; NIST SP 800-63B §3.1.1.2: length, no composition rules).
pub fn judge(typed: &Typed, owner: &Account) -> Result<Acceptable, Invalid> {
    let Some(text) = typed.bounded() else {
        return Err(Invalid::new(Field::Password, Why::TooLong));
    };
    let text = opaque(text);
    if text.chars().count() < limits::PASSWORD_MIN_CHARS {
        return Err(Invalid::new(Field::Password, Why::TooShort));
    }
    let folded = text.to_lowercase();
    if common_passwords::is_common(&text) || owner.usernames().any(|name| name.as_str() == folded) {
        return Err(Invalid::new(Field::Password, Why::Common));
    }
    Ok(Acceptable(text))
}

/// Sets a password that was judged and hashed.
pub fn set(owner: &Account, hash: PasswordHash) -> Vec<Change> {
    vec![Change::People(PeopleChange::PasswordSet(owner.id, hash))]
}

/// Takes an account's password away, if another way in is left.
pub fn remove(owner: &Account, ways_in_left: bool) -> Result<((), Vec<Change>), Refusal> {
    if owner.password.is_none() {
        return Err(Refusal::NotFound);
    }
    if owner.is_administrator() && !ways_in_left {
        return Err(Refusal::LastWayIn);
    }
    Ok(((), vec![Change::People(PeopleChange::PasswordRemoved(owner.id))]))
}

/// Tells of so many strangers' attempts at an account's password that the next has to wait as long as it ever has to,
/// the last of them from that address. `letters`: those to the administrators; the line is for an office where nobody
/// gets one.
pub fn guessed(account: AccountId, from: IpAddr, letters: impl IntoIterator<Item = Change>) -> Vec<Change> {
    let line = PeopleChange::PasswordGuessed(account, from).into();
    std::iter::once(line).chain(letters).collect()
}
