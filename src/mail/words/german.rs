//! German, with "Sie".

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    hello: "Guten Tag {name},",
    sign_in: "Anmelden",
    my_page: "Meine Anmeldung",
    people_page: "Personen",
    invite_subject: "Ihre Anmeldung an der Telefonanlage",
    invite: "Sie können sich jetzt an der Telefonanlage des Büros anmelden. Dieser Link gilt einmal, bis zum {until}:",
    invite_after: "Danach legen Sie einen Passkey an und brauchen weder Link noch Passwort mehr.",
    reset_subject: "Ihr Link zum Anmelden",
    reset: "jemand, vermutlich Sie selbst, hat einen Link zum Anmelden angefordert. Er gilt einmal, bis zum {until}:",
    reset_code: "Lesen Sie dies auf einem anderen Gerät? Geben Sie diesen Code in dem Browser ein, der den Link \
        angefordert hat:",
    reset_warning: "Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ohne diese E-Mail kommt niemand hinein. \
        Sagen Sie den Code niemandem.",
    added_subject: "Ihr Konto hat einen neuen Passkey",
    added: "der Passkey „{passkey}“ wurde am {at} zu Ihrem Konto hinzugefügt.",
    added_from: "der Passkey „{passkey}“ wurde am {at} von {address} aus zu Ihrem Konto hinzugefügt.",
    added_advice: "Wenn Sie das nicht waren, löschen Sie ihn auf dieser Seite und sagen Sie sofort Ihrer \
        Administration Bescheid:",
    deleted_subject: "Ihr Passkey wurde gelöscht",
    deleted: "der Passkey „{passkey}“ wurde am {at} aus Ihrem Konto gelöscht. Mit ihm können Sie sich nicht mehr \
        anmelden.",
    deleted_from: "der Passkey „{passkey}“ wurde am {at} von {address} aus in Ihrem Konto gelöscht. Mit ihm können Sie \
        sich nicht mehr anmelden.",
    deleted_advice: "Wenn das weder Sie noch Ihre Administration waren, sagen Sie dort sofort Bescheid. Ihre Passkeys:",
    guessed_subject: "Jemand versucht, das Passwort von {username} zu erraten",
    guessed: "so viele Anmeldungen von „{username}“ mit Passwort sind nacheinander fehlgeschlagen, dass es nach Raten \
        aussieht; die letzte kam am {at} von {address}.",
    guessed_advice: "Passkeys funktionieren weiter. Wenn sich niemand im Büro vertippt hat, nehmen Sie diesem Konto \
        das Passwort weg:",
    test_subject: "Linekey kann E-Mails senden",
    test: "Dies ist die Test-E-Mail, um die Ihre Administration gebeten hat. Der Mailserver hat sie angenommen, und \
        hier ist sie.",
    date: "{day}. {month} {year} um {time} Uhr (UTC)",
    first: "1",
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
};
