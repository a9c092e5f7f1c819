//! What must hold every evening.

use linekey::rules::limits;
use linekey::rules::secret::Token;
use serde_json::json;

use super::{AWAY, STORE, Year};
use crate::disk::Disk;
use crate::links::letters;
use crate::office::{DAY, HOUR};
use crate::turns::hash_of;

impl Year<'_> {
    /// What is over works no more, though nothing was swept yet.
    pub fn nothing_that_is_over_works(&mut self) {
        let (now, store) = (self.office.now(), &self.office.state.store);
        for (token, until) in std::mem::take(&mut self.links) {
            if until > now {
                self.links.push((token, until));
                continue;
            }
            let hash = Token::parse(&token).unwrap().hash();
            self.overdue.0 += u32::from(store.read(|facts| facts.invite(hash)).unwrap().is_some());
            self.office.browser().sign_in_by_link(&token).refused(410, "link-spent");
        }
        for (mut browser, until) in std::mem::take(&mut self.cookies) {
            if until > now {
                self.cookies.push((browser, until));
                continue;
            }
            let hash = hash_of(&browser);
            self.overdue.1 += u32::from(store.read(|facts| facts.session(hash)).unwrap().is_some());
            browser.get("/api/me").refused(401, "signed-out");
        }
    }

    /// In an internet café, where they forget to sign out.
    pub fn whoever_has_a_passkey_gets_in(&mut self) {
        let phones = self.people.iter().map(|one| &one.phone).chain([&self.key]);
        for phone in phones.filter(|phone| !phone.passkeys.is_empty()) {
            let mut browser = self.office.browser();
            let asked = browser.asked("/api/sign-in/passkey/begin");
            let credential = phone.get(&asked["publicKey"]);
            let body = json!({ "ticket": asked["ticket"], "credential": credential, "public_computer": true });
            browser.post("/api/sign-in/passkey/finish", body).expect(200);
            self.cookies.push((browser, self.office.now() + 12 * HOUR));
        }
    }

    pub fn everything_is_bounded(&self, disk: &Disk) {
        let (day, now, staff) = (self.day, self.office.state.now(), self.people.len() + 1);
        assert!(disk.length() <= STORE, "day {day}: {} bytes", disk.length());
        let read = self.office.state.store.read(|facts| {
            let (sessions, invites) = (facts.all_sessions()?, facts.all_invites()?);
            let newest = facts.journal(None, 1, |_| true)?[0].0;
            let too_old = facts.journal(Some(newest.saturating_sub(limits::JOURNAL_LINES - 1)), 1, |_| true)?;
            Ok((sessions, invites, too_old.len(), facts.accounts()?))
        });
        let (sessions, invites, too_old, accounts) = read.unwrap();
        assert_eq!((accounts, too_old), (staff, 0), "day {day}: accounts, lines too many");
        assert!(sessions.len() <= 5 * staff, "day {day}: {} sessions", sessions.len());
        assert!(
            sessions.iter().all(|one| now < one.until),
            "day {day}: sessions that are over are kept"
        );
        assert!(invites.len() <= staff, "day {day}: {} links", invites.len());
        assert!(
            invites.iter().all(|one| now < one.until),
            "day {day}: links that are over are kept"
        );
        let outbox = letters(self.office);
        assert!(outbox.len() <= 4 * staff, "day {day}: {} letters", outbox.len());
        for (_, letter) in outbox {
            let days = (now - letter.queued).0 / DAY;
            assert!(days <= if letter.given_up { 30 } else { AWAY }, "day {day}: {letter:?}");
        }
    }
}
