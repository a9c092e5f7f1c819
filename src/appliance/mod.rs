//! STANDS. The only layer that reads flags, the environment, the clock, the dice and the disk's folders.

mod backup;
pub mod board;
mod boot;
mod cannot_start;
mod certificate;
mod clock;
mod console;
mod data;
mod devices;
mod flags;
mod handed;
mod lan;
mod line;
mod one_time;
mod reset;
mod restore;
mod service;
mod site;
mod tune;
pub mod upkeep;

use std::ffi::OsString;
use std::process::ExitCode;

use cannot_start::CannotStart;
use flags::Wish;

use crate::office::log;

/// Runs the program with these arguments (its own name left out) until it is told to stop. 0: it did; 2: it could not
/// start as asked, or not end well, in one sentence on standard error.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    if console::is_journals() {
        log::speak_to_the_journal();
    }
    let outcome = match flags::parse(arguments) {
        Ok(Wish::Help) => {
            println!("{}", flags::help());
            Ok(())
        }
        Ok(Wish::Version) => {
            println!("linekey {} ({})", env!("CARGO_PKG_VERSION"), board::BOARD.id);
            Ok(())
        }
        Ok(Wish::Run(flags)) => boot::run(*flags),
        Err(sentence) => Err(sentence),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(CannotStart(sentence)) => {
            log::error(&sentence);
            ExitCode::from(2)
        }
    }
}
