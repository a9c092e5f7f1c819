//! The newest refused sign-ins, in memory: strangers cause them, so they never reach the disk.

use std::net::IpAddr;

use heapless::Deque;

use crate::rules::moment::UnixTime;

/// How many are remembered; the oldest make room.
const REMEMBERED: usize = 256;

/// A sign-in that was refused.
#[derive(Clone, Debug)]
pub struct RefusedSignIn {
    /// When.
    pub at: UnixTime,
    /// From which address.
    pub address: IpAddr,
    /// The stable code of the way that was tried and why it failed, for example `assertion-step-21`.
    pub why: String,
}

/// See the module.
#[derive(Default)]
pub struct Refused(Deque<RefusedSignIn, REMEMBERED>);

impl Refused {
    /// Notes one.
    pub fn note(&mut self, refused: RefusedSignIn) {
        if self.0.is_full() {
            self.0.pop_front();
        }
        self.0.push_back(refused).unwrap_or_default();
    }

    /// All of them, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &RefusedSignIn> {
        self.0.iter().rev()
    }
}
