//! SIP plug and play (`ua-profile`, RFC 6080): a phone that asks the whole LAN where its settings are.
//!
//! Its SUBSCRIBE comes by multicast to 224.0.1.75:5060 and is answered 200 to where it came from; the NOTIFY goes to
//! its Contact. Whoever feeds this has read the message; here are its fields, as text.

use super::MAKES;
use super::make::Make;
use super::request::short;
use crate::rules::phones::mac::Mac;

/// What a SUBSCRIBE says, field by field.
#[derive(Clone, Copy, Debug)]
pub struct Subscribe<'a> {
    /// The request URI.
    pub request_uri: &'a str,
    /// The From field's value.
    pub from: &'a str,
    /// The Event field's value.
    pub event: &'a str,
}

/// A phone on the network. Anybody can say anything: a hint for the page, until somebody adds the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnouncedPhone {
    /// Its MAC address.
    pub mac: Mac,
    /// Its make, by what it says, else by the MAC address's range.
    pub make: Option<&'static Make>,
    /// What it says of its maker; at most 32 characters, as the next two.
    pub vendor: String,
    /// Its model.
    pub model: String,
    /// Its firmware.
    pub version: String,
}

/// Octets of a field that are looked at.
const FIELD: usize = 512;

/// Reads a SUBSCRIBE; `None` where it is not about a phone's settings or names no MAC address.
pub fn read(subscribe: &Subscribe<'_>) -> Option<AnnouncedPhone> {
    if [subscribe.request_uri, subscribe.from, subscribe.event]
        .iter()
        .any(|field| field.len() > FIELD)
    {
        return None;
    }
    let (package, parameters) = subscribe.event.split_once(';').unwrap_or((subscribe.event, ""));
    if !package.trim().eq_ignore_ascii_case("ua-profile") {
        return None;
    }
    let mac = mac_in(subscribe.request_uri).or_else(|| mac_in(subscribe.from))?;
    let vendor = parameter(parameters, "vendor");
    Some(AnnouncedPhone {
        mac,
        make: make(&vendor).or_else(|| super::of_range(mac)),
        vendor,
        model: parameter(parameters, "model"),
        version: parameter(parameters, "version"),
    })
}

/// What the NOTIFY says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// The Event field: the SUBSCRIBE's own.
    pub event: String,
    /// The Subscription-State field.
    pub state: &'static str,
    /// The Content-Type field.
    pub content_type: &'static str,
    /// The URL alone, without a line end.
    pub body: String,
}

/// The answer to a phone that was added: where its make finds its settings below a base URL that ends in a slash.
pub fn notify(subscribe: &Subscribe<'_>, make: &Make, base: &str) -> Notify {
    let url = (make.dhcp)(base)
        .into_iter()
        .next()
        .map_or_else(|| base.to_owned(), |option| option.value);
    Notify {
        event: subscribe.event.chars().filter(|c| !c.is_control()).collect(),
        state: "terminated;reason=timeout",
        content_type: "application/url",
        body: url,
    }
}

/// The MAC address in `sip:MAC%3a00041396D9B4@…` or `sip:MAC=0c383e2cd782@…`, with or without a blank behind the sign.
fn mac_in(field: &str) -> Option<Mac> {
    let lower = field.to_ascii_lowercase();
    let (_, rest) = lower.split_once("sip:mac")?;
    let rest = ["%3a", ":", "=", "%3d"]
        .into_iter()
        .find_map(|sign| rest.strip_prefix(sign))?;
    let rest = rest.trim_start().trim_start_matches("%20").replace("%3a", ":");
    Mac::read(rest.split(['@', '>', ';']).next()?.trim_end())
}

/// A parameter's value without its quotes, straight or curly.
fn parameter(parameters: &str, wanted: &str) -> String {
    let value = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then_some(value)
    });
    let quotes = |c: char| matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}') || c.is_whitespace();
    short(value.unwrap_or_default().trim_matches(quotes))
}

fn make(vendor: &str) -> Option<&'static Make> {
    let lower = vendor.to_ascii_lowercase();
    MAKES
        .into_iter()
        .find(|make| lower.contains(make.id) || make.agents.iter().any(|word| lower.contains(word)))
}
