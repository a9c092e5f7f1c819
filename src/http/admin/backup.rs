//! A backup to keep elsewhere: the whole office as one encrypted file.

use std::pin::Pin;
use std::task::{Context, Poll};

use serde::Deserialize;
use smol::Unblock;
use smol::io::{self, AsyncRead};
use smol::lock::SemaphoreGuardArc;
use zeroize::Zeroizing;

use crate::http::edge::message::{Body, Response, StatusCode};
use crate::http::front::call::Call;
use crate::http::front::reply::Answer;
use crate::office::backup::{Backup, Locked};
use crate::rules::office::backup::{CHUNK, Passphrase, taken};
use crate::rules::refusal::Refusal;
use crate::store::Fault;

#[derive(Deserialize)]
struct Wanted {
    passphrase: String,
}

/// Takes a backup of this moment and sends it as it is sealed. One at a time.
pub async fn take(call: Call) -> Answer {
    let wanted: Wanted = call.message()?;
    let typed = Zeroizing::new(wanted.passphrase);
    let passphrase = Passphrase::chosen(&typed).map_err(Refusal::from)?;
    let office = call.office().clone();
    let place = office.backing_up.try_acquire_arc().ok_or(Refusal::Busy {
        until: office.stopwatch(),
    })?;
    let (store, key) = (office.store.clone(), office.key.clone());
    let mut moment = office.moment();
    let (salt, file, now) = (moment.fresh.bytes(), moment.fresh.bytes(), moment.now);
    // The passphrase's hash is as slow as a password's.
    let backup = office.passwords.at_a_place(move || {
        let locked = Locked::by(&passphrase, salt).ok_or(Fault::Memory("make the key of a backup"))?;
        Backup::take(&store, &key, &locked, file, now)
    });
    let backup = backup.await?;
    let name = format!("linekey-{}.backup", day(&moment.now.iso()));
    office.store.turn(call.actor(), moment, |_, _| Ok(taken())).await??;
    let length = usize::try_from(backup.length()).map_err(|_| Fault::Memory("send a backup"))?;
    let mut response = Response::new(StatusCode::OK);
    response.body = Body::Reader {
        reader: Box::pin(Download {
            backup: Unblock::with_capacity(CHUNK, backup),
            _place: place,
        }),
        length: Some(length),
    };
    response.set_field("content-type", "application/octet-stream");
    response.set_field("content-disposition", format!("attachment; filename=\"{name}\""));
    Ok(response)
}

/// The day of a time as ISO 8601 writes it.
fn day(iso: &str) -> &str {
    iso.split('T').next().unwrap_or(iso)
}

/// Reads the disk on the blocking pool, as fast as whoever downloads takes it. Holds the one place until it is gone.
struct Download {
    backup: Unblock<Backup>,
    _place: SemaphoreGuardArc,
}

impl AsyncRead for Download {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().backup).poll_read(context, into)
    }
}
