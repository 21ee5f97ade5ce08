//! `muster-print`: see [`muster_print::command`].

use std::process::ExitCode;

fn main() -> ExitCode {
    muster_print::command::Command::main(std::env::args_os())
}
