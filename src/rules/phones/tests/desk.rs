//! Shared desks: taken, left, over.

use std::net::IpAddr;

use super::roster::{moment, shared_desk};
use crate::rules::id::AccountId;
use crate::rules::invalid::{Field, Invalid};
use crate::rules::people::session::By;
use crate::rules::people::session::{Session, Use};
use crate::rules::phones::change::PhoneChange;
use crate::rules::phones::desk;
use crate::rules::phones::device::{Device, Role, Sitting};
use crate::rules::refusal::Refusal;
use crate::rules::secret::TokenHash;
use crate::rules::time::{Date, Ttl};

fn session(by: By, proved: Date) -> Session {
    let address: IpAddr = [192, 168, 1, 9].into();
    Session {
        hash: TokenHash([0; 32]),
        account: AccountId(1),
        by,
        passkey: None,
        proved_by: by,
        opened: proved,
        proved,
        until: proved + Ttl::hours(12),
        public_computer: false,
        last_used: Use {
            at: proved,
            address,
            browser: String::new(),
        },
    }
}

fn taken(until: Date) -> Device {
    let sitting = Some(Sitting {
        who: AccountId(1),
        until,
    });
    let home = Some(AccountId(5));
    Device {
        role: Role::Desk { home, sitting },
        ..shared_desk()
    }
}

#[test]
fn a_fresh_passkey_takes_a_desk_and_nothing_else_does() {
    let now = moment(1);
    let take = |by, proved, hours| desk::take(Some(shared_desk()), &session(by, proved), Ttl::hours(hours), &now);
    let (sitting, changes) = take(By::Passkey, now.now, 24).unwrap();
    assert_eq!(sitting.until, now.now + Ttl::hours(24));
    assert_eq!(changes, [PhoneChange::DeskTaken(shared_desk(), sitting)]);
    for by in [By::Password, By::Link, By::OneTime] {
        assert_eq!(take(by, now.now, 8).unwrap_err(), Refusal::PasskeyNeeded);
        let came_otherwise = Session {
            by,
            ..session(By::Passkey, now.now)
        };
        assert!(desk::take(Some(shared_desk()), &came_otherwise, Ttl::hours(8), &now).is_ok());
    }
    let stale = Date(now.now.0 - Ttl::PROOF.0);
    assert_eq!(take(By::Passkey, stale, 8).unwrap_err(), Refusal::ProveAgain);
    for hours in [0, 25] {
        assert!(matches!(
            take(By::Passkey, now.now, hours),
            Err(Refusal::Invalid(Invalid {
                field: Field::Until,
                ..
            }))
        ));
    }
    assert_eq!(
        desk::take(None, &session(By::Passkey, now.now), Ttl::hours(1), &now).unwrap_err(),
        Refusal::NotFound
    );
    let phone = Device {
        role: Role::Phone { owner: AccountId(1) },
        ..shared_desk()
    };
    let refused = desk::take(Some(phone), &session(By::Passkey, now.now), Ttl::hours(1), &now).unwrap_err();
    assert_eq!(refused, Refusal::NotFound);
}

#[test]
fn a_desk_rings_for_who_sits_there_until_the_hour_ends_it() {
    let until = Date(1_000);
    let desk_taken = taken(until);
    assert_eq!(desk_taken.rings_for(Date(999)), Some(AccountId(1)));
    assert_eq!(desk_taken.rings_for(until), Some(AccountId(5)));
    assert_eq!(desk::over(&desk_taken, Date(999)), None);
    assert_eq!(
        desk::over(&desk_taken, until),
        Some(PhoneChange::DeskLeft(desk_taken.clone(), AccountId(1)))
    );
    assert_eq!(desk::over(&shared_desk(), until), None);
}

#[test]
fn who_sits_there_or_an_administrator_leaves_a_desk_and_nobody_else() {
    let left = vec![PhoneChange::DeskLeft(taken(Date(1_000)), AccountId(1))];
    for (by, answer) in [
        (Some(AccountId(1)), Ok(((), left.clone()))),
        (None, Ok(((), left))),
        (Some(AccountId(2)), Err(Refusal::NotFound)),
    ] {
        assert_eq!(desk::leave(Some(taken(Date(1_000))), by), answer);
    }
    assert_eq!(desk::leave(Some(shared_desk()), None), Err(Refusal::NotFound));
}
