//! A request as it leaves (RFC 3261 §16.6).

use std::net::SocketAddr;

use super::route;
use crate::sip::codec::{Credentials, Edit, Method, Name, Request};
use crate::sip::flow::Flow;
use crate::sip::proxy::table::Target;
use crate::sip::transaction::client::ClientKey;
use crate::sip::wire::Wire;

/// From where a request came, and who vouches for its sender.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) flow: Flow,
    pub(super) source: SocketAddr,
    /// The value of P-Asserted-Identity (RFC 3325 §9.1); none inside a dialog.
    pub(super) identity: Option<&'a str>,
    /// What goes in the place of Replaces.
    pub(super) replaces: Option<&'a str>,
}

/// The bytes for a target, with a branch that begins with the number.
pub(super) fn bytes(wire: &Wire, request: &Request<'_>, origin: Origin<'_>, target: &Target, number: u64) -> Vec<u8> {
    let mut edit = Edit::new(request.view);
    edit.set_uri(&target.uri);
    edit.stamp(origin.source);
    edit.remove(Name::Route);
    edit.count_hop(request.max_forwards);
    // Credentials for another realm are for somebody further on (§22.3); ours are nobody else's to see.
    let is_for_us = |value: &[u8]| {
        Credentials::parse(value).is_ok_and(|sets| sets.iter().any(|sent| sent.realm == wire.config.domain))
    };
    edit.remove_where(Name::ProxyAuthorization, is_for_us);
    edit.remove_where(Name::Authorization, is_for_us);
    // What a device says of its own identity is no proof (RFC 3325 §5).
    for name in [Name::PAssertedIdentity, Name::PPreferredIdentity, Name::RemotePartyId] {
        edit.remove(name);
    }
    if let Some(identity) = origin.identity {
        edit.append(Name::PAssertedIdentity, identity);
    }
    if let Some(replaces) = origin.replaces {
        edit.replace(Name::Replaces, replaces);
    }
    if request.method.makes_dialog() || request.method == Method::Update {
        // Each side gets a Route over its own socket (§16.7 step 8 in the form of two fields, RFC 5658).
        let (theirs, ours) = (wire.own_uri(origin.flow), wire.own_uri(target.flow));
        edit.push(Name::RecordRoute, format_args!("<{theirs};lr>"));
        if theirs != ours {
            edit.push(Name::RecordRoute, format_args!("<{ours};lr>"));
        }
    }
    let marks = [request.uri.as_str(), &target.uri].map(|uri| route::mark(wire, request, uri));
    let branch = ClientKey::branch(number, &marks.concat());
    edit.push(Name::Via, wire.via(target.flow, &branch));
    edit.finish()
}
