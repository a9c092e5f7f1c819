//! Many people at once.

use super::appliance::Appliance;
use super::driver::Browser;

#[test]
fn a_table_is_looked_at_first_and_its_good_lines_are_added() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    appliance.add_person(&browser, "101", "Mira Okafor");
    browser.go(&appliance.page("/import"));
    browser.click("#look button");
    browser.is_told("invalid");
    let table = "extension;name;email\\n101;Somebody Else;\\n22;Jon Vale;jon@example.org\\n2x;Faulty;";
    browser.run(&format!("document.querySelector('#look textarea').value = '{table}'"));
    browser.click("#look button");
    assert_eq!(browser.text("#preview-title"), "1 line can be added");
    assert!(
        browser
            .text("[data-line=\"2\"][data-faulty]")
            .contains("Somebody else has this extension already")
    );
    assert!(browser.text("[data-line=\"4\"][data-faulty]").contains("digits"));
    assert_eq!(browser.count("[data-line=\"3\"]:not([data-faulty])"), 1);
    browser.click("#add-button");
    assert_eq!(browser.is_told("imported"), "One person is added.");
    browser.go(&appliance.page("/people"));
    assert_eq!(browser.text("[data-extension=\"22\"] strong"), "Jon Vale");
    assert_eq!(browser.count("[data-extension]"), 2);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn columns_and_lines_that_are_passed_over_are_named_and_a_missing_column_is_told_once() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    for (page, table, left, columns, without) in [
        (
            "/import",
            "Telefonliste\nRaum;Name;Durchwahl;E-Mail 1;Firma\nA 4;Mira Okafor;21;;Muster\n;Ole Vale;22;;\n",
            "1 line above the headings is passed over. 2 columns are not read:",
            "Raum · Firma",
            "Name;E-Mail\nMira;mira@example.org",
        ),
        (
            "/phones/import",
            "MAC;NSt;Seriennummer\n24:9a:d8:00:00:01;21;x",
            "1 line cannot; it is left out. 1 column is not read:",
            "Seriennummer",
            "MAC;Modell\n24:9a:d8:00:00:01;T46U",
        ),
    ] {
        browser.go(&appliance.page(page));
        browser.write("#look textarea", table);
        browser.click("#look button");
        browser.until("the preview", || {
            (browser.count("#preview:not([hidden])") == 1).then_some(())
        });
        assert_eq!(browser.text("#faulty"), left);
        assert_eq!(browser.text("#passed-over"), columns);
        super::look::picture(&browser, &format!("passed-over{}", page.replace('/', "-")));
        browser.write("#look textarea", without);
        browser.click("#look button");
        assert!(
            browser
                .is_told("invalid")
                .contains("No column of this table holds extensions")
        );
        assert_eq!(browser.count("#preview[hidden]"), 1);
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn what_became_faulty_after_the_look_and_who_gets_no_letter_is_told() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/settings"));
    browser.write("#relay [name=server]", "127.0.0.1");
    browser.click("#relay option[value=none]");
    browser.write("#relay [name=port]", "1");
    browser.write("#relay [name=sender]", "pbx@example.org");
    browser.click("#relay button");
    browser.is_told("saved");
    browser.go(&appliance.page("/import"));
    browser.write("#look textarea", "21,Mira,mira@example.org\n22,Jon\n23,Pia\n2x,Faulty");
    browser.click("#look button");
    assert_eq!(browser.text("#preview-title"), "3 lines can be added");
    // Somebody else is quicker.
    let quicker = "fetch('/api/people', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: \
        JSON.stringify({ extension: '23', name: 'Quicker' }) })";
    browser.run(&format!("return {quicker}.then(({{ status }}) => status)"));
    browser.click("#letters input");
    browser.click("#add-button");
    let told = browser.is_told("imported");
    for part in [
        "2 people are added.",
        "1 line could not be added any more",
        "One of them gets no e-mail",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told:?}");
    }
    assert!(
        browser
            .text("[data-line=\"3\"][data-faulty]")
            .contains("Somebody else has this extension already")
    );
    assert_eq!(browser.count("#lines tr"), 1, "what was told before is not told again");
    assert_eq!(browser.count("#add[hidden]"), 1);
    super::look::picture(&browser, "import-done");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_long_table_is_drawn_in_parts_with_what_is_wrong_in_front() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/import"));
    browser.run(
        "document.querySelector('#look textarea').value = Array.from({ length: 250 }, (_, line) => \
        `${100 + line},Somebody`).join('\\n') + '\\nx,Faulty'",
    );
    browser.click("#look button");
    browser.text("#preview-title");
    assert_eq!(browser.count("#lines tr"), 100);
    assert_eq!(
        browser.count("#lines tr:first-child[data-line=\"251\"][data-faulty]"),
        1
    );
    assert_eq!(browser.text("#more"), "Show more (151 left)");
    browser.click("#more");
    browser.click("#more");
    assert_eq!(browser.count("#lines tr"), 251);
    assert_eq!(browser.count("#more[hidden]"), 1);
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/import"));
    browser.text("nav a[href=\"/people\"]");
    let choose = |read: &str| {
        browser.run(&format!(
            "File.prototype.arrayBuffer = async () => {{ {read} }};
             const chosen = new DataTransfer();
             chosen.items.add(new File(['21,Mira'], 'people.csv'));
             const field = document.getElementById('file');
             field.files = chosen.files;
             field.dispatchEvent(new Event('change'));"
        ));
    };
    choose("throw new DOMException('moved away', 'NotReadableError')");
    browser.is_told("stopped");
    choose("return new Uint8Array([50, 49, 44, 0xcb, 0x69, 0x6e]).buffer");
    browser.until("the text", || {
        let text = browser.run("return document.querySelector('#look textarea').value");
        (text == "21,Ëin").then_some(())
    });
    // UTF-16 as Excel and PowerShell write it, with and without a mark.
    let wide = "const bytes = (low, mark) => \
                { const text = mark + '21\\tŁukasz Ëin\\r\\n'; \
                const wide = new DataView(new ArrayBuffer(2 * text.length)); \
                [...text].forEach((letter, place) => wide.setUint16(2 * place, letter.charCodeAt(0), low)); \
                return wide.buffer; };";
    for (low, mark) in [("true", "\\ufeff"), ("false", "\\ufeff"), ("true", ""), ("false", "")] {
        browser.run("document.querySelector('#look textarea').value = ''");
        choose(&format!("{wide} return bytes({low}, '{mark}')"));
        browser.until("the text", || {
            let text = browser.run("return document.querySelector('#look textarea').value");
            (text == "21\tŁukasz Ëin\n").then_some(())
        });
    }
    assert_eq!(browser.count("#tell:empty"), 1);
}
