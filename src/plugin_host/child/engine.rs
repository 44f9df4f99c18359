//! The wasmtime engine, set up the same in the process that compiles and the one that runs.

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine, Result};

use super::abilities::Running;
use super::wit::{ConnectorPre, naryad::plugin as imports};

const WASM_STACK_BYTES_MAX: usize = 512 << 10;

/// Whatever changes the compiled code, as a name for files and seals.
pub const NAME: &str = concat!("wasmtime-48-contract-0.1-", env!("CARGO_PKG_VERSION"));

/// The one engine of a process.
pub fn engine() -> Result<Engine> {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK_BYTES_MAX)
        // Opens a memfd, which a confined process may not, to save microseconds that we do not miss.
        .memory_init_cow(false)
        .concurrency_support(false)
        // One thread compiles: the process may not start others.
        .parallel_compilation(false)
        // What no connector needs does not widen what an attacker can reach.
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_relaxed_simd(false)
        .wasm_wide_arithmetic(false);
    Engine::new(&config)
}

/// The component with its imports filled in; fails when it wants what is not linked.
pub fn link(engine: &Engine, component: &Component, http: Http) -> Result<ConnectorPre<Running>> {
    let mut linker = Linker::new(engine);
    imports::context::add_to_linker::<_, HasSelf<_>>(&mut linker, |running| running)?;
    imports::log::add_to_linker::<_, HasSelf<_>>(&mut linker, |running| running)?;
    if http == Http::Granted {
        imports::http::add_to_linker::<_, HasSelf<_>>(&mut linker, |running| running)?;
    }
    ConnectorPre::new(linker.instantiate_pre(component)?)
}

/// Whether the ability `http` is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Http {
    Granted,
    NotGranted,
}
