//! STANDS. The only layer that reads flags, the environment, the clock, the dice and the disk's folders.

pub mod backup;
pub mod board;
mod boot;
mod cannot_start;
mod console;
mod date;
mod devices;
mod flags;
mod folder;
pub mod identity;
pub mod machine;
mod one_time;
pub mod panel;
mod reset;
mod service;
mod sockets;
mod spare;
mod terminal;
pub mod upkeep;

use std::ffi::OsString;
use std::process::ExitCode;

use cannot_start::CannotStart;
use flags::Wish;
use machine::Machine;

use crate::office::log;

/// Runs the program with these arguments (its own name left out) until it is told to stop. 0: it did; 2: it could not
/// start as asked, or not end well, in one sentence on standard error.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    run_on(Machine::this(), arguments)
}

/// The same on a machine of one's own.
pub fn run_on(machine: Machine, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let (program, arguments) = (machine.program.clone(), arguments.collect::<Vec<_>>());
    if console::is_journals() {
        log::speak_to_the_journal();
    }
    let outcome = match flags::parse(arguments.iter().cloned()) {
        Ok(Wish::Help) => console::answer(&format!("{}\n", flags::help())),
        Ok(Wish::Version) => console::answer(&format!(
            "linekey {} ({})\n",
            env!("CARGO_PKG_VERSION"),
            board::BOARD.id
        )),
        Ok(Wish::Run(flags)) => match boot::run(*flags, machine) {
            Ok(Some(again)) => Err(again.become_it(program, arguments).into()),
            ended => ended.map(drop),
        },
        Err(sentence) => Err(sentence),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(CannotStart(sentence)) => {
            log::error(&told(sentence));
            ExitCode::from(2)
        }
    }
}

/// The sentence, with what to do where the system says only that there are too few descriptors (EMFILE).
fn told(sentence: String) -> String {
    const BARE: &str = "Too many open files (os error 24)";
    if sentence.contains(BARE) {
        sentence.replace(
            BARE,
            "this program may open too few files and connections at once; raise that limit (`ulimit -n`, LimitNOFILE= \
             of a unit) to 1024 or more",
        )
    } else {
        sentence
    }
}
