//! Which board an office is on, where a spare may take over: each take-over counts one up and leaves a mark where the
//! backups are, so that the board before it learns that it was replaced.

pub mod record;

use crate::rules::change::OfficeChange;
use crate::rules::office::difference::Difference;
use crate::rules::office::schedule::record::Schedule;
use crate::rules::verdict::Verdict;
pub use record::*;

/// The board learns that another took over.
pub fn replaced(tenure: Tenure, by: BoardMark) -> Verdict<()> {
    changed(Tenure {
        replaced: Some(by),
        ..tenure
    })
}

/// Its mark is there now; in front of one that came meanwhile.
pub fn told(tenure: Tenure) -> Verdict<()> {
    changed(Tenure { told: true, ..tenure })
}

/// Backups go on in the folder where the spare saw them, if they go to a folder. `mount`: where its file system is
/// mounted, if that is not the system's own.
pub fn settled(tenure: Tenure, schedule: Option<Schedule>, mount: Option<String>) -> Verdict<()> {
    let moved = tenure.folder.clone().zip(schedule);
    let moved = moved.map(|(folder, before)| {
        let altered = Difference::default().between("place", &before.folder, &folder);
        OfficeChange::ScheduleSet(Schedule { folder, ..before }, mount, altered)
    });
    let tenure = Tenure { folder: None, ..tenure };
    let changes = moved.into_iter().chain([OfficeChange::TenureChanged(tenure)]);
    Verdict::yes((), changes.map(Into::into).collect())
}

/// It is this board's office from now on.
pub fn changed(tenure: Tenure) -> Verdict<()> {
    Verdict::yes((), vec![OfficeChange::TenureChanged(tenure).into()])
}
