//! Fields that are a word with parameters: Event, Subscription-State, Replaces, Reason, Session-Expires, Min-SE.

use super::Malformed;
use super::params::{Params, Value};
use super::scan;

/// Event (RFC 6665 §8.2.1).
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// The package, with its templates; compared with case.
    pub package: &'a str,
    /// `id`: which of several subscriptions of one dialog.
    pub id: Option<&'a str>,
    /// All parameters.
    pub params: Params<'a>,
}

/// Subscription-State (RFC 6665 §8.2.3).
#[derive(Clone, Copy, Debug)]
pub struct SubscriptionState<'a> {
    /// `active`, `pending`, `terminated` or another token, as written.
    pub state: &'a str,
    /// `reason`.
    pub reason: Option<&'a str>,
    /// `expires`, seconds.
    pub expires: Option<u32>,
    /// `retry-after`, seconds.
    pub retry_after: Option<u32>,
}

/// Replaces (RFC 3891 §6.1): which dialog a call takes over.
#[derive(Clone, Copy, Debug)]
pub struct Replaces<'a> {
    /// The dialog's Call-ID.
    pub call_id: &'a str,
    /// The tag of whoever is to be replaced towards the receiver: the receiver's own tag.
    pub to_tag: &'a str,
    /// The other side's tag.
    pub from_tag: &'a str,
    /// Whether only a dialog that is not answered yet may be replaced.
    pub is_early_only: bool,
}

/// One element of Reason (RFC 3326).
#[derive(Clone, Copy, Debug)]
pub struct Reason<'a> {
    /// `SIP`, `Q.850` or another token.
    pub protocol: &'a str,
    /// `cause`.
    pub cause: Option<u32>,
    /// `text`, without its quotes.
    pub text: Option<Value<'a>>,
}

/// Session-Expires or Min-SE (RFC 4028).
#[derive(Clone, Copy, Debug)]
pub struct SessionTime<'a> {
    /// Seconds.
    pub seconds: u32,
    /// `refresher`: `uac` or `uas`.
    pub refresher: Option<&'a str>,
}

impl<'a> Event<'a> {
    /// # Errors
    /// No token with parameters.
    pub fn parse(value: &'a [u8]) -> Result<Self, Malformed> {
        let (package, params) = token_and_params(value).ok_or(Malformed::Event)?;
        Ok(Self {
            package,
            id: params.text("id"),
            params,
        })
    }
}

impl<'a> SubscriptionState<'a> {
    /// # Errors
    /// No token with parameters.
    pub fn parse(value: &'a [u8]) -> Result<Self, Malformed> {
        let (state, params) = token_and_params(value).ok_or(Malformed::SubscriptionState)?;
        let seconds = |name| {
            params
                .get(name)
                .flatten()
                .and_then(|value: Value<'_>| scan::number(value.raw))
        };
        let (expires, retry_after) = (seconds("expires"), seconds("retry-after"));
        Ok(Self {
            state,
            reason: params.text("reason"),
            expires,
            retry_after,
        })
    }
}

impl<'a> Replaces<'a> {
    /// # Errors
    /// The Call-ID or one of the tags is missing.
    pub fn parse(value: &'a [u8]) -> Result<Self, Malformed> {
        Self::read(value).ok_or(Malformed::Replaces)
    }

    fn read(value: &'a [u8]) -> Option<Self> {
        let (call_id, params) = word_and_params(value)?;
        Some(Self {
            call_id: scan::text(call_id).filter(|call_id| !call_id.is_empty())?,
            to_tag: params.text("to-tag")?,
            from_tag: params.text("from-tag")?,
            is_early_only: params.has("early-only"),
        })
    }
}

impl<'a> Reason<'a> {
    /// # Errors
    /// No token with parameters.
    pub fn parse(element: &'a [u8]) -> Result<Self, Malformed> {
        let (protocol, params) = token_and_params(element).ok_or(Malformed::Reason)?;
        let cause = params.get("cause").flatten().and_then(|value| scan::number(value.raw));
        Ok(Self {
            protocol,
            cause,
            text: params.get("text").flatten(),
        })
    }
}

impl<'a> SessionTime<'a> {
    /// # Errors
    /// No number with parameters.
    pub fn parse(value: &'a [u8]) -> Result<Self, Malformed> {
        let (seconds, params) = word_and_params(value).ok_or(Malformed::SessionExpires)?;
        let seconds = scan::number(seconds).ok_or(Malformed::SessionExpires)?;
        Ok(Self {
            seconds,
            refresher: params.text("refresher"),
        })
    }
}

fn word_and_params(value: &[u8]) -> Option<(&[u8], Params<'_>)> {
    let mut cursor = scan::Cursor::new(value);
    let word = scan::trimmed(cursor.take_while(|byte| byte != b';'));
    Some((word, Params::parse(cursor.rest)?))
}

fn token_and_params(value: &[u8]) -> Option<(&str, Params<'_>)> {
    let (word, params) = word_and_params(value)?;
    Some((scan::token(word)?, params))
}
