//! What is looked at before a request is sent on (RFC 3261 §16.3, §16.4).

use crate::sip::codec::{BRANCH_COOKIE, Name, Request};
use crate::sip::line::{Arrived, Line};
use crate::sip::wire::Wire;

/// What tells a request that came back from one that was changed on its way (§16.6 step 8).
pub(super) fn mark(wire: &Wire, request: &Request<'_>, uri: &str) -> String {
    let tag = |tag: Option<&'_ str>| tag.unwrap_or_default().as_bytes().to_vec();
    wire.mark(&[
        request.call_id.as_bytes(),
        &tag(request.from.tag()),
        &tag(request.to.tag()),
        &request.cseq.to_be_bytes(),
        request.method.as_str().as_bytes(),
        uri.as_bytes(),
    ])
}

/// Whether a request has been here before as it is: with the URI that it came with or was sent on with.
fn is_loop(wire: &Wire, request: &Request<'_>) -> bool {
    let mark = mark(wire, request, request.uri.as_str());
    let own = request.vias.iter().filter(|via| wire.is_us(via.host, via.port));
    own.filter_map(|via| via.branch).any(|branch| {
        let marks = branch.get(BRANCH_COOKIE.len().saturating_add(16)..).unwrap_or_default();
        !marks.is_empty() && marks.len() == 32 && marks.contains(mark.as_str())
    })
}

/// The Routes at the top that are ours. None: another follows, and nothing is sent there.
pub(in crate::sip) fn own_routes(wire: &Wire, request: &Request<'_>) -> Option<usize> {
    let is_own = request.routes.iter().all(|route| wire.is_ours(&route.uri));
    is_own.then_some(request.routes.len())
}

/// Checks a request; false: it was answered. An ACK is never answered.
pub(in crate::sip) fn check(line: &mut Line, arrived: Arrived<'_, '_>) -> bool {
    let request = arrived.request;
    let refusal = if request.max_forwards == Some(0) {
        Some((483, "Too Many Hops"))
    } else if is_loop(&line.wire, request) {
        Some((482, "Loop Detected"))
    } else {
        None
    };
    if let Some((status, reason)) = refusal {
        line.refuse(arrived, status, reason);
        return false;
    }
    match request.option_tags(Name::ProxyRequire) {
        Ok(tags) if tags.is_empty() => true,
        Ok(tags) => {
            let draft = line.draft(arrived, 420, "Bad Extension");
            line.reply(arrived, 420, draft.with("Unsupported", tags.join(", ")).finish());
            false
        }
        Err(why) => {
            let (status, reason) = why.status();
            line.refuse(arrived, status, reason);
            false
        }
    }
}
