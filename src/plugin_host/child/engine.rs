//! The wasmtime engine, set up the same in the process that compiles and the one that runs.

use wasmtime::component::{Component, HasSelf, InstancePre, Linker};
use wasmtime::{Config, Engine, Result};

use super::super::protocol::Linked;
use super::abilities::Running;
use super::wit::exports::naryad::plugin as exports;
use super::wit::naryad::plugin as imports;

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

/// A component whose imports are filled in, and by which exports it can be entered.
pub struct Doors {
    pub component: InstancePre<Running>,
    pub functions: Option<exports::functions::GuestIndices>,
    pub events: Option<exports::events::GuestIndices>,
    pub polling: Option<exports::polling::GuestIndices>,
    pub webhooks: Option<exports::webhooks::GuestIndices>,
    pub health: Option<exports::health::GuestIndices>,
    pub refusals: Option<exports::refusals::GuestIndices>,
}

/// Fails when the component wants what is not linked, or gives the contract's names to other types.
pub fn link(engine: &Engine, component: &Component, linked: Linked) -> Result<Doors> {
    let mut linker = Linker::new(engine);
    imports::context::add_to_linker::<_, HasSelf<_>>(&mut linker, |running| running)?;
    imports::log::add_to_linker::<_, HasSelf<_>>(&mut linker, |running| running)?;
    imports::clock::add_to_linker::<_, HasSelf<_>>(&mut linker, |running| running)?;
    imports::random::add_to_linker::<_, HasSelf<_>>(&mut linker, |running| running)?;
    imports::signatures::add_to_linker::<_, HasSelf<_>>(&mut linker, |running| running)?;
    if linked.http {
        imports::http::add_to_linker::<_, HasSelf<_>>(&mut linker, |running| running)?;
    }
    if linked.kv {
        imports::kv::add_to_linker::<_, HasSelf<_>>(&mut linker, |running| running)?;
    }
    if linked.blob {
        imports::blob::add_to_linker::<_, HasSelf<_>>(&mut linker, |running| running)?;
    }
    let component = linker.instantiate_pre(component)?;
    Ok(Doors {
        functions: exports::functions::GuestIndices::new(&component).ok(),
        events: exports::events::GuestIndices::new(&component).ok(),
        polling: exports::polling::GuestIndices::new(&component).ok(),
        webhooks: exports::webhooks::GuestIndices::new(&component).ok(),
        health: exports::health::GuestIndices::new(&component).ok(),
        refusals: exports::refusals::GuestIndices::new(&component).ok(),
        component,
    })
}
