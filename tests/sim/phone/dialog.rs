//! A dialog as a phone keeps it (RFC 3261 §12).

use crate::wire::{Message, address};

/// One end of a dialog.
#[derive(Clone, Debug)]
pub(crate) struct Dialog {
    pub(crate) call_id: String,
    /// The value of From in own requests, tag included.
    pub(crate) local: String,
    /// The value of To in own requests.
    pub(crate) remote: String,
    pub(crate) target: String,
    routes: Vec<String>,
    pub(crate) cseq: u32,
    pub(crate) peer_cseq: u32,
    settled: bool,
}

impl Dialog {
    /// One that the first request of the phone will begin.
    pub(crate) fn begin(call_id: String, local: String, remote: String, target: String) -> Self {
        Self {
            call_id,
            local,
            remote,
            target,
            routes: Vec::new(),
            cseq: 0,
            peer_cseq: 0,
            settled: false,
        }
    }

    /// The one that an own request begins.
    pub(crate) fn of_request(request: &Message) -> Self {
        let value = |name| request.need(name).to_owned();
        let mut dialog = Self::begin(value("Call-ID"), value("From"), value("To"), request.uri().to_owned());
        dialog.cseq = request.cseq();
        dialog
    }

    /// The one that a request of somebody else begins, with the phone's own tag.
    pub(crate) fn accept(request: &Message, tag: &str) -> Self {
        Self {
            call_id: request.call_id().to_owned(),
            local: format!("{};tag={tag}", request.need("To")),
            remote: request.need("From").to_owned(),
            target: address(request.need("Contact")).to_owned(),
            routes: request.list("Record-Route"),
            cseq: 0,
            peer_cseq: request.cseq(),
            settled: true,
        }
    }

    pub(crate) fn local_tag(&self) -> String {
        crate::wire::param(&self.local, "tag").unwrap()
    }

    pub(crate) fn remote_tag(&self) -> Option<String> {
        crate::wire::param(&self.remote, "tag")
    }

    /// Takes tag, target and routes out of an answer, or out of the peer's request.
    pub(crate) fn learn(&mut self, message: &Message, is_request: bool) {
        let theirs = if is_request { "From" } else { "To" };
        if self.remote_tag().is_none() || !self.settled {
            message.need(theirs).clone_into(&mut self.remote);
        }
        if let Some(contact) = message.get("Contact") {
            address(contact).clone_into(&mut self.target);
        }
        if !self.settled {
            self.routes = message.list("Record-Route");
            if !is_request {
                self.routes.reverse();
            }
        }
        self.settled |= is_request || message.code() >= 200;
    }

    /// The next request, without Via.
    pub(crate) fn request(&mut self, method: &str) -> Message {
        self.cseq += 1;
        self.request_numbered(method, self.cseq)
    }

    /// A request of a given CSeq: ACK has its INVITE's.
    pub(crate) fn request_numbered(&self, method: &str, cseq: u32) -> Message {
        let mut message = Message::request(method, &self.target).with("Max-Forwards", "70");
        for route in &self.routes {
            message.add("Route", route);
        }
        message
            .with("From", &self.local)
            .with("To", &self.remote)
            .with("Call-ID", &self.call_id)
            .with("CSeq", &format!("{cseq} {method}"))
    }
}
