//! What a registrar makes of a REGISTER (RFC 3261 §10.3): the bindings of an extension as they are after it, or why
//! they stay.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use sha2::{Digest, Sha256};

use super::device::DeviceId;
use super::limits;
use super::sip_uri::Named;
use crate::rules::time::{Tick, Ttl};

/// One way between a device and us (RFC 5626 §5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// Datagrams between one of our sockets and an address.
    Datagram {
        /// Our socket's number.
        socket: u16,
        /// The sender's address, as it was seen.
        peer: SocketAddr,
    },
    /// A TCP or TLS connection, by a number that is never used again.
    Stream(u64),
}

/// A Contact of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The value byte for byte, without its `expires` parameter: what the device gets back.
    pub text: String,
    /// Its URI byte for byte: what requests to the device are for.
    pub uri: String,
    /// `+sip.instance`, unfolded, without quotation marks.
    pub instance: Option<String>,
    /// `reg-id`; none unless the request's Supported has `outbound` (RFC 5626 §6).
    pub reg_id: Option<u32>,
}

/// A Contact that a device is reached by until a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Whose.
    pub device: DeviceId,
    /// What it registered.
    pub contact: Contact,
    /// Call-ID of the REGISTER.
    pub call_id: String,
    /// CSeq of the REGISTER.
    pub cseq: u32,
    /// How its REGISTER came.
    pub flow: Flow,
    /// How it is reached.
    pub way: Flow,
    /// When it was registered last.
    pub refreshed: Tick,
    /// When it ends.
    pub until: Tick,
    /// Whether it is known not to answer any more: it makes room before others.
    pub dead: bool,
}

/// A REGISTER whose sender is known.
#[derive(Clone, Debug)]
pub struct Registration<'a> {
    /// Who sent it: it owns its own bindings, and no others.
    pub device: DeviceId,
    /// Whether there is a `Contact: *`.
    pub star: bool,
    /// The other Contacts, each with its `expires` parameter in seconds.
    pub contacts: Vec<(Contact, Option<u32>)>,
    /// The Expires header, in seconds.
    pub expires_s: Option<u32>,
    /// Call-ID as it is kept.
    pub call_id: &'a str,
    /// CSeq's number.
    pub cseq: u32,
    /// How it came.
    pub flow: Flow,
    /// Whether its topmost Via names the very address and port that it came from: no router has translated them.
    pub is_direct: bool,
}

/// A REGISTER that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// All bindings of the extension from now on.
    pub bindings: Vec<Binding>,
    /// The Contacts of the 200 with their seconds, the sender's own first: many phones read the first one alone.
    pub listed: Vec<(String, u32)>,
    /// Bindings that made room for this one.
    pub put_out: Vec<Binding>,
}

/// Why a REGISTER changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No room for any more bindings; never 403, which phones take for a wrong password.
    Full,
    /// `*` with another Contact or without `Expires: 0`, or more and longer Contacts than are kept.
    Malformed,
    /// A newer one of the same Call-ID was taken a moment ago (§10.3 step 7).
    Overtaken,
    /// A binding would last less than a minute.
    TooBrief,
}

impl Refused {
    /// The status of the answer.
    pub const fn status(self) -> u16 {
        match self {
            Self::Full => 503,
            Self::Malformed => 400,
            Self::Overtaken => 500,
            Self::TooBrief => 423,
        }
    }

    /// The header that the answer needs beside the usual ones.
    pub const fn header(self) -> Option<(&'static str, u32)> {
        match self {
            Self::Full | Self::Overtaken => Some(("Retry-After", limits::RETRY_AFTER_S)),
            Self::Malformed => None,
            Self::TooBrief => Some(("Min-Expires", limits::EXPIRES_MIN_S)),
        }
    }
}

/// Decides about a REGISTER over the `bindings` of the extension so far. There is room for so many more bindings than
/// these in the whole office. All of it is done, or nothing.
pub fn register(bindings: &[Binding], asked: &Registration<'_>, room: usize, now: Tick) -> Result<Granted, Refused> {
    let live: Vec<&Binding> = bindings.iter().filter(|binding| now < binding.until).collect();
    let wishes = wishes(asked)?;
    let replaced: Vec<&Binding> = replaced(&live, asked, &wishes);
    if replaced.iter().any(|binding| overtakes(binding, asked, now)) {
        return Err(Refused::Overtaken);
    }
    let added = added(asked, &wishes, now);
    let mut kept: Vec<&Binding> = live
        .iter()
        .copied()
        .filter(|binding| !replaced.contains(binding))
        .collect();
    let mut put_out = Vec::new();
    while kept.len() + added.len() > limits::BINDINGS_OF_ONE {
        let Some(place) = first_to_go(&kept, asked.device) else {
            return Err(Refused::Malformed);
        };
        put_out.push(kept.remove(place).clone());
    }
    if kept.len() + added.len() > live.len().saturating_add(room) {
        return Err(Refused::Full);
    }
    kept.sort_by_key(|binding| binding.device != asked.device);
    let bindings: Vec<Binding> = added.into_iter().chain(kept.into_iter().cloned()).collect();
    let listed = bindings
        .iter()
        .map(|binding| (binding.contact.text.clone(), seconds_left(binding, now)))
        .collect();
    Ok(Granted {
        bindings,
        listed,
        put_out,
    })
}

/// A Call-ID as it is kept beside a binding: itself, or where it is longer than is kept, its SHA-256 in hexadecimal
/// digits. It is only ever compared.
pub fn kept_call_id(call_id: &str) -> Cow<'_, str> {
    if call_id.len() <= limits::TOKEN_OCTETS {
        return Cow::Borrowed(call_id);
    }
    Cow::Owned(data_encoding::HEXLOWER.encode(&Sha256::digest(call_id)))
}

/// What a device asks of one Contact.
struct Wish<'a> {
    contact: &'a Contact,
    /// None: that it is removed.
    seconds: Option<u32>,
}

/// The wishes of a REGISTER, with the times that are granted (§10.3 steps 6 and 7). What is asked for is granted to the
/// second, so that a phone that asks for what it was granted last never sees it shrink.
fn wishes<'a>(asked: &'a Registration<'_>) -> Result<Vec<Wish<'a>>, Refused> {
    let star_is_sound = !asked.star || (asked.contacts.is_empty() && asked.expires_s == Some(0));
    let fits = |contact: &Contact| contact.text.len().max(contact.uri.len()) <= limits::CONTACT_OCTETS;
    if !star_is_sound
        || asked.call_id.len() > limits::TOKEN_OCTETS
        || asked.contacts.len() > limits::BINDINGS_OF_ONE
        || !asked.contacts.iter().all(|(contact, _)| fits(contact))
    {
        return Err(Refused::Malformed);
    }
    let wish = |(contact, expires_s): &'a (Contact, Option<u32>)| {
        let seconds = match expires_s.or(asked.expires_s).unwrap_or(limits::EXPIRES_MAX_S) {
            0 => None,
            1..limits::EXPIRES_MIN_S => return Err(Refused::TooBrief),
            seconds => Some(seconds.min(limits::EXPIRES_MAX_S)),
        };
        Ok(Wish { contact, seconds })
    };
    asked.contacts.iter().map(wish).collect()
}

/// The bindings that the wishes remove or replace.
fn replaced<'a>(live: &[&'a Binding], asked: &Registration<'_>, wishes: &[Wish<'_>]) -> Vec<&'a Binding> {
    let own: Vec<&Binding> = live
        .iter()
        .copied()
        .filter(|binding| binding.device == asked.device)
        .collect();
    if asked.star {
        return own;
    }
    let mut replaced: Vec<&Binding> = Vec::new();
    let mut strangers = false;
    for wish in wishes {
        let named = named(&own, wish, asked.flow);
        strangers |= named.is_empty() && wish.seconds.is_some() && wish.contact.instance.is_none();
        replaced.extend(named);
    }
    // An app without an instance that comes back over its own connection with another Contact is the same app.
    let over_the_same_connection = |binding: &&Binding| {
        let is_stream = matches!(binding.flow, Flow::Stream(_)) && binding.flow == asked.flow;
        strangers && is_stream && binding.contact.instance.is_none() && binding.call_id != asked.call_id
    };
    let more: Vec<&Binding> = own.into_iter().filter(over_the_same_connection).collect();
    replaced.extend(more);
    replaced
}

/// The bindings that a Contact names. It is the same phone by its instance (RFC 5626 §4.1), or by its URI where one of
/// the two has no instance, or where both came over one flow: two homes may have the same private address. Only the
/// flow's own binding is meant where an instance does not say which. A removal by another URI is of a binding that is
/// gone, unless the flow is the same.
fn named<'a>(own: &[&'a Binding], wish: &Wish<'_>, flow: Flow) -> Vec<&'a Binding> {
    let is_named = |binding: &Binding| {
        let same_uri = binding.contact.uri == wish.contact.uri;
        let same_flow = binding.flow == flow;
        match (&binding.contact.instance, &wish.contact.instance) {
            (Some(_), Some(_)) if same_instance(&binding.contact, wish.contact) => {
                wish.seconds.is_some() || same_uri || same_flow
            }
            (Some(_), Some(_)) => same_uri && same_flow && binding.contact.reg_id == wish.contact.reg_id,
            (None, _) | (_, None) => same_uri,
        }
    };
    let named: Vec<&Binding> = own.iter().copied().filter(|binding| is_named(binding)).collect();
    let here: Vec<&Binding> = named.iter().copied().filter(|binding| binding.flow == flow).collect();
    if wish.contact.instance.is_none() && !here.is_empty() {
        here
    } else {
        named
    }
}

/// Whether both are one flow of one phone. A UUID's case does not count (RFC 9562 §4), nor do blanks of a folded line.
fn same_instance(one: &Contact, other: &Contact) -> bool {
    let same = one
        .instance
        .as_deref()
        .zip(other.instance.as_deref())
        .is_some_and(|(one, other)| one.trim().eq_ignore_ascii_case(other.trim()));
    same && one.reg_id.zip(other.reg_id).is_none_or(|(one, other)| one == other)
}

/// Whether the REGISTER of a binding was newer than this one, and this one still under way. Later, a lower CSeq is a
/// phone's that has begun to count anew: its credentials are fresh, and shutting it out until the binding ends would
/// cost it an hour.
fn overtakes(binding: &Binding, asked: &Registration<'_>, now: Tick) -> bool {
    binding.call_id == asked.call_id
        && asked.cseq <= binding.cseq
        && now.ms_since(binding.refreshed) < limits::UNDER_WAY_MS
}

fn added(asked: &Registration<'_>, wishes: &[Wish<'_>], now: Tick) -> Vec<Binding> {
    let mut added: Vec<Binding> = Vec::new();
    for (wish, seconds) in wishes.iter().filter_map(|wish| Some((wish, wish.seconds?))) {
        added.retain(|binding| {
            binding.contact.uri != wish.contact.uri && !same_instance(&binding.contact, wish.contact)
        });
        added.push(Binding {
            device: asked.device,
            contact: wish.contact.clone(),
            call_id: asked.call_id.to_owned(),
            cseq: asked.cseq,
            flow: asked.flow,
            way: way(wish.contact, asked),
            refreshed: now,
            until: now + Ttl(seconds.into()),
            dead: false,
        });
    }
    added
}

/// Which binding makes room: a dead one, else the sender's own oldest, else the extension's oldest.
fn first_to_go(kept: &[&Binding], sender: DeviceId) -> Option<usize> {
    let by_worth = |binding: &&Binding| (!binding.dead, binding.device != sender, binding.refreshed);
    let (place, _) = kept.iter().enumerate().min_by_key(|(_, binding)| by_worth(binding))?;
    Some(place)
}

fn seconds_left(binding: &Binding, now: Tick) -> u32 {
    let Ttl(seconds) = binding.until - now;
    u32::try_from(seconds).unwrap_or(limits::EXPIRES_MAX_S)
}

/// The extension's bindings without those of a closed connection: nobody is reached by it any more.
pub fn without_connection(bindings: Vec<Binding>, connection: u64) -> Vec<Binding> {
    bindings
        .into_iter()
        .filter(|binding| binding.flow != Flow::Stream(connection))
        .collect()
}

/// Where requests to a Contact go: back over its flow, whatever the Contact says, for a router may stand between
/// (RFC 3581, RFC 5626 §5.3). But where the request's Via names the very address and port that it came from, nobody
/// has translated them on the way. A Contact that then names another port of that address is meant, and is followed
/// (RFC 3261 §16.6 step 7): the phone has one socket to send from and others to listen at.
fn way(contact: &Contact, asked: &Registration<'_>) -> Flow {
    match asked.flow {
        Flow::Datagram { socket, peer } if asked.is_direct => {
            let port = port_at(contact, peer.ip()).unwrap_or(peer.port());
            let peer = SocketAddr::new(peer.ip(), port);
            Flow::Datagram { socket, peer }
        }
        flow @ (Flow::Datagram { .. } | Flow::Stream(_)) => flow,
    }
}

/// The UDP port that a Contact names at an address. None: it names another address or transport, or asks for its flow.
fn port_at(contact: &Contact, address: IpAddr) -> Option<u16> {
    let named = Named::parse(&contact.uri).filter(|_| contact.reg_id.is_none())?;
    let host: IpAddr = named.host.trim_matches(['[', ']']).parse().ok()?;
    let parameters = contact.uri.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let is_datagram = !parameters.contains(";transport=") || parameters.contains(";transport=udp");
    let port = named.port.map_or(Ok(limits::PORT), str::parse).ok()?;
    (is_datagram && port > 0 && host == address).then_some(port)
}
