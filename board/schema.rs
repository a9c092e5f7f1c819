//! What a file in this folder may say. Used by `build.rs` and by the test `boards`: an unknown key, a missing one, or a
//! value of the wrong form is an error that names the file and the line.

use std::net::SocketAddr;

use serde::Deserialize;

/// A machine that Linekey is built for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// What the machine is called, in the binary and in what `.ci/board` prints.
    title: String,
    /// What `.ci/board` builds for.
    target: Target,
    /// The folder of the store; without it, the user's state folder.
    data: Option<Path>,
    /// Whether the machine's clock goes on while it is switched off.
    clock: Clock,
    /// The button for a factory reset.
    reset: Option<Button>,
    /// Where the first one-time password comes from, unless a flag says so; without it, it is made and printed.
    password_from: Option<Source>,
    /// The light that shows how it is: its name under `/sys/class/leds`.
    led: Option<Name>,
    /// The name that it has until somebody gives it another, and brings HTTPS up under by itself; without it,
    /// `localhost` and no HTTPS without certificate files.
    name: Option<Host>,
    /// Where plain HTTP is served, unless `--http` says so.
    http: Listen,
    /// Where HTTPS is served, unless `--https` says so.
    https: Listen,
    budget: Budget,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Clock {
    Battery,
    None,
}

/// A button that pulls its line low while it is pressed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Button {
    line: Line,
    /// How long it is held for a reset of access.
    hold: Milliseconds,
    /// How long for one of everything; without it, twice as long.
    all: Option<Milliseconds>,
}

/// A line of the kernel's GPIO character devices. Numbers of chips, and of lines across chips, move between kernels;
/// names and labels stay.
enum Gpio {
    Named(String),
    /// A chip by its label, and the line's number in it.
    Numbered(String, u32),
}

/// What a board allows the program: `.ci/board` holds the binary against it, `tests/bench/run` the other two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    binary: Bytes,
    /// Resident memory at rest.
    resident: Bytes,
    /// From the start to the first answer.
    start: Milliseconds,
}

/// What `.ci/board` can build for.
const TARGETS: [&str; 3] = [
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "armv7-unknown-linux-musleabihf",
];

/// A string that `$parse` takes, or the sentence that says what is wanted.
macro_rules! form {
    ($name:ident($inner:ty), $wanted:literal, $parse:expr) => {
        #[derive(Deserialize)]
        #[serde(try_from = "String")]
        struct $name($inner);

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                let parse: fn(&str) -> Option<$inner> = $parse;
                parse(&text)
                    .map(Self)
                    .ok_or_else(|| format!("`{text}` is not {}", $wanted))
            }
        }
    };
}

form!(Path(String), "an absolute path", |text| text
    .starts_with('/')
    .then(|| text.to_owned()));
form!(
    Target(String),
    "a static target: {x86_64,aarch64}-unknown-linux-musl or armv7-unknown-linux-musleabihf",
    |text| { TARGETS.contains(&text).then(|| text.to_owned()) }
);
form!(
    Line(Gpio),
    "a line's name like `GPIO17`, or a chip's label and a number like `gpio0 17`",
    |text| {
        Some(match text.split_once(' ') {
            Some((chip, number)) => Gpio::Numbered(Name::try_from(chip.to_owned()).ok()?.0, number.parse().ok()?),
            None => Gpio::Named(Name::try_from(text.to_owned()).ok()?.0),
        })
    }
);
form!(Name(String), "a name without `/` and white space", |text| {
    let odd = |letter: char| letter == '/' || letter.is_whitespace();
    (!text.is_empty() && !text.contains(odd)).then(|| text.to_owned())
});
form!(
    Source(String),
    "`machine-id`, `serial`, `dmi-uuid` or an absolute path",
    |text| {
        let known = ["machine-id", "serial", "dmi-uuid"].contains(&text) || text.starts_with('/');
        known.then(|| text.to_owned())
    }
);
form!(Host(String), "a host name in lower case", |text| {
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || ".-".contains(letter);
    (!text.is_empty() && text.chars().all(fits)).then(|| text.to_owned())
});
form!(Listen(String), "ADDRESS:PORT or `off`", |text| {
    (text == "off" || text.parse::<SocketAddr>().is_ok()).then(|| text.to_owned())
});
form!(Bytes(u64), "a size like `8 MiB` or `512 KiB`", |text| {
    scaled(text, &[("MiB", 1 << 20), ("KiB", 1 << 10)])
});
form!(Milliseconds(u64), "a time like `10 s` or `150 ms`", |text| {
    scaled(text, &[("ms", 1), ("s", 1000)])
});

/// A whole number from 1 on, a space and a unit.
fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = text.split_once(' ')?;
    let (_, factor) = units.iter().find(|(known, _)| *known == unit)?;
    number
        .parse::<u64>()
        .ok()
        .filter(|number| *number > 0)?
        .checked_mul(*factor)
}

impl Profile {
    /// Reads a board's file. The error is one sentence and names `file` and the line.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, String> {
        let at = |offset: usize| {
            let line = text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
            format!("{file}:{line}")
        };
        let profile: Self = toml::from_str(text).map_err(|error: toml::de::Error| {
            let offset = error.span().map_or(0, |span| span.start);
            format!("{}: {}", at(offset), error.message().replace('\n', ", "))
        })?;
        let shorter = |button: &Button| button.all.as_ref().is_some_and(|all| all.0 <= button.hold.0);
        if profile.reset.as_ref().is_some_and(shorter) {
            return Err(format!(
                "{}: `all` is not longer than `hold`",
                at(text.find("\nreset").map_or(0, |line| line + 1))
            ));
        }
        Ok(profile)
    }

    /// The constant that the binary carries: `src/appliance/board.rs` includes it.
    pub(crate) fn rust(&self, id: &str) -> String {
        let name = |name: &Option<Name>| name.as_ref().map(|name| name.0.clone());
        let clock = match self.clock {
            Clock::Battery => "Battery",
            Clock::None => "None",
        };
        let reset = self.reset.as_ref().map(|button| {
            let line = match &button.line.0 {
                Gpio::Named(name) => format!("Line::Named({name:?})"),
                Gpio::Numbered(chip, number) => format!("Line::Numbered {{ chip: {chip:?}, number: {number} }}"),
            };
            format!(
                "Button {{ line: {line}, holds: Holds {{ access: {}, all: {} }} }}",
                button.hold.0,
                button.all.as_ref().map_or(button.hold.0.saturating_mul(2), |all| all.0),
            )
        });
        format!(
            "/// The board of this binary.\npub static BOARD: Board = Board {{ id: {id:?}, title: {:?}, data: {:?}, \
             clock: Clock::{clock}, reset: {}, password_from: {:?}, led: {:?}, name: {:?}, http: {:?}, https: {:?} \
             }};\n",
            self.title,
            self.data.as_ref().map(|data| &data.0),
            reset.map_or_else(|| "None".to_owned(), |button| format!("Some({button})")),
            self.password_from.as_ref().map(|source| &source.0),
            name(&self.led),
            self.name.as_ref().map(|host| &host.0),
            self.http.0,
            self.https.0,
        )
    }

    /// What scripts want to know, as `KEY=VALUE` lines: bytes and milliseconds.
    pub(crate) fn values(&self) -> String {
        let Budget {
            binary,
            resident,
            start,
        } = &self.budget;
        format!(
            "title={}\ntarget={}\nbinary={}\nresident={}\nstart={}\n",
            self.title, self.target.0, binary.0, resident.0, start.0
        )
    }
}
