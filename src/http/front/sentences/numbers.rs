//! What people are told of a number that cannot be, or of what is no number where one is wanted.

use super::{backups, invalid};
use crate::rules::invalid::{Field, Invalid, Why, WrongSchedule};
use crate::rules::limits;

/// The sentence of a member by that name that is no number, if it has to be one.
pub(super) fn named(name: &str) -> Option<String> {
    Field::ALL.into_iter().find(|field| field.name() == name).and_then(of)
}

/// The sentence of a number that lies outside what can be.
pub(super) fn out_of_range(field: Field) -> String {
    of(field).unwrap_or_else(|| "That number is out of range.".to_owned())
}

/// What a field takes that is a number; `None`: it is none.
fn of(field: Field) -> Option<String> {
    match field {
        Field::SessionHours => {
            let (least, most) = limits::SESSION_HOURS.into_inner();
            Some(format!(
                "A sign-in lasts between {least} hour and {} days ({most} hours).",
                most / 24
            ))
        }
        Field::InviteHours => {
            let (least, most) = limits::INVITE_HOURS.into_inner();
            Some(format!(
                "An invitation works between {least} hour and {} days ({most} hours).",
                most / 24
            ))
        }
        Field::ResetMinutes => {
            let (least, most) = limits::RESET_MINUTES.into_inner();
            Some(format!(
                "A recovery link works between {least} minutes and one day ({most} minutes)."
            ))
        }
        Field::Hours => {
            let (least, most) = limits::WINDOW_HOURS.into_inner();
            Some(format!(
                "A phone may fetch by its MAC address alone for {least} to {most} hours."
            ))
        }
        Field::Date => Some(invalid(Invalid::new(field, Why::NotTheDate))),
        Field::EveryHours => Some(backups::wrong(WrongSchedule::Hours)),
        Field::Keep => Some(backups::wrong(WrongSchedule::Keep)),
        Field::Port => Some("A port is a number from 1 to 65535.".to_owned()),
        Field::Until => Some(invalid(Invalid::new(field, Why::SittingTooLong))),
        Field::Bucket
        | Field::Contact
        | Field::Csv
        | Field::DailyAt
        | Field::Directory
        | Field::Email
        | Field::Emergency
        | Field::Extension
        | Field::Folder
        | Field::Mac
        | Field::Make
        | Field::Model
        | Field::Models
        | Field::Name
        | Field::OtherMac
        | Field::Passphrase
        | Field::Password
        | Field::Ranges
        | Field::Roots
        | Field::Secret
        | Field::Sender
        | Field::Server
        | Field::Start
        | Field::TimeServers
        | Field::TermsAccepted
        | Field::TimeServer
        | Field::TimeZone
        | Field::To
        | Field::Username => None,
    }
}
