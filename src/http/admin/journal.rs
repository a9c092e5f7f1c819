//! The journal, for administrators: pages of it, a live tail, and the whole of it as a file.

use serde::{Deserialize, Serialize};

use crate::http::admin::csv;
use crate::http::admin::found::{Parts, Wanted};
use crate::http::admin::line::LineJson;
use crate::http::admin::tail::Tail;
use crate::http::edge::message::{Body, Response, StatusCode};
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::rules::limits;
use crate::rules::office::journal::JournalLine;
use crate::rules::time::Date;
use crate::store::Fault;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JournalQuery {
    before: Option<u64>,
    limit: Option<usize>,
    /// What the event's code begins with.
    event: Option<String>,
    /// Words that must all be somewhere in the line, as the page shows it or in its codes.
    text: Option<String>,
    /// How many minutes the reader's clock is ahead of UTC: dates are found as they are shown.
    minutes_east: Option<i32>,
}

#[derive(Serialize)]
struct Page {
    lines: Vec<LineJson>,
    next: Option<u64>,
}

impl JournalQuery {
    /// What looks for it.
    fn filter(self) -> Filter {
        Filter {
            event: self.event.unwrap_or_default(),
            wanted: Wanted::from_typed(self.text.as_deref().unwrap_or_default()),
            east: self.minutes_east.unwrap_or(0).clamp(-DAY_MINUTES, DAY_MINUTES),
        }
    }
}

const DAY_MINUTES: i32 = 24 * 60;

struct Filter {
    event: String,
    wanted: Wanted,
    east: i32,
}

impl Filter {
    fn fits(&self, line: &Parts<'_>) -> bool {
        line.event.starts_with(&self.event) && self.wanted.is_in(line, self.east)
    }

    fn fits_line(&self, line: &JournalLine) -> bool {
        self.fits(&Parts {
            at: line.at,
            who: &line.who,
            event: &line.event,
            about: &line.about,
            address: &line.address.map(|address| address.to_string()).unwrap_or_default(),
        })
    }

    fn fits_shown(&self, line: &LineJson) -> bool {
        self.fits(&Parts {
            at: Date(line.at),
            who: &line.who,
            event: &line.event,
            about: &line.about,
            address: line.address.as_deref().unwrap_or_default(),
        })
    }
}

/// A page of lines that fit, newest first. Refused sign-ins stand among them by their time.
pub async fn list(call: Call) -> Answer {
    let asked: JournalQuery = call.query()?;
    let office = call.office();
    let (limit, before) = (limits::page_rows(asked.limit), asked.before);
    let filter = asked.filter();
    let (found, newer) = office.store.read(|facts| {
        let newer = match before {
            Some(before) => facts.journal(before.checked_add(1), 1, |_| true)?.pop(),
            None => None,
        };
        Ok((facts.journal(before, limit + 1, |line| filter.fits_line(line))?, newer))
    })?;
    let more = found.len() > limit;
    let mut lines: Vec<LineJson> = found.into_iter().take(limit).map(LineJson::from).collect();
    let next = lines.last().and_then(|line| line.id).filter(|_| more);
    // Of the refused ones, those between the page before and the next.
    let from = if more {
        lines.last().map_or(0, |line| line.at)
    } else {
        0
    };
    let until = newer.map_or(Date(u64::MAX), |(_, line)| line.at);
    let refused = office.desk.refused();
    let between = refused.newest_first().filter(|one| one.at.0 >= from && one.at < until);
    let shown = between.map(LineJson::from).filter(|line| filter.fits_shown(line));
    lines.extend(shown);
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    Ok(reply::json(&Page { lines, next }))
}

/// New lines as they come (server-sent events), for as long as whoever asks may see them.
pub async fn live(call: Call) -> Answer {
    let tail = Tail::of(&call)?;
    let mut response = Response::new(StatusCode::OK);
    response.body = Body::live(tail);
    response.set_field("content-type", "text/event-stream");
    // Else nginx keeps the lines until the stream ends.
    response.set_field("x-accel-buffering", "no");
    Ok(response)
}

/// The whole journal as CSV (RFC 4180), newest first.
pub async fn csv(call: Call) -> Answer {
    let lines = everything(&call)?;
    let rows = lines.iter().map(|line| {
        let address = line.address.as_deref().unwrap_or_default();
        [&Date(line.at).iso(), &line.who, address, &line.event, &line.about].map(ToOwned::to_owned)
    });
    let form = csv::Form::for_reader(call.asked_languages());
    csv::file("journal.csv", form, ["time", "who", "address", "event", "about"], rows)
}

/// The whole journal as JSON, newest first.
pub async fn json(call: Call) -> Answer {
    let lines = everything(&call)?;
    let mut response = reply::json(&Page { lines, next: None });
    response.set_field("content-disposition", "attachment; filename=\"journal.json\"");
    Ok(response)
}

fn everything(call: &Call) -> Result<Vec<LineJson>, Fault> {
    let lines = call
        .office()
        .store
        .read(|facts| facts.journal(None, usize::MAX, |_| true))?;
    let refused = call.office().desk.refused();
    let mut lines: Vec<LineJson> = lines.into_iter().map(LineJson::from).collect();
    lines.extend(refused.newest_first().map(LineJson::from));
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    Ok(lines)
}
