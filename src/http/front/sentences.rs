//! What people are told when something is refused: every sentence of the interface, in English, on one page. Their
//! numbers come from [`limits`].

mod backups;
mod names;
mod numbers;
mod registrations;
mod tables;

use super::failure::{Failure, Misfit};
use crate::net::flaws;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;
use crate::rules::phones::limits as phones;
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::webauthn::assertion;
use crate::store::Fault;

/// What the log says of a proxy that names none of its visitors.
pub const HIDDEN_CALLERS: &str = "The proxy in front does not say who its visitors are, so all of them count as one \
                                  address: address ranges and the brake on guesses cannot tell them apart. Let it set \
                                  X-Forwarded-For (or Forwarded with for=) in each request.";

/// The sentence of a failure.
pub fn failed(failure: &Failure) -> String {
    let sentence = match failure {
        Failure::BadCredentials(refusal) | Failure::Refused(refusal) => return refused(refusal),
        Failure::Broke(fault) => broke(fault),
        Failure::Encoded => {
            "This message is compressed, or coded in another way (Content-Encoding). Send it as it is, without that \
             field."
        }
        Failure::InTheClear => {
            "Programs may send their secret over HTTPS only. Replace this one: anybody on the way could have read it."
        }
        Failure::Misfit(misfit) => return not_fitting(misfit),
        Failure::NotJson => "Send the message as JSON, with Content-Type: application/json.",
        Failure::NotUtf8 => "This message is not in UTF-8. Send it in UTF-8, which JSON always is.",
        Failure::OtherOrigin => "This request came from another site's page, so it was not carried out.",
        Failure::Proxies => {
            "The proxy in front does not say clearly who is asking: Forwarded and X-Forwarded-For disagree, or hide \
             the address. Let it set one of them and remove the other."
        }
        Failure::ProxyInTheClear => {
            "The proxy in front does not say that its visitors come over HTTPS, so they would be sent to the same \
             address for ever. Let it set X-Forwarded-Proto: https (or Forwarded with proto=https) in each request."
        }
        Failure::Unreadable(why) => return format!("This message cannot be read: {why}."),
        Failure::WrongMethod(_) => {
            "This address is known here, but not with that method; the field Allow names those that it has."
        }
        Failure::WrongName => {
            "This appliance has another address. Open it under its own name, with https:// where it has a certificate."
        }
    };
    sentence.to_owned()
}

/// What is known of a change that we could not carry out, and no more than that.
fn broke(fault: &Fault) -> &'static str {
    match (fault.is_full(), fault.changed_nothing()) {
        (true, true) => "The appliance's disk is full. Nothing was changed; free some space and try again.",
        (true, false) => "The appliance's disk is full. Free some space, then look whether the change was made.",
        (false, true) => "Something went wrong in the appliance. Nothing was changed; its log says what it was.",
        (false, false) => {
            "Something went wrong in the appliance, and it is not known whether the change was made: look before you \
             try again. Its log says what it was."
        }
    }
}

/// The sentence of a member that does not fit. What people type into a field for numbers has that field's own.
fn not_fitting(misfit: &Misfit) -> String {
    match misfit {
        Misfit::Missing(name) => format!("This has to be filled in: {name}."),
        Misfit::Unknown(name) => format!("There is no {name} that could be set here."),
        Misfit::Kind(name) => {
            numbers::named(name).unwrap_or_else(|| format!("This does not have the form that is wanted here: {name}."))
        }
    }
}

/// The sentence of a refusal.
pub fn refused(refusal: &Refusal) -> String {
    let sentence = match refusal {
        Refusal::Assertion(assertion::Step::Eligible) => {
            "This passkey has changed since it was made here (whether it can be copied to other devices), so it signs \
             nobody in any more. Come in another way, by another passkey, a password or a new link; then delete this \
             one under “My sign-in” and make a new one."
        }
        // One answer for every way a sign-in fails, so that it does not say which accounts exist.
        Refusal::Assertion(_) | Refusal::NotSignedIn | Refusal::OutsideRanges(_) => {
            "That did not sign you in. Check what you typed, or use your passkey."
        }
        Refusal::Busy { .. } => "Too many are asking for this at the same moment. Try again in a minute.",
        Refusal::Invalid(why) => return invalid(*why),
        Refusal::LastWayIn => {
            "After that nobody could administer this appliance any more. Add another passkey or administrator first."
        }
        Refusal::NoWayThere => "Under the new name you could not come in. Show a rescue code first, and keep it.",
        Refusal::LinkSpent => {
            "This link has been used, has expired, or was replaced by a newer one. Ask for a new link."
        }
        Refusal::NoDate => {
            "This appliance does not know the date yet, as after a power cut. It learns it from the network: try again \
             in a minute. If that does not help, ask whoever runs the appliance to set its clock."
        }
        Refusal::NotAllowed => "Your account may not do this.",
        Refusal::NotFound => "That does not exist here, or no longer does.",
        Refusal::OrderUnderWay => {
            "A certificate is being ordered at this moment, which takes up to some minutes. Wait for how it ends, and \
             try again."
        }
        Refusal::PasskeyNeeded => {
            "This takes your passkey, and not a password or a link. Confirm with it that it is you. If you have \
             none, make one under “My sign-in” first."
        }
        Refusal::PasskeyUnreadable => {
            "The browser, or a password manager in it, sent a passkey in a form that is not the standard's. Try \
             another browser, or switch the password manager off for this page."
        }
        Refusal::ProveAgain => "For this change, confirm once more that it is you: use your passkey or password.",
        Refusal::Registration(step) => return registrations::not_registered(*step),
        Refusal::ShutsYouOut => {
            "Your own address is not in these ranges, so you would be shut out at once. Add it, or save from an \
             address that is in them."
        }
        Refusal::SignedOut => "You are signed out. Sign in to go on.",
        Refusal::Stale => {
            "Somebody changed this in the meantime, so nothing was saved. Look at it as it is now, and save again."
        }
        Refusal::Taken(field) => taken(*field),
        Refusal::TestLetters { .. } => {
            "Test e-mails are sent one at a time, and at most twenty in an hour. Wait a moment before the next one."
        }
        Refusal::TicketSpent => "This prompt was open too long, or has been answered already. Start again.",
        Refusal::TooMany(what) => return too_many(*what),
        Refusal::UnknownPasskey => {
            "This passkey is not known here, or no longer is. Use another one, or ask for a new link."
        }
        Refusal::Wait { .. } => "Too many attempts failed. Wait a moment before the next one, or use your passkey.",
        Refusal::WrongCode => {
            "That code does not work: it is mistyped, too old, or was asked for in another browser. After five tries, \
             ask for a new e-mail."
        }
    };
    sentence.to_owned()
}

fn taken(field: Field) -> &'static str {
    if field == Field::Email {
        "Somebody else has this e-mail address already. Each person needs their own."
    } else if field == Field::Extension {
        "Somebody else has this extension already. Choose another."
    } else {
        "Somebody else has this already. Choose another."
    }
}

fn too_many(what: Kept) -> String {
    match what {
        Kept::Accounts => {
            let most = grouped(limits::ACCOUNTS);
            format!("The office is full: the appliance keeps {most} accounts. Delete one first.")
        }
        Kept::Administrators => {
            let most = limits::ADMINISTRATORS;
            format!("There are {most} administrators already, which is the most there can be. Delete one first.")
        }
        Kept::Devices => {
            let most = phones::DEVICES_OF_ONE;
            format!(
                "One account can have {most} devices, and the office {}. Delete one first.",
                grouped(phones::DEVICES)
            )
        }
        Kept::OwnApps => {
            let most = phones::OWN_APPS;
            format!("You have {most} apps, which is the most that one can add. Remove one first.")
        }
        Kept::LinesOfOneMac => {
            let most = phones::LINES_OF_ONE_MAC;
            format!("One box can serve {most} people at most.")
        }
        Kept::ImportLines => {
            let most = grouped(limits::IMPORT_LINES);
            format!("This table has more than {most} lines. Import it in parts.")
        }
        Kept::Passkeys => {
            let most = limits::PASSKEYS_OF_ONE;
            format!("There are {most} passkeys already. Delete one that you no longer use.")
        }
    }
}

/// The sentence of a field that does not hold.
pub fn invalid(Invalid { field, why }: Invalid) -> String {
    let sentence = match why {
        Why::CellOverLines => "A cell goes over several lines: check the quotation marks.",
        Why::BoxFull => "A phone of this make serves no more people. Give the further ones a phone of their own.",
        Why::Common => "That password is one of the first that anybody tries. Use a short sentence instead.",
        Why::Emergency => "This number is one that help is called by.",
        Why::NotTimeZone => "No time zone has this name. Write it like Europe/Berlin.",
        Why::MacTaken => "Another device has this MAC address. If the box serves several people, say so.",
        Why::MakeUnknown => "Choose the make: this MAC address does not tell it, and each make asks for other files.",
        Why::NobodyThere => "Nobody has this extension.",
        Why::NoOwner => "Say whose phone or app it is.",
        Why::NoExtensionColumn => return tables::without("extensions", "Extension, Ext., Durchwahl or Nebenstelle"),
        Why::NoMacColumn => return tables::without("MAC addresses", "MAC or MAC address"),
        Why::NoNameColumn => return tables::without("names", "Name, or First name and Last name"),
        Why::NoLines => "There is no line to import: the table is empty, or has its headings alone.",
        Why::NoRecipient => "Say where the test e-mail should go: your account has no e-mail address.",
        Why::NoServer => "No mail server is set yet. Save one first.",
        Why::NotAdminName => {
            "An administrator's name has 2 to 32 letters, digits, dots, dashes or underscores, and at least one letter."
        }
        Why::NotCertificates(looks) => {
            let most = limits::ROOTS;
            return format!(
                "These are not certificates: {}. Paste PEM text, from BEGIN CERTIFICATE to END CERTIFICATE, {most} of \
                 them at most.",
                flaws::what(looks)
            );
        }
        Why::NotDeviceSecret => {
            let (least, most) = phones::TYPED_SECRET_CHARS.into_inner();
            return format!(
                "A phone's password has {least} to {most} letters (a to z), digits, dots, dashes or underscores: every \
                 phone's menu takes those."
            );
        }
        Why::NotDirectory => {
            "The directory of an ACME server is an address that begins with https://, like \
             https://acme-v02.api.letsencrypt.org/directory."
        }
        Why::NotDisplayName => {
            let most = limits::NAME_CHARS;
            return format!("A name has 1 to {most} characters on one line.");
        }
        Why::NotEmail if field == Field::Sender => "That is not an e-mail address. One looks like pbx@example.org.",
        Why::NotEmail => "That is not an e-mail address. One looks like mira@example.org.",
        Why::NotBase64 => "Send the file's two ends as Base64.",
        Why::NotExtension => "An extension is a number of 1 to 10 digits.",
        Why::NotHostName(wrong) => return names::wrong(wrong),
        Why::NotMac => {
            "A MAC address has 12 hexadecimal digits, like 80:5e:c0:12:34:56; it is on the label of the phone."
        }
        Why::NotModel => {
            let most = phones::MODEL_OCTETS;
            return format!("A model's name has at most {most} characters on one line.");
        }
        Why::NotModels => {
            let most = limits::MODELS;
            return format!(
                "A model's AAGUID looks like cb69481e-8ff7-4039-93ec-0a2729a154a8; there can be {most} at most."
            );
        }
        Why::NotNumbers => {
            let most = limits::EMERGENCY_NUMBERS;
            return format!("Numbers for emergencies have digits only, like 112; there can be {most} at most.");
        }
        Why::NotPort => "A port is a number from 1 to 65535; the usual ones are 465, 587 and 25.",
        Why::NotPublic => {
            "No CA issues a certificate for this name: nobody outside the office can look it up. Give the appliance a \
             public name first, like pbx.example.org."
        }
        Why::NotRange => "A range looks like 192.168.1.0/24 or 2001:db8::/32; a single address will do, too.",
        Why::NotServer(wrong) if field == Field::TimeServer => return names::server(wrong, "time"),
        Why::NotServer(wrong) => return names::server(wrong, "mail"),
        Why::NotLogServer(wrong) => return names::server(wrong, "log"),
        Why::NotLogPort => "A port is a number from 1 to 65535; the usual ones are 514, and 6514 over TLS.",
        Why::NotTable => "This table cannot be read: check the quotation marks.",
        Why::NotTheDate => "By what this appliance knows, that cannot be the date.",
        Why::NotTimeServers => {
            "Time servers are up to four host names or addresses, like time.example.org or 192.168.1.1."
        }
        Why::NothingAttested => {
            "Attested keys only: name at least one model, and the certificate that its maker signs with."
        }
        Why::OutOfRange => return numbers::out_of_range(field),
        Why::PasswordMissing => {
            "Type the password that goes with the name: the one that is kept is for the server as it was."
        }
        Why::Schedule(wrong) => return backups::wrong(wrong),
        Why::SealedElsewhere => {
            "This secret was sealed under another key and cannot be shown. Give the device a new one."
        }
        Why::SittingTooLong => "A desk can be taken for 24 hours at most.",
        Why::TermsNotAccepted => "Read the CA's terms and accept them first.",
        Why::TooLong => {
            let most = limits::PASSWORD_MAX_OCTETS;
            return format!("That password is too long. Use at most {most} characters.");
        }
        Why::TooManyRanges => {
            let most = limits::RANGES_OF_ONE;
            return format!("One administrator can have {most} ranges at most.");
        }
        Why::TooShort => {
            let least = limits::PASSWORD_MIN_CHARS;
            return format!("Use at least {least} characters; a short sentence is easy to remember.");
        }
        Why::UnusableLogin => "That name is too long, or has characters that no mail server takes.",
        Why::UnusableRoot => {
            "One of these certificates has a key of a kind that is not supported: P-256, P-384, Ed25519, and RSA of \
             2048 to 4096 bits are."
        }
        Why::TableTooLong => {
            let (lines, octets) = (grouped(limits::IMPORT_LINES), limits::IMPORT_OCTETS / 1024);
            return format!("A table has at most {lines} lines and {octets} KiB. Import it in parts.");
        }
        Why::WrongCells => {
            "A line has an extension, a name and an e-mail address; further cells need a heading of their own. Does a \
             name with a comma lack its quotation marks?"
        }
        Why::ZerosInFront => {
            "Is this another extension than the one that differs by zeros in front alone (7 and 007)? Spreadsheets \
             drop them. Write it in full here; if there are both, add this one on the page People."
        }
    };
    sentence.to_owned()
}

/// A count with a comma before each three digits.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
