//! The `linekey` program: flags in, exit status out.

fn main() -> std::process::ExitCode {
    linekey::appliance::run(std::env::args_os().skip(1))
}
