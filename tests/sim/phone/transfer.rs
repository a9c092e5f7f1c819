//! Transfers (RFC 3515, RFC 5589): blind, and attended by Replaces (RFC 3891).

use super::calling::Wish;
use super::{Deed, Phone, Purpose, State};
use crate::wire::{Message, address, user};

impl Phone {
    /// Asks the other end to call somebody.
    pub(super) fn refer(&mut self, key: u64, target: &str, now: u64) {
        let (contact, own) = (self.contact(), format!("<sip:{}@{}>", self.extension, self.domain));
        let Some(call) = self.call(key) else {
            return;
        };
        let refer = call
            .dialog
            .request("REFER")
            .with("Contact", &contact)
            .with("Refer-To", target)
            .with("Referred-By", &own);
        self.send_signed(refer, Purpose::Refer(key), now);
    }

    pub(super) fn refer_settled(&mut self, key: u64, response: Option<&Message>, now: u64) {
        let taken = response.is_some_and(|response| response.code() < 300);
        self.plan(key, now + if taken { 40_000 } else { 1_000 }, Deed::HangUp);
    }

    /// Puts a call on hold and asks somebody whether they take it.
    pub(super) fn consult(&mut self, key: u64, to: &str, now: u64) {
        self.reinvite(key, true, now);
        let wish = Wish {
            patience_ms: Some(25_000),
            then: vec![(4_000, Deed::Complete(key)), (60_000, Deed::HangUp)],
            consults_for: Some(key),
            ..Wish::default()
        };
        self.place(to, wish, now);
    }

    /// Joins both ends of the two calls.
    pub(super) fn complete(&mut self, consulted: u64, main: u64, now: u64) {
        let Some(call) = self.call(consulted) else {
            return;
        };
        let dialog = &call.dialog;
        let (theirs, ours, peer) = (dialog.remote_tag().unwrap(), dialog.local_tag(), call.peer());
        let replaces = format!("{}%3Bto-tag%3D{theirs}%3Bfrom-tag%3D{ours}", dialog.call_id);
        let target = format!("<sip:{peer}@{}?Replaces={replaces}>", self.domain);
        self.refer(main, &target, now);
    }

    /// The other end wants us to call somebody.
    pub(super) fn referred(&mut self, key: u64, request: &Message, now: u64) {
        let target = address(request.need("Refer-To")).to_owned();
        self.reply(request, 202, "Accepted", now);
        let (uri, headers) = target.split_once('?').unwrap_or((&target, ""));
        let replaces = headers
            .strip_prefix("Replaces=")
            .map(|value| value.replace("%3B", ";").replace("%3D", "="));
        let mut wish = Wish {
            patience_ms: Some(30_000),
            then: vec![(20_000, Deed::HangUp)],
            reports_to: Some(key),
            ..Wish::default()
        };
        wish.fields.extend(replaces.map(|value| ("Replaces".to_owned(), value)));
        self.tell(key, 100, now);
        self.place(user(uri), wish, now);
    }

    /// Tells whoever transferred us what has become of it.
    pub(super) fn report(&mut self, key: u64, code: u16, now: u64) {
        let reports_to = self.call(key).and_then(|call| call.reports_to);
        if let Some(main) = reports_to {
            self.tell(main, if code == 0 { 408 } else { code }, now);
        }
    }

    fn tell(&mut self, key: u64, code: u16, now: u64) {
        let contact = self.contact();
        let Some(call) = self.call(key).filter(|call| call.state == State::Up) else {
            return;
        };
        let state = if code < 200 {
            "active;expires=60"
        } else {
            "terminated;reason=noresource"
        };
        let mut notify = call
            .dialog
            .request("NOTIFY")
            .with("Contact", &contact)
            .with("Event", "refer")
            .with("Subscription-State", state)
            .with("Content-Type", "message/sipfrag");
        notify.body = format!("SIP/2.0 {code} Reported\r\n");
        self.send_signed(notify, Purpose::Plain(key), now);
    }

    /// What has become of our transfer.
    pub(super) fn transfer_news(&mut self, key: u64, request: &Message, now: u64) {
        self.reply(request, 200, "OK", now);
        let code: u16 = request
            .body
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0);
        if code >= 200 {
            self.plan(key, now + 500, Deed::HangUp);
            let consulted = self
                .calls
                .iter()
                .find(|call| call.consults_for == Some(key))
                .map(|call| call.key);
            if let Some(consulted) = consulted {
                self.plan(consulted, now + 3_000, Deed::HangUp);
            }
        }
    }
}
