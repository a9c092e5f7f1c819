//! A phone's registration (RFC 3261 §10.2): made, refreshed, made anew after a restart or a lost connection.

use super::transactions::Purpose;
use super::{Fact, Phone};
use crate::wire::{Message, address, param};

/// Where the phone is with it.
pub(crate) struct Registration {
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
    tag: String,
    pub(crate) expires: u32,
    pub(crate) next: Option<u64>,
    pub(crate) until: u64,
    pub(crate) leaving: bool,
}

impl Registration {
    pub(crate) fn new(call_id: String, tag: String, expires: u32, at: u64) -> Self {
        Self {
            call_id,
            cseq: 0,
            tag,
            expires,
            next: Some(at),
            until: 0,
            leaving: false,
        }
    }
}

impl Phone {
    pub(crate) fn is_registered(&self, now: u64) -> bool {
        now < self.registration.until && !self.registration.leaving
    }

    /// Removes the binding at the end of the day.
    pub(crate) fn leave(&mut self, now: u64) {
        self.registration.leaving = true;
        self.register(now);
    }

    pub(super) fn register(&mut self, now: u64) {
        self.registration.cseq += 1;
        let registration = &self.registration;
        let aor = format!("<sip:{}@{}>", self.extension, self.domain);
        let expires = if registration.leaving { 0 } else { registration.expires };
        let message = Message::request("REGISTER", &format!("sip:{}", self.domain))
            .with("Max-Forwards", "70")
            .with("From", &format!("{aor};tag={}", registration.tag))
            .with("To", &aor)
            .with("Call-ID", &registration.call_id)
            .with("CSeq", &format!("{} REGISTER", registration.cseq))
            .with(
                "Contact",
                &format!("{};expires={expires}", self.contact_with_instance()),
            );
        self.registration.next = None;
        self.send_signed(message, Purpose::Register, now);
    }

    pub(super) fn registered(&mut self, response: Option<&Message>, now: u64) {
        let code = response.map_or(0, Message::code);
        let own = self.contact_uri();
        match response {
            Some(response) if code == 200 => {
                let listed = response.list("Contact");
                if self.registration.leaving {
                    // One that was under way when everybody left.
                    if response.cseq() < self.registration.cseq {
                        return;
                    }
                    self.registration.until = 0;
                    assert!(!listed.iter().any(|one| address(one) == own), "still bound: {listed:?}");
                    return;
                }
                let first = listed.first().expect("a Contact in the 200 of a REGISTER");
                assert_eq!(address(first), own, "the sender's own Contact is not the first");
                let granted: u32 = param(first, "expires").expect("expires").parse().unwrap();
                assert_eq!(
                    granted, self.registration.expires,
                    "what was asked for is not what was granted"
                );
                self.registration.until = now + u64::from(granted) * 1000;
                self.registration.next = Some(now + u64::from(granted) * 500 + self.dice.between(0, 5_000));
                self.facts.push(Fact::Registered);
            }
            Some(response) if code == 423 => {
                self.facts.push(Fact::TooBrief);
                let minimum = response.need("Min-Expires").parse().unwrap();
                self.brief_tries += 1;
                let wait = if self.manner.ignores_min_expires && self.brief_tries < 12 {
                    5_000
                } else {
                    self.registration.expires = minimum;
                    100
                };
                self.registration.next = Some(now + wait);
            }
            _ => {
                self.facts.push(Fact::NotRegistered { code });
                self.registration.next = Some(now + self.dice.between(2_000, 15_000));
            }
        }
    }

    pub(super) fn tick_registration(&mut self, now: u64) {
        if self.registration.next.is_some_and(|at| at <= now) && self.can_send() {
            self.register(now);
        }
    }
}
