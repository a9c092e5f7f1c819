//! A neighbour that fills the memory of everybody who speaks multicast DNS, on a bridge of network namespaces. Takes
//! root, ip and python3.

use std::fs;
use std::time::{Duration, Instant};

use crate::live::within;
use crate::wire::{Avahi, Wire};

const NAME: &str = "office.local";
const WATCHED: Duration = Duration::from_secs(25);
/// Bytes that the flood may cost, for both threads.
const GROWN_MAX: u64 = 20 << 20;

/// Says 2,000 new records a second, 40 in a message, for 75 minutes each. Writes down what the host of the address says
/// of its services meanwhile: how often it announces them, and how often it takes something back.
const NEIGHBOUR: &str = "
import os, socket, struct, sys, time
own, watched, told = sys.argv[1:4]
group = ('224.0.0.251', 5353)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(('', 5353))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('224.0.0.251') + socket.inet_aton(own))
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
s.setblocking(False)

def past(name, words):
    while words[name] not in (0,) and words[name] < 192:
        name += 1 + words[name]
    return name + (1 if words[name] == 0 else 2)

def taken_back(words):
    asked, *counts = struct.unpack('>4H', words[4:12])
    at = 12
    for _ in range(asked):
        at = past(at, words) + 4
    for _ in range(sum(counts)):
        at = past(at, words)
        kind, _, seconds, length = struct.unpack('>HHIH', words[at:at + 10])
        if seconds == 0:
            return True
        at += 10 + length
    return False

announced = back = number = 0
while True:
    message = struct.pack('>6H', 0, 0x8400, 0, 40, 0, 0)
    for _ in range(40):
        number += 1
        name = b'x%07d' % number
        message += bytes([len(name)]) + name + b'\\x05local\\0' + struct.pack('>HHIH', 1, 1, 4500, 4)
        message += struct.pack('>I', 0x0a000000 + number)
    s.sendto(message, group)
    end = time.monotonic() + 0.02
    while time.monotonic() < end:
        try:
            words, (whence, _) = s.recvfrom(9000)
        except BlockingIOError:
            time.sleep(0.002)
            continue
        if whence == watched and words[2] & 0x80:
            announced += b'\\x06_https' in words or b'\\x08_linekey' in words
            back += taken_back(words)
    open(told + '.new', 'w').write(f'{announced} {back} {number}')
    os.rename(told + '.new', told)
";

#[test]
fn a_neighbour_that_never_ends_costs_a_bounded_part_of_memory_and_the_name_is_found_all_the_while() {
    let Some(wire) = Wire::new() else { return };
    let (one, neighbour, visitor) = (wire.host(1), wire.host(8), wire.host(9));
    let Some(avahi) = Avahi::start(&wire, &visitor, false) else {
        return;
    };
    let appliance = one.appliance(&wire.folder.data(), &["--name", NAME], None);
    let is_found = || avahi.resolves(NAME, 4).as_deref() == Some(&*one.address);
    within(Duration::from_secs(10), "the name", is_found);

    let (script, told) = (
        wire.folder.file("neighbour.py", NEIGHBOUR),
        wire.folder.file("told", "0 0 0"),
    );
    let before = resident(appliance.id());
    let _flood = neighbour.start("python3", &[&script, &neighbour.address, &one.address, &told]);
    let begun = Instant::now();
    let mut grown = 0;
    while begun.elapsed() < WATCHED {
        within(Duration::from_secs(5), "the name", is_found);
        grown = grown.max(resident(appliance.id()).saturating_sub(before));
    }
    let told = fs::read_to_string(&told).unwrap();
    let counts: Vec<u64> = told.split(' ').map(|count| count.parse().unwrap()).collect();
    let [announced, taken_back, said] = counts[..] else {
        panic!("{told}");
    };
    println!("{said} records: {} KiB more; announced {announced} times", grown >> 10);
    assert!(said > 40_000, "no flood: {said}");
    assert!(grown < GROWN_MAX, "{grown} bytes more");
    assert!(announced >= 4, "both services were announced anew: {announced}");
    assert_eq!(taken_back, 0, "nobody was told that the name is gone");
}

/// Bytes of memory that the process has.
fn resident(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib << 10
}
