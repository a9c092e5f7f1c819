//! The date as the appliance knows it, and what an administrator does about it.

use serde::{Deserialize, Serialize};

use crate::http::front::call::Call;
use crate::http::front::etag::{self, IfMatch};
use crate::http::front::reply::{self, Answer, Failure};
use crate::office::dates::brought_back;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::office::date::{self, SLACK};
use crate::rules::office::time_servers::TimeServers;
use crate::rules::refusal::Refusal;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;

#[derive(Serialize)]
struct ClockJson {
    /// Seconds since 1970; while the date is not known, the newest that was.
    date: u64,
    known: bool,
    /// What the machine's own clock says, right or wrong.
    machine: u64,
    /// A date that a time server said and that nobody believes by itself.
    doubted: Option<u64>,
    time_servers: Vec<String>,
    /// Those of the start-up flags, which are asked instead.
    time_servers_by_flag: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Changed {
    time_servers: String,
}

#[derive(Deserialize)]
struct DateJson {
    date: u64,
}

#[derive(Serialize)]
struct Consequences {
    sessions: usize,
    links: usize,
    lines: usize,
    authority: bool,
}

/// What the appliance knows of the date.
pub async fn show(call: Call) -> Answer {
    let office = call.office();
    let reading = (office.world.clock)();
    let servers = office.store.read(|facts| facts.time_servers())?;
    let by_flag = office.world.dates.servers_by_flag();
    let shown = reply::json(&ClockJson {
        date: reading.date.0,
        known: reading.known,
        machine: office.world.dates.machine().0,
        doubted: office.world.dates.doubted().map(|date| date.0),
        time_servers: servers.names().to_vec(),
        time_servers_by_flag: by_flag.map(|servers| servers.names().to_vec()),
    });
    Ok(etag::tagged(shown, etag::of_record(&servers)))
}

/// Sets whom boards without a clock of their own ask.
pub async fn change(call: Call) -> Answer {
    let said: Changed = call.message()?;
    let wanted = TimeServers::parse(&said.time_servers).map_err(Refusal::from)?;
    let (office, seen) = (call.office(), IfMatch::of(&call.request));
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        let before = facts.time_servers()?;
        if let Err(stale) = seen.holds_of(&before) {
            return Ok(Verdict::no(stale));
        }
        Ok(date::asks(&before, wanted))
    });
    turn.await??;
    show(call).await
}

/// An administrator says that this is the date. It is the date from then on, and nothing goes behind it.
pub async fn confirm(call: Call) -> Answer {
    let DateJson { date } = call.message()?;
    let office = call.office();
    let (moment, told) = office.moment_told(Some(Date(date)));
    if let Some(date) = told {
        let turn = office
            .store
            .turn(call.actor(), moment, move |_, _| Ok(date::confirmed(date)));
        turn.await??;
        office.world.dates.confirm(date);
        return show(call).await;
    }
    // Where it is known already there is nothing to say but what differs from it.
    let now = office.now();
    if moment.known && Date(date) + SLACK >= now && now + SLACK >= Date(date) {
        return show(call).await;
    }
    Err(not_the_date())
}

/// What bringing the date back would do.
pub async fn consequences(call: Call) -> Answer {
    let DateJson { date } = call.query()?;
    let date = behind(&call, date)?;
    let (expected, _) = call.office().store.read(|facts| brought_back(facts, date))?;
    Ok(reply::json(&Consequences {
        sessions: expected.sessions,
        links: expected.links,
        lines: expected.lines,
        authority: expected.authority,
    }))
}

/// Brings it back: the appliance begins anew with that date, in a moment.
pub async fn bring_back(call: Call) -> Answer {
    let DateJson { date } = call.message()?;
    let date = behind(&call, date)?;
    call.office().world.dates.bring_back(date);
    Ok(reply::done())
}

/// A date that what is known is ahead of.
fn behind(call: &Call, date: u64) -> Result<Date, Failure> {
    let (date, newest) = (Date(date), call.office().now());
    let can = call.office().world.dates.can_bring_back(date);
    if can && date + SLACK < newest && date >= date::EARLIEST {
        Ok(date)
    } else {
        Err(not_the_date())
    }
}

fn not_the_date() -> Failure {
    Refusal::from(Invalid::new(Field::Date, Why::NotTheDate)).into()
}
