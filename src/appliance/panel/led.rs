//! The board's light: what it shows, by plain writes below `/sys/class/leds/NAME` (the kernel's Documentation/leds).

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::office::log;
use crate::rules::office::button::Pressed;

/// How the appliance is, as far as its light tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LightState {
    /// It has erased what was asked for, and starts: on and off, a second each.
    Done,
    /// It waits to be told the date: a short flash every two seconds.
    NoDate,
    /// The reset button is held: evenly, the faster the more is erased.
    Held(Pressed),
    /// It is at work: on.
    Ready,
    /// Its disk cannot be written: on, with a short gap every second.
    Trouble,
}

impl LightState {
    /// Milliseconds on and off; none: always on.
    fn rhythm(self) -> Option<(u32, u32)> {
        match self {
            Self::Done => Some((1000, 1000)),
            Self::NoDate => Some((100, 1900)),
            Self::Held(Pressed::Short) => Some((500, 500)),
            Self::Held(Pressed::Access) => Some((200, 200)),
            Self::Held(Pressed::All) => Some((60, 60)),
            Self::Ready => None,
            Self::Trouble => Some((900, 100)),
        }
    }
}

/// One light, or none. Where it is missing or may not be written, that is told once and nothing else comes of it.
pub struct Light {
    folder: Option<PathBuf>,
    shown: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: Option<LightState>,
    held: Option<Pressed>,
    usual: Option<LightState>,
    is_broken: bool,
}

impl Light {
    /// The light of that name below `root`, which is `/sys/class/leds`.
    pub fn at(root: &Path, name: Option<&str>) -> Self {
        Self {
            folder: name.map(|name| root.join(name)),
            shown: Mutex::default(),
        }
    }

    /// Whether there is one.
    pub fn is_there(&self) -> bool {
        self.folder.is_some()
    }

    /// Shows how the appliance is, unless the button is held.
    pub fn show(&self, shown: LightState) {
        self.change(|state| state.usual = Some(shown));
    }

    /// Shows what letting go of the button would do; none: nobody holds it.
    pub fn show_held(&self, held: Option<Pressed>) {
        self.change(|state| state.held = held);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let Some(folder) = &self.folder else { return };
        let mut state = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        let wanted = state.held.map(LightState::Held).or(state.usual);
        if wanted == state.now || state.is_broken {
            return;
        }
        let Some(shown) = wanted else { return };
        if let Err(error) = write(folder, shown) {
            state.is_broken = true;
            log::warning(&format!(
                "the board's light {} shows nothing: {error}",
                folder.display()
            ));
        }
        state.now = Some(shown);
    }
}

fn write(folder: &Path, shown: LightState) -> io::Result<()> {
    // A file that is not there is none of a light's.
    let set = |name: &str, value: &str| {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(folder.join(name))?;
        file.write_all(value.as_bytes())
    };
    match shown.rhythm() {
        None => {
            set("trigger", "none")?;
            let full = fs::read_to_string(folder.join("max_brightness")).unwrap_or_default();
            set("brightness", if full.trim().is_empty() { "1" } else { full.trim() })
        }
        Some((on, off)) => {
            // The two files of the rhythm are there once the trigger is.
            set("trigger", "timer")?;
            set("delay_on", &on.to_string())?;
            set("delay_off", &off.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A light as sysfs has it, in a folder of this test alone.
    fn light(test: &str, files: &[&str]) -> (PathBuf, Light) {
        let root = std::env::temp_dir().join(format!("linekey-led-{}-{test}", std::process::id()));
        let folder = root.join("slate:green:status");
        fs::create_dir_all(&folder).unwrap();
        for file in files {
            fs::write(folder.join(file), "255\n").unwrap();
        }
        let light = Light::at(&root, Some("slate:green:status"));
        (folder, light)
    }

    fn files(folder: &Path) -> [String; 4] {
        ["trigger", "brightness", "delay_on", "delay_off"].map(|file| fs::read_to_string(folder.join(file)).unwrap())
    }

    #[test]
    fn each_state_has_a_rhythm_of_its_own_and_the_button_comes_first() {
        let all = ["trigger", "brightness", "max_brightness", "delay_on", "delay_off"];
        let (folder, light) = light("rhythm", &all);
        light.show(LightState::Ready);
        assert_eq!(files(&folder)[..2], ["none", "255"]);
        let mut seen = Vec::new();
        let held = [Pressed::Short, Pressed::Access, Pressed::All].map(LightState::Held);
        for shown in [LightState::Done, LightState::NoDate, LightState::Trouble]
            .into_iter()
            .chain(held)
        {
            light.show(shown);
            let [trigger, _, on, off] = files(&folder);
            assert_eq!(trigger, "timer");
            assert!(!seen.contains(&(on.clone(), off.clone())), "{shown:?}");
            seen.push((on, off));
        }
        light.show_held(Some(Pressed::All));
        light.show(LightState::Ready);
        assert_eq!(files(&folder)[2..], ["60", "60"]);
        light.show_held(None);
        assert_eq!(files(&folder)[..2], ["none", "255"]);
        fs::remove_dir_all(folder.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_light_that_is_missing_is_told_of_once_and_nothing_is_made() {
        let (folder, light) = light("missing", &[]);
        for shown in [LightState::Ready, LightState::NoDate, LightState::Ready] {
            light.show(shown);
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        assert!(light.shown.lock().unwrap().is_broken);
        fs::remove_dir_all(folder.parent().unwrap()).unwrap();
        assert!(!Light::at(Path::new("/sys/class/leds"), None).is_there());
    }
}
