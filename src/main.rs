//! The binary.

fn main() -> std::process::ExitCode {
    naryad::cli::run()
}
