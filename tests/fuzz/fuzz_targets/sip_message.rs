#![no_main]

use linekey_fuzz::sip_message::exercise;

// A stream is cut in two at a place that each mutation moves.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let sum: usize = bytes.iter().map(|byte| usize::from(*byte)).sum();
    exercise(bytes, sum % (bytes.len() + 1));
});
