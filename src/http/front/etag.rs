//! Which state of a record or file somebody has seen (RFC 9110 §8.8.3): changes are made to that state alone
//! (§13.1.1), and it is not sent again (§13.1.2).

use std::fmt::Debug;

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::http::edge::message::{Body, Method, Request, Response, StatusCode};
use crate::rules::refusal::Refusal;

/// Of the hash, this many bytes: enough that no two states of one record share a tag.
const TAG_BYTES: usize = 12;

/// The tag of what can be changed of a record, quotation marks included. What only passes by (last uses, sessions) is
/// not part of it. A record that cannot be written has an empty tag's.
pub fn of(changeable: &impl Serialize) -> String {
    let hash = Sha256::digest(serde_json::to_vec(changeable).unwrap_or_default());
    let tag: Vec<u8> = hash.iter().copied().take(TAG_BYTES).collect();
    format!("\"{}\"", BASE64URL_NOPAD.encode(&tag))
}

/// The same of a record that is not JSON itself: its debug form names every member.
pub fn of_record(changeable: &impl Debug) -> String {
    of(&format!("{changeable:?}"))
}

/// The answer with that tag.
pub fn tagged(mut response: Response, tag: String) -> Response {
    response.set_field("etag", tag);
    response
}

/// The states to which alone a change shall be made, as `If-Match` names them.
pub struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    /// Of this request; without the field it may be any state.
    pub fn of(request: &Request) -> Self {
        let tags: Vec<String> = request
            .fields_named("if-match")
            .flat_map(|list| list.split(','))
            .map(|tag| tag.trim().to_owned())
            .collect();
        Self((!tags.is_empty()).then_some(tags))
    }

    /// The same of a record that is not JSON itself, beside [`of_record`].
    pub fn holds_of(&self, record: &impl Debug) -> Result<(), Refusal> {
        self.holds(&of_record(record))
    }

    /// The same where there may be no such record: then nothing is stale.
    pub fn holds_where(&self, now: Option<String>) -> Result<(), Refusal> {
        now.map_or(Ok(()), |now| self.holds(&now))
    }

    /// Refuses where the record is in another state by now. Weak tags never match.
    pub fn holds(&self, now: &str) -> Result<(), Refusal> {
        let matches = |tags: &Vec<String>| tags.iter().any(|tag| tag == "*" || tag == now);
        if self.0.as_ref().is_none_or(matches) {
            Ok(())
        } else {
            Err(Refusal::Stale)
        }
    }
}

/// The states that whoever asks has already, as `If-None-Match` names them; `*` is any.
pub struct IfNoneMatch(Vec<String>);

impl IfNoneMatch {
    /// Of this request; of one that changes something none, as no such row makes anything at an address of the
    /// caller's choice.
    pub fn of(request: &Request) -> Self {
        let is_read = matches!(request.method, Method::GET | Method::HEAD);
        let lists = request.fields_named("if-none-match").filter(|_| is_read);
        let tags = lists.flat_map(|list| list.split(','));
        Self(tags.map(|tag| tag.trim().trim_start_matches("W/").to_owned()).collect())
    }

    /// Whether the state of that tag is among them.
    pub fn has(&self, tag: &str) -> bool {
        self.0.iter().any(|known| known == "*" || known == tag)
    }

    /// The answer, or 304 in its place where there is a state and any is known. A record's own tag does not do:
    /// sessions and last uses are not part of it.
    pub fn unless_any(&self, mut response: Response) -> Response {
        let is_known = response.field("etag").is_some() && self.0.iter().any(|known| known == "*");
        if is_known && response.status == StatusCode::OK {
            response.status = StatusCode::NOT_MODIFIED;
            response.fields.retain(|(name, _)| !name.starts_with("content-"));
            response.body = Body::from(Vec::new());
        }
        response
    }
}
