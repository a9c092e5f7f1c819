//! §7.2, step by step: what is wrong in one thing is refused at the step that looks at it.

use linekey::rules::webauthn::assertion::Step;

use super::super::{ELIGIBLE, PRESENT, VERIFIED};
use super::SignIn;
use super::cases::CASES;

#[track_caller]
fn each_case_is_refused_at(step: Step) {
    let cases: Vec<_> = CASES.iter().filter(|(at, ..)| *at == step).collect();
    assert!(!cases.is_empty(), "no case for {step}");
    for (_, why, change) in cases {
        assert_eq!(SignIn::but(change).judged(), Err(step), "{why}");
    }
}

#[test]
fn step_5_refuses_a_passkey_that_was_not_asked_for() {
    each_case_is_refused_at(Step::Allowed);
}

#[test]
fn step_6_refuses_a_passkey_of_another_account() {
    each_case_is_refused_at(Step::Owner);
}

#[test]
fn step_7_refuses_malformed_authenticator_data_and_oversized_signatures() {
    each_case_is_refused_at(Step::Response);
}

#[test]
fn step_8_refuses_client_data_that_are_no_text_of_sensible_size() {
    each_case_is_refused_at(Step::Utf8);
}

#[test]
fn step_9_refuses_client_data_that_are_not_a_browsers_json() {
    each_case_is_refused_at(Step::Json);
}

#[test]
fn step_10_refuses_client_data_of_another_ceremony() {
    each_case_is_refused_at(Step::Type);
}

#[test]
fn step_11_refuses_a_challenge_that_we_did_not_give() {
    each_case_is_refused_at(Step::Challenge);
}

#[test]
fn step_12_refuses_an_origin_that_is_not_ours_byte_for_byte() {
    each_case_is_refused_at(Step::Origin);
}

#[test]
fn step_13_refuses_a_page_framed_by_another_origin() {
    each_case_is_refused_at(Step::CrossOrigin);
}

#[test]
fn step_14_refuses_a_page_that_names_one_above_it() {
    each_case_is_refused_at(Step::TopOrigin);
}

#[test]
fn step_15_refuses_an_answer_for_another_site() {
    each_case_is_refused_at(Step::RpId);
}

#[test]
fn step_16_refuses_an_answer_while_nobody_was_present() {
    each_case_is_refused_at(Step::Present);
}

#[test]
fn step_17_refuses_an_unverified_owner_where_verification_is_required() {
    each_case_is_refused_at(Step::Verified);
}

#[test]
fn step_18_refuses_a_copy_of_what_cannot_be_copied() {
    each_case_is_refused_at(Step::Backup);
}

#[test]
fn step_19_refuses_a_passkey_whose_kind_has_changed() {
    each_case_is_refused_at(Step::Eligible);
}

#[test]
fn step_21_refuses_a_signature_that_is_not_the_passkeys() {
    each_case_is_refused_at(Step::Signature);
}

#[test]
fn step_22_refuses_a_counter_that_did_not_move_forward() {
    each_case_is_refused_at(Step::Counter);
}

#[test]
#[expect(clippy::as_conversions, reason = "a step's number is its value")]
fn every_step_of_a_sign_in_has_a_case_that_is_refused_there() {
    assert!(
        Step::ALL.is_sorted_by(|one, next| one < next),
        "in the standard's order"
    );
    for step in Step::ALL {
        each_case_is_refused_at(*step);
        assert!(step.to_string().starts_with(&format!("§7.2 step {}: ", *step as u8)));
    }
}

type Fault = (Step, fn(&mut SignIn));

/// One fault for each step, of which any two can be made together.
const FAULTS: &[Fault] = &[
    (Step::Allowed, |said| said.allowed = Some(vec![b"other".to_vec()])),
    (Step::Owner, |said| said.response.user_handle = Some(b"otto".to_vec())),
    (Step::Response, |said| said.response.authenticator_data.push(0)),
    (Step::Utf8, |said| {
        drop(said.response.client_data_json.splice(1..1, *b"\"\xff\":1,"))
    }),
    (Step::Json, |said| said.say("}", "")),
    (Step::Type, |said| said.say("webauthn.get", "webauthn.create")),
    (Step::Challenge, |said| said.say("dGhp", "dGhq")),
    (Step::Origin, |said| said.say("pbx.example.org", "pbx.example.com")),
    (Step::CrossOrigin, |said| said.say("false", "true")),
    (Step::TopOrigin, |said| {
        said.say("{", r#"{"topOrigin":"https://above.example","#)
    }),
    (Step::RpId, |said| said.response.authenticator_data[0] ^= 0x80),
    (Step::Present, |said| said.response.authenticator_data[32] &= !PRESENT),
    (Step::Verified, |said| said.response.authenticator_data[32] &= !VERIFIED),
    // The record says what the flags say, so that the next step has nothing against it.
    (Step::Backup, |said| {
        said.response.authenticator_data[32] ^= ELIGIBLE;
        said.passkey.backup_eligible = !said.passkey.backup_eligible;
    }),
    (Step::Eligible, |said| {
        said.passkey.backup_eligible = !said.passkey.backup_eligible
    }),
    (Step::Signature, |said| said.signature = Some(vec![0x30])),
    (Step::Counter, |said| said.counts(7, 6)),
];

#[test]
fn of_two_faults_of_a_sign_in_the_earlier_is_told() {
    assert!(FAULTS.iter().map(|(step, _)| step).eq(Step::ALL), "one for each step");
    for (number, (step, fault)) in FAULTS.iter().enumerate() {
        assert_eq!(SignIn::but(fault).judged(), Err(*step));
        for (later, other) in FAULTS.iter().skip(number + 1) {
            let both = SignIn::but(|said| {
                fault(said);
                other(said);
            });
            assert_eq!(both.judged(), Err(*step), "with {later}");
        }
    }
}
