//! What Naryad asks of a plugin, and how a plugin says which of it it does.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::exports::naryad::plugin as wit;
use crate::webhook::{Reply, Request};
use crate::{Error, log};

/// The whole contract in texts; what a plugin does not do is answered here. `plugin!` writes it.
#[doc(hidden)]
pub trait Plugin {
    fn call(function: &str, _input: &str) -> Result<String, Error> {
        Err(Error::new("unknown_function", format!("This plugin has no function `{function}`.")))
    }

    fn on_event(_event: &str) -> Result<String, Error> {
        Ok(r#"{"items":[]}"#.to_owned())
    }

    fn poll(_cursor: Option<String>) -> Result<String, Error> {
        Err(missing("poll"))
    }

    fn webhook(_request: Request) -> Result<Reply, Error> {
        Err(missing("webhook"))
    }

    fn check() -> Result<String, Error> {
        Ok("The plugin has nothing to check.".to_owned())
    }

    fn on_refused(_item: &str, _refusal: &str) -> Result<(), Error> {
        Ok(())
    }
}

/// Names what a plugin does and exports it to Naryad; everything is optional:
///
/// ```ignore
/// plugin! {
///     functions: { "in_stock" => in_stock, "order" => order },
///     on_event: on_event,
///     poll: poll,
///     webhook: webhook,
///     check: check,
///     on_refused: on_refused,
/// }
/// ```
///
/// | part | shape |
/// |---|---|
/// | a function | `fn(Input) -> Result<Output, Error>`, read from and written as JSON |
/// | `on_event` | `fn(Event) -> Result<Items, Error>` |
/// | `poll` | `fn(Option<String>) -> Result<Poll, Error>`, the cursor of the last time |
/// | `webhook` | `fn(webhook::Request) -> Result<webhook::Answer, Error>` |
/// | `check` | `fn() -> Result<String, Error>`, a sentence of what was found |
/// | `on_refused` | `fn(serde_json::Value, Refusal) -> Result<(), Error>`, the item as it was given |
///
/// Names of functions, and whether the rest is asked for at all, stand in the manifest. Each name stands alone: bring a
/// function from another module in with `use`.
#[macro_export]
macro_rules! plugin {
    ($($part:ident: $value:tt),+ $(,)?) => {
        struct Connector;

        impl $crate::Plugin for Connector {
            $($crate::part! { $part: $value })+
        }

        $crate::bindings::export_plugin!(Connector with_types_in $crate::bindings);
    };
}

/// A plugin that only answers calls: `functions! { "name" => function, ... }`.
///
/// Each function has the shape `fn(Input) -> Result<Output, naryad_plugin::Error>`; `Input` is read from the
/// JSON input, `Output` is written as the JSON answer. Names are those that the manifest declares.
#[macro_export]
macro_rules! functions {
    ($($functions:tt)+) => {
        $crate::plugin! { functions: { $($functions)+ } }
    };
}

/// One part of `plugin!`.
#[doc(hidden)]
#[macro_export]
macro_rules! part {
    (functions: { $($name:literal => $function:path),+ $(,)? }) => {
        fn call(function: &str, input: &str) -> Result<String, $crate::Error> {
            match function {
                $($name => $crate::answer(input, $function),)+
                _ => Err($crate::Error::new(
                    "unknown_function",
                    format!("This plugin has no function `{function}`."),
                )),
            }
        }
    };
    (on_event: $function:ident) => {
        fn on_event(event: &str) -> Result<String, $crate::Error> {
            $crate::written(&$function($crate::read("event", event)?)?)
        }
    };
    (poll: $function:ident) => {
        fn poll(cursor: Option<String>) -> Result<String, $crate::Error> {
            $crate::written(&$function(cursor)?)
        }
    };
    (webhook: $function:ident) => {
        fn webhook(request: $crate::webhook::Request) -> Result<$crate::webhook::Reply, $crate::Error> {
            $function(request)?.into_reply()
        }
    };
    (check: $function:ident) => {
        fn check() -> Result<String, $crate::Error> {
            $function()
        }
    };
    (on_refused: $function:ident) => {
        fn on_refused(item: &str, refusal: &str) -> Result<(), $crate::Error> {
            $function($crate::read("item", item)?, $crate::read("refusal", refusal)?)
        }
    };
}

/// Reads the input, runs the function, writes the answer.
#[doc(hidden)]
pub fn answer<Input: DeserializeOwned, Output: Serialize>(
    input: &str,
    function: fn(Input) -> Result<Output, Error>,
) -> Result<String, Error> {
    written(&function(read("input", input)?)?)
}

#[doc(hidden)]
pub fn read<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Error> {
    serde_json::from_slice(text.as_bytes())
        .map_err(|error| Error::new(format!("wrong_{what}"), format!("The {what} does not fit: {error}.")))
}

#[doc(hidden)]
pub fn written(document: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(document).map_err(|error| {
        Error::new("wrong_answer", format!("The answer cannot be written as JSON: {error}."))
    })
}

fn missing(part: &str) -> Error {
    Error::new("not_implemented", format!("This plugin has no `{part}`."))
}

/// Sends a panic's message to the log before it becomes a trap.
fn prepare() {
    std::panic::set_hook(Box::new(|panic| log::error(panic.to_string())));
}

impl<P: Plugin> wit::functions::Guest for P {
    fn call(function: String, input: String) -> Result<String, wit::functions::PluginError> {
        prepare();
        Ok(P::call(&function, &input)?)
    }
}

impl<P: Plugin> wit::events::Guest for P {
    fn on_event(event: String) -> Result<String, wit::functions::PluginError> {
        prepare();
        Ok(P::on_event(&event)?)
    }
}

impl<P: Plugin> wit::polling::Guest for P {
    fn poll(cursor: Option<String>) -> Result<String, wit::functions::PluginError> {
        prepare();
        Ok(P::poll(cursor)?)
    }
}

impl<P: Plugin> wit::webhooks::Guest for P {
    fn webhook(
        request: wit::webhooks::WebhookRequest,
    ) -> Result<wit::webhooks::WebhookAnswer, wit::functions::PluginError> {
        prepare();
        Ok(P::webhook(request.into())?.into())
    }
}

impl<P: Plugin> wit::health::Guest for P {
    fn check() -> Result<String, wit::functions::PluginError> {
        prepare();
        Ok(P::check()?)
    }
}

impl<P: Plugin> wit::refusals::Guest for P {
    fn on_refused(item: String, refusal: String) -> Result<(), wit::functions::PluginError> {
        prepare();
        Ok(P::on_refused(&item, &refusal)?)
    }
}
