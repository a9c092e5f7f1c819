//! What the appliance stands on, as far as a test may want another: the button, the light, the system's time service.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use super::board::BOARD;
use super::flags;
use super::panel::button::{self, Contact};
use super::sockets::handed;
use crate::office::log;
use crate::rules::office::button::Holds;

/// A machine.
pub struct Machine {
    /// The reset button's contact, and how long it is held for what.
    pub button: Option<(Box<dyn Contact>, Holds)>,
    /// Where the kernel has its lights.
    pub lights: PathBuf,
    /// The name of the board's light.
    pub light: Option<String>,
    /// The file that says that the system's time service has set the clock.
    pub synchronised: PathBuf,
    /// What is run in this process's place where everything begins anew.
    pub program: PathBuf,
}

impl Machine {
    /// The one that this program runs on, as its board describes it.
    pub fn this() -> Self {
        Self {
            button: None,
            lights: PathBuf::from("/sys/class/leds"),
            light: BOARD.led.map(str::to_owned),
            // systemd-timesyncd(8) makes it at its first answer since the system's start.
            synchronised: PathBuf::from("/run/systemd/timesync/synchronized"),
            program: PathBuf::from("/proc/self/exe"),
        }
    }

    /// Takes the board's button, where it has one. One that cannot be taken is told of, and is none.
    pub(super) fn take_button(&mut self) {
        let Some(button) = BOARD.reset.as_ref().filter(|_| self.button.is_none()) else {
            return;
        };
        match button::open(&button.line) {
            Ok(contact) => self.button = Some((contact, button.holds)),
            Err(why) => log::warning(&format!("the board's reset button cannot be used: {why}")),
        }
    }
}

/// Flags for one start alone: what they ask for is done by then.
const ONCE: [&str; 4] = ["date-is", "factory-reset", "take-over", "yes"];

/// The program once more, in the place of this process, with some of these flags besides.
pub(super) struct Again {
    /// Flags of [`ONCE`] and their values.
    pub(super) flags: Vec<(&'static str, String)>,
}

impl Again {
    /// Becomes it. What this start was told by the same flags is over; why it failed.
    pub(super) fn become_it(self, program: PathBuf, arguments: Vec<OsString>) -> String {
        let mut command = Command::new(program);
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy();
            let name = text.split('=').next().unwrap_or_default();
            if !ONCE.iter().any(|once| name.strip_prefix("--") == Some(once)) {
                command.arg(&argument);
            } else if flags::takes_value(&text) {
                drop(arguments.next());
            }
        }
        let variable = |flag: &str| format!("LINEKEY_{}", flag.to_uppercase().replace('-', "_"));
        for once in ONCE {
            command.env_remove(variable(once));
        }
        for (flag, value) in &self.flags {
            command.env(variable(flag), value);
        }
        handed::for_the_next(&mut command);
        format!("Linekey cannot begin anew: {}", command.exec())
    }
}
