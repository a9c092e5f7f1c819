//! What a phone asks for, read from the path; its User-Agent is a hint for the journal and the page, never proof.

use super::MAKES;
use super::handout::{FILE_OCTETS, Handout};
use super::make::{Answer, File, Make};
use crate::rules::phones::mac::{self, Mac};

/// Octets of a path below the base; makes' own names are shorter than 64.
const PATH: usize = 256;
/// Octets of a User-Agent that are looked at.
const AGENT: usize = 512;
/// Octets of a MAC address with its pairs divided.
const DIVIDED: usize = 17;
/// Characters of a model's name.
const MODEL: usize = 32;

/// A request, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRequest {
    /// What is meant. Makes agree on what a name means wherever they share it.
    pub file: File,
    /// Whose it is, where the path says so.
    pub mac: Option<Mac>,
    /// The makes that ask for such a name; none for [`File::Unknown`].
    pub makes: Vec<&'static Make>,
    /// What the phone says of itself.
    pub agent: Agent,
}

/// What a User-Agent says. Anybody can send anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// The make that it names.
    pub make: Option<&'static Make>,
    /// The model, at most 32 characters, no control characters; empty where it names none.
    pub model: String,
    /// The MAC address in it.
    pub mac: Option<Mac>,
}

/// Reads a request's path below the base URL, with its query, and its User-Agent. Letter case does not count, nor do
/// slashes too many at the front, percent signs, or how a MAC address is divided. A query counts where it says `mac`
/// and the name says nobody's: phones are told such addresses, and some add it to a name that all phones share.
pub fn asked(path: &str, user_agent: &[u8]) -> FileRequest {
    let mut asked = FileRequest {
        file: File::Unknown,
        mac: None,
        makes: Vec::new(),
        agent: agent(user_agent),
    };
    if path.len() > PATH {
        return asked;
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let Some(name) = name(path) else { return asked };
    for make in MAKES {
        let Some(reading) = (make.reads)(&name) else { continue };
        (asked.file, asked.mac) = (reading.file, reading.mac);
        asked.makes.push(make);
    }
    if asked.mac.is_none()
        && matches!(asked.file, File::Model | File::Unknown)
        && let Some(mac) = in_query(query)
    {
        (asked.file, asked.mac) = (File::Config, Some(mac));
        // A script's name: the make is the phone's own.
        if asked.makes.is_empty() {
            asked.makes.extend(MAKES);
        }
    }
    asked
}

/// The answer for a device of this make, or `None` for 404: it never asks for such a name, or for another phone's. At
/// most [`FILE_OCTETS`] long: the phone book ends where there is no more room, and then the keys do.
pub fn answer(asked: &FileRequest, make: &'static Make, handout: &Handout<'_>) -> Option<Answer> {
    let its_own = asked.mac.is_none_or(|mac| mac == handout.mac);
    if !its_own || !asked.makes.contains(&make) {
        return None;
    }
    let write = |book: usize, keys: usize| {
        let handout = Handout {
            book: handout.book.get(..book).unwrap_or(handout.book),
            keys: handout.keys.get(..keys).unwrap_or(handout.keys),
            ..handout.clone()
        };
        (make.writes)(&handout, asked.file)
    };
    let (book, keys) = (handout.book.len(), handout.keys.len());
    let whole = write(book, keys)?;
    if whole.bytes.len() <= FILE_OCTETS {
        return Some(whole);
    }
    let shorter = longest(book, |book| write(book, keys));
    shorter.or_else(|| longest(keys, |keys| write(0, keys))).or(Some(whole))
}

/// The answer with as many entries of a list as fit, fewer than `count`; none where it does not fit without any.
fn longest(count: usize, write: impl Fn(usize) -> Option<Answer>) -> Option<Answer> {
    let fits = |entries| write(entries).filter(|answer| answer.bytes.len() <= FILE_OCTETS);
    let mut best = fits(0)?;
    let (mut least, mut most) = (0, count);
    while most.saturating_sub(least) > 1 {
        let middle = least.midpoint(most);
        match fits(middle) {
            Some(answer) => (best, least) = (answer, middle),
            None => most = middle,
        }
    }
    Some(best)
}

/// The name in lower case, MAC addresses in it as twelve digits; `None` for what no make writes.
fn name(path: &str) -> Option<String> {
    let name = unescaped(path.trim_start_matches('/'))?;
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':');
    let name = name.chars().all(usual).then(|| undivided(&name.to_ascii_lowercase()))?;
    (!name.contains(':')).then_some(name)
}

/// The first `mac` of a query.
fn in_query(query: &str) -> Option<Mac> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.eq_ignore_ascii_case("mac"))?;
    Mac::read(&unescaped(value)?)
}

/// Without percent signs (RFC 3986 §2.1); `None` where one begins no octet of ASCII.
fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let octet = u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii)?;
        plain.push(char::from(octet));
        plain.push_str(rest);
    }
    Some(plain)
}

/// A name in lower case in which six pairs of digits with `:` or with `-` between them are twelve digits: some Snoms
/// put their address in that way. Where several places fit it is the last: a model's name stands in front.
fn undivided(name: &str) -> String {
    let is_digit = |c: char| c.is_ascii_hexdigit();
    for (at, _) in name.char_indices().rev() {
        let Some((before, from_here)) = name.split_at_checked(at) else {
            continue;
        };
        let Some((divided, behind)) = from_here.split_at_checked(DIVIDED) else {
            continue;
        };
        let fits = [':', '-'].into_iter().any(|divider| {
            let mut pairs = divided.split(divider);
            let six = pairs.by_ref().take(6);
            let all = six.filter(|pair| pair.len() == 2 && pair.chars().all(is_digit)).count() == 6;
            all && pairs.next().is_none()
        });
        if fits && !before.ends_with(is_digit) && !behind.starts_with(is_digit) {
            let digits: String = divided.chars().filter(|c| is_digit(*c)).collect();
            return [before, &digits, behind].concat();
        }
    }
    name.to_owned()
}

fn agent(written: &[u8]) -> Agent {
    let text = String::from_utf8_lossy(written.get(..AGENT).unwrap_or(written));
    let text = text.trim_matches(|c: char| c == '"' || c.is_whitespace());
    let lower = text.to_ascii_lowercase();
    let make = MAKES
        .into_iter()
        .find(|make| make.agents.iter().any(|word| lower.contains(word)));
    let model = make.and_then(|make| (make.model)(text)).unwrap_or_default();
    Agent {
        make,
        model: short(model),
        mac: mac::within(text),
    }
}

/// At most 32 characters, none of them a control character.
pub(super) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MODEL).collect()
}
