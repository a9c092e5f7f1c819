//! The board breaks, and another one goes on from a backup.

use super::Year;
use crate::disk::Disk;
use crate::office::{Browser, Office};
use crate::restored::{begin, store_of};

impl Year<'_> {
    /// Everybody finds themselves at another board, which knows what the first one knew: who is signed in, and which
    /// links are out, aside.
    pub fn moves(&mut self) -> (&'static Office, Disk) {
        self.administer();
        let disk = store_of(&mut self.administrator);
        let office: &'static Office = Box::leak(Box::new(Office::over(disk.clone(), 200)));
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
