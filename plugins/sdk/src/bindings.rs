//! What wit-bindgen makes of `plugins/wit`; plugins use the typed modules instead.

wit_bindgen::generate!({
    path: "../wit",
    world: "plugin",
    pub_export_macro: true,
    export_macro_name: "export_plugin",
    default_bindings_module: "naryad_plugin::bindings",
});
