//! An app fetches its settings by the code that was scanned.

use std::time::Duration;

use smol::Timer;
use smol::future::FutureExt;

use super::fetch::file;
use super::looks;
use super::sheet;
use crate::http::edge::message::{Method, Receipt};
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer, Failure};
use crate::office::app_codes::{AppCode, Scan};
use crate::office::hardware::ScannedAgain;
use crate::rules::phones::apps;
use crate::rules::phones::device::Device;
use crate::rules::phones::digest;
use crate::rules::phones::provisioning::linphone::{self, App};
use crate::rules::refusal::Refusal;
use crate::rules::secret::{Token, TokenHash};
use crate::rules::verdict::Verdict;

/// How long somebody waits to see whether another's answer comes through.
const LENT: Duration = Duration::from_secs(3);

/// The settings, once; gone for whoever comes later, and in the clear. What is no app is told so, whatever the code is
/// worth, and spends nothing; nor does an answer that breaks off.
pub async fn settings(call: Call) -> Answer {
    if looks::is_browser(&call.request) {
        return Ok(looks::for_apps_alone());
    }
    let office = call.office();
    let token = Token::parse(call.part("token")?).filter(|_| call.request.peer.secure);
    let Some(code) = token.map(|token| token.hash()) else {
        return Ok(in_vain(&call));
    };
    if call.request.method == Method::HEAD {
        let known = office.hardware.apps().look(code, office.stopwatch());
        let device = known.map(|known| office.store.read(|facts| facts.device(known.device)));
        return match device.transpose()?.flatten() {
            Some(device) => written(&call, &device),
            None => Ok(in_vain(&call)),
        };
    }
    match scanned(&call, code).await {
        Scan::Open(sets_up) => {
            let (here, hash) = (office.clone(), code);
            let receipt = Receipt::new(move |came_through| here.hardware.app_answered(hash, came_through));
            let mut answer = set_up(&call, sets_up).await?;
            answer.receipt = Some(receipt);
            Ok(answer)
        }
        Scan::Spent { set_up, first } => {
            told(&call, set_up, first).await?;
            Ok(in_vain(&call))
        }
        Scan::Nothing | Scan::Lent => Ok(in_vain(&call)),
    }
}

/// What the code is worth, once it is known whether an answer that is under way comes through.
async fn scanned(call: &Call, code: TokenHash) -> Scan {
    let (office, mut patience) = (call.office(), Timer::after(LENT));
    loop {
        let answered = office.hardware.next_app_answered();
        let scan = office.hardware.apps().scan(code, office.stopwatch());
        if scan != Scan::Lent {
            return scan;
        }
        let late = async {
            (&mut patience).await;
            false
        };
        let in_time = async {
            answered.await;
            true
        };
        if !in_time.or(late).await {
            return Scan::Lent;
        }
    }
}

/// Whoever was set up as this device before is off the line from here on.
async fn set_up(call: &Call, sets_up: AppCode) -> Answer {
    let (office, from) = (call.office(), call.caller.address.to_canonical());
    let key = office.key.clone();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        Ok(apps::set_up(facts.device(sets_up.device)?, sets_up.again, from, &key, moment).into())
    });
    match turn.await? {
        Ok(device) => written(call, &device),
        Err(_gone_meanwhile) => Ok(in_vain(call)),
    }
}

/// A code was used once more: its owner is told on their page, and the journal has it, once for each code.
async fn told(call: &Call, set_up: AppCode, first: bool) -> Result<(), Failure> {
    let (office, from) = (call.office(), call.caller.address.to_canonical());
    let device = office.store.read(|facts| facts.device(set_up.device))?;
    let Some((device, owner)) = device.and_then(|device| device.owner().map(|owner| (device, owner))) else {
        return Ok(());
    };
    let again = ScannedAgain {
        device: device.id,
        from,
        at: office.now(),
    };
    office.hardware.scanned_again(owner, again);
    if first {
        let turn = office.store.turn(call.actor(), office.moment(), move |_, _| {
            let told = apps::scanned_again(device, from);
            Ok(Verdict::yes((), told.into_iter().map(Into::into).collect()))
        });
        let _told: Result<(), Refusal> = turn.await?;
    }
    Ok(())
}

fn written(call: &Call, device: &Device) -> Answer {
    let office = call.office();
    let index = office.hardware.index(&office.store)?;
    let person = device.owner().and_then(|owner| index.person(owner));
    let Some((person, secrets)) = person.and_then(|person| Some((person, device.secrets(&office.key)?))) else {
        return Ok(in_vain(call));
    };
    let host = office.host_for_phones();
    let server = sheet::server(office, &index, &host);
    // The realm that the registrar names.
    let domain = office.site.name.as_str();
    let ha1 = digest::ha1(device.algorithm, device.username.as_str(), domain, &secrets.sip);
    let app = App {
        extension: person.extension.as_str(),
        name: person.name.as_str(),
        username: device.username.as_str(),
        domain,
        ha1: &ha1,
        algorithm: device.algorithm,
        host: server.host,
        transport: server.transport,
        port: server.port,
        expires: server.expires,
        media: server.media,
        voice_mail: "",
    };
    Ok(file(call, linphone::write(&app)))
}

fn in_vain(call: &Call) -> crate::http::edge::message::Response {
    call.office().hardware.refused(call.caller.address);
    reply::gone()
}
