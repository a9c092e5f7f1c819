//! What waits to be written to a phone.

use std::sync::{Mutex, PoisonError};

use event_listener::Event;

use super::limits;

/// What waits to be written to a connection; at most [`limits::QUEUE`] bytes.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    news: Event,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    end: Option<End>,
}

/// How a connection ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// After what waits is written.
    Written,
    /// At once: its reader is stuck.
    Now,
}

impl Queue {
    /// Adds a piece. Nobody is waited for: where there is no room the connection ends.
    pub(super) fn push(&self, piece: &[u8]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.end.is_some() {
            return;
        }
        if waiting.bytes.len().saturating_add(piece.len()) > limits::QUEUE {
            waiting.end = Some(End::Now);
        } else {
            waiting.bytes.extend_from_slice(piece);
        }
        drop(waiting);
        self.news.notify(1);
    }

    /// The connection ends when what waits is written.
    pub(super) fn close(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.end = waiting.end.or(Some(End::Written));
        drop(waiting);
        self.news.notify(usize::MAX);
    }

    /// Waits for the next bytes to write; none: the connection ends.
    pub(super) async fn next(&self) -> Option<Vec<u8>> {
        loop {
            let news = self.news.listen();
            {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                match waiting.end {
                    Some(End::Now) => return None,
                    Some(End::Written) if waiting.bytes.is_empty() => return None,
                    _ if !waiting.bytes.is_empty() => return Some(std::mem::take(&mut waiting.bytes)),
                    Some(End::Written) | None => {}
                }
            }
            news.await;
        }
    }

    /// Ends when a reader is stuck.
    pub(super) async fn overflows(&self) {
        loop {
            let news = self.news.listen();
            let is_over = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).end == Some(End::Now);
            if is_over {
                return;
            }
            news.await;
        }
    }
}
