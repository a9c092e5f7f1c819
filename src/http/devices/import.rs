//! Many phones at once: a table of MAC addresses, extensions and models, with a preview.

use serde::{Deserialize, Serialize};

use super::change::owner;
use crate::http::admin::csv;
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::http::front::sentences;
use crate::rules::change::Change;
use crate::rules::moment::Moment;
use crate::rules::phones::device::{Device, DeviceId};
use crate::rules::phones::import::{self, Row};
use crate::rules::phones::roster;
use crate::rules::refusal::Refusal;
use crate::rules::secret::SealKey;
use crate::rules::table::Table;
use crate::rules::verdict::Verdict;
use crate::store::{Facts, Fault};

#[derive(Deserialize)]
struct Import {
    csv: String,
    /// Add the good lines; otherwise nothing is changed.
    #[serde(default)]
    commit: bool,
}

#[derive(Serialize)]
struct Imported {
    lines: Vec<PhoneRowJson>,
    /// Headings of the columns that are not read.
    passed_over: Vec<String>,
    /// How many lines above the headings are not read.
    above: usize,
    good: usize,
    faulty: usize,
    added: usize,
}

#[derive(Serialize)]
struct PhoneRowJson {
    line: usize,
    mac: String,
    extension: String,
    model: String,
    make: String,
    problem: Option<String>,
}

/// Looks at every line, and with `commit` adds the good ones, all in one turn.
pub async fn import(call: Call) -> Answer {
    let said: Import = call.message()?;
    let table = import::table(csv::lines(&said.csv)?.into_iter().map(|line| (line.number, line.cells)))?;
    let (office, here, key) = (call.office(), call.office().clone(), call.office().key.clone());
    if said.commit {
        let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
            judged(facts, table, &key, moment)
        });
        return Ok(reply::json(&turn.await??));
    }
    // Who only looks keeps nobody from writing.
    let judged = smol::unblock(move || {
        let store = here.store.clone();
        store.read(|facts| judged(facts, table.clone(), &key, &mut here.moment()))
    });
    let looked = judged.await?.answer?;
    Ok(reply::json(&Imported { added: 0, ..looked }))
}

fn judged(
    facts: &Facts<'_>,
    table: Table<Row>,
    key: &SealKey,
    moment: &mut Moment,
) -> Result<Verdict<Imported>, Fault> {
    let mut devices = facts.devices()?;
    let DeviceId(mut next) = facts.next_device()?;
    let (mut lines, mut changes, mut added): (Vec<PhoneRowJson>, Vec<Change>, usize) = (Vec::new(), Vec::new(), 0);
    for row in table.rows {
        let problem = match one(facts, &row, DeviceId(next), &devices, key, moment)? {
            Ok((device, made)) => {
                devices.push(device);
                changes.extend(made);
                (next, added) = (next.saturating_add(1), added.saturating_add(1));
                None
            }
            Err(Refusal::NoDate) => return Ok(Verdict::no(Refusal::NoDate)),
            Err(refusal) => Some(sentences::refused(&refusal)),
        };
        lines.push(PhoneRowJson {
            line: row.line,
            mac: row.mac,
            extension: row.extension,
            model: row.model,
            make: row.make,
            problem,
        });
    }
    let imported = Imported {
        passed_over: table.passed_over,
        above: table.above,
        good: added,
        faulty: lines.len().saturating_sub(added),
        added,
        lines,
    };
    Ok(Verdict::yes(imported, changes))
}

/// The phone of one line, among those that are there and those of the lines before.
fn one(
    facts: &Facts<'_>,
    row: &Row,
    id: DeviceId,
    devices: &[Device],
    key: &SealKey,
    moment: &mut Moment,
) -> Result<Result<(Device, Vec<Change>), Refusal>, Fault> {
    let extension = match row.extension() {
        Ok(extension) => extension,
        Err(invalid) => return Ok(Err(invalid.into())),
    };
    let owner = match owner(facts, Some(extension))? {
        Ok(Some(owner)) => owner,
        Ok(None) => return Ok(Err(Refusal::NotFound)),
        Err(invalid) => return Ok(Err(invalid.into())),
    };
    let asked = match row.asked(owner) {
        Ok(asked) => asked,
        Err(invalid) => return Ok(Err(invalid.into())),
    };
    let added = roster::add(id, asked, devices, key, moment);
    Ok(added.map(|(issued, made)| (issued.device, made.into_iter().map(Into::into).collect())))
}
