//! The board breaks, and another one goes on from a backup.

use super::Year;
use crate::disk::Disk;
use crate::office::{Browser, Office};
use crate::restored::{begin, store_of, taken_over};

impl Year<'_> {
    /// Everybody finds themselves at another board, which knows what the first one knew: who is signed in, and which
    /// links are out, aside.
    pub fn moves(&mut self) -> (&'static Office, Disk) {
        self.administer();
        let disk = store_of(&mut self.administrator);
        self.goes_on(disk, 200)
    }

    /// The same by a spare, which knows that it took over.
    pub fn is_taken_over(&mut self) -> (&'static Office, Disk) {
        self.administer();
        let disk = taken_over(&store_of(&mut self.administrator), None);
        let gone_on = self.goes_on(disk, 300);
        let tenure = self.office.state.store.read(|facts| facts.tenure()).unwrap();
        assert!(tenure.number == 1 && tenure.was_spare);
        gone_on
    }

    fn goes_on(&mut self, disk: Disk, seed: u64) -> (&'static Office, Disk) {
        let office: &'static Office = Box::leak(Box::new(Office::over(disk.clone(), seed)));
        office.set_clock(self.office.now());
        begin(office);
        self.office = office;
        let cookies = self.cookies.iter_mut().map(|(browser, _)| browser);
        let people = self.people.iter_mut().map(|one| &mut one.browser);
        let all: Vec<&mut Browser<'_>> = cookies.chain(people).chain([&mut self.administrator]).collect();
        for browser in all {
            browser.office = office;
            browser.get("/api/me").refused(401, "signed-out");
        }
        for (token, _) in &self.links {
            office.browser().sign_in_by_link(token).refused(410, "link-spent");
        }
        (office, disk)
    }
}
