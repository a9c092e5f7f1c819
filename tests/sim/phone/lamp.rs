//! Line keys that a phone watches (RFC 4235): the subscription, and what the lamp shows.

use super::transactions::Purpose;
use super::{Dialog, Fact, Phone};
use crate::wire::{Message, address, param};

/// What a lamp shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    Nothing,
    Idle,
    /// It rings there: with what a pick-up needs.
    Early {
        call_id: String,
        local_tag: String,
        remote_tag: String,
        remote: String,
        incoming: bool,
    },
    Busy,
}

/// A line key.
pub(crate) struct Lamp {
    pub(crate) extension: String,
    pub(crate) dialog: Option<Dialog>,
    pub(crate) shows: Shows,
    pub(crate) next: Option<u64>,
    pub(crate) until: u64,
    version: Option<u32>,
    peer_cseq: u32,
}

impl Lamp {
    pub(crate) fn new(extension: &str, at: u64) -> Self {
        Self {
            extension: extension.to_owned(),
            dialog: None,
            shows: Shows::Nothing,
            next: Some(at),
            until: 0,
            version: None,
            peer_cseq: 0,
        }
    }

    fn forget(&mut self, at: u64) {
        self.dialog = None;
        self.version = None;
        self.peer_cseq = 0;
        self.until = 0;
        self.next = Some(at);
    }
}

const EXPIRES_S: u64 = 1_800;

impl Phone {
    pub(super) fn tick_lamps(&mut self, now: u64) {
        if !self.is_registered(now) || !self.can_send() {
            return;
        }
        for place in 0..self.lamps.len() {
            if self.lamps[place].next.is_some_and(|at| at <= now) {
                self.watch(place, EXPIRES_S, now);
            }
        }
    }

    /// Ends all subscriptions.
    pub(crate) fn unwatch(&mut self, now: u64) {
        self.unwatching = true;
        for place in 0..self.lamps.len() {
            if self.lamps[place].dialog.is_some() {
                self.watch(place, 0, now);
            }
            self.lamps[place].next = None;
        }
    }

    fn watch(&mut self, place: usize, expires_s: u64, now: u64) {
        let extension = self.lamps[place].extension.clone();
        if self.lamps[place].dialog.is_none() {
            let dialog = self.new_dialog(&extension);
            self.lamps[place].dialog = Some(dialog);
        }
        let lamp = &mut self.lamps[place];
        lamp.next = None;
        let request = lamp.dialog.as_mut().unwrap().request("SUBSCRIBE");
        let request = request
            .with("Contact", &self.contact())
            .with("Event", "dialog")
            .with("Accept", "application/dialog-info+xml")
            .with("Expires", &expires_s.to_string());
        self.send_signed(request, Purpose::Watch(place), now);
    }

    pub(super) fn watched(&mut self, place: usize, asked: &Message, response: Option<&Message>, now: u64) {
        let wait = self.dice.between(2_000, 20_000);
        let lamp = &mut self.lamps[place];
        // An answer to a subscription that was given up meanwhile.
        if lamp
            .dialog
            .as_ref()
            .is_none_or(|dialog| dialog.call_id != asked.call_id())
        {
            return;
        }
        let ending = asked.need("Expires") == "0";
        match response {
            Some(response) if response.code() < 300 => {
                lamp.dialog.as_mut().unwrap().learn(response, false);
                let granted: u64 = response.need("Expires").parse().unwrap();
                assert!(granted <= EXPIRES_S, "a longer subscription than was asked for");
                if !ending {
                    lamp.until = now + granted * 1000;
                    lamp.next = Some(now + granted * 600);
                }
            }
            // A refresh that got no answer leaves the subscription alone (RFC 6665 §4.1.2.2).
            None if !ending => lamp.next = Some(now + wait),
            _ if ending => lamp.dialog = None,
            // No connection any more: it is made anew with the next one.
            None if !self.connected && self.manner.via != super::Via::Udp => {}
            _ => {
                self.facts.push(Fact::NotWatching);
                lamp.forget(now + wait);
            }
        }
    }

    /// A NOTIFY of the event package `dialog`.
    pub(super) fn notified(&mut self, request: &Message, now: u64) {
        let tag = request.tag("To").unwrap_or_default();
        let its = |lamp: &&mut Lamp| {
            let dialog = lamp.dialog.as_ref();
            dialog.is_some_and(|dialog| dialog.call_id == request.call_id() && dialog.local_tag() == tag)
        };
        let Some(lamp) = self.lamps.iter_mut().find(its) else {
            let refusal = Message::response(request, 481, "Subscription Does Not Exist", "");
            return self.answer(request, &refusal, now);
        };
        lamp.dialog.as_mut().unwrap().learn(request, true);
        if request.cseq() > lamp.peer_cseq {
            lamp.peer_cseq = request.cseq();
            let state = request.need("Subscription-State");
            if !request.body.is_empty() {
                let (version, shows) = read(&request.body);
                assert!(
                    lamp.version.is_none_or(|last| version > last),
                    "the version fell to {version}"
                );
                lamp.version = Some(version);
                lamp.shows = shows;
            }
            if state.starts_with("terminated") {
                let at = now + self.dice.between(500, 3_000);
                lamp.forget(at);
                if self.unwatching || param(state, "reason").is_some_and(|reason| reason == "noresource") {
                    lamp.next = None;
                }
            }
        }
        let answer = Message::response(request, 200, "OK", "");
        self.answer(request, &answer, now);
    }

    /// After a restart or a lost connection: every subscription anew.
    pub(super) fn forget_lamps(&mut self, now: u64) {
        for lamp in &mut self.lamps {
            lamp.forget(now + 1_000);
            lamp.shows = Shows::Nothing;
        }
    }
}

/// Version and meaning of a `dialog-info` document.
fn read(xml: &str) -> (u32, Shows) {
    let document = roxmltree::Document::parse(xml).unwrap_or_else(|why| panic!("{why}: {xml}"));
    let root = document.root_element();
    assert_eq!(root.attribute("state"), Some("full"));
    let version = root.attribute("version").unwrap().parse().unwrap();
    let mut shows = Shows::Idle;
    for dialog in root.children().filter(|node| node.has_tag_name_of("dialog")) {
        let child = |name| dialog.children().find(|node| node.has_tag_name_of(name));
        match child("state").and_then(|state| state.text()) {
            Some("terminated") => {}
            Some("confirmed") => shows = Shows::Busy,
            Some(_) if shows != Shows::Busy => {
                let remote = child("remote").and_then(|remote| {
                    let target = remote.children().find(|node| node.has_tag_name_of("target"))?;
                    target.attribute("uri").map(str::to_owned)
                });
                let attribute = |name| dialog.attribute(name).unwrap_or_default().to_owned();
                shows = Shows::Early {
                    call_id: attribute("call-id"),
                    local_tag: attribute("local-tag"),
                    remote_tag: attribute("remote-tag"),
                    remote: remote.unwrap_or_default(),
                    incoming: dialog.attribute("direction") == Some("recipient"),
                };
            }
            _ => {}
        }
    }
    (version, shows)
}

trait Named {
    fn has_tag_name_of(&self, name: &str) -> bool;
}

impl Named for roxmltree::Node<'_, '_> {
    /// By the local name, whatever the namespace.
    fn has_tag_name_of(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

/// The extension of an address.
pub(crate) fn extension_of(value: &str) -> String {
    crate::wire::user(address(value)).to_owned()
}
