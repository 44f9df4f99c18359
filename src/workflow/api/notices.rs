//! What a connector tells of a ticket without being asked.

use std::any::TypeId;
use std::rc::Rc;

use rhai::Dynamic;
use serde_json::Value;

use super::values::dynamic_of;
use super::{Example, Keys, Kind, Member, Type};
use crate::domain::Key;

#[derive(Debug, Clone)]
struct NoticeRef(Rc<(Key, Key, Value)>);

pub fn notice_of(plugin: &Key, name: &Key, value: &Value) -> Dynamic {
    Dynamic::from(NoticeRef(Rc::new((plugin.clone(), name.clone(), value.clone()))))
}

pub static NOTICE: Type = Type {
    name: "Notice",
    doc: "What a connector tells of the ticket without being asked: a part has arrived, a payment went through.",
    id: TypeId::of::<NoticeRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "name",
            Kind::Text,
            "What it is about, such as `part_arrived`; the connector's manual names them.",
            Example::on(
                "on_notice",
                "if notice.name == \"part_arrived\" { ticket.cancel_timer(\"remind\"); }",
            ),
            |call| Ok(call.this::<NoticeRef>()?.0.1.to_string().into()),
        ),
        Member::get(
            "plugin",
            Kind::Key(Keys::Plugin),
            "Which connector.",
            Example::on(
                "on_notice",
                "if notice.plugin == \"parts-stock\" { ticket.add_tag(\"stock_wrote\"); }",
            ),
            |call| Ok(call.this::<NoticeRef>()?.0.0.to_string().into()),
        ),
        Member::get(
            "value",
            Kind::Any,
            "What it says, as the connector's manual describes it; `()` without more.",
            Example::on("on_notice", "ticket.note(`Arrived: ${notice.value.quantity}`);"),
            |call| Ok(dynamic_of(&call.this::<NoticeRef>()?.0.2)),
        ),
    ],
};
