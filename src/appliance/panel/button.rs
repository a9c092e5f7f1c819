//! The reset button: the kernel's GPIO character device (uAPI v2, Linux 5.10 on) behind a trait of three questions, and
//! whoever watches it.

use std::fmt;
use std::time::{Duration, Instant};

use gpiocdev::line::{Bias, EdgeDetection, Offset, Value};
use gpiocdev::{Chip, Request};

use super::led::Light;
use crate::appliance::board::Line;
use crate::office::log;
use crate::rules::office::button::{Broken, Holds, News, Watch, Wish};
use crate::rules::time::Tick;

/// A change of level that ends earlier is the contact's: the kernel drops it.
const DEBOUNCE: Duration = Duration::from_millis(20);
/// How long a wait for an edge lasts where nothing is to be done meanwhile.
const LONG: Duration = Duration::from_secs(3600);

/// A button's contact, at the very edge: tests have one of their own.
pub trait Contact: Send {
    /// The time, by which presses are measured.
    fn now(&self) -> Tick;

    /// Whether it is pressed just now.
    ///
    /// # Errors
    /// The line cannot be read; in words.
    fn is_pressed(&mut self) -> Result<bool, String>;

    /// Waits for the next change, for so many milliseconds at most, or for ever: whether it is pressed from then on.
    ///
    /// # Errors
    /// The line cannot be read; in words.
    fn changed(&mut self, within_ms: Option<u64>) -> Result<Option<bool>, String>;
}

/// A line of a GPIO chip that is low while the button is pressed.
struct Gpio {
    request: Request,
    offset: Offset,
    began: Instant,
}

/// Takes the line for this process.
#[expect(clippy::disallowed_methods, reason = "presses are measured from here on")]
pub(in crate::appliance) fn open(line: &Line) -> Result<Box<dyn Contact>, String> {
    let mut builder = Request::builder();
    let offset = match line {
        Line::Named(name) => {
            let found = gpiocdev::find_named_line(name).ok_or_else(|| format!("no line is called {name}"))?;
            builder.on_chip(&found.chip);
            found.info.offset
        }
        Line::Numbered { chip, number } => {
            let mut chips = gpiocdev::chip::chips().map_err(words)?.into_iter();
            let labelled = |path: &std::path::PathBuf| {
                let info = Chip::from_path(path).and_then(|chip| chip.info());
                info.is_ok_and(|info| info.label == *chip)
            };
            let path = chips
                .find(labelled)
                .ok_or_else(|| format!("no chip is labelled {chip}"))?;
            builder.on_chip(path);
            *number
        }
    };
    let request = builder
        .with_consumer("linekey")
        .with_line(offset)
        .as_input()
        .as_active_low()
        .with_bias(Bias::PullUp)
        .with_edge_detection(EdgeDetection::BothEdges)
        .with_debounce_period(DEBOUNCE)
        .request()
        .map_err(words)?;
    Ok(Box::new(Gpio {
        request,
        offset,
        began: Instant::now(),
    }))
}

impl Contact for Gpio {
    fn now(&self) -> Tick {
        Tick(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn is_pressed(&mut self) -> Result<bool, String> {
        let value = self.request.value(self.offset).map_err(words)?;
        Ok(value == Value::Active)
    }

    fn changed(&mut self, within_ms: Option<u64>) -> Result<Option<bool>, String> {
        let patience = within_ms.map_or(LONG, Duration::from_millis);
        if !self.request.wait_edge_event(patience).map_err(words)? {
            return Ok(None);
        }
        self.request.read_edge_event().map_err(words)?;
        // The level as it is: edges that the kernel's buffer lost would turn it round.
        self.is_pressed().map(Some)
    }
}

fn words(error: impl fmt::Display) -> String {
    error.to_string()
}

/// A button that is listened to.
pub struct Button {
    contact: Box<dyn Contact>,
    watch: Watch,
}

impl Button {
    /// Reads the level first: a press before that is one that lasts.
    ///
    /// # Errors
    /// The line cannot be read; in words.
    pub fn listen(mut contact: Box<dyn Contact>, holds: Holds) -> Result<Self, String> {
        let is_pressed = contact.is_pressed()?;
        let watch = Watch::begin(holds, is_pressed, contact.now());
        Ok(Self { contact, watch })
    }

    /// At power-on: waits while it is pressed. What was asked for, if anything was, and the button for later, if it is
    /// listened to any longer. Blocks.
    pub fn at_power_on(mut self, light: &Light) -> (Option<Wish>, Option<Self>) {
        while self.watch.wait(self.contact.now()).is_some() {
            match self.step(light) {
                Ok(None) => {}
                Ok(Some(wish)) => return (Some(wish), Some(self)),
                Err(()) => return (None, None),
            }
        }
        (None, Some(self))
    }

    /// What is asked for next; none: it is not listened to any more. Blocks.
    pub fn wished(mut self, light: &Light) -> Option<Wish> {
        loop {
            if let Some(wish) = self.step(light).ok()? {
                return Some(wish);
            }
        }
    }

    fn step(&mut self, light: &Light) -> Result<Option<Wish>, ()> {
        let now = self.contact.now();
        light.show_held(self.watch.shown(now));
        let changed = self.contact.changed(self.watch.wait(now)).map_err(|why| {
            log::warning(&format!("the reset button is not listened to any more: {why}"));
        })?;
        let now = self.contact.now();
        let news = match changed {
            Some(is_pressed) => self.watch.changed(is_pressed, now),
            None => self.watch.passed(now),
        };
        light.show_held(self.watch.shown(now));
        match news {
            None => Ok(None),
            Some(News::Wished(wish)) => Ok(Some(wish)),
            Some(News::Broken(why)) => {
                log::warning(match why {
                    Broken::Chatters => "the reset button chatters: it is ignored until the next start",
                    Broken::Stuck => "the reset button is stuck: it is ignored until the next start",
                });
                Err(())
            }
        }
    }
}
