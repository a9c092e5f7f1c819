//! A phone asks for a file.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use super::looks;
use super::sheet::{self, Sheet, Without};
use crate::http::edge::limits::PHONES;
use crate::http::edge::message::{Method, Response, StatusCode};
use crate::http::front::call::Call;
use crate::http::front::etag::IfNoneMatch;
use crate::http::front::reply::{self, Answer};
use crate::office::hardware::{Asking, Index};
use crate::office::log;
use crate::rules::phones::device::{Device, DeviceId};
use crate::rules::phones::fetch::{self, Fetcher};
use crate::rules::phones::mac::Mac;
use crate::rules::phones::provisioning;
use crate::rules::phones::provisioning::handout::Stage;
use crate::rules::phones::provisioning::make::{self, File};
use crate::rules::phones::provisioning::request::{self, FileRequest};
use crate::rules::refusal::Refusal;
use crate::rules::secret::Token;
use crate::rules::verdict::Verdict;
use crate::store::{Facts, Fault};

/// Seconds after which a phone may try again where the store cannot be read, or a secret does not open.
const RETRY_AFTER: &str = "60";

/// A file by a phone's MAC address: in its window, and no further.
pub async fn by_mac(call: Call) -> Answer {
    let asked = asked(&call, PHONES);
    Ok(match first(&call, &asked).await {
        Ok(response) => response,
        Err(fault) => later(&fault.to_string()),
    })
}

/// A file by a device's own address: as long as the device is the office's.
pub async fn by_own_address(call: Call) -> Answer {
    let written = call.part("token")?.to_owned();
    let asked = asked(&call, &format!("{PHONES}s/{written}/"));
    Ok(match own(&call, &asked, &written).await {
        Ok(response) => response,
        Err(fault) => later(&fault.to_string()),
    })
}

async fn first(call: &Call, asked: &FileRequest) -> Result<Response, Fault> {
    let office = call.office();
    let index = office.hardware.index(&office.store)?;
    let stage = match (call.request.peer.secure, index.phones.plain_provisioning) {
        (true, _) => Stage::Whole,
        (false, true) => Stage::Trust,
        (false, false) => return Ok(reply::gone()),
    };
    if !index.phones.on {
        return Ok(reply::gone());
    }
    if let (File::Certificate, Some(pem)) = (asked.file, office.hardware.authority()) {
        return Ok(certificate(call, &pem));
    }
    // Whoever looks by a browser is no phone, and takes no phone's place.
    let Some(mac) = asked.mac.filter(|_| !looks::says_browser(&call.request)) else {
        return Ok(in_vain(call, asked));
    };
    let fetcher = Fetcher {
        from: call.caller.address.to_canonical(),
        from_anywhere: index.phones.from_anywhere,
        stage,
        by: index.by(mac),
    };
    if !index.of(mac).any(|device| fetch::may(device, fetcher, office.now())) {
        return Ok(in_vain(call, asked));
    }
    let in_the_box: Vec<Device> = index.of(mac).cloned().collect();
    let Some(lead) = in_the_box.first() else {
        return Ok(in_vain(call, asked));
    };
    let Ok((token, changes)) = fetch::by_mac(&in_the_box, fetcher, &office.key, office.now()) else {
        return Ok(in_vain(call, asked));
    };
    let plain = office.origin_for_phones(true);
    let sheet = Sheet {
        office,
        index: &index,
        lead,
        stage,
        back: back(call, token.as_ref()),
        host: call.request.field("host").unwrap_or_else(|| authority_of(&plain)),
    };
    let written = match sheet.write(asked, mac) {
        Ok(written) => written,
        Err(Without::Gone) => return Ok(reply::gone()),
        Err(Without::Sealed) => return Ok(later("a phone's secrets do not open")),
    };
    let handed = handed(asked, lead, stage, &index, mac);
    if !(changes.is_empty() && handed.is_empty()) && call.request.method != Method::HEAD {
        let (ids, key) = (numbers(&in_the_box), office.key.clone());
        let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
            Ok(match fetch::by_mac(&there(facts, &ids)?, fetcher, &key, moment.now) {
                Ok((_, noted)) => {
                    let changes = noted.into_iter().chain(fetch::handed(handed));
                    Verdict::yes((), changes.map(Into::into).collect())
                }
                Err(refusal) => Verdict::no(refusal),
            })
        });
        // The window was shut meanwhile.
        if turn.await?.is_err() {
            return Ok(reply::gone());
        }
    }
    Ok(file(call, written))
}

async fn own(call: &Call, asked: &FileRequest, written: &str) -> Result<Response, Fault> {
    let office = call.office();
    let index = office.hardware.index(&office.store)?;
    let from = call.caller.address.to_canonical();
    if !call.request.peer.secure || !index.phones.on || !(index.phones.from_anywhere || sheet::is_of_the_lan(from)) {
        return Ok(reply::gone());
    }
    let known = Token::parse(written).and_then(|token| Some((index.of_own_address(token.hash())?, token)));
    let Some((lead, token)) = known else {
        office.hardware.refused(call.caller.address);
        return Ok(reply::gone());
    };
    // Files that are named after the phone have either of its addresses in their names.
    let Some(mac) = asked.mac.filter(|mac| lead.hardware.has(*mac)).or(lead.hardware.mac) else {
        return Ok(reply::gone());
    };
    let sheet = Sheet {
        office,
        index: &index,
        lead,
        stage: Stage::Whole,
        back: back(call, Some(&token)),
        host: office.site.name.as_str(),
    };
    let written = match sheet.write(asked, mac) {
        Ok(written) => written,
        Err(Without::Gone) => return Ok(reply::gone()),
        Err(Without::Sealed) => return Ok(later("a phone's secrets do not open")),
    };
    let handed = handed(asked, lead, Stage::Whole, &index, mac);
    let in_the_box: Vec<Device> = index.of(mac).cloned().collect();
    let shuts = is_settings(asked, lead) && !fetch::by_own_address(&in_the_box).is_empty();
    if call.request.method != Method::HEAD && (shuts || !handed.is_empty()) {
        let ids = numbers(&in_the_box);
        let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
            let shut = if shuts {
                fetch::by_own_address(&there(facts, &ids)?)
            } else {
                Vec::new()
            };
            let changes = shut.into_iter().chain(fetch::handed(handed));
            Ok(Verdict::yes((), changes.map(Into::into).collect()))
        });
        let _shut: Result<(), Refusal> = turn.await?;
    }
    Ok(file(call, written))
}

/// The host of an origin, with its port where that is named.
fn authority_of(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, authority)| authority)
}

/// Whether it is the file that has the settings in it, and not one that only names that one.
fn is_settings(asked: &FileRequest, lead: &Device) -> bool {
    provisioning::made(&lead.hardware).is_some_and(|make| make.settings() == asked.file)
}

fn numbers(devices: &[Device]) -> Vec<DeviceId> {
    devices.iter().map(|device| device.id).collect()
}

/// Those that are still there.
fn there(facts: &Facts<'_>, ids: &[DeviceId]) -> Result<Vec<Device>, Fault> {
    let devices = ids.iter().map(|id| facts.device(*id));
    devices.filter_map(Result::transpose).collect()
}

/// What is to be noted of a file that is handed out: in which revision, where it has everything in it.
fn handed(asked: &FileRequest, lead: &Device, stage: Stage, index: &Index, mac: Mac) -> Vec<(DeviceId, u64)> {
    if is_settings(asked, lead) && stage == Stage::Whole {
        index.news_for(mac)
    } else {
        Vec::new()
    }
}

/// What is asked for, below that beginning of the path.
fn asked(call: &Call, beginning: &str) -> FileRequest {
    let target = call.request.target();
    let name = target.strip_prefix(beginning).unwrap_or_default();
    let agent = call.request.field("user-agent").unwrap_or_default();
    request::asked(name, agent.as_bytes())
}

/// At first contact the phone comes back to all phones' address, by HTTPS; then to its own.
fn back(call: &Call, token: Option<&Token>) -> String {
    let base = sheet::base(call.office());
    match token {
        Some(token) => format!("{base}s/{}/", token.reveal()),
        None => base,
    }
}

/// Nothing for whoever asks. A phone of the LAN that is nobody's yet is on the page from now on.
fn in_vain(call: &Call, asked: &FileRequest) -> Response {
    let hardware = &call.office().hardware;
    let from = call.caller.address;
    match asked.mac {
        // A device whose window is shut costs as much as one that is nobody's, and is left out when the list is shown.
        Some(mac) => {
            hardware.refused(from);
            if sheet::is_of_the_lan(from) {
                let (make, model) = sheet::shown_model(asked);
                hardware.asks(Asking {
                    mac,
                    make,
                    model,
                    from,
                    at: call.office().now(),
                    plug_and_play: false,
                });
            }
        }
        // Names that all phones of a make ask for first.
        None if asked.makes.is_empty() => hardware.refused(from),
        None => {}
    }
    reply::gone()
}

fn certificate(call: &Call, pem: &str) -> Response {
    let answer = make::Answer {
        media_type: "application/x-pem-file",
        bytes: pem.as_bytes().to_vec(),
    };
    file(call, answer)
}

/// 200 with a file, or 304 where the phone has it already (RFC 9110 §13.1.2).
pub(super) fn file(call: &Call, answer: make::Answer) -> Response {
    let hash = Sha256::digest(&answer.bytes);
    let tag = format!("\"{}\"", BASE64URL_NOPAD.encode(hash.get(..12).unwrap_or(&hash)));
    let known = IfNoneMatch::of(&call.request).has(&tag);
    let mut response = Response::new(if known {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    });
    if !known {
        response.set_field("content-type", answer.media_type);
        response.body = answer.bytes.into();
    }
    response.set_field("cache-control", "no-store");
    response.set_field("etag", tag);
    response
}

/// 503: never half a file.
fn later(why: &str) -> Response {
    log::error(why);
    let mut response = Response::new(StatusCode::SERVICE_UNAVAILABLE).with_body("later\n");
    response.set_field("content-type", "text/plain; charset=utf-8");
    response.set_field("retry-after", RETRY_AFTER);
    response
}
