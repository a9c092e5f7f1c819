//! Secrets that people type for their own devices.

use super::roster::{add, key, moment, phone_of, shared_desk};
use crate::rules::id::AccountId;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::phones::change::PhoneChange;
use crate::rules::phones::device::Device;
use crate::rules::phones::roster;
use crate::rules::refusal::Refusal;
use crate::rules::secret::SealKey;

#[test]
fn a_typed_secret_is_taken_for_ones_own_device_where_the_office_allows_it() {
    let device = add(phone_of(1, None), &[]).unwrap().device;
    let menu = |device: &Device| device.secrets(&key()).unwrap().menu.reveal().to_owned();
    let choose = |device: &Device, who: u64, typed: &str, allowed: bool| {
        let typed = typed.to_owned();
        roster::choose(
            Some(device.clone()),
            AccountId(who),
            typed,
            allowed,
            &key(),
            &mut moment(3),
        )
    };
    assert_eq!(choose(&device, 1, "quiet-harbour.12", false), Err(Refusal::NotAllowed));
    assert_eq!(choose(&device, 2, "quiet-harbour.12", true), Err(Refusal::NotFound));
    let desk = shared_desk();
    let home = desk.owner().map_or(1, |account| account.0);
    assert_eq!(choose(&desk, home, "quiet-harbour.12", true), Err(Refusal::NotFound));
    for typed in [
        "",
        "elevenchars",
        "a blank within",
        "semi;colon;here",
        "ünïcödé-letters",
        &"x".repeat(33),
    ] {
        let refused = Refusal::Invalid(Invalid::new(Field::Secret, Why::NotDeviceSecret));
        assert_eq!(choose(&device, 1, typed, true), Err(refused), "{typed:?}");
    }
    let ((), changes) = choose(&device, 1, "quiet-harbour.12", true).unwrap();
    let [PhoneChange::SecretRotated(after)] = &changes[..] else {
        panic!("{changes:?}")
    };
    assert_eq!(after.secrets(&key()).unwrap().sip.reveal(), "quiet-harbour.12");
    assert_eq!(menu(after), menu(&device), "what opens its menu stays");
    assert!(after.provisioning.revision > device.provisioning.revision);
}

#[test]
fn a_typed_secret_is_taken_where_the_old_one_no_longer_opens() {
    let device = add(phone_of(1, None), &[]).unwrap().device;
    let other = SealKey::new([8; 32]);
    let typed = "quiet-harbour.12".to_owned();
    let ((), changes) = roster::choose(Some(device), AccountId(1), typed, true, &other, &mut moment(3)).unwrap();
    let [PhoneChange::SecretRotated(after)] = &changes[..] else {
        panic!("{changes:?}")
    };
    let secrets = after.secrets(&other).unwrap();
    assert_eq!(
        (secrets.sip.reveal(), secrets.menu.reveal().len()),
        ("quiet-harbour.12", 16)
    );
}
