//! Every bound of the phones' sockets on one page, each with its reason.

use std::time::Duration;

use crate::net;

/// Connections of phones in all: 500 on TLS and some apps. With HTTP's 256 and the files they stay below a usual limit
/// of 1,024 descriptors.
const CONNECTIONS: usize = 640;
/// Connections per IPv4 address or IPv6 /64: a branch office of 64 phones behind one address, each twice while it comes
/// back.
const PER_ADDRESS: usize = 128;
/// Bytes that wait for a slow reader: the NOTIFYs of 128 lamps, and calls. Whoever lets more lie is closed, for a phone
/// that comes back knows more than one that missed a message.
pub(super) const QUEUE: usize = 256 * 1024;
/// How long a reader may take none of the bytes that wait: as long as a transaction lives (RFC 3261 §17, 64 × T1).
pub(super) const STUCK: Duration = Duration::from_secs(32);
/// How long a connection may say nothing: a registration's hour (it must come again before), and a quarter more.
pub(super) const SILENT: Duration = Duration::from_secs(75 * 60);
/// How long a new connection may say nothing: two retransmissions over a bad mobile line.
pub(super) const FIRST_BYTE: Duration = Duration::from_secs(30);
/// Bytes that are read from a connection at once: most messages whole.
pub(super) const PIECE: usize = 4 * 1024;
/// The largest datagram that IPv4 and IPv6 carry.
pub(super) const DATAGRAM: usize = 65_535;
/// Datagrams that are taken from one socket in a row, before the thread looks whether it has to end.
pub(super) const IN_A_ROW: usize = 32;
/// What the kernel is asked to hold of datagrams that are not read yet, in bytes: 500 phones that come back at once.
pub(super) const KERNEL_QUEUE: usize = 1024 * 1024;
/// Milliseconds between two rounds of what is due. A phone that hears a message again after 520 ms does not mind, and a
/// busy line has hundreds of transactions that end in each second.
pub(super) const BETWEEN_RINGS_MS: u64 = 20;
/// The pause after a socket failed: out of memory passes, and asking again at once would only burn the time it needs.
pub(super) const BREATH: Duration = Duration::from_millis(50);
/// The pause before a socket that could not be opened is tried again.
pub(super) const REOPEN: Duration = Duration::from_secs(30);
/// The pause between two rounds of saving bindings: one commit in it at most.
pub(super) const SAVE: Duration = Duration::from_secs(5 * 60);
/// The pause between two states for the pages: people see no shorter one.
pub(super) const GLANCE: Duration = Duration::from_millis(250);
/// How long lines for the journal are gathered, so that a morning's phones are one commit.
pub(super) const GATHER: Duration = Duration::from_secs(10);
/// The pause before the line, and this machine's addresses, are looked at although nothing happened.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// How long changes of phones' settings are gathered before phones are told: less than the 10 s in which they follow.
pub(super) const TOGETHER: Duration = Duration::from_secs(6);
/// The pause before a phone that was in a call, or away, is looked at again.
pub(super) const RETRY: Duration = Duration::from_secs(1);
/// How long a test call rings: long enough to hear which phone it is.
pub(super) const RINGING: Duration = Duration::from_secs(6);
/// Events that wait for whoever tells phones; more are lost, and phones ask again.
pub(super) const EVENTS: usize = 256;
/// Where phones ask for their settings (SIP plug and play).
pub(super) const PLUG_AND_PLAY: std::net::Ipv4Addr = std::net::Ipv4Addr::new(224, 0, 1, 75);
/// Refused requests of a device, after which the journal tells of it: more than one wrong setting takes to be seen.
pub(super) const FAILURES: u32 = 10;
/// The pause between two lines about one failing device.
pub(super) const FAILURE_PAUSE_MS: u64 = 24 * 3_600_000;

/// What the doors of phones hold.
pub(super) fn doors() -> net::limits::Limits {
    net::limits::Limits {
        connections: CONNECTIONS,
        per_address: PER_ADDRESS,
        ..net::limits::Limits::appliance()
    }
}
