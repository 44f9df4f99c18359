//! From a function's name and a JSON text to a typed Rust function and back.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, log};

/// Names the functions of a plugin and exports them to Naryad: `functions! { "name" => function, ... }`.
///
/// Each function has the shape `fn(Input) -> Result<Output, naryad_plugin::Error>`; `Input` is read from the
/// JSON input, `Output` is written as the JSON answer. Names are those that the manifest declares.
#[macro_export]
macro_rules! functions {
    ($($name:literal => $function:path),+ $(,)?) => {
        struct Connector;

        impl $crate::bindings::exports::naryad::plugin::functions::Guest for Connector {
            fn call(
                function: String,
                input: String,
            ) -> Result<String, $crate::bindings::exports::naryad::plugin::functions::PluginError> {
                $crate::prepare();
                let answer = match function.as_str() {
                    $($name => $crate::answer(&input, $function),)+
                    _ => Err($crate::unknown(&function)),
                };
                answer.map_err(Into::into)
            }
        }

        $crate::bindings::export_connector!(Connector with_types_in $crate::bindings);
    };
}

/// Sends a panic's message to the log before it becomes a trap.
pub fn prepare() {
    std::panic::set_hook(Box::new(|panic| log::error(panic.to_string())));
}

/// Reads the input, runs the function, writes the answer.
pub fn answer<Input: DeserializeOwned, Output: Serialize>(
    input: &str,
    function: fn(Input) -> Result<Output, Error>,
) -> Result<String, Error> {
    let input = serde_json::from_slice(input.as_bytes()).map_err(|error| {
        Error::new("wrong_input", format!("The input does not fit this function: {error}."))
    })?;
    let output = function(input)?;
    serde_json::to_string(&output).map_err(|error| {
        Error::new("wrong_answer", format!("The answer cannot be written as JSON: {error}."))
    })
}

/// The manifest declares a function that the code does not have.
pub fn unknown(function: &str) -> Error {
    Error::new("unknown_function", format!("This plugin has no function `{function}`."))
}
