//! All tables of the stack together, and the answers that need no more than a request.

use std::net::SocketAddr;
use std::sync::Arc;

use super::codec::{Draft, Request};
use super::flow::Flow;
use super::input::{Config, Directory};
use super::lamps::table::Lamps;
use super::proxy::calls::Calls;
use super::proxy::table::Forwards;
use super::registrar::Registrar;
use super::registrar::admission::Admission;
use super::registrar::offers::Offer;
use super::transaction::Transactions;
use super::transaction::client::ClientKey;
use super::wire::Wire;
use crate::rules::phones::device::DeviceId;
use crate::rules::time::Tick;

/// Everything that the stack knows.
pub(super) struct Line {
    pub(super) wire: Wire,
    pub(super) transactions: Transactions,
    pub(super) registrar: Registrar,
    pub(super) forwards: Forwards,
    pub(super) calls: Calls,
    pub(super) lamps: Lamps,
    /// Test calls that are neither taken nor refused yet, and the devices that they are for.
    pub(super) ringing: Vec<(ClientKey, DeviceId)>,
}

/// A request that has arrived.
#[derive(Clone, Copy)]
pub(super) struct Arrived<'r, 'a> {
    pub(super) request: &'r Request<'a>,
    pub(super) flow: Flow,
    pub(super) source: SocketAddr,
    /// Its server transaction, once there is one.
    pub(super) server: Option<u64>,
}

impl Line {
    pub(super) fn new(config: Config, directory: Arc<Directory>, seed: [u8; 32], now: Tick) -> Self {
        let mut wire = Wire::new(config, seed, now);
        let registrar = Registrar::new(&mut wire, directory);
        Self {
            wire,
            registrar,
            transactions: Transactions::default(),
            forwards: Forwards::default(),
            calls: Calls::default(),
            lamps: Lamps::default(),
            ringing: Vec::new(),
        }
    }

    /// The To tag of our answers to a request: the same for each copy of it.
    pub(super) fn tag(&self, request: &Request<'_>) -> String {
        let via = request.top_via().map_or(&[][..], |via| via.raw);
        self.wire
            .mark(&[via, request.call_id.as_bytes(), &request.cseq.to_be_bytes()])
    }

    /// The beginning of a response.
    pub(super) fn draft(&self, arrived: Arrived<'_, '_>, status: u16, reason: &str) -> Draft {
        let tag = self.tag(arrived.request);
        Draft::response(arrived.request.view, arrived.source, status, reason, &tag)
    }

    /// Sends a response the way its request came.
    pub(super) fn reply(&mut self, arrived: Arrived<'_, '_>, status: u16, bytes: Vec<u8>) {
        match arrived.server {
            Some(server) => self.transactions.servers.respond(&mut self.wire, server, status, bytes),
            None => {
                self.wire.send(arrived.flow, bytes);
            }
        }
    }

    /// Answers with a status alone.
    pub(super) fn refuse(&mut self, arrived: Arrived<'_, '_>, status: u16, reason: &str) {
        let bytes = self.draft(arrived, status, reason).finish();
        self.reply(arrived, status, bytes);
    }

    /// Remembers a request, and is its transaction from now on. None: answered 503, for there is no room.
    pub(super) fn open<'r, 'a>(&mut self, arrived: Arrived<'r, 'a>) -> Option<Arrived<'r, 'a>> {
        let Arrived {
            request, flow, source, ..
        } = arrived;
        let server = self.transactions.servers.open(&mut self.wire, request, flow, source);
        if server.is_none() {
            let draft = self.draft(arrived, 503, "Service Unavailable").with("Retry-After", 5);
            self.reply(arrived, 503, draft.finish());
        }
        server.map(|server| Arrived {
            server: Some(server),
            ..arrived
        })
    }

    /// The device that sent a request; none: it was challenged, or is not worth an answer. A registrar and a notifier
    /// ask with 401, a proxy with 407 (RFC 3261 §22.2, §22.3).
    pub(super) fn admit(&mut self, arrived: Arrived<'_, '_>, is_proxy: bool) -> Option<DeviceId> {
        let Arrived {
            request, flow, source, ..
        } = arrived;
        match self.registrar.admit(&mut self.wire, request, flow, source) {
            Admission::Device(device) => Some(device),
            Admission::Challenge { offer, stale } => {
                self.challenge(arrived, is_proxy, offer, stale);
                None
            }
            Admission::Silence => None,
        }
    }

    fn challenge(&mut self, arrived: Arrived<'_, '_>, is_proxy: bool, offer: Offer, stale: bool) {
        let (status, reason, field) = if is_proxy {
            (407, "Proxy Authentication Required", "Proxy-Authenticate")
        } else {
            (401, "Unauthorized", "WWW-Authenticate")
        };
        let mut draft = self.draft(arrived, status, reason);
        for algorithm in offer.algorithms() {
            draft = draft.with(field, self.registrar.challenge(&mut self.wire, *algorithm, stale));
        }
        self.reply(arrived, status, draft.finish());
    }

    /// The way to a device inside a dialog that was heard over a flow `before` (RFC 3261 §12.2.1.1, RFC 6665 §4.2):
    /// that flow while it is open, unless the device has begun to register from elsewhere since; else its newest
    /// binding's.
    pub(super) fn way(&self, device: DeviceId, before: Flow, heard: Tick) -> Option<Flow> {
        let places = self.registrar.places.of(device);
        let is_open = self.wire.remote(before).is_some();
        let is_registered = places
            .iter()
            .any(|place| [place.flow(), place.way()].contains(&Some(before)));
        let is_newest = places.iter().all(|place| place.since <= heard);
        if is_open && (is_registered || is_newest) {
            return Some(before);
        }
        let mut flows = places.iter().filter_map(|place| place.way());
        let newest = flows.find(|flow| self.wire.remote(*flow).is_some());
        newest.or(is_open.then_some(before))
    }
}
