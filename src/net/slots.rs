//! Who holds how many connections. Full: the newest waits. Greedy: closed at once. In: never thrown out.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use smol::lock::{Semaphore, SemaphoreGuardArc};

use crate::net::limits::Limits;

/// All slots of all doors.
pub(crate) struct ConnectionSlots {
    all: Arc<Semaphore>,
    held: Mutex<Vec<(IpAddr, usize)>>,
}

/// One connection's place; free again when dropped.
pub(crate) struct Slot {
    slots: Arc<ConnectionSlots>,
    holder: IpAddr,
    _permit: SemaphoreGuardArc,
}

impl ConnectionSlots {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            all: Arc::new(Semaphore::new(limits.connections)),
            held: Mutex::new(Vec::with_capacity(limits.connections)),
        })
    }

    /// Waits for a permit for whoever comes next.
    pub(crate) async fn permit(&self) -> SemaphoreGuardArc {
        self.all.acquire_arc().await
    }

    /// Gives the permit to this address, unless it holds all that it may.
    pub(crate) fn give(self: &Arc<Self>, permit: SemaphoreGuardArc, to: IpAddr, limits: &Limits) -> Option<Slot> {
        let holder = holder(to);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match held.iter_mut().find(|(address, _)| *address == holder) {
            None => held.push((holder, 1)),
            Some((_, count)) if *count < limits.per_address || limits.exempt.iter().any(|net| net.contains(&to)) => {
                *count += 1;
            }
            Some(_) => return None,
        }
        Some(Slot {
            slots: Arc::clone(self),
            holder,
            _permit: permit,
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut held = self.slots.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, count)) = held.iter_mut().find(|(address, _)| *address == self.holder) {
            *count = count.saturating_sub(1);
        }
        held.retain(|(_, count)| *count > 0);
    }
}

/// An IPv6 host is given a /64 and may call from any address in it.
fn holder(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}
