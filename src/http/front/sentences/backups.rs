//! What people are told of backups that are made by themselves.

use crate::rules::invalid::WrongSchedule;
use crate::rules::office::schedule::{HOURS, KEEP};

pub(super) fn wrong(wrong: WrongSchedule) -> String {
    match wrong {
        WrongSchedule::Bucket(why) => format!("Nothing was saved: {why}."),
        WrongSchedule::BucketPart => "Bucket, region, access key and prefix are one word each, as the bucket’s owner \
                                      was told them; a bucket’s name has letters, digits, dots and dashes, a prefix no \
                                      “..”."
            .to_owned(),
        WrongSchedule::Endpoint => "The server’s address begins with https:// and has no path, like \
                                    https://s3.example.org. On this network alone http:// will do."
            .to_owned(),
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
        WrongSchedule::NoSecret => {
            "Type the secret of the access key: the one that is kept was typed for another server or key.".to_owned()
        }
        WrongSchedule::Own => {
            "That folder is the appliance’s own: a backup there is lost together with what it is for. Name \
                               a folder on a stick or a share."
                .to_owned()
        }
        WrongSchedule::Place => "Say either a folder or a bucket.".to_owned(),
        WrongSchedule::System => {
            "That folder is the system’s own, and keeps no files for you. Name one on a stick or a \
                                  share, like /media/stick."
                .to_owned()
        }
        WrongSchedule::Time => {
            "Say either a time of day, like 02:30, or after how many hours, and not both.".to_owned()
        }
    }
}
