//! KEEPS. One redb file; one [`writer`]; rows become types in `row/` and nowhere else.
//!
//! A turn is durable before it is answered, or it did not happen. Refusals write nothing.

pub mod afresh;
mod apply;
mod aside;
pub mod backup;
mod database;
mod devices;
pub mod facts;
mod fault;
mod journal;
mod migrate;
mod names;
pub mod notices;
pub mod open;
mod outbox;
mod place;
mod queue;
mod row;
mod slot;
mod source;
mod tables;
pub mod tally;
mod unreadable;
mod watch;
pub mod writer;

use std::sync::Arc;

pub use facts::Facts;
pub use fault::Fault;
pub use unreadable::Unreadable;
pub use watch::Amounts;

use database::Database;
use notices::CommitNotices;
use queue::Queue;
use tally::Tally;

/// The store: cheap to clone, one file behind all clones.
#[derive(Clone)]
pub struct Store(Arc<Kept>);

struct Kept {
    database: Database,
    queue: Queue,
    notices: CommitNotices,
    tally: Tally,
}
