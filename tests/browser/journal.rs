//! The journal as administrators see it.

use super::appliance::{Appliance, sign_in_by_password};
use super::driver::Browser;

#[test]
fn the_journal_is_filtered_by_event_and_by_words() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    appliance.add_person(&browser, "101", "Mira Okafor");
    appliance.add_person(&browser, "102", "Jon Vale");
    browser.go(&appliance.page("/journal"));
    browser.text("[data-event=signed-in]");
    browser.click("#filter option[value=account-]");
    only(&browser, "account-added", 3);
    browser.write("#filter [name=text]", "okafor MIRA");
    browser.click("#filter button");
    only(&browser, "account-added", 1);
    assert!(browser.text("#lines li").contains("101 (Mira Okafor)"));
    // As the page shows it: the event, who did it, and the day.
    let day = browser.run("return document.querySelector('#lines time').textContent.split(',')[0]");
    browser.write(
        "#filter [name=text]",
        &format!("account added by admin {} mira", day.as_str().unwrap()),
    );
    browser.click("#filter button");
    only(&browser, "account-added", 1);
    browser.write("#filter [name=text]", "nobody of that name");
    browser.click("#filter button");
    browser.text("#nothing");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn new_lines_come_by_themselves_while_they_are_wanted() {
    let appliance = Appliance::start();
    let office = Browser::open();
    appliance.first_run(&office);
    office.go(&appliance.page("/journal"));
    office.text("[data-event=signed-in]");
    let stranger = Browser::open();
    stranger.go(&appliance.origin);
    sign_in_by_password(&stranger, "admin", "certainly not");
    stranger.is_told("not-signed-in");
    assert!(office.text("[data-event=refused]").contains("wrong name or password"));
    assert_eq!(
        office.count("#lines li:first-child[data-event=refused]"),
        1,
        "newest first"
    );

    // What does not fit the filter stays away, and what is not wanted does not come.
    office.click("#filter option[value=refused]");
    only(&office, "refused", 1);
    sign_in_by_password(&stranger, "admin", "nor this one");
    only(&office, "refused", 2);
    office.click("#live");
    sign_in_by_password(&stranger, "admin", "nor that one");
    stranger.until("the answer", || (stranger.count("[aria-busy]") == 0).then_some(()));
    assert_eq!(office.count("[data-event=refused]"), 2);
    office.click("#live");
    only(&office, "refused", 3);
    assert_eq!(office.complaints(), Vec::<String>::new());
}

/// Waits until exactly so many lines are there, all of that event.
fn only(browser: &Browser, event: &str, lines: usize) {
    browser.until(event, || {
        let of_event = browser.count(&format!("#lines [data-event={event}]"));
        (of_event == lines && browser.count("#lines li") == lines).then_some(())
    });
}
