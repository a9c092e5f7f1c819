//! The newest refused sign-ins, in memory: strangers cause them, so they never reach the disk.

use std::net::IpAddr;

use heapless::Deque;

use crate::rules::time::Date;

/// How many are remembered; the oldest make room.
const REMEMBERED: usize = 256;

/// A sign-in that was refused.
#[derive(Clone, Debug)]
pub struct RefusedSignIn {
    /// How many were refused before it since the start.
    pub number: u64,
    /// When.
    pub at: Date,
    /// The username of the account that was asked for; empty where there is none.
    pub who: String,
    /// From which address.
    pub address: IpAddr,
    /// The stable code of the way that was tried and why it failed, for example `assertion-step-21`.
    pub why: String,
}

/// See the module.
#[derive(Default)]
pub struct Refused {
    newest: Deque<RefusedSignIn, REMEMBERED>,
    count: u64,
}

impl Refused {
    /// Notes one.
    pub(super) fn note(&mut self, at: Date, who: String, address: IpAddr, why: String) {
        if self.newest.is_full() {
            self.newest.pop_front();
        }
        let refused = RefusedSignIn {
            number: self.count,
            at,
            who,
            address,
            why,
        };
        self.count += 1;
        self.newest.push_back(refused).unwrap_or_default();
    }

    /// All of them, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &RefusedSignIn> {
        self.newest.iter().rev()
    }

    /// How many were refused since the start.
    pub fn count(&self) -> u64 {
        self.count
    }
}
