//! Signing in and out.

pub mod prove;
pub mod recover;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::desk::tickets::Purpose;
use crate::http::edge::message::Response;
use crate::http::front::call::Call;
use crate::http::front::caller::SignedIn;
use crate::http::front::cookies;
use crate::http::front::question::Question;
use crate::http::front::reply::{self, Answer, Failure};
use crate::office::ceremony::{Asking, checked};
use crate::office::{Office, guesses, has_passkey_here};
use crate::rules::change::Change;
use crate::rules::id::Username;
use crate::rules::letters::language;
use crate::rules::moment::Moment;
use crate::rules::office::date;
use crate::rules::office::journal::Actor;
use crate::rules::people::access;
use crate::rules::people::account::{Account, PasswordHash};
use crate::rules::people::invite;
use crate::rules::people::one_time::Slot;
use crate::rules::people::passkey::CredentialId;
use crate::rules::people::password::Typed;
use crate::rules::people::session::{self, Browser, Opened};
use crate::rules::people::sign_in::{self, Proof};
use crate::rules::phones::colleagues;
use crate::rules::refusal::Refusal;
use crate::rules::secret::{Token, TokenHash};
use crate::rules::text::visible;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;
use crate::rules::webauthn::RelyingParty;
use crate::rules::webauthn::options::RequestOptions;
use crate::rules::webauthn::wire::{AuthenticationResponseJson, Given};
use crate::store::{Facts, Fault};

#[derive(Deserialize)]
struct PasskeyBegin {
    /// By a passkey of the name that the appliance moved away from.
    #[serde(default)]
    earlier: bool,
}

#[derive(Deserialize)]
struct PasskeyFinish {
    ticket: String,
    /// As at the beginning.
    #[serde(default)]
    earlier: bool,
    credential: Given<AuthenticationResponseJson>,
    #[serde(default)]
    public_computer: bool,
}

#[derive(Deserialize)]
struct ByPassword {
    username: String,
    password: String,
    #[serde(default)]
    public_computer: bool,
}

#[derive(Deserialize)]
struct ByLink {
    token: String,
    #[serde(default)]
    public_computer: bool,
}

/// What any way to sign in may say besides: the date, by an administrator's own clock, for an appliance that does not
/// know it.
#[derive(Deserialize)]
struct Today {
    #[serde(default)]
    today: Option<u64>,
}

#[derive(Serialize)]
struct Next {
    next: &'static str,
}

/// Asks for any passkey of this site (discoverable credentials: no account is named).
pub async fn passkey_begin(call: Call) -> Answer {
    let said: PasskeyBegin = call.message()?;
    let office = call.office();
    let (party, purpose) = asked_by(office, said.earlier)?;
    let (ticket, challenge) = office.ask(purpose);
    Ok(reply::json(&Question::new(
        ticket,
        RequestOptions::new(&party, &challenge, Vec::new()),
    )))
}

/// Under which of its names the site asks, and what for.
fn asked_by(office: &Office, earlier: bool) -> Result<(Cow<'_, RelyingParty>, Purpose), Failure> {
    if !earlier {
        return Ok((Cow::Borrowed(&office.site.party), Purpose::SignIn));
    }
    let party = office.earlier_party()?.ok_or(Refusal::NotFound)?;
    Ok((Cow::Owned(party), Purpose::SignInEarlier))
}

/// Checks the passkey's answer and opens a session.
pub async fn passkey_finish(call: Call) -> Answer {
    let said: PasskeyFinish = call.message()?;
    let office = call.office().clone();
    let (party, purpose) = asked_by(&office, said.earlier)?;
    let asking = Asking {
        ticket: &said.ticket,
        party: &party,
        purpose,
        owner: None,
        actor: call.actor(),
    };
    let Some(credential) = said.credential.right() else {
        return Err(call.noted(None, Refusal::PasskeyUnreadable));
    };
    let id = CredentialId(credential.id().to_vec());
    let outcome = checked(&office, credential, asking).await;
    let owner = office.store.read(|facts| match facts.passkey(&id)? {
        Some(passkey) => facts.account(passkey.account),
        None => Ok(None),
    })?;
    let (passkey, seen) = outcome.map_err(|failure| call.noted(owner.as_ref(), failure))?;
    let here = call.caller.seen(&office);
    let opened = open(&call, owner, said.public_computer, move |facts, _| {
        Ok(
            sign_in::by_passkey(&passkey, facts.passkey(&passkey.credential)?, &seen, here)
                .map(|(proof, used)| (proof, vec![used])),
        )
    });
    opened.await
}

/// Checks a password: the account's own, or a one-time one.
pub async fn password(call: Call) -> Answer {
    let said: ByPassword = call.message()?;
    let (name, typed) = (Username::from_typed(&said.username), Typed::new(said.password));
    let office = call.office().clone();
    let (address, neighbour) = (call.caller.address, call.caller.neighbour);
    let known = office.store.read(|facts| facts.account_by_username(&name))?;
    let waiting = one_time_slot(&call, &name, &typed)?;
    let admitted = if waiting.is_some() && access::is_near(address) {
        let admitted = office.desk.throttle().admit_rescue(neighbour, office.stopwatch());
        admitted.map_err(|closed| office.refused(address, known.as_ref(), closed.into()))?
    } else {
        guesses::admit(&office, known.as_ref(), &name, address, neighbour)?
    };
    let alarmed = known.clone().filter(|_| admitted.alarming);
    let matched = password_of(&call, known.clone(), &typed).await;
    let is_wrong = waiting.is_none() && matched.is_none();
    let hardened = hardened(&office, matched.as_ref(), &typed).await;
    let matched = matched.map(|matched| matched.account);
    let tried = name.clone();
    let opened = open(&call, known.clone(), said.public_computer, move |facts, moment| {
        let Some(slot) = waiting else {
            let current = facts.account_by_username(&tried)?;
            return Ok(sign_in::by_password(matched.as_ref(), current.as_ref(), hardened));
        };
        let Some(one_time) = facts.one_time(slot)?.filter(|one_time| !one_time.spent) else {
            return Ok(Err(Refusal::NotSignedIn));
        };
        let account = facts.account_by_username(&(&one_time.username).into())?;
        Ok(Ok(sign_in::by_one_time(
            slot,
            &one_time,
            account.as_ref(),
            facts.next_account()?,
            moment,
        )))
    });
    // The wrong one is refused without a turn, too.
    let answer = if is_wrong {
        Err(office.refused(address, known.as_ref(), Refusal::NotSignedIn).into())
    } else {
        opened.await
    };
    // Whoever is told that the date is missing had the right password.
    if matches!(answer, Ok(_) | Err(Failure::Refused(Refusal::NoDate))) {
        let mut throttle = office.desk.throttle();
        throttle.succeeded(admitted, &name, neighbour, office.stopwatch());
    } else if let Some(account) = alarmed {
        guesses::raise_alarm(office, &account, address);
    }
    answer
}

/// Spends a one-time link.
pub async fn link(call: Call) -> Answer {
    let said: ByLink = call.message()?;
    let token = Token::parse(&visible(&said.token)).ok_or(Refusal::LinkSpent)?;
    let hash = token.hash();
    let office = call.office();
    let (owner, known) = (invited(office, hash)?, office.store.read(|facts| facts.invite(hash))?);
    // Without a turn: who waits for one learns what is written just then.
    if let Err(refusal) = invite::usable(known, office.now()) {
        return Err(office.refused(call.caller.address, owner.as_ref(), refusal).into());
    }
    open(&call, owner, said.public_computer, move |facts, moment| {
        Ok(sign_in::by_link(facts.invite(hash)?, moment.now).map(|(proof, spent)| (proof, vec![spent])))
    })
    .await
}

/// Ends the session, here and on the server. Without one it does nothing, and says the same.
pub async fn out(call: Call) -> Answer {
    if let Some(SignedIn { session, .. }) = call.caller.signed_in.clone() {
        let ended = session::sign_out(&session);
        let office = call.office();
        office
            .store
            .turn(call.actor(), office.moment(), move |_, _| Ok(Verdict::yes((), ended)))
            .await??;
    }
    let mut response = reply::done();
    response.set_field("set-cookie", cookies::clear_cookie(call.request.has_secure_cookies));
    // Not "cookies": that ends the sessions of every other service under the same domain, and on every port.
    response.set_field("clear-site-data", "\"cache\", \"storage\"");
    Ok(response)
}

/// An account whose own password was typed.
pub struct Matched {
    /// It.
    pub account: Account,
    /// Its hash is of another form than passwords are hashed in now.
    is_older: bool,
}

/// The account, if the password is its own. Takes the same time whether or not there is such an account or password; a
/// wrong one that has two forms takes twice as long for everybody.
pub async fn password_of(call: &Call, known: Option<Account>, typed: &Typed) -> Option<Matched> {
    let passwords = &call.office().passwords;
    let kept = known.as_ref().and_then(|account| account.password.as_ref());
    let forms = typed.forms()?;
    let is_now = passwords.belongs(&forms.kept, kept).await;
    let is_older = match forms.older {
        Some(older) if !is_now => passwords.belongs(older, kept).await,
        _ => false,
    };
    let account = known.filter(|_| is_now || is_older)?;
    Some(Matched { account, is_older })
}

async fn hardened(office: &Office, matched: Option<&Matched>, typed: &Typed) -> Option<PasswordHash> {
    let (matched, forms) = (matched?, typed.forms()?);
    let (kept, fresh) = (matched.account.password.as_ref()?, &mut office.moment().fresh);
    if matched.is_older {
        return office.passwords.hash(&forms.kept, fresh).await;
    }
    office.passwords.hardened(&forms.kept, kept, fresh).await
}

fn one_time_slot(call: &Call, name: &Username, typed: &Typed) -> Result<Option<Slot>, Failure> {
    let office = call.office();
    let Some(text) = typed.bounded() else { return Ok(None) };
    Ok(office.store.read(|facts| {
        for slot in Slot::ALL {
            if facts
                .one_time(slot)?
                .is_some_and(|waiting| waiting.opens(&office.key, name.as_str(), text))
            {
                return Ok(Some(slot));
            }
        }
        Ok(None)
    })?)
}

/// Whom a link is for, if there is such a link.
pub fn invited(office: &Office, link: TokenHash) -> Result<Option<Account>, Fault> {
    office.store.read(|facts| match facts.invite(link)? {
        Some(invite) => facts.account(invite.account),
        None => Ok(None),
    })
}

/// One turn: prove, open the session; then the cookie. Outside an administrator's ranges no proof opens one. `whom`:
/// the account that somebody tries to be, for the journal.
pub async fn open<Prove>(call: &Call, whom: Option<Account>, public_computer: bool, prove: Prove) -> Answer
where
    Prove: FnOnce(&Facts<'_>, &mut Moment) -> Result<Result<(Proof, Vec<Change>), Refusal>, Fault> + Send + 'static,
{
    let office = call.office();
    let browser = Browser {
        seen: call.caller.seen(office),
        public_computer,
    };
    let (here, asked) = (office.clone(), call.language());
    let (moment, told) = office.moment_told(call.message::<Today>()?.today.map(Date));
    // Whoever signs in is nobody before: an older session in the same browser is not the one who acts.
    let actor = Actor {
        account: None,
        address: Some(call.caller.address),
    };
    let turn = office.store.turn(actor, moment, move |facts, moment| {
        let (proof, mut changes) = match prove(facts, moment)? {
            Ok(proved) => proved,
            Err(refusal) => return Ok(Verdict::no(refusal)),
        };
        if !facts
            .access(proof.account())?
            .admits_by(proof.by(), browser.seen.address)
        {
            return Ok(Verdict::no(Refusal::OutsideRanges(proof.account())));
        }
        let account = facts.account(proof.account())?;
        // One that is not there yet is made by a one-time password: an administrator's.
        if told.is_some() && account.is_some_and(|account| !account.is_administrator()) {
            return Ok(Verdict::no(Refusal::NoDate));
        }
        changes.extend(told.map(date::dated));
        let others = here.desk.uses().with_newest(facts.sessions_of(proof.account())?);
        let (opened, more) = match session::open(&proof, browser, &facts.settings()?, &others, moment) {
            Ok(opened) => opened,
            Err(refusal) => return Ok(Verdict::no(refusal)),
        };
        changes.extend(more);
        let learnt = language::learn(proof.account(), facts.language(proof.account())?, asked);
        if learnt.is_some() {
            let told = colleagues::in_other_language(proof.account(), &facts.devices()?, moment.now);
            changes.extend(told.into_iter().map(Change::from));
        }
        changes.extend(learnt);
        let has_passkey = has_passkey_here(facts, proof.account(), &here.site.name)?;
        Ok(Verdict::yes((opened, proof.next_page(has_passkey)), changes))
    });
    let (opened, next) = turn
        .await?
        .map_err(|refusal| office.refused(call.caller.address, whom.as_ref(), refusal))?;
    if let Some(date) = told {
        office.world.dates.confirm(date);
    }
    Ok(signed_in(call, &opened, next))
}

fn signed_in(call: &Call, opened: &Opened, next: &'static str) -> Response {
    let lives = (opened.session.until - opened.session.opened).0;
    let max_age = (!opened.session.public_computer).then_some(lives);
    let mut response = reply::json(&Next { next });
    response.set_field(
        "set-cookie",
        cookies::set_cookie(call.request.has_secure_cookies, &opened.token, max_age),
    );
    response
}
