//! Who looks at a link instead of using it: browsers, what they fetch ahead, and the programs that draw previews.

use crate::http::edge::message::{Request, Response, StatusCode};

/// What browsers alone send, or send where they fetch ahead (Fetch Metadata §2; Resource Hints; older Firefox).
const BROWSERS: [&str; 7] = [
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-purpose",
    "purpose",
    "x-moz",
    "x-purpose",
];
/// Beginnings and parts of what browsers and the makers of previews call themselves, in lower case. Apps that fetch
/// their settings have none of these; one that has is told what to do instead, and its code stays good.
const AGENTS: [&str; 12] = [
    "mozilla/",
    "bot",
    "preview",
    "crawler",
    "spider",
    "facebookexternalhit",
    "whatsapp",
    "slack",
    "skype",
    "teams",
    "google",
    "iframely",
];

/// Whether that is a browser or a preview, and no app.
pub(super) fn is_browser(request: &Request) -> bool {
    let holds = |field: &str, parts: &[&str]| {
        let said = request.field(field).unwrap_or_default().to_ascii_lowercase();
        parts.iter().any(|part| said.contains(part))
    };
    says_browser(request)
        || holds("accept", &["text/html", "image/", "application/xhtml"])
        || holds("user-agent", &AGENTS)
}

/// Whether it has a field that browsers alone send: no phone does, whatever its agent is called.
pub(super) fn says_browser(request: &Request) -> bool {
    BROWSERS.iter().any(|field| request.field(field).is_some())
}

/// 404 with a sentence for the person in front of it: the same whatever the code is worth.
pub(super) fn for_apps_alone() -> Response {
    let mut response = Response::new(StatusCode::NOT_FOUND).with_body(
        "This address is for a telephone app. In Linphone choose to set up an account by a QR code (or \
         \"remote provisioning\"), and scan the code or enter the address there.\nLooking at it here has used up \
         nothing.\n",
    );
    response.set_field("content-type", "text/plain; charset=utf-8");
    response.set_field("cache-control", "no-store");
    response
}
