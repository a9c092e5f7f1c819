//! Rows of `outbox`, and of `languages`.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::id::{AccountId, Email};
use crate::rules::letters::language::Language;
use crate::rules::letters::letter::{Letter, LetterKind};
use crate::rules::secret::Sealed;
use crate::rules::time::Date;

impl Kept for Letter {
    type Row = LetterRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct LetterRow {
    to: Email,
    about: AccountId,
    kind: KindRow,
    queued: Date,
    next: Date,
    tries: u32,
    said: Option<String>,
    given_up: bool,
    content: Sealed,
}

impl From<&Letter> for LetterRow {
    fn from(kept: &Letter) -> Self {
        Self {
            to: kept.to.clone(),
            about: kept.about,
            kind: (&kept.kind).into(),
            queued: kept.queued,
            next: kept.next,
            tries: kept.tries,
            said: kept.said.clone(),
            given_up: kept.given_up,
            content: kept.content.clone(),
        }
    }
}

impl From<LetterRow> for Letter {
    fn from(row: LetterRow) -> Self {
        Self {
            to: row.to,
            about: row.about,
            kind: row.kind.into(),
            queued: row.queued,
            next: row.next,
            tries: row.tries,
            said: row.said,
            given_up: row.given_up,
            content: row.content,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum KindRow {
    Invite,
    Reset,
    PasskeyAdded,
    PasskeyDeleted,
    LockedOut,
}

impl From<&LetterKind> for KindRow {
    fn from(kept: &LetterKind) -> Self {
        match kept {
            LetterKind::Invite => Self::Invite,
            LetterKind::Reset => Self::Reset,
            LetterKind::PasskeyAdded => Self::PasskeyAdded,
            LetterKind::PasskeyDeleted => Self::PasskeyDeleted,
            LetterKind::LockedOut => Self::LockedOut,
        }
    }
}

impl From<KindRow> for LetterKind {
    fn from(row: KindRow) -> Self {
        match row {
            KindRow::Invite => Self::Invite,
            KindRow::Reset => Self::Reset,
            KindRow::PasskeyAdded => Self::PasskeyAdded,
            KindRow::PasskeyDeleted => Self::PasskeyDeleted,
            KindRow::LockedOut => Self::LockedOut,
        }
    }
}

impl Kept for Language {
    type Row = LanguageRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum LanguageRow {
    English,
    German,
    French,
    Spanish,
}

impl From<&Language> for LanguageRow {
    fn from(kept: &Language) -> Self {
        match kept {
            Language::English => Self::English,
            Language::German => Self::German,
            Language::French => Self::French,
            Language::Spanish => Self::Spanish,
        }
    }
}

impl From<LanguageRow> for Language {
    fn from(row: LanguageRow) -> Self {
        match row {
            LanguageRow::English => Self::English,
            LanguageRow::German => Self::German,
            LanguageRow::French => Self::French,
            LanguageRow::Spanish => Self::Spanish,
        }
    }
}
