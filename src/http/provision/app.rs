//! An app fetches its settings by the code that was scanned.

use super::fetch::file;
use super::sheet;
use crate::http::edge::message::Method;
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::office::app_codes::AppCode;
use crate::rules::phones::digest;
use crate::rules::phones::provisioning::linphone::{self, App};
use crate::rules::phones::roster::{self, Issued};
use crate::rules::refusal::Refusal;
use crate::rules::secret::Token;

/// The settings, once; gone for whoever comes later, and in the clear.
pub async fn settings(call: Call) -> Answer {
    let office = call.office();
    let looks = call.request.method == Method::HEAD;
    let token = Token::parse(call.part("token")?).filter(|_| call.request.peer.secure);
    let code = token.and_then(|token| office.hardware.apps().take(token.hash(), office.stopwatch(), looks));
    if let Some(AppCode { device, again: true }) = code.filter(|_| !looks) {
        // Whoever was set up before is off the line from here on.
        let key = office.key.clone();
        let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
            Ok(roster::rotate(facts.device(device)?, &key, moment).into())
        });
        let _gone_meanwhile: Result<Issued, Refusal> = turn.await?;
    }
    let index = office.hardware.index(&office.store)?;
    let known = code.and_then(|code| {
        let device = index.device(code.device)?;
        let person = index.person(device.owner()?)?;
        Some((device, person, device.secrets(&office.key)?))
    });
    let Some((device, person, secrets)) = known else {
        office.hardware.refused(call.caller.address);
        return Ok(reply::gone());
    };
    let server = sheet::server(office, &index);
    let ha1 = digest::ha1(device.algorithm, device.username.as_str(), server.domain, &secrets.sip);
    Ok(file(
        &call,
        linphone::write(&App {
            extension: person.extension.as_str(),
            name: person.name.as_str(),
            username: device.username.as_str(),
            domain: server.domain,
            ha1: &ha1,
            algorithm: device.algorithm,
            host: server.host,
            transport: server.transport,
            port: server.port,
            expires: server.expires,
            media: server.media,
            voice_mail: "",
        }),
    ))
}
