//! The binary; for now only the two child processes of the plugin host.

fn main() -> anyhow::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("plugin-host") => naryad::plugin_host::child::run(),
        Some("plugin-compile") => naryad::plugin_host::compile_child::run(),
        _ => Ok(()),
    }
}
