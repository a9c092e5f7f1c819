//! The office's settings.

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::office::Office;
use super::reply::{self, Answer, Failure};

#[derive(Deserialize)]
struct Changed {
    session_hours: Option<u64>,
    name: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    session_hours: u64,
    /// The name that the next start uses.
    name: String,
    /// The name that passkeys are bound to now.
    name_in_use: String,
    name_fixed_by_flag: bool,
    passkeys_bound: u64,
}

/// The settings as they are.
pub async fn show(call: Call) -> Answer {
    shown(call.office())
}

/// Changes some of them. A new name is used from the next start on, so that nobody who is signed in now falls out.
pub async fn change(mut call: Call) -> Answer {
    let said: Changed = call.message().await?;
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        Ok(facts
            .settings()?
            .changed(said.session_hours, said.name.as_deref())
            .into())
    });
    turn.await??;
    shown(office)
}

fn shown(office: &Office) -> Answer {
    let (settings, passkeys_bound) = office
        .store
        .read(|facts| Ok((facts.settings()?, facts.passkeys()?)))
        .map_err(Failure::from)?;
    let name_in_use = office.site.name.to_string();
    let next = settings
        .name
        .map_or_else(|| "localhost".to_owned(), |name| name.to_string());
    let name = if office.site.name_fixed_by_flag {
        name_in_use.clone()
    } else {
        next
    };
    Ok(reply::json(&Shown {
        session_hours: settings.session_hours,
        name,
        name_in_use,
        name_fixed_by_flag: office.site.name_fixed_by_flag,
        passkeys_bound,
    }))
}
