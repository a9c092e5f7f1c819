//! The log: one line on standard error for whoever runs the appliance, with a level that systemd's journal understands.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use event_listener::{Event, EventListener};

/// How bad it is: the levels of syslog (RFC 5424 §6.2.1) that are used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something does not work.
    Error = 3,
    /// Something will not work one day, or not as its owner thinks.
    Warning = 4,
    /// Something changed by its owner's wish.
    Notice = 5,
    /// Nothing is wrong.
    Info = 6,
}

impl Level {
    /// The prefix by which the journal knows the level of a line (sd-daemon(3)).
    const fn prefix(self) -> &'static str {
        match self {
            Self::Error => "<3>",
            Self::Warning => "<4>",
            Self::Notice => "<5>",
            Self::Info => "<6>",
        }
    }
}

/// The same line is written so often in a [`WINDOW`]; what comes beyond is counted and left out.
const REPEATS: u32 = 5;
const WINDOW: Duration = Duration::from_secs(60);
/// Different lines that are told apart; where there are more, the one that was begun first is forgotten.
const LINES: usize = 32;
/// Characters of one line: an error's whole chain, but not a page that somebody sent.
const LINE_CHARS: usize = 1024;

/// Whether standard error is a stream of the journal.
static TO_JOURNAL: AtomicBool = AtomicBool::new(false);
static RECENT: Mutex<Recent> = Mutex::new(Recent::new());

/// Lines for the office's log server that wait at most; where there are more, the oldest are lost.
const WAITING: usize = 64;
/// Lines for the office's log server; `None` while none is set.
static FORWARDED: Mutex<Option<Forwarded>> = Mutex::new(None);
static NEWS: Event = Event::new();

/// Lines that wait for the office's log server.
#[derive(Default)]
pub struct Forwarded {
    /// The oldest first.
    pub lines: Vec<LoggedLine>,
    /// Lines before those that are lost.
    pub lost: u64,
}

/// A line as it was written.
pub struct LoggedLine {
    /// How bad it is.
    pub level: Level,
    /// Without its end.
    pub text: String,
    /// When it was written.
    pub at: Instant,
}

/// Gathers warnings and errors for the office's log server from now on, or does no more.
pub fn forward(on: bool) {
    let mut forwarded = FORWARDED.lock().unwrap_or_else(PoisonError::into_inner);
    if forwarded.is_some() != on {
        *forwarded = on.then(Forwarded::default);
    }
}

/// Takes what was gathered.
pub fn take_forwarded() -> Forwarded {
    let mut forwarded = FORWARDED.lock().unwrap_or_else(PoisonError::into_inner);
    forwarded.as_mut().map(std::mem::take).unwrap_or_default()
}

/// Ends with the next line that is gathered.
pub fn news() -> EventListener {
    NEWS.listen()
}

fn gather(level: Level, text: &str, at: Instant) {
    if !matches!(level, Level::Error | Level::Warning) {
        return;
    }
    let mut forwarded = FORWARDED.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(Forwarded { lines, lost }) = forwarded.as_mut() else {
        return;
    };
    if lines.len() >= WAITING {
        lines.remove(0);
        *lost = lost.saturating_add(1);
    }
    let text = text.chars().take(LINE_CHARS).collect();
    lines.push(LoggedLine { level, text, at });
    drop(forwarded);
    NEWS.notify(usize::MAX);
}

/// Says that standard error is a stream of systemd's journal, which takes levels as prefixes.
pub fn speak_to_the_journal() {
    TO_JOURNAL.store(true, Ordering::Relaxed);
}

/// Something does not work.
pub fn error(text: &str) {
    write(Level::Error, text);
}

/// Something will not work one day, or not as its owner thinks.
pub fn warning(text: &str) {
    write(Level::Warning, text);
}

/// Something changed by its owner's wish.
pub fn notice(text: &str) {
    write(Level::Notice, text);
}

/// Nothing is wrong.
pub fn info(text: &str) {
    write(Level::Info, text);
}

#[expect(
    clippy::disallowed_methods,
    reason = "how often a line repeats is measured where it is written, in real time"
)]
fn write(level: Level, text: &str) {
    let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
    let now = Instant::now();
    let Some(left_out) = recent.admit(text, now) else {
        return;
    };
    gather(level, text, now);
    let line = line(level, text, left_out, TO_JOURNAL.load(Ordering::Relaxed));
    // Where nobody can be told, nobody is told.
    drop(std::io::stderr().lock().write_all(line.as_bytes()));
}

/// The line as it is written, with its end. Line breaks and control characters in it become blanks: one event, one
/// line.
fn line(level: Level, text: &str, left_out: u32, to_journal: bool) -> String {
    let prefix = if to_journal { level.prefix() } else { "linekey: " };
    let text = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut line: String = prefix.chars().chain(text.take(LINE_CHARS)).collect();
    if left_out > 0 {
        line.push_str(&format!(" (and {left_out} times more in the minute before)"));
    }
    line.push('\n');
    line
}

/// Which lines were written lately, and how often.
struct Recent(heapless::Deque<Repeated, LINES>);

struct Repeated {
    hash: u64,
    since: Instant,
    times: u32,
}

impl Recent {
    const fn new() -> Self {
        Self(heapless::Deque::new())
    }

    /// Whether the line is written now; and if it is, how many of its kind were left out before it.
    fn admit(&mut self, text: &str, now: Instant) -> Option<u32> {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let hash = hasher.finish();
        if let Some(known) = self.0.iter_mut().find(|known| known.hash == hash) {
            if now.duration_since(known.since) < WINDOW {
                known.times = known.times.saturating_add(1);
                return (known.times <= REPEATS).then_some(0);
            }
            let left_out = known.times.saturating_sub(REPEATS);
            (known.since, known.times) = (now, 1);
            return Some(left_out);
        }
        if self.0.is_full() {
            self.0.pop_front();
        }
        let fresh = Repeated {
            hash,
            since: now,
            times: 1,
        };
        drop(self.0.push_back(fresh));
        Some(0)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a moment to count from")]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_for_people_on_a_terminal_and_has_its_level_for_the_journal() {
        assert_eq!(line(Level::Error, "no disk", 0, false), "linekey: no disk\n");
        let prefixes =
            [Level::Error, Level::Warning, Level::Notice, Level::Info].map(|level| line(level, "x", 0, true));
        assert_eq!(prefixes, ["<3>x\n", "<4>x\n", "<5>x\n", "<6>x\n"]);
        assert_eq!(line(Level::Info, "two\nlines\x1b[2J", 0, true), "<6>two lines [2J\n");
        assert_eq!(line(Level::Info, &"x".repeat(9000), 0, true).len(), LINE_CHARS + 4);
    }

    #[test]
    fn the_same_line_is_written_five_times_a_minute_and_what_was_left_out_is_counted() {
        let (mut recent, began) = (Recent::new(), Instant::now());
        let written = (0..100).filter_map(|_| recent.admit("the disk is full", began)).count();
        assert_eq!(written, 5);
        assert_eq!(recent.admit("another line", began), Some(0));
        assert_eq!(recent.admit("the disk is full", began + WINDOW), Some(95));
        assert_eq!(recent.admit("the disk is full", began + WINDOW), Some(0));
    }

    #[test]
    fn a_thousand_different_lines_take_no_more_room_than_a_few() {
        let (mut recent, began) = (Recent::new(), Instant::now());
        for number in 0..1000 {
            assert_eq!(recent.admit(&number.to_string(), began), Some(0));
        }
        assert_eq!(recent.0.len(), LINES);
    }
}
