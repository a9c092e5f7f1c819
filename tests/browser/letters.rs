//! The mail server, and the ways in that letters open.

use super::appliance::{Appliance, sign_in_by_password};
use super::driver::Browser;
use super::mailbox::{Mailbox, read};

/// Sets a mail server on this machine, on the settings page.
fn set_mailbox(appliance: &Appliance, browser: &Browser, mailbox: &Mailbox) {
    browser.go(&appliance.page("/settings"));
    browser.text("#no-letters");
    browser.write("#relay [name=server]", "127.0.0.1");
    browser.click("#relay option[value=none]");
    browser.write("#relay [name=port]", &mailbox.port.to_string());
    browser.write("#relay [name=sender]", "pbx@example.org");
    browser.click("#relay button");
    browser.is_told("saved");
}

/// Adds Mira (101), who is told by letter.
fn add_mira(appliance: &Appliance, browser: &Browser) {
    browser.go(&appliance.page("/people"));
    browser.write("#add-person [name=extension]", "101");
    browser.write("#add-person [name=name]", "Mira Okafor");
    browser.write("#add-person [name=email]", "mira@example.org");
    browser.click("#add-person button");
    assert!(browser.text("#invite-mailed-to").contains("mira@example.org"));
    browser.click("#invite-mailed [data-close]");
}

#[test]
fn a_mail_server_that_does_not_answer_is_told_as_it_is() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/settings"));
    browser.text("#no-letters");
    browser.write("#relay [name=server]", "127.0.0.1");
    browser.click("#relay option[value=none]");
    browser.text("#in-the-clear");
    assert_eq!(
        browser.run("return document.querySelector('#relay [name=port]').value"),
        "25"
    );
    browser.write("#relay [name=port]", "1");
    browser.write("#relay [name=sender]", "nobody");
    browser.click("#relay button");
    browser.is_told("invalid");
    assert_eq!(browser.count("#relay [name=sender][aria-invalid]"), 1);
    browser.write("#relay [name=sender]", "pbx@example.org");
    browser.write("#relay [name=username]", "pbx");
    browser.write("#relay [name=password]", "between us two");
    browser.click("#relay button");
    browser.is_told("saved");
    browser.text("#kept");
    browser.click("#test button");
    assert!(browser.is_told("invalid").contains("no e-mail address"));
    browser.write("#test [name=to]", "mira@example.org");
    browser.click("#test button");
    browser.text("#answer[data-accepted=false]");
    assert!(!browser.text("#said").is_empty());
    // The password is kept without being typed again.
    browser.click("#relay button");
    browser.is_told("saved");
    assert!(browser.text("#kept").contains("kept"));

    // A link for somebody with an address is on its way by letter, and can be handed over all the same.
    browser.go(&appliance.page("/people"));
    browser.write("#add-person [name=extension]", "101");
    browser.write("#add-person [name=name]", "Mira Okafor");
    browser.write("#add-person [name=email]", "mira@example.org");
    browser.click("#add-person button");
    assert!(browser.text("#invite-mailed-to").contains("mira@example.org"));
    browser.click("#hand-over");
    assert!(browser.text("#invite-link").contains("/join#"));
    browser.click("#invite [data-close]");
    browser.write("#add-person [name=extension]", "102");
    browser.write("#add-person [name=name]", "Jon Vale");
    browser.write("#add-person [name=email]", "jon@example.org");
    browser.click("#add-person button");
    browser.click("#invite-mailed [data-close]");
    // The letter whose link was handed over is not sent any more; the other one waits.
    browser.go(&appliance.page("/settings"));
    assert_eq!(browser.text("[data-letter] strong"), "jon@example.org");
    browser.click("[data-letter] [data-action=delete]");
    browser.click("#confirm-yes");
    browser.is_told("letter-deleted");
    browser.text("#no-letters");
    browser.click("#remove-relay");
    browser.click("#confirm-yes");
    browser.is_told("mail-removed");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_short_code_that_is_wrong_is_said_to_be() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    browser.go(&appliance.origin);
    browser.write("#username", "admin");
    browser.click("#recover");
    browser.is_told("recover");
    browser.write("#by-code [name=code]", "1234 5678");
    browser.click("#by-code button");
    browser.is_told("wrong-code");
    browser.click("#no-code");
    assert_eq!(browser.count("#by-code[hidden]"), 1);
    browser.text("#username-hint");
}

#[test]
fn a_letter_that_was_given_up_is_marked_with_what_the_server_said() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let no = "550 5.1.1 nobody of that name lives here";
    let mailbox = Mailbox::answering(move |line| line.starts_with("RCPT").then(|| no.to_owned()));
    appliance.first_run(&browser);
    set_mailbox(&appliance, &browser, &mailbox);
    add_mira(&appliance, &browser);
    browser.go(&appliance.page("/settings"));
    browser.until("the mark", || {
        browser.click("#look-again");
        (browser.count("[data-letter] .badge") == 1).then_some(())
    });
    assert_eq!(browser.text("[data-letter] .badge"), "given up");
    assert_eq!(browser.text("[data-letter] strong"), "mira@example.org");
    assert!(browser.text("[data-letter] p").contains("Not tried any more."));
    assert_eq!(browser.text("[data-letter] .words"), no);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// Waits for a letter with such a line.
fn line_of(browser: &Browser, mailbox: &Mailbox, find: impl Fn(&str) -> Option<String>) -> String {
    browser.until("the line in a letter", || {
        let letters = mailbox.letters();
        let bodies = letters.iter().map(|letter| read(letter).1).collect::<Vec<_>>();
        bodies.iter().flat_map(|body| body.lines()).find_map(&find)
    })
}

#[test]
fn whoever_has_nothing_to_prove_themselves_with_gets_a_code_by_mail_and_goes_on_where_they_were() {
    let mut appliance = Appliance::start();
    let office = Browser::open();
    let mailbox = Mailbox::friendly();
    appliance.first_run(&office);
    set_mailbox(&appliance, &office, &mailbox);
    add_mira(&appliance, &office);
    let mira = Browser::open();
    let link = line_of(&mira, &mailbox, |line| {
        line.contains("/join#").then(|| line.trim().to_owned())
    });
    mira.go(&link);
    mira.click("#join");
    mira.arrives_at("/welcome");
    mira.click("#later");
    mira.arrives_at("/home");
    appliance.restart_later("+11m");
    mira.add_authenticator();
    mira.go(&appliance.page("/me"));
    mira.click("#make-passkey");
    mira.text("#prove-send");
    super::look::picture(&mira, "prove-by-mail");
    mira.click("#prove-send");
    let code = line_of(&mira, &mailbox, |line| {
        Some(line.strip_prefix("    ")?.trim().to_owned())
    });
    mira.write("#prove-code [name=code]", "1234 5678");
    mira.click("#prove-code button");
    mira.is_told_in("#prove-tell", "wrong-code");
    mira.write("#prove-code [name=code]", &code);
    mira.click("#prove-code button");
    mira.is_told("passkey-made");
    assert_eq!(mira.complaints(), Vec::<String>::new());
}

#[test]
fn an_administrator_who_has_nothing_to_prove_themselves_with_is_told_what_the_console_is_for() {
    let mut appliance = Appliance::start();
    let browser = Browser::open();
    browser.go(&appliance.origin);
    sign_in_by_password(&browser, "admin", &appliance.password);
    browser.arrives_at("/welcome");
    browser.click("#later");
    browser.arrives_at("/home");
    appliance.restart_later("+11m");
    browser.go(&appliance.page("/me"));
    browser.click("#make-passkey");
    assert!(browser.is_told("no-proof-administrator").contains("console"));
}

#[test]
fn a_short_code_from_a_letter_signs_in_the_browser_that_asked() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let mailbox = Mailbox::friendly();
    appliance.first_run(&browser);
    set_mailbox(&appliance, &browser, &mailbox);
    add_mira(&appliance, &browser);
    browser.click("#sign-out");
    browser.is_told("signed-out");
    browser.write("#username", "101");
    browser.click("#recover");
    browser.is_told("recover");
    let code = line_of(&browser, &mailbox, |line| {
        Some(line.strip_prefix("    ")?.trim().to_owned())
    });
    browser.write("#by-code [name=code]", &code);
    browser.click("#by-code button");
    browser.arrives_at("/welcome");
    browser.go(&appliance.page("/home"));
    assert_eq!(browser.text("#extension"), "101");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_code_can_still_be_typed_when_the_page_was_loaded_anew() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    browser.go(&appliance.origin);
    browser.write("#username", "admin");
    browser.click("#recover");
    browser.is_told("recover");
    browser.go(&appliance.origin);
    browser.click("#have-code");
    browser.write("#by-code [name=code]", "1234 5678");
    browser.click("#by-code button");
    browser.is_told("wrong-code");
}

#[test]
fn whoever_was_sent_here_goes_back_to_where_they_came_from_and_nowhere_else() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    // The passkey is offered in the field, and this authenticator answers at once.
    for (to, end) in [("%2Fme%3Fback", "/me?back"), ("https://elsewhere.example/", "/home")] {
        browser.click("#sign-out");
        browser.is_told("signed-out");
        browser.go(&appliance.page(&format!("/?to={to}")));
        browser.arrives_at(end);
    }
}

#[test]
fn whoever_is_signed_in_when_they_are_sent_here_is_shown_the_way_on() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    let long = "https://localhost:8443/".to_owned() + &"calls".repeat(40);
    browser.go(&appliance.page(&format!("/?to={long}")));
    assert_eq!(browser.text("#target"), long);
    super::look::picture(&browser, "home-onward");
    browser.go(&appliance.page("/?to=%2Fme%3Fback"));
    browser.arrives_at("/home?to=%2Fme%3Fback");
    assert_eq!(browser.text("#target"), appliance.page("/me?back"));
    browser.click("#target");
    browser.arrives_at("/me?back");
    browser.go(&appliance.page("/?to=https://elsewhere.example/"));
    browser.text("#session-note");
    assert_eq!(browser.count("#onward[hidden]"), 1);
}

#[test]
fn a_corrected_address_says_that_the_old_link_ended_and_offers_another() {
    let appliance = Appliance::start();
    let (browser, mailbox) = (Browser::open(), Mailbox::friendly());
    appliance.first_run(&browser);
    set_mailbox(&appliance, &browser, &mailbox);
    add_mira(&appliance, &browser);
    browser.go(&appliance.page("/people/101"));
    browser.text("#title");
    browser.write("#card [name=email]", "mira.okafor@example.org");
    browser.click("#card button");
    assert!(browser.is_told("account-changed-send").contains("works no more"));
    assert_eq!(browser.run("return document.activeElement.id"), "send-link");
    browser.click("#send-link");
    assert!(browser.text("#invite-mailed-to").contains("mira.okafor@example.org"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
