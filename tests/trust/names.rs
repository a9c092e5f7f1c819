//! The name on the LAN, over loopback's multicast: asked for as any computer asks, and taken by another host.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use linekey::names::addresses::{Interfaces, of_this_host};
use linekey::names::announcer::{AnnounceError, Announcer, News};
use smol::future::FutureExt;

use super::world::{address, name};

const GROUP: (Ipv4Addr, u16) = (Ipv4Addr::new(224, 0, 0, 251), 5353);
/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(15);

/// Another host on loopback, with an address of its own.
struct Host(UdpSocket);

impl Host {
    fn new() -> Self {
        // Bound to an address of loopback, so that multicast goes out there.
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        Self(socket)
    }

    /// Says that the name is at that address for so many seconds; 0 is goodbye.
    fn says(&self, host: &str, at: Ipv4Addr, seconds: u32) {
        let mut answer = vec![0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        answer.extend(encoded(host));
        // A record, class IN with the cache-flush bit (RFC 6762 §10.2).
        answer.extend([0, 1, 0x80, 1]);
        answer.extend(seconds.to_be_bytes());
        answer.extend([0, 4]);
        answer.extend(at.octets());
        // Only packets from the mDNS port count (RFC 6762 §6); the announcers share it.
        let socket = shared_port();
        socket.send_to(&answer, GROUP).unwrap();
    }

    /// The addresses that answer to the name within the time, by a one-shot query (RFC 6762 §5.1).
    fn asks(&self, host: &str, patience: Duration) -> Vec<IpAddr> {
        let end = Instant::now() + patience;
        let mut query = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        query.extend(encoded(host));
        query.extend([0, 1, 0, 1]);
        while Instant::now() < end {
            self.0.send_to(&query, GROUP).unwrap();
            let mut answer = [0; 1500];
            while let Ok((length, _)) = self.0.recv_from(&mut answer) {
                let found = addresses_in(&answer[..length], &encoded(host));
                if !found.is_empty() {
                    return found;
                }
            }
        }
        Vec::new()
    }
}

/// A socket on port 5353 of loopback, beside those of others.
fn shared_port() -> UdpSocket {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with, sockopt};
    let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None).unwrap();
    sockopt::set_socket_reuseaddr(&socket, true).unwrap();
    sockopt::set_socket_reuseport(&socket, true).unwrap();
    bind(&socket, &SocketAddr::from(([127, 0, 0, 1], 5353))).unwrap();
    UdpSocket::from(socket)
}

fn encoded(host: &str) -> Vec<u8> {
    let labels = host.split('.').flat_map(|label| {
        let length = u8::try_from(label.len()).unwrap();
        std::iter::once(length).chain(label.bytes())
    });
    labels.chain([0]).collect()
}

/// The addresses of A records in a response that names that host.
fn addresses_in(message: &[u8], name: &[u8]) -> Vec<IpAddr> {
    let is_answer = message.get(2).is_some_and(|flags| flags & 0x80 != 0);
    if !is_answer || !message.windows(name.len()).any(|window| window == name) {
        return Vec::new();
    }
    let records = message.windows(14).filter_map(|record| match record {
        [0, 1, _, 1, _, _, _, _, 0, 4, a, b, c, d] => Some(IpAddr::from([*a, *b, *c, *d])),
        _ => None,
    });
    records.collect()
}

fn start(host: &str, at: &str) -> Announcer {
    Announcer::start(&name(host), 8443, &Interfaces::Loopback, &[address(at)]).unwrap()
}

fn next(announcer: &mut Announcer) -> News {
    let late = async {
        smol::Timer::after(PATIENCE).await;
        panic!("nothing was told in {PATIENCE:?}");
    };
    smol::block_on(async { announcer.next().await.unwrap() }.or(late))
}

/// What is told within that time.
fn told_within(announcer: &mut Announcer, time: Duration) -> Option<News> {
    let silence = async {
        smol::Timer::after(time).await;
        None
    };
    smol::block_on(async { Some(announcer.next().await.unwrap()) }.or(silence))
}

#[test]
fn the_name_is_announced_and_found_and_taken_back() {
    let host = "trust-one.local";
    let mut announcer = start(host, "127.0.0.1");
    assert_eq!(next(&mut announcer), News::Announced);
    assert_eq!(Host::new().asks(host, PATIENCE), [address("127.0.0.1")]);
    let begun = Instant::now();
    smol::block_on(announcer.goodbye());
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert!(Host::new().asks(host, Duration::from_secs(1)).is_empty());
}

#[test]
fn a_name_that_is_taken_is_told_and_not_announced_until_the_other_host_is_gone() {
    let (host, other, at) = ("trust-two.local", Host::new(), Ipv4Addr::new(127, 0, 0, 77));
    let mut announcer = start(host, "127.0.0.1");
    // An announcer opens its sockets some time after it was started, so one word could be too early.
    let said_often = async {
        loop {
            other.says(host, at, 120);
            smol::Timer::after(Duration::from_millis(100)).await;
        }
    };
    let news = smol::block_on(async { announcer.next().await.unwrap() }.or(said_often));
    assert_eq!(news, News::Taken { by: at.into() });
    assert_eq!(
        told_within(&mut announcer, Duration::from_secs(3)),
        None,
        "and nothing is announced"
    );
    other.says(host, at, 0);
    assert_eq!(next(&mut announcer), News::Announced, "unaided");
    assert_eq!(other.asks(host, PATIENCE), [address("127.0.0.1")]);
    smol::block_on(announcer.goodbye());
}

#[test]
fn a_host_that_comes_later_is_told_and_ours_keeps_its_name() {
    let (host, other, at) = ("trust-three.local", Host::new(), Ipv4Addr::new(127, 0, 0, 78));
    let mut announcer = start(host, "127.0.0.1");
    assert_eq!(next(&mut announcer), News::Announced);
    other.says(host, at, 120);
    assert_eq!(next(&mut announcer), News::Taken { by: at.into() });
    assert_eq!(other.asks(host, PATIENCE), [address("127.0.0.1")]);
    assert!(other.asks("trust-three-2.local", Duration::from_secs(1)).is_empty());
    other.says(host, at, 0);
    assert_eq!(next(&mut announcer), News::Alone);
    smol::block_on(announcer.goodbye());
}

/// The one that comes late is silent; the first hears of it all the same, and forgets it once it no longer asks.
#[test]
fn the_first_of_two_hears_of_one_that_comes_late_and_is_silent() {
    let host = "trust-five.local";
    let (mut first, mut late) = (start(host, "127.0.0.1"), None);
    assert_eq!(next(&mut first), News::Announced);
    let newcomer = late.insert(start(host, "127.0.0.5"));
    assert_eq!(
        next(newcomer),
        News::Taken {
            by: address("127.0.0.1")
        }
    );
    assert_eq!(
        next(&mut first),
        News::Taken {
            by: address("127.0.0.5")
        }
    );
    // It says so again, which is no further news.
    assert_eq!(newcomer.look().unwrap(), None);
    assert_eq!(told_within(&mut first, Duration::from_secs(1)), None);
    drop(late);
    let told = (0..10).find_map(|_| first.look().unwrap());
    assert_eq!(told, Some(News::Alone));
    smol::block_on(first.goodbye());
}

#[test]
fn our_own_words_repeated_by_a_reflector_are_no_other_host() {
    let (host, reflector) = ("trust-four.local", Host::new());
    let mut announcer = start(host, "127.0.0.1");
    assert_eq!(next(&mut announcer), News::Announced);
    announcer.change_addresses(&[address("127.0.0.2")]).unwrap();
    for _ in 0..20 {
        reflector.says(host, Ipv4Addr::new(127, 0, 0, 1), 120);
        reflector.says(host, Ipv4Addr::new(127, 0, 0, 2), 120);
        assert_eq!(told_within(&mut announcer, Duration::from_millis(100)), None);
    }
    smol::block_on(announcer.goodbye());
}

#[test]
fn a_name_that_is_not_of_the_lan_is_not_announced() {
    let refused = Announcer::start(&name("office.example.org"), 443, &Interfaces::Lan, &[]);
    assert!(matches!(refused.map(drop), Err(AnnounceError::NotLocal)));
}

#[test]
fn this_host_has_addresses_and_none_that_needs_a_zone() {
    assert!(
        of_this_host(&Interfaces::Named(vec!["no-such-0".to_owned()]))
            .unwrap()
            .is_empty()
    );
    let loopback = of_this_host(&Interfaces::Loopback).unwrap();
    assert!(loopback.contains(&address("127.0.0.1")), "{loopback:?}");
    let lan = of_this_host(&Interfaces::Lan).unwrap();
    assert!(!lan.iter().any(|address| address.is_loopback()), "{lan:?}");
    // `reached.rs` runs this where there is one for certain.
    for interface in if_addrs::get_if_addrs().unwrap() {
        if let IpAddr::V6(local) = interface.ip()
            && local.is_unicast_link_local()
        {
            println!("link-local: {local}");
            assert!(!lan.contains(&local.into()), "{local}: {lan:?}");
            let named = of_this_host(&Interfaces::Named(vec![interface.name])).unwrap();
            assert!(!named.contains(&local.into()), "{local}: {named:?}");
        }
    }
}

/// A neighbour who says thousands of addresses is news as often as there are places for them, and no more. Each new
/// word ends those that are older than a second (RFC 6762 §10.2), whose places are free then.
#[test]
fn a_thousand_addresses_of_another_host_are_few_news() {
    let (host, other) = ("trust-flood.local", Host::new());
    let mut announcer = start(host, "127.0.0.1");
    assert_eq!(next(&mut announcer), News::Announced);
    let begun = Instant::now();
    for number in 0..1_000_u16 {
        let [high, low] = number.to_be_bytes();
        other.says(host, Ipv4Addr::new(10, 9, high, low), 120);
    }
    let mut news = 0;
    while told_within(&mut announcer, Duration::from_secs(2)).is_some() {
        news += 1;
    }
    let seconds = begun.elapsed().as_secs();
    assert!((1..=64 * (1 + seconds)).contains(&news), "{news} in {seconds} s");
}
