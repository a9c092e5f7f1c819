#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linekey_fuzz::sip_script::live(bytes));
