//! The passphrase of a backup that is made or opened at the start.

use std::io::{self, IsTerminal};
use std::path::Path;

use zeroize::Zeroizing;

use crate::appliance::cannot_start::CannotStart;
use crate::appliance::{one_time, terminal};

/// The passphrase: of a file's first line, or typed on a terminal; a new one twice.
pub(in crate::appliance) fn secret(file: Option<&Path>, new: bool) -> Result<Zeroizing<String>, CannotStart> {
    if let Some(path) = file {
        return one_time::first_line(path)
            .map_err(|why| format!("the passphrase cannot be read from {}: {why}", path.display()).into());
    }
    if !io::stdin().is_terminal() {
        return Err(
            "say where the passphrase is with --backup-passphrase-file FILE; it can be typed only on a terminal".into(),
        );
    }
    let typed = terminal::hidden("Passphrase of the backup: ")?;
    if new && *typed != *terminal::hidden("The same once more: ")? {
        return Err("the two passphrases differ; nothing was written".into());
    }
    Ok(typed)
}
