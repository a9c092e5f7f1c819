//! Every number that bounds the stack, with its reason. Times are in milliseconds unless the name says otherwise.

/// The estimate of a round trip (RFC 3261 §17.1.1.1, T1).
pub const T1_MS: u64 = 500;
/// The longest pause between two copies of a request that is no INVITE, or of a response to one (T2).
pub const T2_MS: u64 = 4_000;
/// How long a message may stay in the network (T4).
pub const T4_MS: u64 = 5_000;
/// When a transaction gives up, or stops waiting for copies: 64 × T1 (Timers B, D, F, H, J, L, M).
pub const GIVE_UP_MS: u64 = 64 * T1_MS;
/// How long a device may ring: more than three minutes, as RFC 3261 §16.6 step 11 asks (Timer C).
pub const RINGING_MS: u64 = 185_000;
/// Server transactions: 20 calls a second for three minutes. When all places are taken, those that only wait for copies
/// go first, the oldest of them at the front; a request beyond that is answered 503.
pub const SERVER_TRANSACTIONS: usize = 4_096;
/// Client transactions: as many, for each call rings two devices at most on average while all places are taken.
pub const CLIENT_TRANSACTIONS: usize = 4_096;
/// Requests under way through the proxy: each account of a full office calls, and some more.
pub const FORWARDED: usize = 2_048;
/// Branches of one request: each binding of the extension, and those of extensions that phones forward to.
pub const BRANCHES: usize = 2 * crate::rules::phones::limits::BINDINGS_OF_ONE;
/// Extensions that one request may reach by forwarding phones: the first and three more.
pub const EXTENSIONS_OF_ONE: usize = 4;
/// Calls: as many as requests under way.
pub const CALLS: usize = 2_048;
/// Devices that are in one call at a time, or ring for it.
pub const LEGS_OF_ONE: usize = BRANCHES;
/// How long an ended call still routes copies of its last requests.
pub const CALL_LINGERS_MS: u64 = GIVE_UP_MS;
/// How long a call may last without a request in it: a working day of silence is a phone that was switched off.
pub const CALL_MS: u64 = 12 * 3_600_000;
/// How long a call lasts none of whose devices can be reached: connections come back within a minute or two.
pub const CALL_LOST_MS: u64 = 180_000;
/// Subscriptions: each of 100 phones with 40 keys.
pub const SUBSCRIPTIONS: usize = 4_096;
/// Subscriptions of one device: the largest key modules have 120 keys.
pub const SUBSCRIPTIONS_OF_ONE: usize = 128;
/// Seconds that a subscription lasts at most.
pub const SUBSCRIPTION_MAX_S: u32 = 3_600;
/// Seconds below which a subscription is not worth its NOTIFYs: desk phones ask for 30 at least.
pub const SUBSCRIPTION_MIN_S: u32 = 30;
/// How long a NOTIFY is waited for while there is news: the slow phones of the field take 5 seconds.
pub const NOTIFY_PATIENCE_MS: u64 = 6_000;
/// Nonces whose counts are remembered: each device of the largest office, and its calls.
pub const NONCES: usize = 4_096;
/// Addresses whose wrong credentials are counted: a /24 of them.
pub const ADDRESSES: usize = 256;
/// Wrong credentials of one address in a minute, beyond which they get no answer: 200 phones with an old secret behind
/// one address, each with both attempts. Secrets have 128 bits, so this spares answers and lines, not secrets.
pub const WRONG_OF_ONE: u64 = 400;
/// Addresses of phones of unknown kind that were asked for both hashes: a /24 of them.
pub const OFFERS: usize = 256;
/// How long that is remembered: phones that failed to register try again within five minutes.
pub const OFFER_MS: u64 = 300_000;
/// The minute of counting, and the pause between two events about one device or about strangers.
pub const BULK_MS: u64 = 60_000;
/// Connections, those without a registered device included.
pub const STREAMS: usize = 2_048;
/// How long half a message may lie on a connection.
pub const HALF_MESSAGE_MS: u64 = 30_000;
/// Above this many bytes a request prefers a stream (RFC 3261 §18.1.1: 200 less than the path's unit of 1,500).
pub const DATAGRAM_BYTES: usize = 1_300;
/// NOTIFYs that the shell asked for and nobody has answered: one for each phone of an office that is told to fetch its
/// files.
pub const NOTIFIES: usize = 256;
/// Phones that asked for their settings and may still be answered.
pub const DISCOVERIES: usize = 32;
/// How long they may be answered.
pub const DISCOVERY_MS: u64 = 32_000;
