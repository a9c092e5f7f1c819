//! A phone that is called.

use super::call::until_acked;
use super::{Deed, Dialog, Fact, Phone, State};
use crate::wire::{Message, param};

impl Phone {
    /// An INVITE outside any dialog.
    pub(super) fn invited(&mut self, request: &Message, now: u64) {
        let replaced = request.get("Replaces").map(|value| self.replaced(value));
        if replaced.is_none() {
            self.facts.push(Fact::Rings {
                call_id: request.call_id().to_owned(),
                from_tag: request.tag("From").unwrap(),
                dialled: super::extension_of(request.need("To")),
            });
        }
        let busy = self.calls.iter().any(|call| call.state != State::Ending);
        match replaced {
            Some(None) => return self.reply(request, 481, "No Such Call", now),
            Some(Some(_)) => {}
            None if self.closing => return self.reply(request, 480, "Gone Home", now),
            None if busy => return self.reply(request, 486, "Busy Here", now),
            None => {}
        }
        if let Some(to) = self.manner.forwards_to.clone().filter(|_| replaced.is_none()) {
            let answer = Message::response(request, 302, "Moved Temporarily", &self.dice.hex());
            let answer = answer.with("Contact", &format!("<sip:{to}@{}>", self.domain));
            return self.answer(request, &answer, now);
        }
        let tag = self.dice.hex();
        let key = self
            .add_call(State::Ringing, Dialog::accept(request, &tag), request.clone())
            .key;
        if let Some(Some(old)) = replaced {
            if let Some(call) = self.call(key) {
                call.replaces = Some(old);
            }
            self.facts.push(Fact::Replaced);
            return self.accept(key, now);
        }
        let reliable = self.manner.reliable && request.list("Supported").iter().any(|tag| tag == "100rel");
        let ringing = Message::response(request, if reliable { 183 } else { 180 }, "Ringing", &tag);
        let mut ringing = ringing.with("Contact", &self.contact());
        if reliable {
            ringing.add("Require", "100rel");
            ringing.add("RSeq", "1");
            ringing.add("Content-Type", "application/sdp");
            ringing.body = self.offer(false);
        }
        self.answer(request, &ringing, now);
        let after = self.dice.between(800, 15_000);
        if self.dice.permille(self.manner.declines) {
            let (code, reason) = *self
                .dice
                .pick(&[(603, "Decline"), (486, "Busy Here"), (480, "Not Now")]);
            self.plan(key, now + after, Deed::Decline(code, reason));
        } else if !self.dice.permille(self.manner.absent) {
            self.plan(key, now + after, Deed::Answer);
        }
    }

    /// The own call that an INVITE replaces (RFC 3891 §3).
    fn replaced(&self, value: &str) -> Option<u64> {
        let call_id = value.split(';').next()?.trim();
        let (to, from) = (param(value, "to-tag")?, param(value, "from-tag")?);
        let early_only = value.contains("early-only");
        let matches = |call: &&super::Call| {
            let dialog = &call.dialog;
            let same =
                dialog.call_id == call_id && dialog.local_tag() == to && dialog.remote_tag() == Some(from.clone());
            same && match call.state {
                State::Calling => !call.gives_up,
                State::Up | State::Accepted => !early_only,
                State::Ringing | State::Ending => false,
            }
        };
        self.calls.iter().find(matches).map(|call| call.key)
    }

    pub(super) fn accept(&mut self, key: u64, now: u64) {
        let (contact, body) = (self.contact(), self.offer(false));
        let hangs_up = now + self.dice.between(20_000, 240_000);
        let Some(call) = self.call(key) else {
            return;
        };
        let (invite, tag) = (call.invite.clone(), call.dialog.local_tag());
        let mut answer = Message::response(&invite, 200, "OK", &tag)
            .with("Contact", &contact)
            .with("Content-Type", "application/sdp");
        answer.body = body;
        call.state = State::Accepted;
        call.accepted = until_acked(answer.bytes(), now);
        call.deeds.push((hangs_up, Deed::HangUp));
        let replaces = call.replaces;
        self.answer(&invite, &answer, now);
        if let Some(old) = replaces {
            match self.call(old).map(|call| call.state) {
                Some(State::Calling) => self.give_up(old, now),
                Some(_) => self.hang_up(old, now),
                None => {}
            }
        }
    }

    pub(super) fn refuse(&mut self, key: u64, code: u16, reason: &str, now: u64) {
        let Some(call) = self.call(key) else {
            return;
        };
        let (invite, tag) = (call.invite.clone(), call.dialog.local_tag());
        let answer = Message::response(&invite, code, reason, &tag);
        self.answer(&invite, &answer, now);
        self.forget_call(key);
    }

    pub(super) fn cancelled(&mut self, request: &Message, now: u64) {
        let branch = request.branch();
        let invite = |server: &&super::Server| server.request.method() == "INVITE" && server.branch == branch;
        let Some(server) = self.servers.iter().find(invite) else {
            return self.reply(request, 481, "Nothing To Cancel", now);
        };
        let settled = server.settled;
        self.reply(request, 200, "OK", now);
        let rings = |call: &&super::Call| call.state == State::Ringing && call.invite.branch() == branch;
        let ringing = self.calls.iter().find(rings).map(|call| call.key);
        if let Some(key) = ringing.filter(|_| !settled) {
            self.refuse(key, 487, "Request Terminated", now);
        }
    }

    /// An INVITE within a call: held, resumed, refreshed.
    pub(super) fn reinvited(&mut self, key: u64, request: &Message, now: u64) {
        let (contact, body) = (self.contact(), self.offer(false));
        let Some(call) = self.call(key) else {
            return;
        };
        if call.offering || call.accepted.is_some() {
            return self.reply(request, 491, "Request Pending", now);
        }
        let mut answer = Message::response(request, 200, "OK", "")
            .with("Contact", &contact)
            .with("Content-Type", "application/sdp");
        answer.body = body;
        call.accepted = until_acked(answer.bytes(), now);
        self.answer(request, &answer, now);
    }
}
