//! Programs: HTTP Basic (RFC 7617) with the secret that the appliance made for an administrator's account.

use data_encoding::BASE64;
use subtle::ConstantTimeEq;

use crate::http::edge::message::Request;
use crate::http::front::caller::Caller;
use crate::http::front::reply::Failure;
use crate::office::Office;
use crate::rules::id::{AccountId, Username};
use crate::rules::people::account::Account;
use crate::rules::people::session::Used;
use crate::rules::refusal::Refusal;
use crate::rules::secret::{ApiSecret, TokenHash};

/// Where reverse proxies ask. Credentials of other schemes are for the service behind them.
pub const PROXY: &str = "/auth/check";

/// Where watchers ask for numbers. The other scheme there is the token's.
pub const NUMBERS: &str = "/metrics";

/// The account that a program acts for; `None`: the request has no credentials. They are looked at under `/api/` and
/// [`PROXY`] and [`NUMBERS`] alone.
pub fn account(office: &Office, request: &Request, caller: &Caller) -> Result<Option<Account>, Failure> {
    let Some(field) = request.field("authorization") else {
        return Ok(None);
    };
    let path = request.path.as_str();
    let is_basic = field.to_ascii_lowercase().starts_with("basic ");
    let ours = (path == PROXY || path == NUMBERS) && is_basic;
    if !path.starts_with("/api/") && !ours {
        return Ok(None);
    }
    if !caller.secure {
        return Err(Failure::InTheClear);
    }
    let refused =
        |whom: Option<&Account>, refusal| Err(Failure::BadCredentials(office.refused(caller.address, whom, refusal)));
    let Some((name, secret)) = credentials(field) else {
        return refused(None, Refusal::NotSignedIn);
    };
    let named = office.store.read(|facts| {
        let account = facts.account_by_username(&name)?;
        // Read for nobody too, so that the time it takes tells nothing.
        let reach = facts.access(account.as_ref().map_or(AccountId::FIRST, |account| account.id))?;
        Ok(account.map(|account| (reach, account)))
    })?;
    let Some((reach, account)) = named else {
        return refused(None, Refusal::NotSignedIn);
    };
    if !reach.api.as_ref().is_some_and(|api| same(&api.secret, &secret)) {
        return refused(Some(&account), Refusal::NotSignedIn);
    }
    if !reach.admits(caller.address) {
        return refused(Some(&account), Refusal::OutsideRanges(account.id));
    }
    // A watcher comes every few seconds, for ever: what is noted of that would be written down, for nothing.
    if path != NUMBERS {
        office.desk.uses().note(Used::Api(account.id), caller.seen(office));
    }
    Ok(Some(account))
}

fn credentials(field: &str) -> Option<(Username, TokenHash)> {
    let (scheme, encoded) = field.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let (name, secret) = text.split_once(':')?;
    Some((Username::from_typed(name), ApiSecret::parse(secret)?.hash()))
}

fn same(one: &TokenHash, other: &TokenHash) -> bool {
    one.0.ct_eq(&other.0).into()
}
