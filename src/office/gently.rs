//! Long work of one's own accord, which makes way for whoever waits for an answer.

use std::panic::resume_unwind;
use std::{io, thread};

use rustix::process::nice;

/// How much less of the processor such work asks for than those who serve: a tenth of their share where it is short,
/// and all that nobody else wants. Who wakes up beside it need not wait for the end of its slice.
const MODEST: i32 = 10;

/// Does it on a thread of its own and waits for it, so blocks. A weight once given away cannot be taken back, so no
/// thread of the pool may do it.
///
/// # Errors
/// The system has no room for a thread.
pub fn gently<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let doing = thread::Builder::new().name("gently".into()).spawn_scoped(scope, || {
            // Where even that is forbidden, the work is done at full weight.
            nice(MODEST).unwrap_or_default();
            work()
        })?;
        Ok(doing.join().unwrap_or_else(|panicked| resume_unwind(panicked)))
    })
}

#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[test]
    fn only_the_work_gives_way() {
        let before = getpriority_process(None).unwrap();
        let during = gently(|| getpriority_process(None).unwrap()).unwrap();
        assert_eq!(during, (before + MODEST).min(19));
        assert_eq!(getpriority_process(None).unwrap(), before);
    }
}
