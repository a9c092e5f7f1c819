//! The office's clock, as an administrator sets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use linekey::office::dates::Dates;
use linekey::office::trust::Trust;
use linekey::rules::certificates::served::{Served, Source};
use linekey::rules::certificates::validity::Validity;
use linekey::rules::office::time_servers::TimeServers;
use linekey::rules::time::Date;

/// The certificate of an office of that name: one of a name for multicast DNS has an address in it, unless the name
/// begins with `bare`; others have none at all.
pub fn trust(name: &str) -> Trust {
    if !name.ends_with(".local") {
        return Trust::none();
    }
    let found = ["2001:db8::5", "127.0.0.1", "192.168.1.5", "192.168.1.4"];
    let addresses = found.iter().filter(|_| !name.starts_with("bare"));
    let addresses: Vec<std::net::IpAddr> = addresses.map(|address| address.parse().unwrap()).collect();
    let name = name.to_owned();
    Trust::new(
        None,
        None,
        move || {
            Some(Served {
                source: Source::Office,
                issuer: None,
                names: vec![name.clone()],
                addresses: addresses.clone(),
                validity: Validity {
                    from: Date(0),
                    until: Date(u64::MAX),
                },
            })
        },
        |_, _| Vec::new(),
    )
}

/// The clock in an administrator's hand. The machine's own stands in 1970.
#[derive(Clone)]
pub struct Hand {
    /// What time it is.
    pub clock: Arc<AtomicU64>,
    /// Where the date stands still, because the clock is known to be wrong.
    pub stands: Arc<AtomicU64>,
    /// To which date an administrator wants it brought back; 0: none.
    #[allow(dead_code, reason = "not everybody asks")]
    pub brought_back: Arc<AtomicU64>,
    /// Which of the next looks for a bucket is 20 minutes behind, counted from 1; 0: none.
    pub signed_late: Arc<AtomicI64>,
}

impl Hand {
    pub fn at(time: u64) -> Self {
        Self {
            clock: Arc::new(AtomicU64::new(time)),
            stands: Arc::new(AtomicU64::new(u64::MAX)),
            brought_back: Arc::default(),
            signed_late: Arc::default(),
        }
    }

    /// The date by which requests to buckets are signed.
    pub fn signing(&self) -> impl Fn() -> Date + Send + Sync + 'static {
        let (clock, late) = (self.clock.clone(), self.signed_late.clone());
        move || {
            let is_late = late.fetch_sub(1, Ordering::SeqCst) == 1;
            Date(clock.load(Ordering::SeqCst) - if is_late { 20 * 60 } else { 0 })
        }
    }
}

impl Dates for Hand {
    fn machine(&self) -> Date {
        Date(60)
    }

    fn servers_by_flag(&self) -> Option<TimeServers> {
        None
    }

    fn doubted(&self) -> Option<Date> {
        None
    }

    fn confirm(&self, date: Date) {
        self.clock.store(date.0, Ordering::SeqCst);
        self.stands.store(u64::MAX, Ordering::SeqCst);
    }

    fn can_bring_back(&self, _: Date) -> bool {
        true
    }

    fn bring_back(&self, date: Date) {
        self.brought_back.store(date.0, Ordering::SeqCst);
    }
}
