//! What people are told of backups that are made by themselves.

use crate::rules::invalid::WrongSchedule;
use crate::rules::office::schedule::{HOURS, KEEP};

pub(super) fn wrong(wrong: WrongSchedule) -> String {
    match wrong {
        WrongSchedule::Folder => {
            "There is no such folder on the appliance. Name one that is there, from the first slash on, like \
                          /media/stick; plug the stick in first."
                .to_owned()
        }
        WrongSchedule::Hours => {
            let (least, most) = HOURS.into_inner();
            format!("Backups can be made every {least} to {most} hours.")
        }
        WrongSchedule::Keep => {
            let (least, most) = KEEP.into_inner();
            format!("The folder keeps {least} to {most} backups.")
        }
        WrongSchedule::NoPassphrase => {
            "Choose a passphrase first: nothing is ever written in the clear, so without one no backup is made."
                .to_owned()
        }
        WrongSchedule::Time => {
            "Say either a time of day, like 02:30, or after how many hours, and not both.".to_owned()
        }
    }
}
