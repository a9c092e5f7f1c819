//! The one-time password at start: from the flags, or made here when nobody could get in.

use std::path::Path;

use zeroize::Zeroizing;

use super::cannot_start::CannotStart;
use super::flags::Source;
use crate::net::file;
use crate::office::{Office, administrators, log};
use crate::rules::id::AdminName;
use crate::rules::office::journal::Actor;
use crate::rules::office::upkeep;
use crate::rules::people::one_time::{self, Marks, Slot};
use crate::rules::secret;
use crate::rules::text::{trimmed, visible};
use crate::rules::verdict::Verdict;

/// What waits at the door.
pub(super) enum Armed {
    /// Nothing: there are administrators, and no password was given.
    Nothing,
    /// The flags' password, which never signed anybody in.
    Flags(AdminName),
    /// The flags' password, which did before, and signs nobody in.
    Spent,
    /// The flags' password, which did before; nobody can administer the appliance all the same.
    FlagsAgain(AdminName),
    /// One that was made here, for the console to show.
    Made(MadePassword),
}

/// What the console shows.
pub(super) struct MadePassword {
    pub(super) username: AdminName,
    pub(super) password: Zeroizing<String>,
}

/// Where a serial number may be found: device trees first (ARM boards), then DMI (PCs).
const SERIALS: &[&str] = &["/proc/device-tree/serial-number", "/sys/class/dmi/id/product_serial"];
const MACHINE_ID: &str = "/etc/machine-id";
const DMI_UUID: &str = "/sys/class/dmi/id/product_uuid";
/// Bytes of a file with a secret: a password, and whatever notes its owner made below it.
const SECRET_FILE: usize = 64 * 1024;

/// Reads a one-time password from where the flags say.
pub(super) fn read(source: &Source) -> Result<Zeroizing<String>, CannotStart> {
    match source {
        Source::Given(text) if visible(text).is_empty() => Err("--admin-password is empty".into()),
        Source::Given(text) => Ok(Zeroizing::new(text.clone())),
        Source::File(path) => first_line(path)
            .map_err(|why| format!("the one-time password cannot be read from {}: {why}", path.display()).into()),
        Source::MachineId => of_machine("machine-id", &[MACHINE_ID]),
        Source::Serial => of_machine("serial number", SERIALS),
        Source::DmiUuid => of_machine("DMI UUID", &[DMI_UUID]),
    }
}

/// The one that the board's file names, for `admin`. One that cannot be read is told of, and another is made.
pub(super) fn of_board(source: Option<&str>) -> Option<(AdminName, Zeroizing<String>)> {
    let password = read(&Source::from(source?))
        .map_err(|CannotStart(why)| log::warning(&why))
        .ok()?;
    Some((AdminName::parse("admin").ok()?, password))
}

/// The first of these files that says something.
fn of_machine(what: &str, paths: &[&str]) -> Result<Zeroizing<String>, CannotStart> {
    let mut reasons = Vec::new();
    for path in paths {
        match first_line(Path::new(path)) {
            Ok(line) => return Ok(line),
            Err(why) => reasons.push(format!("{path}: {why}")),
        }
    }
    let reasons = reasons.join("; ");
    Err(format!("this machine has no readable {what} to take a one-time password from ({reasons})").into())
}

/// Remembers since when the appliance has had its name: passkeys of an earlier one are no way in.
pub(super) fn note_name(office: &Office) -> Result<(), CannotStart> {
    let turn = office
        .store
        .turn_now(Actor::APPLIANCE, office.moment(), |facts, moment| {
            let (name, before) = (&office.site.name, facts.named()?);
            let newest = match &before {
                Some(named) if named.name != *name => facts.newest_passkey()?,
                _ => None,
            };
            Ok(upkeep::named(name, before, facts.earlier_names()?, newest, moment.now))
        })?;
    turn.map_err(|_| "the name could not be noted".into())
}

/// Arms the password from the flags; without flags, makes one if no administrator has any way in.
pub(super) fn arm(office: &Office, from_flags: Option<(AdminName, Zeroizing<String>)>) -> Result<Armed, CannotStart> {
    let nobody = office
        .store
        .read(|facts| Ok(administrators(facts)?.iter().all(|one| one.ways_in() == 0)))?;
    match from_flags {
        Some((username, password)) => arm_flags(office, username, &password, nobody),
        None if nobody => make(office).map(Armed::Made),
        None => Ok(Armed::Nothing),
    }
}

fn arm_flags(office: &Office, username: AdminName, password: &str, nobody: bool) -> Result<Armed, CannotStart> {
    let marks = Marks::of(&office.key, &username, password);
    let turn = office
        .store
        .turn_now(Actor::APPLIANCE, office.moment(), move |facts, moment| {
            let known = facts.one_time(Slot::Flags)?;
            let same = known
                .as_ref()
                .filter(|known| marks.are_of(known) && known.username == username);
            let armed = match same {
                Some(known) if known.spent && nobody => Armed::FlagsAgain(username.clone()),
                Some(known) if known.spent => Armed::Spent,
                _ => Armed::Flags(username.clone()),
            };
            let change = if nobody {
                one_time::arm_again(known.as_ref(), username, marks, moment.now)
            } else {
                one_time::arm(Slot::Flags, known.as_ref(), username, marks, moment.now)
            };
            Ok(Verdict::yes(armed, change.into_iter().collect()))
        });
    turn?.map_err(|_| NOT_NOTED.into())
}

/// Makes a password for the administrator there is, or the first one to be.
fn make(office: &Office) -> Result<MadePassword, CannotStart> {
    let known = office
        .store
        .read(|facts| Ok(facts.administrators()?.into_iter().next()))?;
    let username = known.map_or_else(|| "admin".to_owned(), |account| account.username().to_owned());
    let username = AdminName::parse(&username).map_err(|_| "the administrator's name in the store cannot be used")?;
    let password = secret::one_time_password(&mut office.moment().fresh);
    let marks = Marks::of(&office.key, &username, &password);
    let shown = MadePassword { username, password };
    let username = shown.username.clone();
    let turn = office
        .store
        .turn_now(Actor::APPLIANCE, office.moment(), move |facts, moment| {
            let known = facts.one_time(Slot::Console)?;
            let change = one_time::arm(Slot::Console, known.as_ref(), username, marks, moment.now);
            Ok(Verdict::yes((), change.into_iter().collect()))
        });
    turn?.map_err(|_| NOT_NOTED)?;
    Ok(shown)
}

const NOT_NOTED: &str = "the one-time password could not be noted";

/// The first line that is not blank, in whatever form an editor saved the file and with the line ends of any system; or
/// why there is none. What nobody sees at its ends is no part of it, and alone is blank.
pub(super) fn first_line(path: &Path) -> Result<Zeroizing<String>, String> {
    let first = lines(path)?.into_iter().next();
    first.ok_or_else(|| "it is empty".to_owned())
}

/// All lines that are not blank, without what is blank around them.
pub(super) fn lines(path: &Path) -> Result<Vec<Zeroizing<String>>, String> {
    let bytes = file::read(path, SECRET_FILE).map_err(|unread| unread.to_string())?;
    let text = file::text(&bytes).ok_or("it is no text in UTF-8 or UTF-16")?;
    let lines = text.split(['\n', '\r', '\u{2028}', '\u{2029}']).map(trimmed);
    let lines = lines.filter(|line| !line.is_empty());
    Ok(lines.map(|line| Zeroizing::new(line.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_may_name_where_its_first_password_comes_from() {
        let file = std::env::temp_dir().join(format!("linekey-label-{}", std::process::id()));
        std::fs::write(&file, "\n  LK-2031-77af  \n").unwrap();
        let (username, password) = of_board(file.to_str()).unwrap();
        assert_eq!((username.as_str(), password.as_str()), ("admin", "LK-2031-77af"));
        std::fs::remove_file(&file).unwrap();
        assert!(of_board(file.to_str()).is_none() && of_board(None).is_none());
    }

    #[test]
    fn the_first_line_is_found_behind_every_line_end_and_what_nobody_sees_is_none() {
        let file = std::env::temp_dir().join(format!("linekey-lines-{}", std::process::id()));
        let read_of = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            first_line(&file).map(|line| line.to_string())
        };
        for bytes in [
            b"LK 2031\rnotes\rmore".as_slice(),
            b"\r\rLK 2031\r\nnotes",
            b"\xe2\x80\x8b\n\xef\xbb\xbfLK 2031\xe2\x80\x8b\nnotes",
            b"L\0K\0 \x002\x000\x003\x001\0\r\0\n\0",
            b"LK 2031\0",
        ] {
            assert_eq!(read_of(bytes).as_deref(), Ok("LK 2031"), "{bytes:?}");
        }
        assert_eq!(read_of("\u{200b}\n\u{2060} ".as_bytes()), Err("it is empty".to_owned()));
        assert!(read(&Source::Given("\u{200b} ".to_owned())).is_err());
        std::fs::remove_file(&file).unwrap();
    }
}
