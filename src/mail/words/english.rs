//! English.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    hello: "Hello {name},",
    sign_in: "Sign in",
    my_page: "My sign-in",
    people_page: "People",
    invite_subject: "Your sign-in to the telephone system",
    invite: "you can sign in to the office's telephone system now. This link works once, until {until}:",
    invite_after: "After that you make a passkey, and need neither link nor password again.",
    reset_subject: "Your link to sign in",
    reset: "somebody, most likely you, asked for a recovery link to sign in. It works once, until {until}:",
    reset_code: "Reading this on another device? Type this code in the browser that asked:",
    reset_warning: "If it was not you, do nothing: without this e-mail nobody gets in. Never tell anybody the code.",
    added_subject: "A new passkey was added to your account",
    added: "the passkey “{passkey}” was added to your account on {at}.",
    added_from: "the passkey “{passkey}” was added to your account on {at} from {address}.",
    added_advice: "If it was not you, delete it on this page and tell your administrator at once:",
    deleted_subject: "Your passkey was deleted",
    deleted: "the passkey “{passkey}” was deleted from your account on {at}. It does not sign you in any more.",
    deleted_from: "the passkey “{passkey}” was deleted from your account on {at} from {address}. It does not sign you \
        in any more.",
    deleted_advice: "If neither you nor your administrator did this, tell your administrator at once. Your passkeys:",
    guessed_subject: "Somebody is guessing the password of {username}",
    guessed: "so many sign-ins of “{username}” by password went wrong one after the other that it looks like guessing; \
        the last came on {at} from {address}.",
    guessed_advice: "Passkeys go on working. If nobody in the office mistyped, take the password away from this \
        account:",
    test_subject: "Linekey can send e-mails",
    test: "This is the test e-mail that an administrator asked for. The mail server took it, and here it is.",
    date: "{day} {month} {year}, {time} UTC",
    first: "1",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};
