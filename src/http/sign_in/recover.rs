//! "I cannot sign in": a letter with a link and a short code, and the code's way in.

use std::time::Duration;

use serde::Deserialize;

use crate::http::edge::message::{Response, StatusCode};
use crate::http::front::call::Call;
use crate::http::front::cookies;
use crate::http::front::reply::Answer;
use crate::http::sign_in::{invited, open};
use crate::office::{Shared, log};
use crate::rules::id::Username;
use crate::rules::moment::Fresh;
use crate::rules::office::journal::Actor;
use crate::rules::people::recovery;
use crate::rules::people::sign_in;
use crate::rules::refusal::Refusal;
use crate::rules::secret::{Token, TokenHash};
use crate::rules::time::Ttl;
use crate::rules::verdict::Verdict;
use crate::store::Fault;

#[derive(Deserialize)]
struct Recover {
    username: String,
}

#[derive(Deserialize)]
struct ByCode {
    code: String,
    #[serde(default)]
    public_computer: bool,
}

/// Asks for a new link. The answer is the same, and as quick, whoever asks: the account is looked for after it, at some
/// time within a second, so that whoever asks for something else right then does not find out either, by waiting for
/// the disk. A browser that waits for a code already keeps its cookie, and with it the code that is in the mailbox.
pub async fn ask(call: Call) -> Answer {
    let said: Recover = call.message()?;
    let office = call.office().clone();
    let browser = cookies::waiting(&call.request).unwrap_or_else(|| Token::fresh(&mut office.moment().fresh));
    let mut response = Response::new(StatusCode::ACCEPTED);
    response.set_field(
        "set-cookie",
        cookies::waiting_cookie(call.request.has_secure_cookies, &browser, WAITS),
    );
    let address = call.caller.address;
    let may = office
        .desk
        .recoveries()
        .may_ask(call.caller.neighbour, office.stopwatch());
    let place = may.then(|| office.recovering.try_acquire_arc()).flatten();
    if let Some(place) = place {
        let (name, browser) = (Username::from_typed(&said.username), browser.hash());
        let here = office.clone();
        (office.world.beside)(Box::pin(async move {
            let pause = part_of_a_second(&mut here.moment().fresh);
            (here.world.pause)(pause).await;
            let actor = Actor {
                account: None,
                address: Some(address),
            };
            if let Err(fault) = send(&here, &name, browser, actor).await {
                log::error(&fault.to_string());
            }
            drop(place);
        }));
    }
    Ok(response)
}

fn part_of_a_second(dice: &mut Fresh) -> Duration {
    let thrown = u32::from_le_bytes(dice.bytes());
    Duration::from_secs(1).mul_f64(f64::from(thrown) / f64::from(u32::MAX))
}

async fn send(office: &Shared, name: &Username, browser: TokenHash, actor: Actor) -> Result<(), Fault> {
    let (account, can) = office.store.read(|facts| {
        let can = office.letter_writer(facts)?.is_some();
        Ok((facts.account_by_username(name)?, can))
    })?;
    let Some(account) = account.filter(|account| can && account.email.is_some()) else {
        return Ok(());
    };
    if !office.desk.recoveries().admit(account.id, office.stopwatch()) {
        return Ok(());
    }
    let code_works = office.desk.recoveries().has_room(account.id, office.stopwatch());
    let (id, here) = (account.id, office.clone());
    let sent = office.store.turn(actor, office.moment(), move |facts, moment| {
        let (Some(account), Some(writer)) = (facts.account(id)?, here.letter_writer(facts)?) else {
            return Ok(Verdict::no(Refusal::NotFound));
        };
        let (replaced, settings) = (facts.invite_of(account.id)?, facts.settings()?);
        Ok(recovery::send(&account, replaced.as_ref(), &settings, &writer, code_works, moment).into())
    });
    if let Ok(sent) = sent.await?
        && code_works
    {
        office.desk.recoveries().wait(account.id, browser, sent);
    }
    Ok(())
}

/// Signs in by the short code of a letter, in the browser that asked for it.
pub async fn by_code(call: Call) -> Answer {
    let said: ByCode = call.message()?;
    let office = call.office().clone();
    let redeemed = cookies::waiting(&call.request)
        .ok_or(Refusal::WrongCode)
        .and_then(|browser| {
            office
                .desk
                .recoveries()
                .redeem(browser.hash(), &said.code, office.stopwatch())
        });
    let link = redeemed.map_err(|refusal| office.refused(call.caller.address, None, refusal))?;
    let owner = invited(&office, link)?;
    open(&call, owner, said.public_computer, move |facts, moment| {
        Ok(sign_in::by_link(facts.invite(link)?, moment.now).map(|(proof, spent)| (proof, vec![spent])))
    })
    .await
}

/// How long a browser that asked keeps the cookie that the code is bound to: as long as any link may work.
pub const WAITS: Ttl = Ttl::days(1);
