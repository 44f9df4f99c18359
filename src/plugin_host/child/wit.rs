//! The contract in Rust, as wasmtime reads it from `plugins/wit`.

wasmtime::component::bindgen!({
    path: "plugins/wit",
    world: "plugin",
    imports: { default: trappable },
});
