//! A phone that calls: the INVITE, its answers, CANCEL, holding, session timers.

use super::{Call, Deed, Dialog, Fact, Phone, Purpose, State};
use crate::wire::Message;

/// What a call is to become.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    /// Fields beside the usual ones.
    pub(crate) fields: Vec<(String, String)>,
    /// After so many milliseconds nobody is waited for any more.
    pub(crate) patience_ms: Option<u64>,
    /// What is done so many milliseconds after the answer.
    pub(crate) then: Vec<(u64, Deed)>,
    pub(crate) consults_for: Option<u64>,
    pub(crate) reports_to: Option<u64>,
}

impl Phone {
    pub(crate) fn is_idle(&self) -> bool {
        self.calls.is_empty()
    }

    /// Calls an extension.
    pub(crate) fn place(&mut self, extension: &str, wish: Wish, now: u64) {
        let mut dialog = self.new_dialog(extension);
        let supported = if self.manner.reliable {
            "100rel, replaces, timer"
        } else {
            "replaces"
        };
        let mut request = dialog
            .request("INVITE")
            .with("Contact", &self.contact())
            .with(
                "Allow",
                "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, REFER, NOTIFY, MESSAGE",
            )
            .with("Supported", supported)
            .with("Content-Type", "application/sdp");
        for (name, value) in &wish.fields {
            request.add(name, value);
        }
        request.body = self.offer(false);
        self.facts.push(Fact::Invited {
            call_id: dialog.call_id.clone(),
        });
        let call = self.add_call(State::Calling, dialog, request.clone());
        call.consults_for = wish.consults_for;
        call.reports_to = wish.reports_to;
        call.later = wish.then;
        call.deeds
            .extend(wish.patience_ms.map(|patience| (now + patience, Deed::GiveUp)));
        let key = call.key;
        let sent = self.send_signed(request, Purpose::Invite(key), now);
        self.resent(Purpose::Invite(key), &sent);
    }

    /// The INVITE that a CANCEL would be for is this one now.
    pub(super) fn resent(&mut self, purpose: Purpose, sent: &Message) {
        if let Purpose::Invite(key) = purpose
            && let Some(call) = self.call(key)
        {
            call.invite = sent.clone();
            call.provisional = false;
        }
    }

    pub(super) fn give_up(&mut self, key: u64, now: u64) {
        let Some(call) = self.call(key) else {
            return;
        };
        call.gives_up = true;
        // Before a provisional answer there is nothing to cancel (RFC 3261 §9.1).
        if call.provisional {
            let cancel = call.invite.cancel();
            self.send(cancel, Purpose::Plain(0), now);
        }
    }

    pub(super) fn progress(&mut self, purpose: Purpose, response: &Message, now: u64) {
        let Purpose::Invite(key) = purpose else {
            return;
        };
        let Some(call) = self.call(key) else {
            return;
        };
        let first = !call.provisional;
        call.provisional = true;
        if call.gives_up && first {
            let cancel = call.invite.cancel();
            self.send(cancel, Purpose::Plain(0), now);
        }
        let Some(call) = self.call(key) else {
            return;
        };
        if response.code() == 100 || response.tag("To").is_none() {
            return;
        }
        call.dialog.learn(response, false);
        let tag = response.tag("To").unwrap();
        let Some(number) = response.get("RSeq").map(str::to_owned) else {
            return;
        };
        if call.acknowledged.contains(&(tag.clone(), number.clone())) {
            return;
        }
        call.acknowledged.push((tag, number.clone()));
        let invite = call.invite.cseq();
        let prack = call
            .dialog
            .request("PRACK")
            .with("RAck", &format!("{number} {invite} INVITE"));
        self.send_signed(prack, Purpose::Plain(key), now);
    }

    pub(super) fn invite_settled(&mut self, key: u64, response: Option<&Message>, now: u64) {
        let Some(call) = self.call(key) else {
            return;
        };
        let code = response.map_or(0, Message::code);
        let (call_id, invite) = (call.dialog.call_id.clone(), call.invite.clone());
        self.facts.push(Fact::Settled {
            call_id: call_id.clone(),
            code,
        });
        if let Some(response) = response.filter(|response| response.code() < 300) {
            self.acknowledge(&invite, response, now);
            let Some(call) = self.call(key) else {
                return;
            };
            call.dialog.learn(response, false);
            call.state = State::Up;
            let gives_up = call.gives_up;
            let later = std::mem::take(&mut call.later);
            call.deeds.clear();
            call.deeds
                .extend(later.into_iter().map(|(after, deed)| (now + after, deed)));
            let longest = (now + 400_000, Deed::HangUp);
            call.deeds.push(longest);
            self.facts.push(Fact::Up { call_id });
            self.report(key, 200, now);
            if gives_up {
                self.hang_up(key, now);
            }
            return;
        }
        self.report(key, code, now);
        let consults_for = self.call(key).and_then(|call| call.consults_for);
        self.forget_call(key);
        if let Some(main) = consults_for {
            self.plan(main, now + 1_000, Deed::Resume);
            self.plan(main, now + 9_000, Deed::HangUp);
        }
    }

    /// Sends the ACK of a 2xx, and keeps it for the copies of that.
    fn acknowledge(&mut self, invite: &Message, response: &Message, now: u64) {
        let mut dialog = Dialog::of_request(invite);
        dialog.learn(response, false);
        let mut ack = dialog.request_numbered("ACK", invite.cseq());
        ack.fields.insert(0, ("Via".to_owned(), self.via()));
        if let Some(credentials) = invite.get("Proxy-Authorization") {
            ack.add("Proxy-Authorization", credentials);
        }
        let bytes = ack.bytes();
        self.out.push(bytes.clone());
        self.acks.retain(|(_, _, until)| now < *until);
        self.acks.push((fork(response), bytes, now + 64_000));
    }

    /// One more 2xx to an INVITE that has one: a copy, or a second phone that was picked up at the same moment.
    pub(super) fn answered_again(&mut self, invite: &Message, response: &Message, now: u64) {
        let named = fork(response);
        if let Some((_, ack, _)) = self.acks.iter().find(|(known, _, _)| *known == named) {
            let ack = ack.clone();
            return self.out.push(ack);
        }
        self.acknowledge(invite, response, now);
        let mut dialog = Dialog::of_request(invite);
        dialog.learn(response, false);
        // Above all PRACKs that it had while it rang: numbers may leap (RFC 3261 §12.2.1.1).
        dialog.cseq += 100;
        let call = self.add_call(State::Up, dialog, invite.clone());
        let (key, call_id) = (call.key, call.dialog.call_id.clone());
        self.facts.push(Fact::Up { call_id });
        self.hang_up(key, now);
    }

    /// Holds a call or resumes it.
    pub(super) fn reinvite(&mut self, key: u64, held: bool, now: u64) {
        let (contact, body) = (self.contact(), self.offer(held));
        let Some(call) = self.call(key).filter(|call| !call.offering) else {
            return;
        };
        call.offering = true;
        let mut request = call
            .dialog
            .request("INVITE")
            .with("Contact", &contact)
            .with("Content-Type", "application/sdp");
        request.body = body;
        self.send_signed(request, Purpose::Reinvite(key), now);
    }

    pub(super) fn reinvite_settled(&mut self, key: u64, sent: &Message, response: Option<&Message>, now: u64) {
        if let Some(call) = self.call(key) {
            call.offering = false;
        }
        match response {
            Some(response) if response.code() < 300 => {
                let Some(call) = self.call(key) else {
                    return self.answered_again(sent, response, now);
                };
                call.dialog.learn(response, false);
                let mut ack = call.dialog.request_numbered("ACK", sent.cseq());
                ack.fields.insert(0, ("Via".to_owned(), self.via()));
                self.out.push(ack.bytes());
                self.acks.push((fork(response), ack.bytes(), now + 64_000));
            }
            // The other end is gone (RFC 3261 §14.1).
            Some(response) if matches!(response.code(), 408 | 481) => self.hang_up(key, now),
            None => self.hang_up(key, now),
            Some(_) => {}
        }
    }

    /// A session timer's refresh.
    pub(super) fn refresh(&mut self, key: u64, now: u64) {
        let contact = self.contact();
        let Some(call) = self.call(key) else {
            return;
        };
        let update = call
            .dialog
            .request("UPDATE")
            .with("Contact", &contact)
            .with("Supported", "timer")
            .with("Session-Expires", "90;refresher=uac");
        call.deeds.push((now + 45_000, Deed::Refresh));
        self.send_signed(update, Purpose::Plain(key), now);
    }

    /// Text to a colleague.
    pub(crate) fn write_to(&mut self, extension: &str, now: u64) {
        let mut dialog = self.new_dialog(extension);
        let mut message = dialog.request("MESSAGE").with("Content-Type", "text/plain");
        message.body = "Lunch?".to_owned();
        self.send_signed(message, Purpose::Plain(0), now);
    }

    /// Takes over a call that rings at a colleague's, if a lamp shows one.
    pub(crate) fn pick_up(&mut self, by_stars: bool, now: u64) {
        let shown = self.lamps.iter().find_map(|lamp| match &lamp.shows {
            super::Shows::Early {
                call_id,
                local_tag,
                remote_tag,
                remote,
                incoming: true,
            } => {
                let replaces = format!("{call_id};to-tag={remote_tag};from-tag={local_tag};early-only");
                Some((lamp.extension.clone(), replaces, crate::wire::user(remote).to_owned()))
            }
            _ => None,
        });
        let Some((extension, replaces, caller)) = shown else {
            return;
        };
        let mut wish = Wish {
            patience_ms: Some(20_000),
            then: vec![(15_000, Deed::HangUp)],
            ..Wish::default()
        };
        if by_stars {
            self.place(&format!("**{extension}"), wish, now);
        } else {
            wish.fields.push(("Replaces".to_owned(), replaces));
            self.place(&caller, wish, now);
        }
    }
}

/// What tells a 2xx from those of other forks and other INVITEs of the dialog.
fn fork(response: &Message) -> String {
    let tag = response.tag("To").unwrap_or_default();
    format!("{} {tag} {}", response.call_id(), response.cseq())
}

impl Call {
    /// Who is at the other end, by extension.
    pub(crate) fn peer(&self) -> String {
        super::extension_of(&self.dialog.remote)
    }
}
