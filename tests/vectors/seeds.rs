//! The fuzz targets' seeds, replayed without a fuzzer: any bytes may come, none may panic.

use std::path::Path;

#[path = "../fuzz/src/targets/mod.rs"]
#[allow(
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm,
    dead_code,
    unreachable_pub,
    reason = "the fuzz targets' package takes it too, and is written for that"
)]
mod targets;

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/seeds")
        .join(name);
    let seeds = folder
        .read_dir()
        .unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    seeds.map(|seed| std::fs::read(seed.unwrap().path()).unwrap()).collect()
}

#[track_caller]
fn replay(name: &str, target: fn(&[u8])) {
    let seeds = seeds(name);
    assert!(seeds.len() > 10, "{} seeds of {name}", seeds.len());
    seeds.iter().for_each(|seed| target(seed));
}

#[test]
fn seeds_of_assertion_are_judged_as_p256_judges() {
    replay("assertion", targets::assertion);
}

#[test]
fn seeds_of_attestation_object_are_read_as_ciborium_reads() {
    replay("attestation_object", targets::attestation_object);
}

#[test]
fn seeds_of_auth_data_are_accounted_for_to_the_last_byte() {
    replay("auth_data", targets::auth_data);
}

#[test]
fn seeds_of_chain_lead_to_a_root_by_signatures_alone() {
    replay("chain", targets::chain);
    // The walk is reached, and goes either way.
    let anchored = seeds("chain").iter().filter(|seed| targets::is_anchored(seed)).count();
    let others = seeds("chain").len() - anchored;
    assert!(anchored >= 5 && others >= 5, "{anchored} anchored, {others} not");
}

#[test]
fn seeds_of_client_data_are_read_as_serde_reads() {
    replay("client_data", targets::client_data);
}

#[test]
fn seeds_of_cose_key_are_read_as_coset_reads() {
    replay("cose_key", targets::cose_key);
}

#[test]
fn seeds_of_der_signature_are_read_as_p256_reads() {
    replay("der_signature", targets::der_signature);
}

#[test]
fn seeds_of_es256_are_judged_as_p256_judges() {
    replay("es256", targets::es256);
}

#[test]
fn seeds_of_registration_are_what_they_are_accepted_for() {
    replay("registration", targets::registration);
}
