//! How a guard says no.

use rhai::Dynamic;

use super::{Example, Function, Kind, Param, SINCE_FIRST};

pub static FUNCTIONS: &[Function] = &[Function {
    name: "refuse",
    doc: "In a guard (`on_accepting`, `on_resolving`, `on_closing`): the step is not taken, and the person reads the text beside the field. The first refusal counts.",
    example: Example::on(
        "on_accepting",
        "if ticket.is_default(\"category\") { return refuse(\"category\", \"Classify the request first\"); }",
    ),
    since: SINCE_FIRST,
    params: &[
        Param::new(
            "field",
            Kind::Text,
            "what to mend: `category`, `contact`, `fields.act_number`, `resolution`",
        ),
        Param::new("text", Kind::Text, "for the person, in the client's language"),
    ],
    returns: Kind::Nothing,
    run: |call| {
        let (field, message) = (call.text(0)?.to_string(), call.words(1)?);
        call.state().refuse(field, message).map(|()| Dynamic::UNIT)
    },
}];
