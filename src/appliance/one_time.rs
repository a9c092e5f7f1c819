//! The one-time password at start: from the flags, or made here when nobody could get in.

use std::fs;
use std::path::Path;

use zeroize::Zeroizing;

use super::CannotStart;
use super::flags::Source;
use crate::office::{Office, administrators};
use crate::rules::id::AdminName;
use crate::rules::office::journal::Actor;
use crate::rules::office::upkeep;
use crate::rules::people::one_time::{self, Slot};
use crate::rules::secret;
use crate::rules::verdict::Verdict;

/// What the console shows.
pub(super) struct Shown {
    pub(super) username: AdminName,
    pub(super) password: Zeroizing<String>,
}

/// Where a serial number may be found: device trees first (ARM boards), then DMI (PCs).
const SERIALS: &[&str] = &["/proc/device-tree/serial-number", "/sys/class/dmi/id/product_serial"];

/// Reads a one-time password from where the flags say.
pub(super) fn read(source: &Source) -> Result<Zeroizing<String>, CannotStart> {
    let text = match source {
        Source::Given(text) => Some(Zeroizing::new(text.clone())),
        Source::File(path) => first_line(path),
        Source::MachineId => first_line(Path::new("/etc/machine-id")),
        Source::Serial => SERIALS.iter().find_map(|path| first_line(Path::new(path))),
        Source::DmiUuid => first_line(Path::new("/sys/class/dmi/id/product_uuid")),
    };
    let found = text.filter(|text| !text.is_empty());
    found.ok_or_else(|| match source {
        Source::Given(_) => "--admin-password is empty".into(),
        Source::File(path) => format!("the one-time password cannot be read from {}", path.display()).into(),
        Source::MachineId => "this machine has no /etc/machine-id to take a one-time password from".into(),
        Source::Serial => "this machine has no readable serial number to take a one-time password from".into(),
        Source::DmiUuid => "this machine has no readable DMI UUID to take a one-time password from".into(),
    })
}

/// Remembers since when the appliance has had its name: passkeys of an earlier one are no way in.
pub(super) fn note_name(office: &Office) -> Result<(), CannotStart> {
    let turn = office
        .store
        .turn_now(Actor::APPLIANCE, office.moment(), |facts, moment| {
            Ok(upkeep::named(&office.site.name, facts.named()?.as_ref(), moment.now))
        })?;
    turn.map_err(|_| "the name could not be noted".into())
}

/// Arms the password from the flags; without flags, makes one if no administrator has any way in. Answers with what the
/// console should show, which is only what was made here.
pub(super) fn arm(
    office: &Office,
    from_flags: Option<(AdminName, Zeroizing<String>)>,
) -> Result<Option<Shown>, CannotStart> {
    let (slot, shown) = match from_flags {
        Some((username, password)) => (Slot::Flags, Shown { username, password }),
        None if office
            .store
            .read(|facts| Ok(administrators(facts)?.iter().any(|one| one.ways_in() > 0)))? =>
        {
            return Ok(None);
        }
        None => {
            let username = office
                .store
                .read(|facts| Ok(facts.administrators()?.into_iter().next()))?;
            let username = username.map_or_else(|| "admin".to_owned(), |account| account.username().to_owned());
            let username =
                AdminName::parse(&username).map_err(|_| "the administrator's name in the store cannot be used")?;
            (
                Slot::Console,
                Shown {
                    username,
                    password: secret::one_time_password(&mut office.moment().fresh),
                },
            )
        }
    };
    let mark = one_time::mark(&office.key, &shown.username, &shown.password);
    let username = shown.username.clone();
    let armed = office
        .store
        .turn_now(Actor::APPLIANCE, office.moment(), move |facts, moment| {
            let known = facts.one_time(slot)?;
            let change = one_time::arm(slot, known.as_ref(), username, mark, moment.now);
            Ok(Verdict::yes((), change.into_iter().collect()))
        })?;
    armed.map_err(|_| "the one-time password could not be noted")?;
    Ok((slot == Slot::Console).then_some(shown))
}

fn first_line(path: &Path) -> Option<Zeroizing<String>> {
    let text = Zeroizing::new(fs::read_to_string(path).ok()?);
    let line = text
        .lines()
        .next()?
        .trim_matches(|c: char| c.is_whitespace() || c == '\0');
    Some(Zeroizing::new(line.to_owned()))
}
