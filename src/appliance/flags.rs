//! The start-up flags, each also as an environment variable: `--tls-cert` is `LINEKEY_TLS_CERT`.

mod table;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use lexopt::Arg;
use table::{FLAGS, SWITCHES};
pub(super) use table::{help, takes_value};

use super::board::Clock;
use super::cannot_start::CannotStart;
use super::date::clock;
use super::identity::site::Front;
use crate::http::front::sentences;
use crate::rules::id::{AdminName, HostName};
use crate::rules::invalid::{Invalid, Why, WrongName};
use crate::rules::office::date::LATEST;
use crate::rules::office::time_servers::{NOBODY, TimeServers};
use crate::rules::people::access;
use crate::rules::text::{self, trimmed, visible};
use crate::rules::time::Date;

/// What the command line asks for.
pub(super) enum Wish {
    /// The list of flags.
    Help,
    /// The version.
    Version,
    /// The appliance.
    Run(Box<Flags>),
}

/// The flags, parsed.
pub(super) struct Flags {
    pub(super) data: Option<PathBuf>,
    pub(super) name: Option<HostName>,
    pub(super) front: Option<Front>,
    pub(super) http: Option<Listen>,
    pub(super) https: Option<Listen>,
    pub(super) sip: Option<Listen>,
    pub(super) sips: Option<Listen>,
    pub(super) certificate: Option<(PathBuf, PathBuf)>,
    pub(super) one_time: Option<(AdminName, Source)>,
    pub(super) proxies: Vec<IpNet>,
    pub(super) errand: Option<Errand>,
    pub(super) passphrase: Option<PathBuf>,
    pub(super) standby: Option<Standby>,
    pub(super) reset: Option<Reset>,
    pub(super) yes: bool,
    pub(super) no_time_server: bool,
    pub(super) no_announce: bool,
    pub(super) hsts: bool,
    pub(super) clock: Option<Clock>,
    pub(super) time_servers: Option<TimeServers>,
    pub(super) date_is: Option<Date>,
}

impl Flags {
    /// Whom they say to ask for the date; empty: nobody.
    pub(super) fn servers(&self) -> Option<TimeServers> {
        let nobody = self.no_time_server.then(|| TimeServers::kept(Vec::new()));
        nobody.or_else(|| self.time_servers.clone())
    }
}

/// What is done instead of serving.
pub(super) enum Errand {
    /// Writes a backup into that file.
    Backup(PathBuf),
    /// Restores that file.
    Restore(PathBuf),
    /// Takes over.
    TakeOver,
}

/// Where a spare finds the backups.
pub(super) struct Standby {
    /// A folder, or a bucket's address.
    pub(super) place: String,
    /// What opens the bucket.
    pub(super) key_file: Option<PathBuf>,
}

/// What a factory reset erases.
#[derive(Clone, Copy)]
pub(super) enum Reset {
    All,
    Access,
}

/// Where a door is.
#[derive(Clone, Copy)]
pub(super) enum Listen {
    Off,
    At(SocketAddr),
}

/// Where the one-time password comes from.
pub(super) enum Source {
    Given(String),
    File(PathBuf),
    MachineId,
    Serial,
    DmiUuid,
}

impl Source {
    /// Reads the name of a place of the machine's, or of a file.
    pub(super) fn from(text: &str) -> Self {
        match text {
            "machine-id" => Self::MachineId,
            "serial" => Self::Serial,
            "dmi-uuid" => Self::DmiUuid,
            file => Self::File(PathBuf::from(file)),
        }
    }
}

impl Listen {
    /// Reads `ADDR:PORT` or `off`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "off" {
            Some(Self::Off)
        } else {
            text.parse().ok().map(Self::At)
        }
    }
}

/// Reads the command line, and the environment for what it leaves out.
pub(super) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Wish, CannotStart> {
    let mut given = BTreeMap::new();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        let name = match argument {
            Arg::Long("help") | Arg::Short('h') => return Ok(Wish::Help),
            Arg::Long("version") | Arg::Short('V') => return Ok(Wish::Version),
            Arg::Long(name) => known(name),
            Arg::Short(_) | Arg::Value(_) => None,
        };
        let Some(name) = name else {
            return Err(format!(
                "{} is not a flag of Linekey; `linekey --help` lists them",
                said(&argument)
            )
            .into());
        };
        let value = if SWITCHES.iter().any(|(known, ..)| *known == name) {
            parser.optional_value().unwrap_or_else(|| "yes".into())
        } else {
            parser.value().map_err(|_| format!("--{name} needs a value"))?
        };
        let value = text(name, value)?;
        if given.insert(name, value).is_some() {
            return Err(format!("--{name} is given twice").into());
        }
    }
    let from_flags = given.keys().any(|name| name.starts_with("admin-password"));
    for (name, ..) in FLAGS.iter().chain(SWITCHES) {
        let superseded = from_flags && name.starts_with("admin-password");
        if let Some(value) = from_environment(name).filter(|_| !superseded && !given.contains_key(name)) {
            given.insert(name, text(name, value)?);
        }
    }
    understand(&given).map(|flags| Wish::Run(Box::new(flags)))
}

fn known(name: &str) -> Option<&'static str> {
    let all = FLAGS.iter().chain(SWITCHES);
    all.map(|(known, ..)| *known).find(|known| *known == name)
}

fn understand(given: &BTreeMap<&'static str, String>) -> Result<Flags, CannotStart> {
    let path = |name| given.get(name).map(PathBuf::from);
    let certificate = match (path("tls-cert"), path("tls-key")) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => return Err("--tls-cert and --tls-key go together; give both".into()),
    };
    let listen = |name| {
        let wanted = |text: &String| {
            Listen::parse(text)
                .ok_or_else(|| format!("--{name} takes an address and port like 0.0.0.0:443, or off; not {text:?}"))
        };
        given.get(name).map(wanted).transpose()
    };
    let host = |text: &String| HostName::parse(text).map_err(|invalid| no_name(invalid, "name", text));
    let name = given.get("name").map(host).transpose()?;
    let front = given.get("origin").map(|text| {
        Front::parse(text).map_err(|why| match why {
            Some(
                invalid @ Invalid {
                    why: Why::NotHostName(WrongName::BeyondAscii | WrongName::Underscore),
                    ..
                },
            ) => no_name(invalid, "origin", text),
            _ => format!(
                "--origin takes what browsers have in the address bar, like https://pbx.example.org: with https:// in \
                 front, and no path behind the name; not {text:?}"
            ),
        })
    });
    let front = front.transpose()?;
    if front
        .as_ref()
        .is_some_and(|front| name.as_ref().is_some_and(|name| *name != front.name))
    {
        return Err("--origin and --name give two names; leave --name out".into());
    }
    Ok(Flags {
        data: path("data"),
        name,
        front,
        http: listen("http")?,
        https: listen("https")?,
        sip: listen("sip")?,
        sips: listen("sips")?,
        certificate,
        one_time: one_time(given)?,
        proxies: given
            .get("trusted-proxy")
            .map_or(Ok(Vec::new()), |text| proxies(text))?,
        errand: errand(given)?,
        passphrase: path("backup-passphrase-file"),
        standby: given.get("standby").map(|place| Standby {
            place: place.clone(),
            key_file: path("bucket-key-file"),
        }),
        reset: given.get("factory-reset").map_or(Ok(None), |text| reset(text))?,
        yes: switch(given, "yes")?,
        no_time_server: switch(given, "no-time-server")?,
        no_announce: switch(given, "no-announce")?,
        hsts: switch(given, "hsts")?,
        clock: given.get("clock").map(|text| clock_of(text)).transpose()?,
        time_servers: given.get("time-server").map(|text| time_servers(text)).transpose()?,
        date_is: given.get("date-is").map(|text| date(text)).transpose()?,
    })
}

fn errand(given: &BTreeMap<&'static str, String>) -> Result<Option<Errand>, CannotStart> {
    let take_over = switch(given, "take-over")?;
    let errand = match (given.get("backup"), given.get("restore"), take_over) {
        (None, None, false) => return Ok(None),
        (Some(file), None, false) => Errand::Backup(file.into()),
        (None, Some(file), false) => Errand::Restore(file.into()),
        (None, None, true) => Errand::TakeOver,
        _ => return Err("--backup, --restore and --take-over are errands; give one".into()),
    };
    if given.contains_key("factory-reset") {
        return Err("--factory-reset goes together with none of --backup, --restore and --take-over".into());
    }
    Ok(Some(errand))
}

fn switch(given: &BTreeMap<&'static str, String>, name: &'static str) -> Result<bool, CannotStart> {
    match given.get(name) {
        None => Ok(false),
        Some(text) => {
            yes_or_no(text).ok_or_else(|| format!("--{name} stands alone, or takes true or false; not {text:?}").into())
        }
    }
}

fn clock_of(text: &str) -> Result<Clock, CannotStart> {
    match text {
        "battery" => Ok(Clock::Battery),
        "none" => Ok(Clock::None),
        _ => Err(format!("--clock takes battery or none; not {text:?}").into()),
    }
}

fn time_servers(text: &str) -> Result<TimeServers, CannotStart> {
    let is_two = |name: &str| trimmed(name).contains(char::is_whitespace);
    if let Some(names) = text.split(',').find(|name| is_two(name)) {
        return Err(format!("--time-server takes names with commas between; {names:?} is none").into());
    }
    let text = match trimmed(text) {
        NOBODY => "",
        // A variable that was not set is no word that nobody shall be asked.
        "" => ",",
        text => text,
    };
    TimeServers::parse(text).map_err(|invalid| sentence(invalid, "time-server").into())
}

fn date(text: &str) -> Result<Date, CannotStart> {
    let date = match text {
        "now" => Some(clock::machine()),
        text => Date::parse(text),
    };
    date.filter(|date| (clock::EARLIEST..=LATEST).contains(date))
        .ok_or_else(|| {
            format!(
                "--date-is takes a date from this program's own to {}, like 2026-11-30T08:00:00Z, or now; not {text:?}",
                LATEST.iso()
            )
            .into()
        })
}

fn proxies(text: &str) -> Result<Vec<IpNet>, CannotStart> {
    let ranges = text.split(',').map(access::range).collect::<Option<Vec<_>>>();
    ranges.ok_or_else(|| {
        format!("--trusted-proxy takes addresses or ranges like 10.0.0.0/8 with commas between; not {text:?}").into()
    })
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" | "1" => Some(true),
        "no" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn reset(text: &str) -> Result<Option<Reset>, CannotStart> {
    match (text, yes_or_no(text)) {
        ("all", _) | (_, Some(true)) => Ok(Some(Reset::All)),
        ("access", _) => Ok(Some(Reset::Access)),
        (_, Some(false)) => Ok(None),
        (_, None) => Err(format!("--factory-reset stands alone or takes `access`; not {text:?}").into()),
    }
}

fn one_time(given: &BTreeMap<&'static str, String>) -> Result<Option<(AdminName, Source)>, CannotStart> {
    let mut sources = ["admin-password", "admin-password-file", "admin-password-from"]
        .into_iter()
        .filter_map(|name| given.get(name).map(|value| (name, value)));
    let Some((name, value)) = sources.next() else {
        return if given.contains_key("admin-username") {
            Err(
                "--admin-username needs a one-time password: --admin-password-file, --admin-password-from or \
                --admin-password"
                    .into(),
            )
        } else {
            Ok(None)
        };
    };
    if let Some((other, _)) = sources.next() {
        return Err(format!("--{name} and --{other} both give a one-time password; give one").into());
    }
    let source = match name {
        "admin-password" => Source::Given(value.clone()),
        "admin-password-from" => Source::from(value),
        _ => Source::File(PathBuf::from(value)),
    };
    let username = given.get("admin-username").map_or("admin", String::as_str);
    let username = AdminName::parse(username).map_err(|invalid| sentence(invalid, "admin-username"))?;
    Ok(Some((username, source)))
}

/// Names the form of a name with letters beyond a to z that browsers and DNS know.
fn no_name(invalid: Invalid, flag: &str, given: &str) -> String {
    let bare = visible(given).replace("https://", "");
    let host = bare.split(['/', ':']).next().unwrap_or_default();
    let wire = text::domain_on_the_wire(host).filter(|wire| wire != host && !host.is_ascii());
    let form = wire.map_or_else(String::new, |wire| format!(" In that form it is {wire}."));
    format!("{}{form} Given was {given:?}.", sentence(invalid, flag))
}

fn sentence(invalid: Invalid, flag: &str) -> String {
    format!("--{flag}: {}", sentences::invalid(invalid))
}

#[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
fn from_environment(name: &str) -> Option<OsString> {
    let value = std::env::var_os(format!("LINEKEY_{}", name.to_uppercase().replace('-', "_")));
    // A line `LINEKEY_NAME=` in a service's environment file means that there is none.
    value.filter(|value| !value.is_empty())
}

fn text(name: &str, value: OsString) -> Result<String, CannotStart> {
    value
        .into_string()
        .map_err(|_| format!("--{name} has a value that is not text").into())
}

fn said(argument: &Arg<'_>) -> String {
    match argument {
        Arg::Long(name) => format!("--{name}"),
        Arg::Short(letter) => format!("-{letter}"),
        Arg::Value(value) => format!("{value:?}"),
    }
}
