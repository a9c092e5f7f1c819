//! Who holds how many connections, and who makes room. A newcomer always finds a place, at the cost of a stranger who
//! does nothing with theirs; whoever showed a live session keeps it for as long as there is any other.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use event_listener::Event;

use super::instant::now;
use super::limits::Limits;
use super::stop::{Stop, Stopper};
use crate::rules::neighbour::Neighbour;

/// How long a newcomer may take to say what they want before they make room like others: a handshake and a request over
/// any line, and an answer that waits for nothing slow.
const NEW: Duration = Duration::from_secs(1);
/// Connections of one address that are no reason to close those first: a browser's six, and two programs.
const MODEST: usize = 8;
/// Connections that were told to leave and have not left yet, beyond the limit: until they have, the newest waits.
const LEAVING: usize = 32;

/// The places of all doors.
pub(crate) struct Places {
    limits: Limits,
    table: Mutex<Table>,
    /// Rung when somebody left, or may be told to.
    changed: Event,
}

#[derive(Default)]
struct Table {
    held: Vec<Held>,
    /// How many of those who are not leaving are whose.
    by_holder: HashMap<Neighbour, usize>,
    leaving: usize,
    next: u64,
}

struct Held {
    number: u64,
    holder: Neighbour,
    /// Whether the holder may have any number, because it speaks for many.
    many: bool,
    /// Whether a request on it showed a live session.
    known: bool,
    /// Whether a request is being answered.
    answering: bool,
    /// When it was opened, last asked something, or last answered.
    since: Instant,
    /// Tells it to leave; nothing, once that was said.
    stopper: Option<Stopper>,
}

/// Who makes room, the first of them first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A stranger who says nothing, or not all of it.
    Idle,
    /// A stranger whose answer takes long.
    Slow,
    /// A stranger who has just come, or was just answered.
    New,
    /// A stranger who has just asked, and waits for the answer.
    Asking,
    /// Somebody known who asks nothing just now.
    Known,
}

impl Held {
    /// `None`: it stays.
    fn rank(&self, now: Instant) -> Option<Rank> {
        let is_new = now.saturating_duration_since(self.since) < NEW;
        match (&self.stopper, self.known, self.answering) {
            (None, ..) | (_, true, true) => None,
            (_, true, false) => Some(Rank::Known),
            (_, false, false) if is_new => Some(Rank::New),
            (_, false, true) if is_new => Some(Rank::Asking),
            (_, false, true) => Some(Rank::Slow),
            (_, false, false) => Some(Rank::Idle),
        }
    }
}

/// One connection's place; free again when dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    holder: Neighbour,
    number: u64,
}

/// What came of asking for a place.
enum Outcome {
    Given(Place, Stop),
    /// The address holds all that it may, and uses all of it.
    Refused,
    /// All are taken by those who stay.
    Full,
}

impl Places {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            table: Mutex::default(),
            changed: Event::new(),
        })
    }

    /// How many are held now.
    pub(crate) fn held(&self) -> usize {
        self.table().held.len()
    }

    /// A place for whoever comes from that address to that one of ours, and what tells them to leave it to somebody
    /// else. Nothing, if they hold all that they may. Waits while everybody in is known and at work.
    pub(crate) async fn give(self: &Arc<Self>, to: SocketAddr, door: SocketAddr) -> Option<(Place, Stop)> {
        let holder = Neighbour::met_at(to.ip(), door.ip());
        let many = self.limits.exempt.iter().any(|net| net.contains(&to.ip()));
        loop {
            let changed = self.changed.listen();
            match self.try_give(holder, many, now()) {
                Outcome::Given(place, stop) => return Some((place, stop)),
                Outcome::Refused => return None,
                Outcome::Full => changed.await,
            }
        }
    }

    fn try_give(self: &Arc<Self>, holder: Neighbour, many: bool, now: Instant) -> Outcome {
        let mut table = self.table();
        if !many && table.count(holder) >= self.limits.per_address {
            let its_own = table.first_to_leave(now, |held, rank| held.holder == holder && rank < Rank::Known);
            let Some(number) = its_own else { return Outcome::Refused };
            table.send_away(number);
        }
        if table.held.len() >= self.limits.connections + LEAVING {
            return Outcome::Full;
        }
        if table.held.len() - table.leaving >= self.limits.connections {
            let Some(number) = table.first_to_leave(now, |_, _| true) else {
                return Outcome::Full;
            };
            table.send_away(number);
        }
        let (stopper, stop) = Stopper::new();
        let number = table.next;
        table.next += 1;
        *table.by_holder.entry(holder).or_default() += 1;
        table.held.push(Held {
            number,
            holder,
            many,
            known: false,
            answering: false,
            since: now,
            stopper: Some(stopper),
        });
        let places = Arc::clone(self);
        let place = Place { places, holder, number };
        Outcome::Given(place, stop)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn count(&self, holder: Neighbour) -> usize {
        self.by_holder.get(&holder).copied().unwrap_or_default()
    }

    /// Of those who may be told to leave: by rank, then whoever holds most, then who did nothing for longest. Of those
    /// who wait for an answer who came last: else none of them would live to hear it.
    fn first_to_leave(&self, now: Instant, among: impl Fn(&Held, Rank) -> bool) -> Option<u64> {
        let ranked = self.held.iter().filter_map(|held| Some((held, held.rank(now)?)));
        let candidates = ranked.filter(|(held, rank)| among(held, *rank));
        let first = candidates.min_by_key(|(held, rank)| {
            let greed = if held.many {
                0
            } else {
                self.count(held.holder).saturating_sub(MODEST)
            };
            let age = now.saturating_duration_since(held.since);
            let order = if held.answering { age } else { Duration::MAX - age };
            (*rank, usize::MAX - greed, order)
        });
        first.map(|(held, _)| held.number)
    }

    fn send_away(&mut self, number: u64) {
        let Some(held) = self.held.iter_mut().find(|held| held.number == number) else {
            return;
        };
        if let Some(stopper) = held.stopper.take() {
            stopper.stop();
            let holder = held.holder;
            self.leaving += 1;
            self.one_less(holder);
        }
    }

    fn one_less(&mut self, holder: Neighbour) {
        if let Some(count) = self.by_holder.get_mut(&holder) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.by_holder.remove(&holder);
            }
        }
    }
}

impl Place {
    /// Whose it is.
    pub(crate) fn holder(&self) -> Neighbour {
        self.holder
    }

    /// A whole request is here, and is being answered.
    pub(crate) fn asked(&self) {
        self.change(|held| held.answering = true);
    }

    /// The answer is out.
    pub(crate) fn answered(&self) {
        self.change(|held| held.answering = false);
        self.places.changed.notify(usize::MAX);
    }

    /// Whoever asked has a live session.
    pub(crate) fn known(&self) {
        self.change(|held| held.known = true);
    }

    fn change(&self, change: impl FnOnce(&mut Held)) {
        let now = now();
        if let Some(held) = self
            .places
            .table()
            .held
            .iter_mut()
            .find(|held| held.number == self.number)
        {
            change(held);
            held.since = now;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.places.table();
        if let Some(place) = table.held.iter().position(|held| held.number == self.number) {
            let held = table.held.swap_remove(place);
            if held.stopper.is_some() {
                table.one_less(held.holder);
            } else {
                table.leaving = table.leaving.saturating_sub(1);
            }
        }
        drop(table);
        self.places.changed.notify(usize::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether that connection was told to leave.
    fn is_sent_away(places: &Places, place: &Place) -> bool {
        let table = places.table();
        let held = table.held.iter().find(|held| held.number == place.number);
        held.is_some_and(|held| held.stopper.is_none())
    }

    #[test]
    fn whoever_has_just_asked_outlives_who_came_later_and_said_nothing() {
        let limits = Limits {
            connections: 2,
            ..Limits::appliance()
        };
        let places = Places::new(limits);
        let holder = |last| Neighbour::met_at([192, 168, 1, last].into(), [192, 168, 1, 1].into());
        let come = |last| match places.try_give(holder(last), false, now()) {
            Outcome::Given(place, _) => place,
            Outcome::Refused | Outcome::Full => panic!("there is room"),
        };
        let asking = come(10);
        asking.asked();
        let silent = come(11);
        let newcomer = come(12);
        let left = [&asking, &silent, &newcomer].map(|place| is_sent_away(&places, place));
        assert_eq!(left, [false, true, false]);
    }
}
