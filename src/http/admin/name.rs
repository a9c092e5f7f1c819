//! The appliance's name: what a change of it means for whom, a rescue code for the one who changes it, and the end of a
//! move.

use serde::Serialize;

use crate::http::front::body::Nothing;
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::office::Office;
use crate::rules::change::Change;
use crate::rules::id::{AdminName, HostName};
use crate::rules::office::moving::{self, Renaming, WaysThere};
use crate::rules::office::named::EarlierNames;
use crate::rules::people::account::Account;
use crate::rules::people::one_time::{self, Marks, OneTime, Slot};
use crate::rules::people::passkey::Passkey;
use crate::rules::refusal::Refusal;
use crate::rules::secret;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;
use crate::store::{Facts, Fault};

#[derive(Serialize)]
struct NameJson {
    /// The name that passkeys are bound to now.
    name_in_use: String,
    /// Passkeys that are bound to it.
    passkeys: usize,
    /// Those who have them.
    accounts: Vec<BoundJson>,
    /// Whether letters are sent, so that people can ask for a link themselves.
    letters: bool,
    /// How whoever asks gets in under another name.
    ways: WaysJson,
    moving: Option<MovingJson>,
}

/// Somebody whose passkeys are bound to the name in use.
#[derive(Serialize)]
struct BoundJson {
    username: String,
    name: String,
    passkeys: usize,
    /// How they get in under another name.
    afterwards: Afterwards,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Afterwards {
    /// By their password.
    Password,
    /// By a link that they ask for.
    Letter,
    /// By a link that an administrator hands them.
    Link,
}

#[derive(Serialize)]
struct WaysJson {
    password: bool,
    code: bool,
}

#[derive(Serialize)]
struct MovingJson {
    from: String,
    since: u64,
    /// Whether the appliance is served under the new name by now.
    begun: bool,
    /// Those who have no passkey of the new name yet.
    left: usize,
}

#[derive(Serialize)]
struct CodeJson<'a> {
    username: &'a str,
    code: &'a str,
}

/// Who is bound to the name in use, and how the one who asks gets in under another.
pub async fn show(call: Call) -> Answer {
    let (office, here) = (call.office(), call.account()?);
    let name = &office.site.name;
    let json = office.store.read(|facts| {
        let (earlier, letters, moving) = (facts.earlier_names()?, facts.relay()?.is_some(), facts.moving()?);
        let mut accounts = Vec::new();
        let mut left = 0;
        for account in facts.administrators()?.into_iter().chain(facts.people()?) {
            let passkeys = facts.passkeys_of(account.id)?;
            let bound = passkeys
                .iter()
                .filter(|passkey| earlier.of(passkey, name) == name)
                .count();
            if bound > 0 {
                accounts.push(bound_of(&account, bound, letters));
            } else if !passkeys.is_empty() {
                left += 1;
            }
        }
        let ways = ways(facts, here, None)?;
        Ok(NameJson {
            name_in_use: name.to_string(),
            passkeys: accounts.iter().map(|bound| bound.passkeys).sum(),
            accounts,
            letters,
            ways: WaysJson {
                password: ways.password,
                code: ways.code,
            },
            moving: moving.map(|moving| MovingJson {
                from: moving.from.to_string(),
                since: moving.since.0,
                begun: moving.old(name).is_some(),
                left,
            }),
        })
    })?;
    Ok(reply::json(&json))
}

fn bound_of(account: &Account, passkeys: usize, letters: bool) -> BoundJson {
    BoundJson {
        username: account.username().to_owned(),
        name: account.name.to_string(),
        passkeys,
        afterwards: match (&account.password, &account.email) {
            (Some(_), _) => Afterwards::Password,
            (None, Some(_)) if letters => Afterwards::Letter,
            (None, _) => Afterwards::Link,
        },
    }
}

/// How that account gets in under the name `wanted`; under any that no passkey was made for, where it is none.
fn ways(facts: &Facts<'_>, account: &Account, wanted: Option<(&HostName, &HostName)>) -> Result<WaysThere, Fault> {
    let is_theirs = |row: OneTime| !row.spent && row.username.as_str() == account.username();
    let passkey = match wanted {
        Some((wanted, in_use)) => made_there(&facts.earlier_names()?, &facts.passkeys_of(account.id)?, wanted, in_use),
        None => false,
    };
    Ok(WaysThere {
        passkey,
        password: account.password.is_some(),
        code: facts.one_time(Slot::Page)?.is_some_and(is_theirs),
    })
}

fn made_there(earlier: &EarlierNames, passkeys: &[Passkey], wanted: &HostName, in_use: &HostName) -> bool {
    passkeys.iter().any(|passkey| earlier.of(passkey, in_use) == wanted)
}

/// What saving that name begins and ends besides; by that account.
pub(super) fn renamed(
    facts: &Facts<'_>,
    account: &Account,
    [wanted, in_use]: [&HostName; 2],
    is_move: bool,
    now: Date,
) -> Result<Result<Vec<Change>, Refusal>, Fault> {
    let renaming = Renaming {
        wanted,
        in_use,
        is_move,
        before: facts.moving()?,
        ways: ways(facts, account, Some((wanted, in_use)))?,
    };
    Ok(moving::rename(renaming, now))
}

/// Makes a rescue code for the one who asks: a one-time password, told here and never again. An older one is gone.
pub async fn code(call: Call) -> Answer {
    let Nothing {} = call.message()?;
    let office = call.office();
    let username = AdminName::parse(call.account()?.username()).map_err(Refusal::from)?;
    let code = secret::one_time_password(&mut office.moment().fresh);
    let marks = Marks::of(&office.key, &username, &code);
    let armed = username.clone();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let known = facts.one_time(Slot::Page)?;
        let change = one_time::arm(Slot::Page, known.as_ref(), armed, marks, moment.now);
        Ok(Verdict::yes((), change.into_iter().collect()))
    });
    turn.await??;
    Ok(reply::json(&CodeJson {
        username: username.as_str(),
        code: &code,
    }))
}

/// Ends the move: the old name's passkeys sign nobody in any more, and certificate and announcement let go of it.
pub async fn end_move(call: Call) -> Answer {
    let office: &Office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), |facts, _| {
        Ok(moving::end(facts.moving()?))
    });
    turn.await??;
    Ok(reply::done())
}
