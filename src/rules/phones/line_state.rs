//! What line keys show of an extension (RFC 4235): its calls, and the document that says so.
//!
//! Every document is full state: one lost NOTIFY costs nothing. A call is one dialog of the extension, however many of
//! its devices ring: forks that are cancelled change nothing.

use sha2::{Digest, Sha256};

use super::limits;
use crate::rules::time::Date;

/// Who is on one end of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The address-of-record: `sip:102@office.example`.
    pub uri: String,
    /// What they are called, where that is known.
    pub name: Option<String>,
}

/// Which end of the call the extension is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// It calls.
    Initiator,
    /// It is called.
    Recipient,
}

/// What names a call of an extension: somebody who calls themselves has two.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallKey {
    /// Call-ID.
    pub call_id: String,
    /// The tag of the INVITE's From.
    pub caller_tag: String,
    /// Which end.
    pub direction: Direction,
}

/// What happened to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A device that is called, with that To tag, took it (2xx).
    Answered(&'a str),
    /// All of it is over.
    Over,
    /// The dialog of that To tag is over: a fork that was cancelled or declined, or a BYE.
    LegOver(&'a str),
    /// A device that is called rings (a provisional answer with that To tag).
    Rings(&'a str),
}

/// Whether watchers learn who is on the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// No: the office hides them.
    Hidden,
    /// Yes.
    Shown,
}

/// The calls of one extension, and those that ended since it was idle last.
#[derive(Clone, Debug, Default)]
pub struct ExtensionLine {
    live: Vec<Dialog>,
    ended: Vec<String>,
}

#[derive(Clone, Debug)]
struct Dialog {
    key: CallKey,
    id: String,
    remote: Party,
    legs: Vec<Leg>,
    /// The To tag of the leg that watchers see.
    shown: String,
    confirmed: bool,
}

#[derive(Clone, Debug)]
struct Leg {
    tag: String,
    answered: bool,
}

impl ExtensionLine {
    /// Takes what happened to a call with `remote` on the other end, and says whether watchers see a difference.
    pub fn take(&mut self, key: &CallKey, remote: &Party, event: Event<'_>) -> bool {
        match event {
            Event::Rings(tag) => self.leg(key, remote, tag, false),
            Event::Answered(tag) => self.leg(key, remote, tag, true),
            Event::LegOver(tag) => self.leg_over(key, tag),
            Event::Over => self.over(key),
        }
    }

    /// Whether the extension is in no call.
    pub fn is_idle(&self) -> bool {
        self.live.is_empty()
    }

    fn leg(&mut self, key: &CallKey, remote: &Party, tag: &str, answered: bool) -> bool {
        let too_long = [&key.call_id, &key.caller_tag]
            .iter()
            .any(|text| text.len() > limits::TOKEN_OCTETS);
        if too_long || tag.len() > limits::TOKEN_OCTETS {
            return false;
        }
        let leg = Leg {
            tag: tag.to_owned(),
            answered,
        };
        let Some(dialog) = self.live.iter_mut().find(|dialog| dialog.key == *key) else {
            return self.begin(key, remote, leg);
        };
        let room = dialog.legs.len() < limits::LEGS_OF_ONE;
        match dialog.legs.iter_mut().find(|known| known.tag == tag) {
            Some(known) => known.answered |= answered,
            None if room => dialog.legs.push(leg),
            None => {}
        }
        if answered && !dialog.confirmed {
            dialog.confirmed = true;
            dialog.shown = tag.to_owned();
            return true;
        }
        false
    }

    fn begin(&mut self, key: &CallKey, remote: &Party, leg: Leg) -> bool {
        if self.live.len() >= limits::DIALOGS_OF_ONE {
            return false;
        }
        if self.live.is_empty() {
            self.ended.clear();
        }
        self.live.push(Dialog {
            key: key.clone(),
            id: id(key),
            remote: remote.clone(),
            shown: leg.tag.clone(),
            confirmed: leg.answered,
            legs: vec![leg],
        });
        true
    }

    fn leg_over(&mut self, key: &CallKey, tag: &str) -> bool {
        let Some(dialog) = self.live.iter_mut().find(|dialog| dialog.key == *key) else {
            return false;
        };
        dialog.legs.retain(|leg| leg.tag != tag);
        if !dialog.confirmed {
            // Others may ring still, or be about to: the call goes on until it is over or answered.
            return false;
        }
        let Some(left) = dialog.legs.iter().find(|leg| leg.answered) else {
            return self.over(key);
        };
        let changes = dialog.shown == tag;
        if changes {
            dialog.shown = left.tag.clone();
        }
        changes
    }

    fn over(&mut self, key: &CallKey) -> bool {
        let Some(place) = self.live.iter().position(|dialog| dialog.key == *key) else {
            return false;
        };
        let dialog = self.live.remove(place);
        if self.ended.len() >= limits::DIALOGS_OF_ONE {
            self.ended.remove(0);
        }
        self.ended.push(dialog.id);
        true
    }

    /// The body of a NOTIFY: `application/dialog-info+xml`, UTF-8. `local` is the extension itself; `version` is one
    /// more than that of the subscription's last document.
    ///
    /// While there are calls, these are all of it. Without one, it names those that ended since the line was idle last,
    /// or one that never was, as terminated: some phones leave a lamp on that no dialog puts out.
    pub fn document(&self, local: &Party, version: u32, names: Names) -> Vec<u8> {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<dialog-info");
        attribute(&mut xml, "xmlns", "urn:ietf:params:xml:ns:dialog-info");
        attribute(&mut xml, "version", &version.to_string());
        attribute(&mut xml, "state", "full");
        attribute(&mut xml, "entity", &local.uri);
        xml.push_str(">\r\n");
        for dialog in &self.live {
            dialog.write(&mut xml, local, names);
        }
        if self.live.is_empty() {
            let never = [String::from("idle")];
            let ended: &[String] = if self.ended.is_empty() { &never } else { &self.ended };
            for id in ended {
                xml.push_str("<dialog");
                attribute(&mut xml, "id", id);
                xml.push_str("><state>terminated</state></dialog>\r\n");
            }
        }
        xml.push_str("</dialog-info>\r\n");
        xml.into_bytes()
    }
}

impl Dialog {
    fn write(&self, xml: &mut String, local: &Party, names: Names) {
        let (local_tag, remote_tag, direction) = match self.key.direction {
            Direction::Initiator => (&self.key.caller_tag, &self.shown, "initiator"),
            Direction::Recipient => (&self.shown, &self.key.caller_tag, "recipient"),
        };
        xml.push_str("<dialog");
        for (name, value) in [
            ("id", self.id.as_str()),
            ("call-id", &self.key.call_id),
            ("local-tag", local_tag),
            ("remote-tag", remote_tag),
            ("direction", direction),
        ] {
            attribute(xml, name, value);
        }
        xml.push_str("><state>");
        xml.push_str(if self.confirmed { "confirmed" } else { "early" });
        xml.push_str("</state>");
        party(xml, "local", local);
        match names {
            Names::Hidden => party(xml, "remote", &Party::nobody()),
            Names::Shown => party(xml, "remote", &self.remote),
        }
        xml.push_str("</dialog>\r\n");
    }
}

impl Party {
    /// Who somebody is where names are hidden (RFC 3323 §4.1.1.3).
    fn nobody() -> Self {
        Self {
            uri: String::from("sip:anonymous@anonymous.invalid"),
            name: None,
        }
    }
}

fn party(xml: &mut String, element: &str, party: &Party) {
    xml.push('<');
    xml.push_str(element);
    xml.push_str("><identity");
    if let Some(name) = &party.name {
        attribute(xml, "display", name);
    }
    xml.push('>');
    escape(xml, &party.uri);
    xml.push_str("</identity><target");
    attribute(xml, "uri", &party.uri);
    xml.push_str("/></");
    xml.push_str(element);
    xml.push('>');
}

fn attribute(xml: &mut String, name: &str, value: &str) {
    xml.push(' ');
    xml.push_str(name);
    xml.push_str("=\"");
    escape(xml, value);
    xml.push('"');
}

/// Writes text so that it is itself in an element and in an attribute; what XML 1.0 §2.2 cannot hold is left out.
fn escape(xml: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if letter.is_control() => {}
            _ => xml.push(letter),
        }
    }
}

/// 16 hexadecimal digits that name a call to watchers: the same before and after a restart, and unlike any other.
fn id(key: &CallKey) -> String {
    let end = match key.direction {
        Direction::Initiator => "initiator",
        Direction::Recipient => "recipient",
    };
    let hash: [u8; 32] = Sha256::digest([&key.call_id, "\n", &key.caller_tag, "\n", end].concat()).into();
    data_encoding::HEXLOWER.encode(hash.first_chunk::<8>().map_or(&[], |head| head))
}

/// Where versions and CSeqs of a subscription begin: above all that were used before the program started, as long as
/// there was less than one NOTIFY a second on average. Below 2³¹ (RFC 3261 §8.1.1.5) until 2038, and after that the
/// same modulo 2³¹.
pub fn first_number(now: Date) -> u32 {
    u32::try_from(now.0 & 0x7fff_ffff).unwrap_or_default()
}
