//! What administrators do with anybody's account, a person's or an administrator's: links, passwords, passkeys, sessions.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::http::account::me;
use crate::http::account::passkeys::{self, credential};
use crate::http::account::sessions;
use crate::http::front::call::Call;
use crate::http::front::qr;
use crate::http::front::reply::{self, Answer, Failure};
use crate::office::{Office, administrators};
use crate::rules::change::{Change, PeopleChange};
use crate::rules::id::{AccountId, AdminName, Extension, Username};
use crate::rules::invalid::Invalid;
use crate::rules::letters::language;
use crate::rules::moment::Moment;
use crate::rules::people::access;
use crate::rules::people::account::{Account, Kind};
use crate::rules::people::invite::{self, Invite};
use crate::rules::people::passkey::{self, Passkey, Told};
use crate::rules::people::password;
use crate::rules::people::roster::{self, Card, Headcount};
use crate::rules::people::session;
use crate::rules::people::ways_in;
use crate::rules::phones::roster as phones;
use crate::rules::refusal::Refusal;
use crate::rules::secret::Token;
use crate::rules::verdict::Verdict;
use crate::store::facts::Listed;
use crate::store::{Facts, Fault};

/// What every account has.
#[derive(Serialize)]
pub struct Facets<'a> {
    name: &'a str,
    email: Option<&'a str>,
    passkeys: usize,
    has_password: bool,
    last_seen: Option<u64>,
    invited_until: Option<u64>,
}

/// An account's passkeys and sessions.
#[derive(Serialize)]
pub struct Keys {
    passkey_list: Vec<passkeys::Shown>,
    session_list: Vec<sessions::Shown>,
}

/// A link to hand over, shown this once; or where it was mailed.
#[derive(Serialize)]
pub struct LinkShown {
    link: Option<String>,
    qr: Option<qr::Drawn>,
    until: u64,
    mailed_to: Option<String>,
}

#[derive(Default, Deserialize)]
struct Inviting {
    /// Show the link even if it could be mailed.
    #[serde(default)]
    hand_over: bool,
}

#[derive(Serialize)]
struct PasskeyList {
    passkeys: Vec<passkeys::Shown>,
}

#[derive(Serialize)]
struct SessionList {
    sessions: Vec<sessions::Shown>,
}

impl<'a> Facets<'a> {
    /// As of now.
    pub fn of(listed: &'a Listed, now: u64) -> Self {
        let account = &listed.account;
        Self {
            name: account.name.as_str(),
            email: account.email.as_ref().map(|email| email.as_str()),
            passkeys: listed.passkeys,
            has_password: account.password.is_some(),
            last_seen: listed.last_seen.map(|at| at.0),
            invited_until: listed.invited_until.map(|until| until.0).filter(|until| *until > now),
        }
    }
}

/// The account that the path names: `:extension` a person, `:name` an administrator.
pub fn named(call: &Call) -> Result<Account, Failure> {
    let (username, wanted): (Username, _) = match call.part("extension") {
        Ok(text) => ((&Extension::parse(text).map_err(|_| Refusal::NotFound)?).into(), false),
        Err(_) => {
            let name = AdminName::parse(call.part("name")?).map_err(|_| Refusal::NotFound)?;
            ((&name).into(), true)
        }
    };
    let account = call.office().store.read(|facts| facts.account_by_username(&username))?;
    Ok(account
        .filter(|account| account.is_administrator() == wanted)
        .ok_or(Refusal::NotFound)?)
}

/// Adds an account with its first link.
pub async fn add(call: &Call, card: Card) -> Result<(Listed, LinkShown), Failure> {
    let (office, language) = (call.office().clone(), call.speaks()?);
    let turn = call
        .office()
        .store
        .turn(call.actor(), office.moment(), move |facts, moment| {
            let owners = owners(facts, &card)?;
            let administrators = match card.kind {
                Kind::Administrator(_) => facts.administrators()?.len(),
                Kind::Person(_) => 0,
            };
            let count = Headcount {
                accounts: facts.accounts()?,
                administrators,
            };
            let (next_id, settings) = (facts.next_account()?, facts.settings()?);
            let added = roster::add(card, |name| owners.get(name), count, next_id, &settings, moment);
            let scribe = office.scribe(facts)?;
            Ok(added
                .map(|(added, mut changes)| {
                    let letter =
                        scribe.and_then(|it| it.invite(&added.account, &added.token, added.invite.until, moment));
                    let mailed = letter.is_some();
                    changes.extend(letter);
                    changes.extend(language::learn(added.account.id, None, language));
                    ((added, mailed), changes)
                })
                .into())
        });
    let (added, mailed) = turn.await??;
    let shown = link(call.office(), &added.account, &added.token, &added.invite, mailed);
    let listed = Listed {
        passkeys: 0,
        last_seen: None,
        invited_until: Some(added.invite.until),
        account: added.account,
    };
    Ok((listed, shown))
}

/// An account with its passkeys and sessions.
pub fn detail(call: &Call, id: AccountId) -> Result<(Listed, Keys), Failure> {
    let office = call.office();
    let (listed, passkeys, open) = office
        .store
        .read(|facts| Ok((facts.listed(id)?, facts.passkeys_of(id)?, facts.sessions_of(id)?)))?;
    let keys = Keys {
        passkey_list: passkeys.iter().map(passkeys::Shown::from).collect(),
        session_list: sessions::shown(office, &open, call.session()),
    };
    Ok((listed.ok_or(Refusal::NotFound)?, keys))
}

/// Writes another card, made from the account as it is then, and other ranges where there are any.
pub async fn change(
    call: &Call,
    id: AccountId,
    card: impl FnOnce(&Account) -> Result<Card, Invalid> + Send + 'static,
    ranges: Option<Vec<IpNet>>,
) -> Result<Listed, Failure> {
    let office = call.office();
    let saver = call.account()?.id;
    let address = call.caller.address;
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let Some(current) = facts.account(id)? else {
            return Ok(Verdict::no(Refusal::NotFound));
        };
        let card = match card(&current) {
            Ok(card) => card,
            Err(invalid) => return Ok(Verdict::no(invalid.into())),
        };
        let (owners, reach, invited) = (owners(facts, &card)?, facts.reach(id)?, facts.invite_of(id)?.is_some());
        let all = administrators(facts)?;
        let is_renamed = (&card.kind, &card.name) != (&current.kind, &current.name);
        let devices = if is_renamed { facts.devices()? } else { Vec::new() };
        let changed = roster::change(current, card, invited, |name| owners.get(name)).and_then(|((), mut changes)| {
            if let Some(ranges) = ranges.filter(|ranges| *ranges != reach.ranges) {
                let ((), limited) = access::limit(id, ranges, reach, (saver, address), &all)?;
                changes.extend(limited);
            }
            let theirs = phones::renamed(id, &devices, moment.now);
            changes.extend(theirs.into_iter().map(Change::Phones));
            Ok(((), changes))
        });
        Ok(changed.into())
    });
    turn.await??;
    Ok(office.store.read(|facts| facts.listed(id))?.ok_or(Refusal::NotFound)?)
}

/// Deletes an account, and with it its passkeys, sessions, link and letters. Not the last administrator who can sign in.
pub async fn delete(call: Call) -> Answer {
    let (account, address) = (named(&call)?, call.caller.address);
    turn_on(&call, account.id, move |current, facts, _| {
        let left = !current.is_administrator() || ways_in::left_without(&administrators(facts)?, current.id, address);
        let devices = phones::without(current.id, &facts.devices()?);
        let gone = devices.into_iter().map(Change::Phones);
        Ok(left
            .then(|| {
                gone.chain([Change::People(PeopleChange::AccountDeleted(current))])
                    .collect()
            })
            .ok_or(Refusal::LastWayIn))
    })
    .await
}

/// Makes a new link; it ends the older one.
pub async fn invite(call: Call) -> Answer {
    let said: Inviting = call.message_if_any()?;
    let account = named(&call)?;
    let here = call.office().clone();
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let Some(current) = facts.account(account.id)? else {
            return Ok(Verdict::no(Refusal::NotFound));
        };
        let length = facts.settings()?.invite_length();
        let (token, invite, issued) = match invite::issue(current.id, length, moment) {
            Ok(issued) => issued,
            Err(refusal) => return Ok(Verdict::no(refusal)),
        };
        let scribe = here.scribe(facts)?.filter(|_| !said.hand_over);
        let letter = scribe.and_then(|it| it.invite(&current, &token, invite.until, moment));
        let mailed = letter.is_some();
        let changes = std::iter::once(issued).chain(letter).collect();
        Ok(Verdict::yes((current, token, invite, mailed), changes))
    });
    let (account, token, invite, mailed) = turn.await??;
    Ok(reply::created(&link(office, &account, &token, &invite, mailed)))
}

/// Ends the link that is out.
pub async fn revoke_invite(call: Call) -> Answer {
    let account = named(&call)?;
    turn_on(&call, account.id, |current, facts, _| {
        Ok(invite::revoke(facts.invite_of(current.id)?).map(|((), changes)| changes))
    })
    .await
}

/// Sets an account's password.
pub async fn set_password(call: Call) -> Answer {
    let said: me::NewPassword = call.message()?;
    let account = named(&call)?;
    me::set_password_of(&call, account, said).await
}

/// Takes an account's password away.
pub async fn remove_password(call: Call) -> Answer {
    let (account, address) = (named(&call)?, call.caller.address);
    turn_on(&call, account.id, move |current, facts, _| {
        let left = ways_in::left(&administrators(facts)?, current.id, 1, address);
        Ok(password::remove(&current, left).map(|((), changes)| changes))
    })
    .await
}

/// An account's passkeys.
pub async fn passkeys(call: Call) -> Answer {
    let account = named(&call)?;
    let keys = call.office().store.read(|facts| facts.passkeys_of(account.id))?;
    Ok(reply::json(&PasskeyList {
        passkeys: keys.iter().map(passkeys::Shown::from).collect(),
    }))
}

/// Deletes one of an account's passkeys.
pub async fn delete_passkey(call: Call) -> Answer {
    let account = named(&call)?;
    let id = credential(&call)?;
    delete_passkeys_of(&call, account.id, move |passkey| passkey.credential == id).await
}

/// Deletes all of an account's passkeys.
pub async fn delete_passkeys(call: Call) -> Answer {
    let account = named(&call)?;
    delete_passkeys_of(&call, account.id, |_| true).await
}

/// Deletes those of an account's passkeys, and tells their owner.
pub async fn delete_passkeys_of(
    call: &Call,
    owner: AccountId,
    which: impl Fn(&Passkey) -> bool + Send + 'static,
) -> Answer {
    let (office, address) = (call.office().clone(), call.caller.address);
    turn_on(call, owner, move |current, facts, moment| {
        let mut passkeys = facts.passkeys_of(current.id)?;
        passkeys.retain(which);
        let left = ways_in::left(&administrators(facts)?, current.id, passkeys.len(), address);
        let scribe = office.scribe(facts)?;
        let told = Told {
            scribe: scribe.as_ref(),
            address: Some(address),
        };
        Ok(passkey::delete(passkeys, &current, left, &told, moment).map(|((), changes)| changes))
    })
    .await
}

/// An account's sessions.
pub async fn sessions(call: Call) -> Answer {
    let account = named(&call)?;
    let office = call.office();
    let open = office.store.read(|facts| facts.sessions_of(account.id))?;
    Ok(reply::json(&SessionList {
        sessions: sessions::shown(office, &open, call.session()),
    }))
}

/// Ends one of an account's sessions.
pub async fn delete_session(call: Call) -> Answer {
    let account = named(&call)?;
    let id = call.part("id")?.to_owned();
    turn_on(&call, account.id, move |current, facts, _| {
        Ok(session::delete(&facts.sessions_of(current.id)?, &id).map(|((), changes)| changes))
    })
    .await
}

/// Ends all of an account's sessions.
pub async fn delete_sessions(call: Call) -> Answer {
    let account = named(&call)?;
    turn_on(&call, account.id, |current, facts, _| {
        let changes = session::delete_all_but(&facts.sessions_of(current.id)?, None);
        Ok((!changes.is_empty()).then_some(changes).ok_or(Refusal::NotFound))
    })
    .await
}

/// One turn that changes something of an account that is still there.
async fn turn_on(
    call: &Call,
    account: AccountId,
    decide: impl FnOnce(Account, &Facts<'_>, &mut Moment) -> Result<Result<Vec<Change>, Refusal>, Fault> + Send + 'static,
) -> Answer {
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let Some(current) = facts.account(account)? else {
            return Ok(Verdict::no(Refusal::NotFound));
        };
        Ok(decide(current, facts, moment)?.map(|changes| ((), changes)).into())
    });
    turn.await??;
    Ok(reply::done())
}

/// Who signs in by the names on a card, looked up before the rule decides.
pub struct Owners(Vec<(Username, AccountId)>);

impl Owners {
    /// The account of that name.
    pub fn get(&self, name: &Username) -> Option<AccountId> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, id)| *id)
    }
}

/// See [`Owners`].
pub fn owners(facts: &Facts<'_>, card: &Card) -> Result<Owners, Fault> {
    let mut owners = Vec::new();
    for name in card.usernames() {
        owners.extend(facts.owner_of(&name)?.map(|id| (name, id)));
    }
    Ok(Owners(owners))
}

fn link(office: &Office, account: &Account, token: &Token, invite: &Invite, mailed: bool) -> LinkShown {
    let until = invite.until.0;
    if mailed {
        return LinkShown {
            link: None,
            qr: None,
            until,
            mailed_to: account.email.as_ref().map(ToString::to_string),
        };
    }
    let link = format!("{}/join#{}", office.site.origin, token.reveal());
    LinkShown {
        qr: qr::drawn(&link),
        link: Some(link),
        until,
        mailed_to: None,
    }
}
