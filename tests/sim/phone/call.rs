//! A phone's calls: what they are, and what their people do in them as time passes.

use super::transactions::GIVES_UP_MS;
use super::{Dialog, Fact, Phone, Purpose};
use crate::wire::Message;

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Own INVITE, not answered yet.
    Calling,
    /// Somebody else's INVITE, not answered yet.
    Ringing,
    /// It was answered here, and the ACK is still to come.
    Accepted,
    Up,
    Ending,
}

/// What somebody does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Answer,
    Blind(String),
    /// The attended transfer's last step: the consulted party takes over the call of that key.
    Complete(u64),
    Consult(String),
    Decline(u16, &'static str),
    GiveUp,
    HangUp,
    Hold,
    Refresh,
    Resume,
}

/// One call of one phone.
pub(crate) struct Call {
    pub(crate) key: u64,
    pub(crate) state: State,
    pub(crate) dialog: Dialog,
    /// The INVITE, sent or received.
    pub(crate) invite: Message,
    /// What is going to be done, and when.
    pub(crate) deeds: Vec<(u64, Deed)>,
    pub(super) provisional: bool,
    pub(super) gives_up: bool,
    /// The 2xx, until its ACK: bytes, next time, pause, and when that ends.
    pub(super) accepted: Option<(Vec<u8>, u64, u64, u64)>,
    /// An own offer waits for its answer.
    pub(super) offering: bool,
    /// The provisional answers that have their PRACK: tag and RSeq.
    pub(super) acknowledged: Vec<(String, String)>,
    /// What is done when the call is answered, so many milliseconds later.
    pub(super) later: Vec<(u64, Deed)>,
    /// The call that ends when this one is up: it was replaced.
    pub(super) replaces: Option<u64>,
    /// The call whose other end is being transferred to here.
    pub(super) consults_for: Option<u64>,
    /// Whom a transfer told us to report to.
    pub(super) reports_to: Option<u64>,
}

impl Phone {
    pub(crate) fn call(&mut self, key: u64) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.key == key)
    }

    pub(super) fn add_call(&mut self, state: State, dialog: Dialog, invite: Message) -> &mut Call {
        let key = self.next_key;
        self.next_key += 1;
        self.calls.push(Call {
            key,
            state,
            dialog,
            invite,
            deeds: Vec::new(),
            provisional: false,
            gives_up: false,
            accepted: None,
            offering: false,
            acknowledged: Vec::new(),
            later: Vec::new(),
            replaces: None,
            consults_for: None,
            reports_to: None,
        });
        self.calls.last_mut().unwrap()
    }

    pub(super) fn forget_call(&mut self, key: u64) {
        if let Some(place) = self.calls.iter().position(|call| call.key == key) {
            let call = self.calls.remove(place);
            self.facts.push(Fact::Down {
                call_id: call.dialog.call_id,
            });
        }
    }

    /// A body of SDP that says which offer it is, and whether the call is held.
    pub(super) fn offer(&mut self, held: bool) -> String {
        let (ip, version) = (self.address().ip(), self.dice.between(1, 1_000_000));
        let way = if held { "sendonly" } else { "sendrecv" };
        format!(
            "v=0\r\no=- {version} 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\n\
             t=0 0\r\nm=audio 4000 RTP/AVP 8\r\na={way}\r\n"
        )
    }

    pub(super) fn tick_calls(&mut self, now: u64) {
        let keys: Vec<u64> = self.calls.iter().map(|call| call.key).collect();
        for key in keys {
            self.repeat_answer(key, now);
            while let Some(call) = self.call(key) {
                let Some(place) = call.deeds.iter().position(|(at, _)| *at <= now) else {
                    break;
                };
                let (_, deed) = call.deeds.remove(place);
                self.act(key, deed, now);
            }
        }
    }

    /// The 2xx of an INVITE is sent again until its ACK comes (RFC 3261 §13.3.1.4).
    fn repeat_answer(&mut self, key: u64, now: u64) {
        let Some(call) = self.calls.iter_mut().find(|call| call.key == key) else {
            return;
        };
        let Some((bytes, at, gap, until)) = &mut call.accepted else {
            return;
        };
        if *at > now {
            return;
        }
        if now >= *until {
            call.accepted = None;
            self.facts
                .push(Fact::Odd(format!("no ACK for {}", call.dialog.call_id)));
            return self.hang_up(key, now);
        }
        self.out.push(bytes.clone());
        *gap = (*gap * 2).min(4_000);
        *at = now + *gap;
    }

    pub(super) fn act(&mut self, key: u64, deed: Deed, now: u64) {
        let Some(call) = self.call(key) else {
            return;
        };
        let state = call.state;
        match deed {
            Deed::Answer if state == State::Ringing => self.accept(key, now),
            Deed::Decline(code, reason) if state == State::Ringing => self.refuse(key, code, reason, now),
            Deed::GiveUp if state == State::Calling => self.give_up(key, now),
            Deed::HangUp if matches!(state, State::Up | State::Accepted) => self.hang_up(key, now),
            Deed::Hold | Deed::Resume if state == State::Up => self.reinvite(key, deed == Deed::Hold, now),
            Deed::Refresh if state == State::Up => self.refresh(key, now),
            Deed::Blind(to) if state == State::Up => {
                let target = format!("<sip:{to}@{}>", self.domain);
                self.refer(key, &target, now);
            }
            // Without a connection there is no tone to dial at.
            Deed::Consult(to) if state == State::Up && self.can_send() => self.consult(key, &to, now),
            Deed::Complete(other) if state == State::Up => self.complete(key, other, now),
            _ => {}
        }
    }

    pub(crate) fn hang_up(&mut self, key: u64, now: u64) {
        let Some(call) = self.call(key) else {
            return;
        };
        if call.state == State::Ending {
            return;
        }
        call.state = State::Ending;
        call.accepted = None;
        call.deeds.clear();
        let bye = call.dialog.request("BYE").with("Reason", "Q.850;cause=16");
        self.send_signed(bye, Purpose::Bye(key), now);
    }

    /// A request in a dialog from a sender that the phone knows, or 481.
    pub(super) fn in_dialog(&mut self, request: &Message, now: u64) {
        let method = request.method().to_owned();
        let tag = request.tag("To").unwrap_or_default();
        let its = |call: &&mut Call| {
            call.dialog.call_id == request.call_id() && call.dialog.local_tag() == tag && call.state != State::Calling
                || call.dialog.call_id == request.call_id() && call.dialog.local_tag() == tag && method == "UPDATE"
        };
        let Some(call) = self.calls.iter_mut().find(its) else {
            if method != "ACK" {
                let refusal = Message::response(request, 481, "Call/Transaction Does Not Exist", "");
                self.answer(request, &refusal, now);
            }
            return;
        };
        let key = call.key;
        if method == "ACK" {
            call.accepted = None;
            if call.state == State::Accepted {
                call.state = State::Up;
                let call_id = call.dialog.call_id.clone();
                self.facts.push(Fact::Up { call_id });
            }
            return;
        }
        if request.cseq() <= call.dialog.peer_cseq {
            return self.reply(request, 500, "Out Of Order", now);
        }
        call.dialog.peer_cseq = request.cseq();
        if matches!(method.as_str(), "INVITE" | "UPDATE") && request.get("Contact").is_some() {
            call.dialog.learn(request, true);
        }
        match method.as_str() {
            "BYE" => {
                self.reply(request, 200, "OK", now);
                self.end_by_peer(key, now);
            }
            "INVITE" => self.reinvited(key, request, now),
            "REFER" => self.referred(key, request, now),
            "NOTIFY" => self.transfer_news(key, request, now),
            _ => self.reply(request, 200, "OK", now),
        }
    }

    fn end_by_peer(&mut self, key: u64, now: u64) {
        if let Some(call) = self.call(key) {
            call.accepted = None;
            let waits_for = call.consults_for;
            if call.state != State::Ending {
                self.forget_call(key);
            }
            if let Some(other) = waits_for {
                self.plan(other, now + 2_000, Deed::HangUp);
            }
        }
    }

    pub(super) fn plan(&mut self, key: u64, at: u64, deed: Deed) {
        if let Some(call) = self.call(key) {
            call.deeds.push((at, deed));
        }
    }

    pub(super) fn next_of_calls(&self) -> Option<u64> {
        let deeds = self.calls.iter().flat_map(|call| call.deeds.iter().map(|(at, _)| *at));
        let copies = self
            .calls
            .iter()
            .filter_map(|call| call.accepted.as_ref().map(|(_, at, _, _)| *at));
        deeds.chain(copies).min()
    }

    /// Whether a request is of a call that its caller has given up.
    pub(super) fn is_cancelled(&self, purpose: Purpose) -> bool {
        let gives_up = |key| self.calls.iter().any(|call| call.key == key && call.gives_up);
        matches!(purpose, Purpose::Invite(key) if gives_up(key))
    }
}

/// A 2xx that waits for its ACK.
pub(super) fn until_acked(bytes: Vec<u8>, now: u64) -> Option<(Vec<u8>, u64, u64, u64)> {
    Some((bytes, now + 500, 500, now + GIVES_UP_MS))
}
