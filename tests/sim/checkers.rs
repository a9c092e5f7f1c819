//! What has to hold after every step, and at quiet moments.

use std::collections::{BTreeMap, BTreeSet};

use crate::phone::{Fact, Phone, Shows, State};
use crate::wire::Message;

/// A phone may ring three minutes and some (Timer C); its end is told within 32 s more, and a caller who has given up
/// waits as long.
const SETTLED_WITHIN_MS: u64 = 185_000 + 2 * 32_000;
/// A lamp follows the truth within so much time on a clear network.
const LAMP_LAG_MS: u64 = 40_000;
/// Actions of one input, timeouts aside: an INVITE to all bindings of an extension, with their CANCELs, and a NOTIFY to
/// each of 20 watchers.
const ACTIONS_OF_ONE_INPUT: usize = 64;

/// What is known of one call.
#[derive(Debug, Default)]
struct Known {
    invited: Option<u64>,
    settled: bool,
    /// How often a phone in it was switched off or lost its connection: the other end may be left alone.
    broken: usize,
    /// Which extensions are in it.
    extensions: BTreeSet<String>,
}

/// Everything the checkers remember.
pub(crate) struct Checkers {
    calls: BTreeMap<String, Known>,
    rung: BTreeSet<(String, String, usize, u16)>,
    forwards: BTreeMap<String, String>,
    /// The CSeqs of each subscription's NOTIFYs.
    notified: BTreeMap<String, BTreeSet<u32>>,
    /// When an extension's calls changed last.
    changed: BTreeMap<String, u64>,
    pub(crate) tally: Tally,
}

/// What happened on a day: a simulation in which nothing happens proves nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// What the stack sent, by method or status, copies included.
    pub(crate) sent: BTreeMap<String, usize>,
    /// Calls that were taken over by Replaces: pick-ups and attended transfers.
    pub(crate) replaced: usize,
    pub(crate) inputs: usize,
    pub(crate) actions: usize,
    pub(crate) registered: usize,
    pub(crate) challenged: usize,
    pub(crate) too_brief: usize,
    pub(crate) invited: usize,
    pub(crate) answered: usize,
    pub(crate) refused: usize,
    pub(crate) unanswered: usize,
    pub(crate) rung: usize,
    pub(crate) lamps_checked: usize,
    pub(crate) busy_lamps: usize,
    pub(crate) pairs_checked: usize,
}

impl Checkers {
    pub(crate) fn new(phones: &[Phone]) -> Self {
        let forwards = phones
            .iter()
            .filter_map(|phone| Some((phone.extension.clone(), phone.manner.forwards_to.clone()?)));
        Self {
            calls: BTreeMap::new(),
            rung: BTreeSet::new(),
            forwards: forwards.collect(),
            notified: BTreeMap::new(),
            changed: BTreeMap::new(),
            tally: Tally::default(),
        }
    }

    pub(crate) fn input(&mut self, is_timeout: bool, actions: usize, live: usize) {
        self.tally.inputs += 1;
        self.tally.actions += actions;
        let most = if is_timeout {
            ACTIONS_OF_ONE_INPUT + 4 * live
        } else {
            ACTIONS_OF_ONE_INPUT
        };
        assert!(actions <= most, "{actions} actions of one input, of at most {most}");
    }

    /// What the stack sends.
    pub(crate) fn sent(&mut self, bytes: &[u8]) {
        let start = String::from_utf8_lossy(bytes.get(..12).unwrap_or_default()).into_owned();
        let mut words = start.split(' ');
        let kind = words
            .next()
            .filter(|word| *word != "SIP/2.0")
            .or_else(|| words.next())
            .unwrap_or_default();
        *self.tally.sent.entry(kind.to_owned()).or_default() += 1;
        if !bytes.starts_with(b"NOTIFY ") {
            return;
        }
        let notify = Message::read(bytes);
        if notify.need("Event") != "dialog" {
            return;
        }
        let known = self.notified.entry(notify.call_id().to_owned()).or_default();
        let (newest, cseq) = (known.last().copied(), notify.cseq());
        let copy = known.contains(&cseq);
        assert!(
            copy || newest.is_none_or(|newest| cseq > newest),
            "CSeq fell from {newest:?} to {cseq}"
        );
        known.insert(cseq);
    }

    pub(crate) fn take(&mut self, phone: &Phone, fact: &Fact, now: u64) {
        let tally = &mut self.tally;
        match fact {
            Fact::Challenged {
                stale,
                other_hash,
                signed,
            } => {
                tally.challenged += 1;
                assert!(
                    *signed == 0 || *stale || *other_hash,
                    "right credentials over a new nonce were refused"
                );
                assert!(*signed < 3, "three challenges in a row");
            }
            Fact::CutOff { call_id } => {
                let call = self.calls.get_mut(call_id).unwrap();
                call.settled = true;
                call.broken += 1;
                self.touch(&phone.extension, call_id, now);
            }
            Fact::Invited { call_id } => {
                tally.invited += 1;
                let call = self.calls.entry(call_id.clone()).or_default();
                call.invited = Some(now);
                self.touch(&phone.extension, call_id, now);
            }
            Fact::NotRegistered { code } => assert_eq!(*code, 0, "a registration was refused"),
            Fact::NotWatching => {}
            // What reaches it over its next connection may be the same call.
            Fact::Unconnected => self.rung.retain(|(_, _, number, _)| *number != phone.number),
            Fact::Registered => tally.registered += 1,
            Fact::Rings {
                call_id,
                from_tag,
                dialled,
            } => {
                tally.rung += 1;
                let once = self
                    .rung
                    .insert((call_id.clone(), from_tag.clone(), phone.number, phone.port));
                assert!(once, "phone {} rang twice for {call_id}", phone.number);
                assert!(
                    self.calls.contains_key(call_id),
                    "phone {} rang for a stranger's {call_id}",
                    phone.number
                );
                let meant = self.reached_by(dialled).any(|extension| extension == phone.extension);
                assert!(
                    meant,
                    "phone {} of {} rang for {dialled}",
                    phone.number, phone.extension
                );
                self.touch(&phone.extension, call_id, now);
            }
            Fact::Settled { call_id, code } => {
                let call = self.calls.get_mut(call_id).unwrap();
                call.settled = true;
                match code {
                    0 => tally.unanswered += 1,
                    200..300 => tally.answered += 1,
                    _ => tally.refused += 1,
                }
                assert!(
                    *code != 0 || call.broken > 0,
                    "no answer at all to the INVITE of {call_id} from phone {}, {:?}, since {:?}, at {now}",
                    phone.number,
                    phone.manner.via,
                    call.invited
                );
                self.touch(&phone.extension, call_id, now);
            }
            Fact::Replaced => tally.replaced += 1,
            Fact::TooBrief => tally.too_brief += 1,
            Fact::Up { call_id } | Fact::Down { call_id } => self.touch(&phone.extension, call_id, now),
            Fact::Odd(what) => {
                let excused = self
                    .calls
                    .iter()
                    .any(|(call_id, call)| call.broken > 0 && what.contains(call_id.as_str()));
                assert!(excused, "phone {}: {what}", phone.number);
            }
        }
    }

    fn touch(&mut self, extension: &str, call_id: &str, now: u64) {
        let call = self.calls.entry(call_id.to_owned()).or_default();
        call.extensions.insert(extension.to_owned());
        for extension in &call.extensions {
            self.changed.insert(extension.clone(), now);
        }
    }

    /// A phone is about to be switched off, or its connection to be cut.
    pub(crate) fn breaks(&mut self, phone: &Phone) {
        for call in &phone.calls {
            self.calls.entry(call.dialog.call_id.clone()).or_default().broken += 1;
        }
    }

    /// Calls both ends of which may have gone without a word: nobody can end them.
    pub(crate) fn orphans(&self) -> usize {
        self.calls.values().filter(|call| call.broken > 0).count()
    }

    /// The extension itself, and those that its phones forward to.
    fn reached_by<'a>(&'a self, dialled: &'a str) -> impl Iterator<Item = &'a str> {
        let next = |extension: &&str| self.forwards.get(*extension).map(String::as_str);
        std::iter::successors(Some(dialled), next).take(5)
    }

    /// No INVITE waits longer for its end than it may.
    pub(crate) fn nobody_waits(&self, now: u64) {
        for (call_id, call) in self.calls.iter().filter(|(_, call)| !call.settled) {
            let since = call.invited.unwrap_or(now);
            assert!(
                now < since + SETTLED_WITHIN_MS,
                "the INVITE of {call_id} has no final answer since {since}"
            );
        }
    }

    /// Who is in a call with somebody, is so in the eyes of the other end, too.
    pub(crate) fn calls_agree(&mut self, phones: &[Phone]) {
        for phone in phones {
            for call in phone.calls.iter().filter(|call| call.state == State::Up) {
                let dialog = &call.dialog;
                if self.calls.get(&dialog.call_id).is_some_and(|known| known.broken > 0) {
                    continue;
                }
                let other_end = phones.iter().flat_map(|other| &other.calls).any(|other| {
                    other.dialog.call_id == dialog.call_id
                        && Some(other.dialog.local_tag()) == dialog.remote_tag()
                        && other.dialog.remote_tag() == Some(dialog.local_tag())
                        && other.state != State::Ringing
                });
                assert!(other_end, "phone {} is alone in {}", phone.number, dialog.call_id);
                self.tally.pairs_checked += 1;
            }
        }
    }

    /// A lamp burns while its extension is in a call, and only then.
    pub(crate) fn lamps_are_true(&mut self, phones: &[Phone], now: u64) {
        for watcher in phones.iter().filter(|phone| phone.is_registered(now)) {
            for lamp in watcher
                .lamps
                .iter()
                .filter(|lamp| lamp.dialog.is_some() && now < lamp.until)
            {
                let of_it = |phone: &&Phone| phone.extension == lamp.extension;
                let calls = || phones.iter().filter(of_it).flat_map(|phone| &phone.calls);
                let young = self
                    .changed
                    .get(&lamp.extension)
                    .is_some_and(|at| now < at + LAMP_LAG_MS);
                let held_open = |call_id: &str| {
                    phones
                        .iter()
                        .flat_map(|one| &one.calls)
                        .any(|it| it.dialog.call_id == call_id)
                };
                // Where one end is gone, the other one ends the call; where both are, nobody does.
                let excused = |(call_id, call): (&String, &Known)| {
                    let open = call.broken > 1 || call.broken == 1 && held_open(call_id);
                    open && call.extensions.contains(&lamp.extension)
                };
                if young || lamp.shows == Shows::Nothing || self.calls.iter().any(excused) {
                    continue;
                }
                let talks = calls().any(|call| matches!(call.state, State::Up | State::Accepted));
                let shows = lamp.shows == Shows::Busy;
                let waits = calls().any(|call| !matches!(call.state, State::Up | State::Accepted));
                let (on, by) = (&lamp.extension, watcher.number);
                assert!(
                    shows || !talks,
                    "{on} talks; its lamp at phone {by} shows {:?}",
                    lamp.shows
                );
                assert!(
                    !shows || talks || waits,
                    "{on} is idle; its lamp at phone {by} shows {:?}",
                    lamp.shows
                );
                assert!(
                    talks || waits || lamp.shows == Shows::Idle,
                    "{on} is idle: {:?} at {by}",
                    lamp.shows
                );
                self.tally.lamps_checked += 1;
                self.tally.busy_lamps += usize::from(shows);
            }
        }
    }
}
