//! Asking a time server for the date: SNTP, one question and one answer of 48 bytes (RFC 4330, RFC 5905 §7.3).
//!
//! Nothing in it is authenticated but for the question's own random mark, which whoever does not see it cannot repeat.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use smol::future::FutureExt;
use smol::net::UdpSocket;

use super::clock::EARLIEST;
use crate::rules::time::Date;

/// How long a server may think.
const PATIENCE: Duration = Duration::from_secs(3);
/// Addresses of a name that are asked, of each kind: one that is down is made up for, a pool is not asked as a whole.
const IPV4: usize = 2;
const IPV6: usize = 1;
/// Octets of a message.
const LENGTH: usize = 48;
/// No leap warning, version 4, client.
const QUESTION: u8 = 0x23;
/// The mode of an answer.
const SERVER: u8 = 4;
/// The leap indicator of a server that does not know the date itself.
const ALARM: u8 = 3;
/// Servers further from a clock than this do not know the date themselves.
const STRATA: std::ops::RangeInclusive<u8> = 1..=15;
/// Seconds from 1900 to 1970.
const TO_1970: u64 = 2_208_988_800;
/// Seconds of an era: the first ends on 2036-02-07.
const ERA: u64 = 1 << 32;

/// Why an answer is none.
#[derive(Debug, PartialEq, Eq)]
enum Odd {
    /// It answers another question.
    Foreign,
    /// The server wants to be asked less, or not at all; its code.
    KissOfDeath([u8; 4]),
    /// It is no answer of a time server.
    Malformed,
    /// The server does not know the date itself.
    Unsynchronised,
}

/// The question that bears that mark.
fn question(mark: [u8; 8]) -> [u8; LENGTH] {
    let mut question = [0; LENGTH];
    let [first, .., a, b, c, d, e, f, g, h] = &mut question;
    *first = QUESTION;
    [*a, *b, *c, *d, *e, *f, *g, *h] = mark;
    question
}

/// The date that an answer gives to the question with that mark. What follows the first 48 octets is not looked at.
fn read(answer: &[u8], mark: [u8; 8]) -> Result<Date, Odd> {
    let (head, rest) = answer.split_first_chunk::<24>().ok_or(Odd::Malformed)?;
    let (originate, rest) = rest.split_first_chunk::<8>().ok_or(Odd::Malformed)?;
    let (_received, rest) = rest.split_first_chunk::<8>().ok_or(Odd::Malformed)?;
    let (transmitted, _) = rest.split_first_chunk::<8>().ok_or(Odd::Malformed)?;
    let [flags, stratum, _, _, _, _, _, _, _, _, _, _, k, i, s, z, ..] = *head;
    let (leap, version, mode) = (flags >> 6, flags >> 3 & 7, flags & 7);
    if mode != SERVER || !(1..=4).contains(&version) {
        return Err(Odd::Malformed);
    }
    if *originate != mark {
        return Err(Odd::Foreign);
    }
    if stratum == 0 {
        return Err(Odd::KissOfDeath([k, i, s, z]));
    }
    let [a, b, c, d, ..] = *transmitted;
    let seconds = u64::from(u32::from_be_bytes([a, b, c, d]));
    if leap == ALARM || !STRATA.contains(&stratum) || *transmitted == [0; 8] {
        return Err(Odd::Unsynchronised);
    }
    Ok(dated(seconds))
}

/// The first date from the earliest one on that has these seconds in its era.
fn dated(seconds: u64) -> Date {
    let earliest = EARLIEST.0 + TO_1970;
    let since = (seconds + ERA - earliest % ERA) % ERA;
    Date(EARLIEST.0 + since)
}

/// What a server said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TimeAnswer {
    /// The number of the name that it was set by. Names that share an address are one.
    pub(super) name: usize,
    /// Where it is.
    pub(super) address: IpAddr,
    /// What the date is by it.
    pub(super) date: Date,
}

/// Asks all of these servers at once, at some of their addresses each.
pub(super) async fn ask(servers: Vec<(String, u16)>, dice: &impl Fn() -> [u8; 32]) -> Vec<TimeAnswer> {
    let mut found = Vec::new();
    for server in servers {
        found.push(smol::net::resolve(server).await.unwrap_or_default());
    }
    let asked: Vec<_> = places(&found)
        .into_iter()
        .map(|(name, place)| {
            let [a, b, c, d, e, f, g, h, ..] = dice();
            async move { (name, place.ip(), one(place, [a, b, c, d, e, f, g, h]).await) }
        })
        .collect();
    let mut said = Vec::new();
    for (name, address, date) in together(asked).await {
        said.extend(date.ok().map(|date| TimeAnswer { name, address, date }));
    }
    said
}

/// Whom to ask of what each name stands for, and as whom. A name with an address of one before it is that one.
fn places(found: &[Vec<SocketAddr>]) -> Vec<(usize, SocketAddr)> {
    let mut places: Vec<(usize, SocketAddr)> = Vec::new();
    for (number, all) in found.iter().enumerate() {
        let is_known = |place: &SocketAddr| places.iter().find(|(_, known)| known.ip() == place.ip());
        let name = all.iter().find_map(is_known).map_or(number, |(known, _)| *known);
        let ipv4 = all.iter().filter(|place| place.is_ipv4()).take(IPV4);
        let ipv6 = all.iter().filter(|place| place.is_ipv6()).take(IPV6);
        let new: Vec<SocketAddr> = ipv4.chain(ipv6).copied().collect();
        for place in new {
            if !places.iter().any(|(_, known)| *known == place) {
                places.push((name, place));
            }
        }
    }
    places
}

/// Runs all to their ends, beside each other.
async fn together<T: Send>(all: Vec<impl Future<Output = T> + Send>) -> Vec<T> {
    let executor = smol::Executor::new();
    let tasks: Vec<_> = all.into_iter().map(|one| executor.spawn(one)).collect();
    executor
        .run(async {
            let mut ended = Vec::new();
            for task in tasks {
                ended.push(task.await);
            }
            ended
        })
        .await
}

/// Asks one. Answers to another question, and of another place, are waited past.
async fn one(place: SocketAddr, mark: [u8; 8]) -> io::Result<Date> {
    let here: IpAddr = match place {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((here, 0)).await?;
    socket.connect(place).await?;
    socket.send(&question(mark)).await?;
    let answered = async {
        // Longer ones bear extensions and signatures.
        let mut bytes = [0; 512];
        loop {
            let length = socket.recv(&mut bytes).await?;
            match read(bytes.get(..length).unwrap_or_default(), mark) {
                Ok(date) => return Ok(date),
                Err(Odd::Foreign | Odd::Malformed) => {}
                Err(Odd::KissOfDeath(_) | Odd::Unsynchronised) => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
    };
    let late = async {
        smol::Timer::after(PATIENCE).await;
        Err(io::ErrorKind::TimedOut.into())
    };
    answered.or(late).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: [u8; 8] = *b"who asks";

    /// An answer with that first octet, stratum and seconds.
    fn answer(flags: u8, stratum: u8, seconds: u32) -> Vec<u8> {
        let mut answer = vec![0; LENGTH];
        answer[0] = flags;
        answer[1] = stratum;
        answer[12..16].copy_from_slice(b"RATE");
        answer[24..32].copy_from_slice(&MARK);
        answer[40..44].copy_from_slice(&seconds.to_be_bytes());
        answer
    }

    #[test]
    fn the_answers_of_real_servers_are_dates() {
        // 2026-11-30T00:00:00Z; version 4 and 3.
        for flags in [0x24, 0x1c, 0x64] {
            assert_eq!(read(&answer(flags, 2, 4_004_985_600), MARK), Ok(Date(1_795_996_800)));
        }
    }

    #[test]
    fn the_second_era_goes_on_from_the_first() {
        // 2036-02-07T06:28:15Z, and the second after it.
        assert_eq!(read(&answer(0x24, 1, u32::MAX), MARK), Ok(Date(2_085_978_495)));
        let mut next = answer(0x24, 1, 0);
        next[47] = 1;
        assert_eq!(read(&next, MARK), Ok(Date(2_085_978_496)));
        // 2099-01-01: the era that a liar means.
        assert_eq!(read(&answer(0x24, 1, 1_984_930_304), MARK), Ok(Date(4_070_908_800)));
    }

    #[test]
    fn what_is_no_answer_is_none() {
        let good = answer(0x24, 2, 4_004_985_600);
        assert_eq!(read(&good[..47], MARK), Err(Odd::Malformed));
        assert_eq!(read(&good, *b"somebody"), Err(Odd::Foreign));
        assert_eq!(read(&answer(0x23, 2, 4_004_985_600), MARK), Err(Odd::Malformed));
        assert_eq!(
            read(&answer(0x24, 0, 4_004_985_600), MARK),
            Err(Odd::KissOfDeath(*b"RATE"))
        );
        assert_eq!(read(&answer(0xe4, 2, 4_004_985_600), MARK), Err(Odd::Unsynchronised));
        assert_eq!(read(&answer(0x24, 16, 4_004_985_600), MARK), Err(Odd::Unsynchronised));
        assert_eq!(read(&answer(0x24, 2, 0), MARK), Err(Odd::Unsynchronised));
    }

    #[test]
    fn a_name_is_one_server_whatever_its_addresses_and_names_that_share_one_are_one() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let both = vec![at("[2001:db8::7]:123"), at("192.0.2.7:123")];
        let other = vec![at("192.0.2.8:123")];
        let port = vec![at("192.0.2.7:1123")];
        let pool: Vec<SocketAddr> = (10..14).map(|host| at(&format!("192.0.2.{host}:123"))).collect();
        assert_eq!(
            places(&[both, other, port, pool]),
            [
                (0, at("192.0.2.7:123")),
                (0, at("[2001:db8::7]:123")),
                (1, at("192.0.2.8:123")),
                (0, at("192.0.2.7:1123")),
                (3, at("192.0.2.10:123")),
                (3, at("192.0.2.11:123")),
            ]
        );
    }

    #[test]
    fn a_question_is_48_octets_and_bears_its_mark() {
        let asked = question(MARK);
        assert_eq!((asked[0], &asked[40..]), (0x23, &MARK[..]));
        assert!(asked[1..40].iter().all(|octet| *octet == 0));
    }
}
