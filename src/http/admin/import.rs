//! Many people at once: import with a preview, and export.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::http::account::accounts::{owners, with_phones};
use crate::http::admin::csv;
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::http::front::sentences;
use crate::office::Shared;
use crate::rules::change::Change;
use crate::rules::id::{AccountId, Username};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::letters::language::{self, Language};
use crate::rules::moment::Moment;
use crate::rules::people::account::{Account, AccountKind};
use crate::rules::people::import::{self, Row};
use crate::rules::people::roster::{self, Headcount};
use crate::rules::refusal::Refusal;
use crate::rules::table::Table;
use crate::rules::verdict::Verdict;
use crate::store::{Facts, Fault};

#[derive(Deserialize)]
struct Import {
    csv: String,
    /// Add the good lines; otherwise nothing is changed.
    #[serde(default)]
    commit: bool,
    /// Send each of them a letter with their link.
    #[serde(default)]
    invite: bool,
}

#[derive(Serialize)]
struct Imported {
    lines: Vec<PersonRowJson>,
    /// Headings of the columns that are not read.
    passed_over: Vec<String>,
    /// How many lines above the headings are not read.
    above: usize,
    good: usize,
    faulty: usize,
    added: usize,
    /// To how many of these a letter is on its way.
    mailed: usize,
    /// How many should have got one, and did not: without an address, without a mail server, or with a full outbox.
    unmailed: usize,
}

#[derive(Serialize)]
struct PersonRowJson {
    line: usize,
    extension: String,
    name: String,
    email: String,
    problem: Option<String>,
}

/// Looks at every line, and with `commit` adds the good ones, all in one turn.
pub async fn import(call: Call) -> Answer {
    let said: Import = call.message()?;
    let table = import::table(csv::lines(&said.csv)?.into_iter().map(|line| (line.number, line.cells)))?;
    let (here, language) = (call.office().clone(), call.speaks()?);
    let office = call.office();
    if said.commit {
        let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
            judged(&here, facts, table, said.invite, language, moment)
        });
        return Ok(reply::json(&turn.await??));
    }
    // Who only looks keeps nobody from writing.
    let judged = smol::unblock(move || {
        let store = here.store.clone();
        store.read(|facts| judged(&here, facts, table.clone(), false, language, &mut here.moment()))
    });
    let looked = judged.await?.answer?;
    Ok(reply::json(&Imported { added: 0, ..looked }))
}

/// `language`: in which they read their letters.
fn judged(
    office: &Shared,
    facts: &Facts<'_>,
    table: Table<Row>,
    invite: bool,
    language: Option<Language>,
    moment: &mut Moment,
) -> Result<Verdict<Imported>, Fault> {
    let settings = facts.settings()?;
    let writer = office.letter_writer(facts)?.filter(|_| invite);
    let mut count = Headcount {
        accounts: facts.accounts()?,
        administrators: 0,
    };
    let mut next = facts.next_account()?;
    let mut taken: BTreeMap<String, AccountId> = BTreeMap::new();
    let (mut lines, mut changes, mut added, mut mailed) = (Vec::new(), Vec::new(), 0, 0);
    let doubtful = import::with_and_without_zeros(&table.rows);
    for row in table.rows {
        let mut problem: Option<Refusal> = None;
        match row.card() {
            Err(invalid) => problem = Some(invalid.into()),
            Ok(card) => {
                let known = owners(facts, &card)?;
                let owner = |name: &Username| known.get(name).or_else(|| taken.get(name.as_str()).copied());
                match roster::add(card, owner, count, next, &settings, moment) {
                    Err(Refusal::NoDate) => return Ok(Verdict::no(Refusal::NoDate)),
                    Err(refusal) => problem = Some(refusal),
                    Ok((one, _)) if doubtful.contains(one.account.username()) || is_doubtful(facts, &one.account)? => {
                        problem = Some(Invalid::new(Field::Extension, Why::ZerosInFront).into());
                    }
                    Ok((one, made)) => {
                        taken.extend(one.account.usernames().map(|name| (name.as_str().to_owned(), next)));
                        (count.accounts, next, added) = (count.accounts + 1, AccountId(next.0 + 1), added + 1);
                        let letter = writer
                            .as_ref()
                            .and_then(|it| it.invite(&one.account, &one.token, one.invite.until, moment));
                        mailed += usize::from(letter.is_some());
                        // Without a letter nobody would ever see the link: it is made when somebody hands it over.
                        let wanted = |change: &Change| letter.is_some() || !change.is_link();
                        changes.extend(made.into_iter().filter(wanted));
                        changes.extend(letter);
                        changes.extend(language::learn(one.account.id, None, language));
                    }
                }
            }
        }
        lines.push(PersonRowJson {
            line: row.line,
            extension: row.extension,
            name: row.name,
            email: row.email,
            problem: problem.map(|refusal| sentences::refused(&refusal)),
        });
    }
    let faulty = lines.iter().filter(|line| line.problem.is_some()).count();
    let imported = Imported {
        passed_over: table.passed_over,
        above: table.above,
        good: lines.len() - faulty,
        faulty,
        added,
        mailed,
        unmailed: if invite { added - mailed } else { 0 },
        lines,
    };
    Ok(with_phones(facts, Ok((imported, changes)), moment.now)?.into())
}

/// Whether the office has an extension that differs by zeros in front alone: a spreadsheet may have dropped them.
fn is_doubtful(facts: &Facts<'_>, account: &Account) -> Result<bool, Fault> {
    let AccountKind::Person(extension) = &account.kind else {
        return Ok(false);
    };
    for other in import::by_zeros(extension) {
        if facts.owner_of(&Username::from(&other))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Everybody as CSV: number, name, e-mail; the form that the import reads.
pub async fn export(call: Call) -> Answer {
    let people = call.office().store.read(|facts| facts.people_after(None, usize::MAX))?;
    let rows = people.into_iter().map(|listed| {
        let email = listed
            .account
            .email
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        [
            listed.account.username().to_owned(),
            listed.account.name.to_string(),
            email,
        ]
    });
    let form = csv::Form::for_reader(call.asked_languages());
    csv::file("people.csv", form, ["extension", "name", "email"], rows)
}
