//! Addresses of pages as people type them and as mail programs and web servers pass them on: which page is meant.

use super::route::{Does, Route};
use crate::http::edge::message::{Method, Request};

/// How a mail program writes the `#` of a link that it takes for part of the path.
const HASH: &str = "%23";
/// What a mail program takes for part of a link though it stands behind it: a full stop, a comma, a bracket, `>`, `"`.
const BEHIND: [&str; 8] = [".", ",", ";", ")", "]", "%3E", "%22", "/"];

/// The page that is meant by a path that no row has: with slashes doubled or at the end, capitals, punctuation behind
/// it, or an escaped `#`. What was asked of it, and what stands behind the `#`, goes along: a link's token stays in the
/// fragment, where no further log keeps it.
pub(super) fn meant(routes: &[Route], request: &Request) -> Option<String> {
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return None;
    }
    let (path, fragment) = match request.path.split_once(HASH) {
        Some((path, fragment)) => (path, format!("#{fragment}")),
        None => (request.path.as_str(), String::new()),
    };
    let mut path = path;
    while let Some(shorter) = BEHIND.iter().find_map(|end| path.strip_suffix(end)) {
        path = shorter;
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return None;
    }
    let path = format!("/{}", parts.join("/")).to_ascii_lowercase();
    let is_page = |route: &&Route| route.is_for(&path) && matches!(route.does, Does::Page(_));
    routes.iter().find(is_page)?;
    let query = request.query.as_deref();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    (path != request.path).then(|| format!("{path}{query}{fragment}"))
}
