//! Who belongs to the office: adding, changing and deleting accounts.

use crate::rules::change::{Change, PeopleChange};
use crate::rules::id::{AccountId, AdminName, DisplayName, Email, Extension, Username};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;
use crate::rules::moment::Moment;
use crate::rules::office::difference::Difference;
use crate::rules::office::settings::Settings;
use crate::rules::people::account::{Account, AccountKind};
use crate::rules::people::invite::{self, Invite};
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::secret::Token;

/// What an administrator typed about somebody, parsed.
#[derive(Clone)]
pub struct Card {
    /// The number, or an administrator's name.
    pub kind: AccountKind,
    /// What they are called.
    pub name: DisplayName,
    /// Where letters go.
    pub email: Option<Email>,
}

impl Card {
    /// Reads a person's three fields; an empty e-mail address is none.
    pub fn person(extension: &str, name: &str, email: Option<&str>) -> Result<Self, Invalid> {
        Self::parse(AccountKind::Person(Extension::parse(extension)?), name, email)
    }

    /// Reads an administrator's three fields; an empty e-mail address is none.
    pub fn administrator(username: &str, name: &str, email: Option<&str>) -> Result<Self, Invalid> {
        Self::parse(AccountKind::Administrator(AdminName::parse(username)?), name, email)
    }

    fn parse(kind: AccountKind, name: &str, email: Option<&str>) -> Result<Self, Invalid> {
        let email = email
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(Email::parse)
            .transpose()?;
        Ok(Self {
            kind,
            name: DisplayName::parse(name)?,
            email,
        })
    }
}

impl Card {
    /// The names that this card would sign in by.
    pub fn usernames(&self) -> impl Iterator<Item = Username> {
        std::iter::once(self.kind.username()).chain(self.email.as_ref().map(Username::from))
    }
}

/// Somebody who was just added, with the link to hand over.
pub struct Added {
    /// The account.
    pub account: Account,
    /// The link's token, shown once.
    pub token: Token,
    /// The link's row.
    pub invite: Invite,
}

/// Who is there already.
#[derive(Clone, Copy)]
pub struct Headcount {
    /// People and administrators.
    pub accounts: usize,
    /// Administrators; nobody counts them where a person is added.
    pub administrators: usize,
}

/// Adds somebody and makes their link. `owner_of` finds the account that signs in by a name.
pub fn add(
    card: Card,
    owner_of: impl Fn(&Username) -> Option<AccountId>,
    count: Headcount,
    next_id: AccountId,
    settings: &Settings,
    moment: &mut Moment,
) -> Result<(Added, Vec<Change>), Refusal> {
    let account = Account::new(next_id, card.kind, card.name, card.email, moment);
    if count.accounts >= limits::ACCOUNTS {
        return Err(Refusal::TooMany(Kept::Accounts));
    }
    if account.is_administrator() && count.administrators >= limits::ADMINISTRATORS {
        return Err(Refusal::TooMany(Kept::Administrators));
    }
    calls_no_help(&account.kind, &settings.phones.emergency)?;
    free(&account, owner_of)?;
    let (token, invite, issued) = invite::issue(account.id, settings.invite_length(), moment)?;
    let changes = vec![Change::People(PeopleChange::AccountAdded(account.clone())), issued];
    Ok((Added { account, token, invite }, changes))
}

/// Writes another card for somebody. With the e-mail address go the link that was mailed to it (`invited`: there is
/// one) and the letters that wait for it: an address that is corrected may have been a stranger's. Nobody gets a number
/// that is in `emergency`.
pub fn change(
    current: Account,
    card: Card,
    invited: bool,
    owner_of: impl Fn(&Username) -> Option<AccountId>,
    emergency: &[String],
) -> Result<((), Vec<Change>), Refusal> {
    let account = Account {
        kind: card.kind,
        name: card.name,
        email: card.email,
        ..current.clone()
    };
    if account.kind != current.kind {
        calls_no_help(&account.kind, emergency)?;
    }
    free(&account, owner_of)?;
    let mut changes = Vec::new();
    if invited && current.email.is_some() && account.email != current.email {
        changes.push(Change::People(PeopleChange::InviteRevoked(account.id)));
    }
    if account != current {
        let altered = difference(&current, &account);
        changes.push(Change::People(PeopleChange::AccountChanged(account, altered)));
    }
    Ok(((), changes))
}

fn difference(before: &Account, after: &Account) -> Difference {
    let number = match after.kind {
        AccountKind::Person(_) => "extension",
        AccountKind::Administrator(_) => "sign-in name",
    };
    Difference::default()
        .between(number, &before.username(), &after.username())
        .between("name", &before.name, &after.name)
        .between_options("e-mail", before.email.as_ref(), after.email.as_ref())
}

/// Nobody's number is one that help is called by: a call for help would ring there.
fn calls_no_help(kind: &AccountKind, emergency: &[String]) -> Result<(), Invalid> {
    match kind {
        AccountKind::Person(extension) if emergency.iter().any(|number| number == extension.as_str()) => {
            Err(Invalid::new(Field::Extension, Why::Emergency))
        }
        AccountKind::Person(_) | AccountKind::Administrator(_) => Ok(()),
    }
}

fn free(account: &Account, owner_of: impl Fn(&Username) -> Option<AccountId>) -> Result<(), Refusal> {
    let taken = |name: &Username| owner_of(name).is_some_and(|owner| owner != account.id);
    match account.usernames().find(taken) {
        None => Ok(()),
        Some(name) if name.as_str() == account.username() => Err(Refusal::Taken(match account.kind {
            AccountKind::Person(_) => Field::Extension,
            AccountKind::Administrator(_) => Field::Username,
        })),
        Some(_) => Err(Refusal::Taken(Field::Email)),
    }
}

/// Deletes an account, and with it its passkeys, sessions, link and letters. `stays`: somebody can administer the
/// office after that.
pub fn delete(account: Account, stays: bool) -> Result<((), Vec<Change>), Refusal> {
    if account.is_administrator() && !stays {
        return Err(Refusal::LastWayIn);
    }
    Ok(((), vec![PeopleChange::AccountDeleted(account).into()]))
}
