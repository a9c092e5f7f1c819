//! Numbers for those who watch: who gets them, and what they are.

use serde::Serialize;
use subtle::ConstantTimeEq;

use super::exposition::{Exposition, MEDIA_TYPE, MetricType};
use crate::http::edge::message::{Response, StatusCode};
use crate::http::front::body::Nothing;
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer, Failure};
use crate::office::Office;
use crate::rules::letters::letter::Letter;
use crate::rules::office::metrics;
use crate::rules::people::session::By;
use crate::rules::refusal::Refusal;
use crate::rules::secret::{Token, TokenHash};
use crate::rules::time::Date;

/// What a token is held against while nobody has one: no token's hash.
const NOBODYS: TokenHash = TokenHash([0; 32]);
/// Where the system says what the process holds (proc(5)).
const STATUS: &str = "/proc/self/status";

#[derive(Serialize)]
struct MetricsJson {
    on: bool,
    /// Since when there is the token, in seconds since 1970.
    since: Option<u64>,
}

#[derive(Serialize)]
struct Opened {
    token: String,
}

/// Whether numbers are given out.
pub async fn show(call: Call) -> Answer {
    let metrics = call.office().store.read(|facts| facts.metrics())?;
    Ok(reply::json(&MetricsJson {
        on: metrics.is_some(),
        since: metrics.map(|metrics| metrics.since.0),
    }))
}

/// Turns them on, or makes another token, which is shown this once.
pub async fn open(call: Call) -> Answer {
    let Nothing {} = call.message()?;
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), |_, moment| {
        let (token, changes) = metrics::open(moment);
        Ok(Ok::<_, Refusal>((token, changes)).into())
    });
    let token = turn.await??;
    Ok(reply::created(&Opened { token: token.reveal() }))
}

/// Turns them off.
pub async fn close(call: Call) -> Answer {
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), |facts, _| {
        Ok(metrics::close(facts.metrics()?.as_ref()).into())
    });
    turn.await??;
    Ok(reply::done())
}

/// The numbers, for whoever has the token or is a program of an administrator's; 401 for others, and 404 for everybody
/// while they are off. All three take the same time: a token is hashed and held against another in each.
pub async fn numbers(call: Call) -> Answer {
    let office = call.office();
    let metrics = office.store.read(|facts| facts.metrics())?;
    let field = call.request.field("authorization");
    let token = field.and_then(bearer);
    let shown = token.as_ref().map_or(NOBODYS, Token::hash);
    let known = metrics.map_or(NOBODYS, |metrics| metrics.token);
    let is_known = bool::from(known.0.ct_eq(&shown.0)) && token.is_some();
    if metrics.is_none() {
        return Err(Refusal::NotFound.into());
    }
    if token.is_some() && !call.caller.secure && !call.caller.address.is_loopback() {
        return Err(Failure::InTheClear);
    }
    if !is_known && call.caller.program.is_none() {
        let mut response = reply::failed(&Refusal::NotSignedIn.into(), office.stopwatch());
        response.set_field("www-authenticate", "Bearer realm=\"Linekey\"");
        return Ok(response);
    }
    let mut response = Response::new(StatusCode::OK).with_body(written(office)?);
    response.set_field("content-type", MEDIA_TYPE);
    Ok(response)
}

/// The token of `Authorization: Bearer` (RFC 6750 §2.1).
fn bearer(field: &str) -> Option<Token> {
    let (scheme, token) = field.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| Token::parse(token.trim()))?
}

fn written(office: &Office) -> Result<String, Failure> {
    let mut page = Exposition::default();
    of_sign_ins(office, &mut page);
    of_office(office, &mut page)?;
    of_machine(office, &mut page);
    Ok(page.text())
}

fn of_sign_ins(office: &Office, page: &mut Exposition) {
    let (tally, watch) = (office.store.tally(), &office.watch);
    let ways = [
        ("passkey", By::Passkey),
        ("password", By::Password),
        ("link", By::Link),
        ("one-time", By::OneTime),
    ];
    page.each(
        MetricType::Counter,
        ("linekey_sign_ins_total", "way"),
        "Sign-ins since the start, by the way in. A link stands for a code of a letter, too.",
        ways.map(|(word, by)| (word, tally.sign_ins(by))),
    );
    page.each(
        MetricType::Counter,
        ("linekey_refused_sign_ins_total", "way"),
        "Sign-ins that were refused since the start. A one-time password is tried as a password.",
        watch.refused_sign_ins(),
    );
    page.each(
        MetricType::Counter,
        ("linekey_refusals_total", "reason"),
        "Requests that were refused since the start, by the code of the interface.",
        watch.refusals(),
    );
    page.one(
        MetricType::Counter,
        "linekey_faults_total",
        "Requests that were not answered because something here is broken, since the start.",
        watch.faults(),
    );
}

fn of_office(office: &Office, page: &mut Exposition) -> Result<(), Failure> {
    let (amounts, letters, outcomes) = office
        .store
        .read(|facts| Ok((facts.amounts()?, facts.letters()?, facts.outcomes()?)))?;
    let held = [
        ("accounts", amounts.accounts),
        ("devices", amounts.devices),
        ("journal-lines", amounts.lines),
        ("links", amounts.links),
        ("passkeys", amounts.passkeys),
        ("sessions", amounts.sessions),
    ];
    page.each(
        MetricType::Gauge,
        ("linekey_records", "kind"),
        "What the store holds. Sessions and links that are over are swept once a day.",
        held,
    );
    let given_up = size(letters.iter().filter(|(_, Letter { given_up, .. })| *given_up).count());
    let outbox = [
        ("waiting", amounts.letters.saturating_sub(given_up)),
        ("given-up", given_up),
    ];
    page.each(
        MetricType::Gauge,
        ("linekey_outbox_letters", "state"),
        "Letters in the outbox.",
        outbox,
    );
    let tally = office.store.tally();
    page.each(
        MetricType::Counter,
        ("linekey_letters_total", "outcome"),
        "Letters since the start, by what became of them.",
        [("sent", tally.letters_sent()), ("given-up", tally.letters_given_up())],
    );
    let line = office.line.now();
    let registered = line.devices.iter().filter(|device| !device.bindings.is_empty()).count();
    let failing = line.devices.iter().filter(|device| device.failing.is_some()).count();
    page.each(
        MetricType::Gauge,
        ("linekey_line_devices", "state"),
        "Devices on the phones' line.",
        [("registered", size(registered)), ("failing", size(failing))],
    );
    let answered = line.calls.iter().filter(|known| known.answered).count();
    let ringing = line.calls.len().saturating_sub(answered);
    page.each(
        MetricType::Gauge,
        ("linekey_calls", "state"),
        "Calls now.",
        [("ringing", size(ringing)), ("answered", size(answered))],
    );
    let at = |date: Option<Date>| date.map_or(0, |date| date.0);
    page.each(
        MetricType::Gauge,
        ("linekey_backup_timestamp_seconds", "outcome"),
        "When the last backup was made by itself, and when one last failed; 0: never.",
        [
            ("made", at(outcomes.good.map(|good| good.at))),
            ("failed", at(outcomes.bad.map(|bad| bad.at))),
        ],
    );
    page.one(
        MetricType::Gauge,
        "linekey_backup_failing",
        "1 while the newest backup failed.",
        u64::from(outcomes.failing),
    );
    Ok(())
}

fn of_machine(office: &Office, page: &mut Exposition) {
    let moment = office.moment();
    let up = office.stopwatch() - office.watch.began();
    let end = office.trust.served().map_or(0, |served| served.validity.until.0);
    let log_server = office.watch.log_server();
    let (writable, known) = (office.store.writable().is_ok(), moment.known);
    let gauges = [
        (
            "linekey_certificate_end_timestamp_seconds",
            "When the certificate in use ends; 0: none is served here.",
            end,
        ),
        (
            "linekey_clock_known",
            "1 while the appliance knows the date.",
            u64::from(known),
        ),
        (
            "linekey_store_writable",
            "1 while the store can be written.",
            u64::from(writable),
        ),
        (
            "linekey_store_bytes",
            "The length of the store's file.",
            office.store.octets(),
        ),
        (
            "linekey_connections",
            "Connections that browsers and programs hold now.",
            size(office.watch.connections()),
        ),
        (
            "linekey_log_server_missing",
            "1 while the log server that is set is not reached.",
            u64::from(log_server.missing.is_some()),
        ),
        ("linekey_uptime_seconds", "Seconds since the start.", up.0),
        (
            "linekey_start_timestamp_seconds",
            "When it started; wrong while the date is not known.",
            moment.now.0.saturating_sub(up.0),
        ),
        (
            "process_resident_memory_bytes",
            "Resident memory.",
            resident().unwrap_or_default(),
        ),
    ];
    for (name, help, value) in gauges {
        page.one(MetricType::Gauge, name, help, value);
    }
    let counters = [
        (
            "linekey_commits_total",
            "Transactions that wrote something, since the start.",
            office.store.tally().commits(),
        ),
        (
            "linekey_log_lines_lost_total",
            "Lines for the log server that were not sent any more, since the start.",
            log_server.lost,
        ),
    ];
    for (name, help, value) in counters {
        page.one(MetricType::Counter, name, help, value);
    }
}

fn size(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Octets of this process in memory; `None` where the system does not tell.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string(STATUS).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes.saturating_mul(1024))
}
