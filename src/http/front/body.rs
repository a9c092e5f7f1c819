//! The body of a request: JSON of a known shape.

use std::cell::RefCell;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer};
use serde_json::error::Category;
use serde_json::{Map, Value, map};

use super::failure::{Failure, Misfit};
use crate::http::edge::message::Request;

/// A message without content: `{}`.
#[derive(Deserialize)]
pub struct Nothing {}

/// Reads the body as JSON of the shape `T`. Its size was bounded at the wire. Of a message that is JSON, but not of
/// that shape, the first member that does not fit is told.
pub fn json<T: DeserializeOwned>(request: &Request) -> Result<T, Failure> {
    let codings = request
        .fields_named("content-encoding")
        .flat_map(|list| list.split(','));
    if codings
        .map(str::trim)
        .any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
    {
        return Err(Failure::Encoded);
    }
    let kind = request.field("content-type").unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Failure::NotJson);
    }
    // A byte order mark may be ignored (RFC 8259 §8.1), and Windows' editors write one.
    let body = request.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&request.body);
    let text = std::str::from_utf8(body).map_err(|_| Failure::NotUtf8)?;
    serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => misfit::<T>(body),
        Category::Eof | Category::Io | Category::Syntax => Failure::Unreadable("it is no JSON".to_owned()),
    })
}

/// What does not fit: the message is read again, member by member.
fn misfit<T: DeserializeOwned>(body: &[u8]) -> Failure {
    let other = || Failure::Unreadable("it is no JSON object, or has a member twice".to_owned());
    let Ok(members) = serde_json::from_slice::<Map<String, Value>>(body) else {
        return other();
    };
    let at = RefCell::default();
    let Err(Why(why)) = read_again::<T>(members.clone(), &at) else {
        return other();
    };
    match (why, at.take()) {
        (Some(why), _) => Failure::Misfit(why),
        (None, Some(member)) => Failure::Misfit(Misfit::Kind(member)),
        // The parts of a shape in several parts are read after the last member: the first that does not fit by itself.
        (None, None) => {
            let is_wrong = |member: &(String, Value)| {
                let alone = Map::from_iter([member.clone()]);
                matches!(read_again::<T>(alone, &RefCell::default()), Err(Why(None)))
            };
            let wrong = members.into_iter().find(is_wrong);
            wrong.map_or_else(other, |(member, _)| Failure::Misfit(Misfit::Kind(member)))
        }
    }
}

fn read_again<T: DeserializeOwned>(members: Map<String, Value>, at: &RefCell<Option<String>>) -> Result<T, Why> {
    let left = members.into_iter();
    T::deserialize(MapAccessDeserializer::new(Members { left, value: None, at }))
}

/// The members of an object; `at` is the one whose value is being read.
struct Members<'a> {
    left: map::IntoIter,
    value: Option<Value>,
    at: &'a RefCell<Option<String>>,
}

impl<'de> de::MapAccess<'de> for Members<'_> {
    type Error = Why;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Why> {
        let Some((name, value)) = self.left.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        self.at.replace(Some(name.clone()));
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Why> {
        let value = self.value.take().unwrap_or_default();
        let read = seed.deserialize(value).map_err(|_| Why(None))?;
        self.at.replace(None);
        Ok(read)
    }
}

/// What serde says, as far as it can be told in our own words.
#[derive(Debug)]
struct Why(Option<Misfit>);

impl de::Error for Why {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Self(None)
    }

    fn missing_field(name: &'static str) -> Self {
        Self(Some(Misfit::Missing(name.to_owned())))
    }

    fn unknown_field(name: &str, _: &'static [&'static str]) -> Self {
        Self(Some(Misfit::Unknown(name.chars().take(SHOWN).collect())))
    }
}

/// How many characters of a name that somebody made up are told back.
const SHOWN: usize = 40;

impl fmt::Display for Why {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a member that does not fit")
    }
}

impl de::StdError for Why {}
