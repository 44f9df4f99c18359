//! What wit-bindgen makes of `plugins/wit`; plugins use the typed modules instead.

wit_bindgen::generate!({
    path: "../wit",
    world: "connector",
    pub_export_macro: true,
    export_macro_name: "export_connector",
    default_bindings_module: "naryad_plugin::bindings",
});
