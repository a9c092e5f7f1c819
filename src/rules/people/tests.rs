//! Rules about people, asked with facts alone: there is no store here.

use std::net::IpAddr;

use super::access::Access;
use super::account::{Account, Effort, PasswordHash};
use super::roster::{Added, Card, Headcount};
use super::session::{By, Session, Use};
use super::ways_in::{self, Administrator};
use super::{access, invite, roster, session};
use crate::rules::change::{Change, PeopleChange};
use crate::rules::id::{AccountId, CredentialId, Username};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;
use crate::rules::moment::{Moment, Reading};
use crate::rules::office::settings::Settings;
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::secret::TokenHash;
use crate::rules::time::{Date, Ttl};

const NOW: Date = Date(1_795_420_800);
const AT_HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 7));

fn moment(known: bool) -> Moment {
    let reading = Reading {
        date: NOW,
        known,
        running: NOW,
    };
    Moment::new(reading, [7; 32])
}

fn card(extension: &str, email: Option<&str>) -> Card {
    Card::person(extension, "Mira", email).unwrap()
}

fn nobody(_: &Username) -> Option<AccountId> {
    None
}

const FEW: Headcount = Headcount {
    accounts: 3,
    administrators: 1,
};

fn added(email: Option<&str>) -> Account {
    let verdict = roster::add(
        card("101", email),
        nobody,
        FEW,
        AccountId(9),
        &Settings::default(),
        &mut moment(true),
    );
    verdict.map(|(Added { account, .. }, _)| account).ok().unwrap()
}

fn administrator(id: u64, passkeys: usize, ranges: &[&str]) -> Administrator {
    let texts: Vec<String> = ranges.iter().map(|&range| range.to_owned()).collect();
    let card = Card::administrator(&format!("admin{id}"), "Owner", None).unwrap();
    Administrator {
        account: Account::new(AccountId(id), card.kind, card.name, None, &mut moment(true)),
        passkeys,
        reach: Access {
            ranges: access::parse_ranges(&texts).unwrap(),
            api: None,
        },
    }
}

#[test]
fn somebody_new_gets_an_account_and_a_link_that_ends_when_the_settings_say() {
    let settings = Settings::default();
    let (new, changes) = roster::add(
        card("101", Some("mira@example.org")),
        nobody,
        FEW,
        AccountId(9),
        &settings,
        &mut moment(true),
    )
    .ok()
    .unwrap();
    assert_eq!(
        (new.account.id, new.invite.account, new.invite.hash),
        (AccountId(9), AccountId(9), new.token.hash())
    );
    assert_eq!(new.invite.until, NOW + settings.invite_length());
    let [
        Change::People(PeopleChange::AccountAdded(account)),
        Change::People(PeopleChange::InviteIssued(link)),
    ] = changes.as_slice()
    else {
        panic!("{changes:?}");
    };
    assert_eq!((account, link), (&new.account, &new.invite));
}

#[test]
fn nobody_is_added_under_a_name_that_is_taken_nor_beyond_what_is_kept_nor_on_a_wrong_clock() {
    let taken = |name: &Username| (name.as_str() == "mira@example.org").then_some(AccountId(1));
    let full = Headcount {
        accounts: limits::ACCOUNTS,
        ..FEW
    };
    let add = |owner: &dyn Fn(&Username) -> Option<AccountId>, count, known| {
        let card = card("101", Some("mira@example.org"));
        roster::add(
            card,
            owner,
            count,
            AccountId(9),
            &Settings::default(),
            &mut moment(known),
        )
        .map(drop)
        .unwrap_err()
    };
    assert!(matches!(add(&taken, FEW, true), Refusal::Taken(_)));
    assert_eq!(add(&nobody, full, true), Refusal::TooMany(Kept::Accounts));
    let undated = add(&nobody, FEW, false);
    assert!(
        !matches!(undated, Refusal::Taken(_) | Refusal::TooMany(_)),
        "{undated:?}"
    );
}

#[test]
fn the_same_card_changes_nothing_and_another_address_ends_the_link_that_went_to_the_old_one() {
    let before = added(Some("mira@example.org"));
    let change = |card: Card, invited| roster::change(before.clone(), card, invited, nobody, &[]).unwrap().1;
    assert!(change(card("101", Some("mira@example.org")), true).is_empty());
    for (invited, changes) in [(true, 2), (false, 1)] {
        let told = change(card("101", Some("mira@example.com")), invited);
        assert_eq!(told.len(), changes, "{told:?}");
        let ended = matches!(told[0], Change::People(PeopleChange::InviteRevoked(AccountId(9))));
        assert_eq!(ended, invited);
    }
    let without = added(None);
    let told = roster::change(without, card("101", Some("mira@example.com")), true, nobody, &[]);
    assert_eq!(told.unwrap().1.len(), 1, "a link that was handed over stays");
}

#[test]
fn nobody_is_given_a_number_that_help_is_called_by_and_who_has_one_by_now_keeps_it() {
    let change = |before: &str, after: &str| {
        let before = Account {
            kind: card(before, None).kind,
            ..added(None)
        };
        let emergency = ["112".to_owned(), "110".to_owned()];
        roster::change(before, card(after, None), false, nobody, &emergency).map(drop)
    };
    let refused = Invalid::new(Field::Extension, Why::Emergency).into();
    assert_eq!(change("101", "112"), Err(refused));
    assert_eq!(change("101", "113"), Ok(()));
    assert_eq!(change("112", "112"), Ok(()));
}

#[test]
fn a_way_in_is_a_passkey_or_a_password_that_may_be_used_from_where_the_change_is_made() {
    let with_password = || {
        let mut one = administrator(2, 0, &[]);
        one.account.password = Some(PasswordHash {
            effort: Effort {
                memory: 8192,
                passes: 1,
            },
            salt: [1; 16],
            hash: [2; 32],
        });
        one
    };
    for (others, left) in [
        (vec![], false),
        (vec![administrator(2, 0, &[])], false),
        (vec![administrator(2, 1, &[])], true),
        (vec![administrator(2, 1, &["192.168.1.0/24"])], true),
        (vec![administrator(2, 1, &["10.0.0.0/8"])], false),
        (vec![with_password()], true),
    ] {
        let all: Vec<Administrator> = std::iter::once(administrator(1, 3, &[])).chain(others).collect();
        assert_eq!(ways_in::left_without(&all, AccountId(1), AT_HOME), left);
        assert!(
            ways_in::left(&all, AccountId(1), 2, AT_HOME),
            "one of three passkeys is left"
        );
        assert_eq!(ways_in::left(&all, AccountId(1), 3, AT_HOME), left);
    }
}

#[test]
fn ranges_shut_out_neither_whoever_saves_them_nor_the_last_who_can_sign_in_from_there() {
    let limit = |account: u64, saver: u64, all: &[Administrator]| {
        let ranges = access::parse_ranges(&["10.0.0.0/8".to_owned()]).unwrap();
        let before = Access {
            ranges: Vec::new(),
            api: None,
        };
        access::limit(AccountId(account), ranges, before, (AccountId(saver), AT_HOME), all).map(drop)
    };
    let (first, second) = (administrator(1, 1, &[]), administrator(2, 1, &[]));
    assert_eq!(limit(1, 1, &[first, second]), Err(Refusal::ShutsYouOut));
    let (first, second) = (administrator(1, 0, &[]), administrator(2, 1, &[]));
    assert_eq!(limit(2, 1, &[first, second]), Err(Refusal::LastWayIn));
    let (first, second) = (administrator(1, 1, &[]), administrator(2, 1, &[]));
    assert_eq!(limit(2, 1, &[first, second]), Ok(()));
}

#[test]
fn a_link_works_until_its_last_second_and_there_must_be_one_to_revoke() {
    let (_, link, _) = invite::issue(AccountId(1), Ttl(60), &mut moment(true)).unwrap();
    let before_its_end = Date(link.until.0 - 1);
    assert_eq!(invite::usable(Some(link.clone()), before_its_end), Ok(link.clone()));
    assert_eq!(invite::usable(Some(link.clone()), link.until), Err(Refusal::LinkSpent));
    assert_eq!(invite::usable(None, NOW), Err(Refusal::LinkSpent));
    assert!(matches!(invite::revoke(None), Err(Refusal::NotFound)));
    assert!(invite::revoke(Some(link)).is_ok());
}

fn opened(number: u8, by: By, passkey: Option<u8>) -> Session {
    Session {
        hash: TokenHash([number; 32]),
        account: AccountId(1),
        by,
        passkey: passkey.map(|byte| CredentialId(vec![byte])),
        opened: NOW,
        proved: NOW,
        proved_by: by,
        until: Date(NOW.0 + 60),
        public_computer: false,
        last_used: Use {
            at: NOW,
            address: AT_HOME,
            browser: String::new(),
        },
    }
}

#[test]
fn a_lost_passkeys_sign_ins_are_those_it_opened_and_those_of_which_nobody_knows() {
    let sessions = [
        opened(1, By::Passkey, Some(0xa)),
        opened(2, By::Passkey, Some(0xb)),
        opened(3, By::Passkey, None),
        opened(4, By::Password, None),
        opened(5, By::Passkey, Some(0xa)),
    ];
    let ended = |kept: Option<u8>| -> Vec<u8> {
        let kept = kept.map(|number| TokenHash([number; 32]));
        let changes = session::delete_opened_by(&sessions, &[CredentialId(vec![0xa])], kept);
        let hashes = changes.iter().map(|change| {
            let Change::People(PeopleChange::SessionDeleted(AccountId(1), hash)) = change else {
                panic!("{change:?}");
            };
            hash.0[0]
        });
        hashes.collect()
    };
    assert_eq!(ended(None), [1, 3, 5]);
    assert_eq!(ended(Some(5)), [1, 3]);
}
