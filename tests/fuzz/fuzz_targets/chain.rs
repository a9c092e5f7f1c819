#![no_main]

use linekey_fuzz::{mutator, targets};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::chain(bytes));
libfuzzer_sys::fuzz_mutator!(|bytes: &mut [u8], size: usize, most: usize, seed: u32| {
    mutator::mutated(bytes, size, most, seed, targets::parts::CHAIN)
});
