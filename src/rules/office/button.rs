//! The reset button of a board: what a press means. Levels over ticks in, a verdict and what the light shows out.
//!
//! A press counts once it ends: held for [`Holds::access`] it is a reset of access, for [`Holds::all`] one of
//! everything, shorter nothing. A button that never ends its press, or that chatters, is broken: it is not listened to
//! until the next start.

use crate::rules::time::Tick;

/// A release shorter than this is a contact that bounces: milliseconds.
const SETTLED_MS: u64 = 100;
/// So many edges within [`CHATTER_MS`] come from no finger.
const CHATTER_EDGES: u32 = 40;
/// See [`CHATTER_EDGES`]: milliseconds.
const CHATTER_MS: u64 = 10_000;

/// How long it is held for what: milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    /// For a reset of access.
    pub access: u64,
    /// For a reset of everything: more than `access`.
    pub all: u64,
}

impl Holds {
    /// From when on a button that is still held is stuck: nobody waits as long again after the light has told of
    /// everything.
    pub fn stuck(&self) -> u64 {
        self.all.saturating_mul(2)
    }
}

/// What a press asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// What administrators sign in with.
    Access,
    /// Everything.
    All,
}

/// Why a button is not listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It changes faster than a finger can.
    Chatters,
    /// It is pressed for longer than anybody would.
    Stuck,
}

/// What the light shows of a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// Let go now, nothing happens.
    Short,
    /// Let go now, access is reset.
    Access,
    /// Let go now, everything is reset.
    All,
}

/// What has become of the button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It is not listened to any more.
    Broken(Broken),
    /// Somebody asked for a reset, and let go.
    Wished(Wish),
}

/// A button that is watched.
#[derive(Debug)]
pub struct Watch {
    holds: Holds,
    state: State,
    /// Since when edges are counted, and how many there were.
    edges: (Tick, u32),
}

#[derive(Debug)]
enum State {
    Broken,
    Held { since: Tick, released: Option<Tick> },
    Idle,
}

impl Watch {
    /// Begins with the level that was read at `now`: an edge before that is lost.
    pub fn begin(holds: Holds, is_pressed: bool, now: Tick) -> Self {
        let state = if is_pressed {
            State::Held {
                since: now,
                released: None,
            }
        } else {
            State::Idle
        };
        Self {
            holds,
            state,
            edges: (now, 0),
        }
    }

    /// The level changed.
    pub fn changed(&mut self, is_pressed: bool, now: Tick) -> Option<News> {
        if let Some(news) = self.passed(now) {
            return Some(news);
        }
        if matches!(self.state, State::Broken) {
            return None;
        }
        let (since, count) = self.edges;
        self.edges = if now.0.saturating_sub(since.0) > CHATTER_MS {
            (now, 1)
        } else {
            (since, count + 1)
        };
        if self.edges.1 > CHATTER_EDGES {
            return Some(self.broken(Broken::Chatters));
        }
        match (&mut self.state, is_pressed) {
            (State::Held { released, .. }, true) => *released = None,
            (State::Held { released, .. }, false) => *released = released.or(Some(now)),
            (state @ State::Idle, true) => {
                *state = State::Held {
                    since: now,
                    released: None,
                }
            }
            (State::Idle, false) | (State::Broken, _) => {}
        }
        None
    }

    /// Time passed without a change.
    pub fn passed(&mut self, now: Tick) -> Option<News> {
        let State::Held { since, released } = &self.state else {
            return None;
        };
        let held = released.unwrap_or(now).0.saturating_sub(since.0);
        if held >= self.holds.stuck() {
            return Some(self.broken(Broken::Stuck));
        }
        if released.is_none_or(|released| now.0.saturating_sub(released.0) < SETTLED_MS) {
            return None;
        }
        let asked = self.pressed_for(held);
        self.state = State::Idle;
        match asked {
            Pressed::Short => None,
            Pressed::Access => Some(News::Wished(Wish::Access)),
            Pressed::All => Some(News::Wished(Wish::All)),
        }
    }

    /// What the light shows; nothing of a button that nobody presses, or that is broken.
    pub fn shown(&self, now: Tick) -> Option<Pressed> {
        let State::Held { since, released } = &self.state else {
            return None;
        };
        Some(self.pressed_for(released.unwrap_or(now).0.saturating_sub(since.0)))
    }

    /// After how many milliseconds [`Self::passed`] or [`Self::shown`] say something else if nothing changes; never
    /// for a button that rests.
    pub fn wait(&self, now: Tick) -> Option<u64> {
        let State::Held { since, released } = &self.state else {
            return None;
        };
        let ends = match released {
            Some(released) => [released.0.saturating_add(SETTLED_MS), u64::MAX, u64::MAX],
            None => [self.holds.access, self.holds.all, self.holds.stuck()].map(|hold| since.0.saturating_add(hold)),
        };
        let next = ends.into_iter().filter(|end| *end > now.0).min().unwrap_or(now.0);
        Some(next.saturating_sub(now.0).max(1))
    }

    fn pressed_for(&self, held: u64) -> Pressed {
        if held >= self.holds.all {
            Pressed::All
        } else if held >= self.holds.access {
            Pressed::Access
        } else {
            Pressed::Short
        }
    }

    fn broken(&mut self, why: Broken) -> News {
        self.state = State::Broken;
        News::Broken(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLDS: Holds = Holds {
        access: 10_000,
        all: 20_000,
    };

    /// The button as its levels change, watched every 50 ms until a minute has passed: all that it says, and when.
    fn watched(is_pressed: bool, changes: &[(u64, bool)]) -> Vec<(u64, News)> {
        let mut watch = Watch::begin(HOLDS, is_pressed, Tick(0));
        let mut said = Vec::new();
        let mut changes = changes.iter().peekable();
        for now in (0..60_000).step_by(50) {
            while let Some((at, level)) = changes.next_if(|(at, _)| *at < now + 50) {
                said.extend(watch.changed(*level, Tick(*at)).map(|news| (*at, news)));
            }
            said.extend(watch.passed(Tick(now + 50)).map(|news| (now + 50, news)));
        }
        said
    }

    fn held_for(length: u64) -> Vec<News> {
        let said = watched(false, &[(1_000, true), (1_000 + length, false)]);
        said.into_iter().map(|(_, news)| news).collect()
    }

    #[test]
    fn a_press_asks_for_what_its_length_says_once_it_ends() {
        assert_eq!(held_for(9_999), []);
        assert_eq!(held_for(10_000), [News::Wished(Wish::Access)]);
        assert_eq!(held_for(19_999), [News::Wished(Wish::Access)]);
        assert_eq!(held_for(20_000), [News::Wished(Wish::All)]);
        assert_eq!(held_for(39_999), [News::Wished(Wish::All)]);
    }

    #[test]
    fn nothing_is_asked_for_before_the_button_is_let_go() {
        let said = watched(false, &[(1_000, true), (16_000, false)]);
        assert_eq!(said, [(16_100, News::Wished(Wish::Access))]);
    }

    #[test]
    fn held_at_power_on_counts_from_there() {
        assert_eq!(
            watched(true, &[(12_000, false)]),
            [(12_100, News::Wished(Wish::Access))]
        );
        assert_eq!(watched(true, &[(9_000, false)]), []);
    }

    #[test]
    fn a_button_that_is_never_let_go_is_stuck_once_and_then_ignored() {
        assert_eq!(watched(true, &[]), [(40_000, News::Broken(Broken::Stuck))]);
        let later = watched(true, &[(41_000, false), (42_000, true), (55_000, false)]);
        assert_eq!(later, [(40_000, News::Broken(Broken::Stuck))]);
    }

    #[test]
    fn a_button_that_chatters_is_ignored() {
        let edges: Vec<_> = (0..200).map(|edge| (1_000 + edge * 40, edge % 2 == 0)).collect();
        let said = watched(false, &edges);
        assert_eq!(said, [(2_600, News::Broken(Broken::Chatters))]);
        // As does one that chatters from the start, however slowly it is asked.
        let edges: Vec<_> = (0..300).map(|edge| (edge * 150, edge % 2 == 1)).collect();
        assert_eq!(watched(true, &edges), [(6_000, News::Broken(Broken::Chatters))]);
    }

    #[test]
    fn a_contact_that_bounces_ends_no_press() {
        let bouncing = [
            (1_000, true),
            (5_000, false),
            (5_030, true),
            (21_000, false),
            (21_020, true),
            (21_040, false),
        ];
        assert_eq!(watched(false, &bouncing), [(21_150, News::Wished(Wish::All))]);
    }

    #[test]
    fn the_light_tells_what_letting_go_would_do() {
        let mut watch = Watch::begin(HOLDS, false, Tick(0));
        assert_eq!((watch.shown(Tick(0)), watch.wait(Tick(0))), (None, None));
        assert_eq!(watch.changed(true, Tick(1_000)), None);
        assert_eq!(watch.shown(Tick(1_000)), Some(Pressed::Short));
        assert_eq!(watch.wait(Tick(1_000)), Some(10_000));
        assert_eq!(watch.shown(Tick(11_000)), Some(Pressed::Access));
        assert_eq!(watch.wait(Tick(11_000)), Some(10_000));
        assert_eq!(watch.shown(Tick(21_000)), Some(Pressed::All));
        assert_eq!(watch.wait(Tick(21_000)), Some(20_000));
        assert_eq!(watch.passed(Tick(41_000)), Some(News::Broken(Broken::Stuck)));
        assert_eq!((watch.shown(Tick(41_000)), watch.wait(Tick(41_000))), (None, None));
    }
}
