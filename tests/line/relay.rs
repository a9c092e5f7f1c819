//! A bad network between phones and the appliance: a UDP relay that loses, doubles and reorders by a seed.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Of a hundred datagrams, how many are lost, sent twice, and held back until the next one has passed.
#[derive(Clone, Copy)]
pub struct Weather {
    pub lost: u64,
    pub doubled: u64,
    pub late: u64,
}

/// Between one phone and the appliance, which sees the relay's address as the phone's.
pub struct Relay {
    /// Where the phone sends.
    pub port: u16,
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Relay {
    /// In front of `server`; what comes back goes to `phone`.
    pub fn new(server: u16, phone: u16, weather: Weather, seed: u64) -> Self {
        let near = UdpSocket::bind("127.0.0.1:0").unwrap();
        let far = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = near.local_addr().unwrap().port();
        let is_over = Arc::new(AtomicBool::new(false));
        let local = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let out = (near.try_clone().unwrap(), far.try_clone().unwrap(), local(server));
        let back = (far, near, local(phone));
        let threads = [(out, seed), (back, seed ^ 0x5eed)]
            .map(|((from, to, address), seed)| {
                let is_over = is_over.clone();
                from.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
                std::thread::spawn(move || pass(&from, &to, address, weather, seed, &is_over))
            })
            .into();
        Self { port, is_over, threads }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().ok();
        }
    }
}

fn pass(from: &UdpSocket, to: &UdpSocket, address: SocketAddr, weather: Weather, seed: u64, is_over: &AtomicBool) {
    let mut state = seed | 1;
    let mut percent = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) % 100
    };
    let mut held: Option<Vec<u8>> = None;
    let mut bytes = [0; 65_535];
    while !is_over.load(Ordering::Relaxed) {
        let Ok((length, _)) = from.recv_from(&mut bytes) else {
            if let Some(late) = held.take() {
                to.send_to(&late, address).ok();
            }
            continue;
        };
        let datagram = &bytes[..length];
        if percent() < weather.lost {
            continue;
        }
        if held.is_none() && percent() < weather.late {
            held = Some(datagram.to_vec());
            continue;
        }
        for _ in 0..if percent() < weather.doubled { 2 } else { 1 } {
            to.send_to(datagram, address).ok();
        }
        if let Some(late) = held.take() {
            to.send_to(&late, address).ok();
        }
    }
}
