//! A person's way in: the administrator adds them, hands over the link, and they come back with a passkey.

use super::appliance::Appliance;
use super::driver::Browser;

#[test]
fn a_person_comes_in_by_the_link_makes_a_passkey_and_comes_back_with_it() {
    let appliance = Appliance::start();
    let office = Browser::open();
    appliance.first_run(&office);
    office.go(&appliance.page("/people"));
    office.write("#add-person [name=extension]", "101");
    office.write("#add-person [name=name]", "Mira Okafor");
    office.write("#add-person [name=email]", "mira@example.org");
    office.click("#add-person button");
    let link = office.text("#invite-link");
    assert!(link.starts_with(&appliance.page("/join#")));
    let drawn = office.run("return document.querySelector('#invite-qr path').getAttribute('d').length");
    assert!(drawn.as_u64().unwrap() > 1000, "the QR code has its modules");
    office.click("#invite [data-close]");
    assert_eq!(office.text("[data-extension=\"101\"] strong"), "Mira Okafor");

    // A mail scanner opens every link, and runs what is on the page: it presses nothing, so it spends nothing.
    let scanner = Browser::open();
    for _ in 0..3 {
        scanner.go(&link);
        scanner.text("#join");
        scanner.run("return new Promise((done) => setTimeout(done, 300))");
        scanner.go("about:blank");
    }

    let mira = Browser::open();
    mira.go(&link);
    mira.click("#join");
    mira.arrives_at("/welcome");
    assert_eq!(mira.count("#or-password[hidden]"), 1, "people have no passwords");
    mira.add_authenticator();
    mira.click("#make-passkey");
    mira.arrives_at("/home");
    assert_eq!(mira.text("#extension"), "101");
    assert_eq!(
        mira.count("nav a:not([hidden])"),
        2,
        "nothing of an administrator's is offered"
    );
    mira.go(&appliance.page("/people"));
    mira.arrives_at("/home");
    mira.click("#sign-out");
    mira.is_told("signed-out");
    mira.click("#sign-in-passkey");
    mira.arrives_at("/home");

    // The link works no second time, and says so kindly.
    mira.go(&link);
    mira.click("#join");
    assert!(mira.is_told("link-spent").contains("Ask for a new link"));
    mira.click("#elsewhere");
    mira.arrives_at("/home");

    // Whoever leaves is out at once.
    office.click("[data-extension=\"101\"] strong a");
    office.click("#delete");
    office.click("#confirm-yes");
    office.arrives_at("/people");
    office.is_told("account-deleted");
    mira.go(&appliance.page("/home"));
    mira.arrives_at("/");
    mira.is_told("unknown-passkey");
    assert_eq!(office.complaints(), Vec::<String>::new());
    assert_eq!(mira.complaints(), Vec::<String>::new());
}

#[test]
fn a_card_that_does_not_hold_says_which_field_and_why() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    appliance.add_person(&browser, "101", "Mira Okafor");
    browser.write("#add-person [name=extension]", "101");
    browser.write("#add-person [name=name]", "Somebody Else");
    browser.click("#add-person button");
    browser.is_told("taken");
    assert_eq!(browser.count("#add-person [name=extension][aria-invalid]"), 1);
    browser.write("#add-person [name=extension]", "10a");
    browser.click("#add-person button");
    assert!(browser.is_told("invalid").contains("digits"));
    browser.click("[data-extension=\"101\"] strong a");
    browser.until("the card", || (browser.text("#title") == "Mira Okafor").then_some(()));
    browser.write("#card [name=name]", "Mira Okafor-Lind");
    browser.click("#card button");
    browser.is_told("account-changed");
    assert_eq!(browser.text("#title"), "Mira Okafor-Lind");
}

#[test]
fn a_newer_link_ends_the_older_one() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    let older = appliance.add_person(&browser, "101", "Mira Okafor");
    browser.click("[data-extension=\"101\"] [data-action=invite]");
    browser.click("#confirm-yes");
    let newer = browser.until("another link", || {
        Some(browser.text("#invite-link")).filter(|link| *link != older)
    });
    let person = Browser::open();
    person.go(&older);
    person.click("#join");
    person.is_told("link-spent");
    assert_eq!(person.count("#join-form[hidden]"), 1);
    // In the same window only the fragment changes, and nothing is loaded.
    person.run("window.here = true");
    person.go(&newer);
    person.until("the new link", || (person.count("#tell:empty") == 1).then_some(()));
    assert_eq!(person.run("return window.here"), true);
    person.click("#join");
    person.arrives_at("/welcome");
}

#[test]
fn a_long_list_stays_open_and_shows_whoever_is_new() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    let add = "const how = (line) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: \
        JSON.stringify({ csv: line, commit: true }) });
         return fetch('/api/people/import', how(Array.from({ length: 250 }, (_, line) => \
         `${1000 + line * 2},Somebody`).join('\\n'))).then(({ status }) => status)";
    assert_eq!(browser.run(add), 200);
    browser.go(&appliance.page("/people"));
    let rows = |count: usize| browser.until("rows", || (browser.count("[data-extension]") == count).then_some(()));
    rows(100);
    let new = |extension: &str| {
        browser.write("#add-person [name=extension]", extension);
        browser.write("#add-person [name=name]", "Mira Okafor");
        browser.click("#add-person button");
        browser.text("#invite-link");
        browser.click("#invite [data-close]");
        let in_sight = format!(
            "const row = document.querySelector('[data-extension=\"{extension}\"]').getBoundingClientRect();
             return row.top >= 0 && row.bottom <= innerHeight"
        );
        browser.until("their row in sight", || browser.run(&in_sight).as_bool()?.then_some(()));
    };
    // One who belongs far behind is shown all the same, and comes in turn when the list goes on.
    new("90000");
    new("1003");
    rows(102);
    browser.click("#more");
    rows(201);
    browser.click("[data-extension=\"1398\"] [data-action=invite]");
    browser.click("#confirm-yes");
    browser.text("#invite-link");
    browser.click("#invite [data-close]");
    assert_eq!(browser.count("[data-extension]"), 201, "the list stays open");
    assert!(browser.text("[data-extension=\"1398\"]").contains("link not used yet"));
    browser.click("#more");
    rows(252);
    let order = browser
        .run("return [...document.querySelectorAll('[data-extension]')].map((row) => Number(row.dataset.extension))");
    let order: Vec<u64> = order
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_u64().unwrap())
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!((order[2], order[251]), (1003, 90000));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
