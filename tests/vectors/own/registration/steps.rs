//! §7.1, step by step: what is wrong in one thing is refused at the step that looks at it.

use linekey::rules::webauthn::attestation::Policy;
use linekey::rules::webauthn::registration::Step;

use super::super::{BACKED_UP, ELIGIBLE, PRESENT, VERIFIED};
use super::cases::CASES;
use super::{Creation, MODEL};

#[track_caller]
fn each_case_is_refused_at(step: Step) {
    let cases: Vec<_> = CASES.iter().filter(|(at, ..)| *at == step).collect();
    assert!(!cases.is_empty(), "no case for {step}");
    for (_, why, change) in cases {
        assert_eq!(Creation::but(change).judged().err(), Some(step), "{why}");
    }
}

#[test]
fn step_5_refuses_client_data_that_are_no_text_of_sensible_size() {
    each_case_is_refused_at(Step::Utf8);
}

#[test]
fn step_6_refuses_client_data_that_are_not_a_browsers_json() {
    each_case_is_refused_at(Step::Json);
}

#[test]
fn step_7_refuses_client_data_of_another_ceremony() {
    each_case_is_refused_at(Step::Type);
}

#[test]
fn step_8_refuses_a_challenge_that_we_did_not_give() {
    each_case_is_refused_at(Step::Challenge);
}

#[test]
fn step_9_refuses_an_origin_that_is_not_ours() {
    each_case_is_refused_at(Step::Origin);
}

#[test]
fn step_10_refuses_a_page_framed_by_another_origin() {
    each_case_is_refused_at(Step::CrossOrigin);
}

#[test]
fn step_11_refuses_a_page_that_names_one_above_it() {
    each_case_is_refused_at(Step::TopOrigin);
}

#[test]
fn step_13_refuses_a_malformed_attestation_object() {
    each_case_is_refused_at(Step::Decoded);
}

#[test]
fn step_14_refuses_a_passkey_bound_to_another_site() {
    each_case_is_refused_at(Step::RpId);
}

#[test]
fn step_15_refuses_a_passkey_made_while_nobody_was_present() {
    each_case_is_refused_at(Step::Present);
}

#[test]
fn step_16_refuses_an_unverified_owner_where_verification_is_required() {
    each_case_is_refused_at(Step::Verified);
}

#[test]
fn step_17_refuses_a_copy_of_what_cannot_be_copied() {
    each_case_is_refused_at(Step::Backup);
}

#[test]
fn step_20_refuses_a_key_that_is_not_whole_or_was_not_offered() {
    each_case_is_refused_at(Step::Algorithm);
}

#[test]
fn step_21_refuses_an_unknown_format() {
    each_case_is_refused_at(Step::Format);
}

#[test]
fn step_22_refuses_a_statement_that_is_not_true() {
    each_case_is_refused_at(Step::Attestation);
}

#[test]
fn step_24_refuses_what_the_office_does_not_trust() {
    each_case_is_refused_at(Step::Trust);
}

#[test]
fn step_25_refuses_an_id_of_a_wrong_length_or_another_name() {
    each_case_is_refused_at(Step::CredentialId);
}

#[test]
fn step_26_refuses_a_passkey_that_is_registered_already() {
    each_case_is_refused_at(Step::Unclaimed);
}

#[test]
fn step_28_refuses_a_passkey_that_cannot_be_found_without_a_name() {
    each_case_is_refused_at(Step::Discoverable);
}

#[test]
#[expect(clippy::as_conversions, reason = "a step's number is its value")]
fn every_step_of_a_registration_has_a_case_that_is_refused_there() {
    assert!(
        Step::ALL.is_sorted_by(|one, next| one < next),
        "in the standard's order"
    );
    for step in Step::ALL {
        each_case_is_refused_at(*step);
        assert!(step.to_string().starts_with(&format!("§7.1 step {}: ", *step as u8)));
    }
}

type Fault = (Step, fn(&mut Creation));

/// One fault for each step, of which any two can be made together.
const FAULTS: &[Fault] = &[
    (Step::Utf8, |made| drop(made.client_data.splice(1..1, *b"\"\xff\":1,"))),
    (Step::Json, |made| made.say("}", "")),
    (Step::Type, |made| made.say("webauthn.create", "webauthn.get")),
    (Step::Challenge, |made| made.say("dGhp", "dGhq")),
    (Step::Origin, |made| made.say("pbx.example.org", "pbx.example.com")),
    (Step::CrossOrigin, |made| made.say("false", "true")),
    (Step::TopOrigin, |made| {
        made.say("{", r#"{"topOrigin":"https://above.example","#)
    }),
    (Step::Decoded, |made| made.spoil = |object| object.push(0)),
    (Step::RpId, |made| made.head[0] ^= 0x80),
    (Step::Present, |made| made.head[32] &= !PRESENT),
    (Step::Verified, |made| made.head[32] &= !VERIFIED),
    (Step::Backup, |made| made.head[32] ^= ELIGIBLE | BACKED_UP),
    (Step::Algorithm, |made| *made.public_key.last_mut().unwrap() ^= 1),
    (Step::Format, |made| made.format = "packet"),
    (Step::Attestation, |made| made.statement = Some(vec![0xa0])),
    (Step::Trust, |made| {
        made.policy = Policy::Attested {
            aaguids: &[MODEL],
            roots: &[],
        };
    }),
    (Step::CredentialId, |made| made.id = b"old".to_vec()),
    (Step::Unclaimed, |made| made.claimed = true),
    (Step::Discoverable, |made| made.discoverable = Some(false)),
];

#[test]
fn of_two_faults_of_a_registration_the_earlier_is_told() {
    assert!(FAULTS.iter().map(|(step, _)| step).eq(Step::ALL), "one for each step");
    for (number, (step, fault)) in FAULTS.iter().enumerate() {
        assert_eq!(Creation::but(fault).judged().err(), Some(*step));
        for (later, other) in FAULTS.iter().skip(number + 1) {
            let both = Creation::but(|made| {
                fault(made);
                other(made);
            });
            assert_eq!(both.judged().err(), Some(*step), "with {later}");
        }
    }
}
