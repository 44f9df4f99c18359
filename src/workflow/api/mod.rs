//! The script API as one table: what is registered, checked, completed and documented comes from it.

mod call;
pub mod kind;
mod values;

mod action_options;
mod actions;
mod asking;
mod calendar;
mod collections;
mod contacts;
mod contract;
mod definitions;
mod dispatching;
mod example;
mod fields;
mod guards;
mod handlers;
mod happenings;
mod incidents;
mod ladders;
mod language;
mod lines;
mod monthly_reports;
mod operators;
mod orders;
mod people;
mod places;
mod rating;
mod reference;
mod repairs;
mod reports;
mod search;
mod sending;
mod setters;
mod settings;
mod sla;
mod tasks;
mod ticket;
mod time;
mod time_entries;
mod translated;

use std::any::TypeId;
use std::rc::Rc;

use rhai::{Dynamic, FuncRegistration, Module, NativeCallContext, RhaiFunc};

pub use action_options::MESSAGE_CHANNELS;
pub use asking::LINK_KINDS;
pub use call::{Answer, Call};
pub use contract::coverage_of;
pub use definitions::api_definitions;
pub use example::Example;
pub use handlers::{ANSWERED, HANDLERS, Handler};
pub use happenings::{answer_of, attempt_of, change_of, comment_of, person_of, sla_alarm_of};
pub use incidents::{IncidentRef, UpdateRef};
pub use kind::{Keys, Kind, Param, Signature};
pub use ladders::about_of;
pub use orders::OrderRef;
pub use people::PersonRef;
pub use rating::rating_of;
pub use reference::{Reference, api_reference, api_reference_markdown};
pub use reports::ReportRef;
pub use sla::time_states;
pub use tasks::TaskRef;
pub use ticket::TicketRef;
pub use translated::in_language;
pub use values::{dynamic_of, json_of, short_type, text_of};

/// The first release that had what carries it.
pub const SINCE_FIRST: &str = "0.1";

/// What the table's closures are: they get the arguments and answer a value.
pub type Native = fn(&mut Call<'_, '_, '_>) -> Answer;

/// A kind of thing that scripts hold, or a plain value of the language.
pub struct Type {
    pub name: &'static str,
    pub doc: &'static str,
    pub id: fn() -> TypeId,
    pub members: &'static [Member],
    /// Members that ask for commands.
    pub actions: &'static [Member],
    /// What `x.anything` reads and writes besides the members.
    pub index: Option<Index>,
}

pub struct Member {
    pub name: &'static str,
    pub doc: &'static str,
    /// A test publishes and plays it.
    pub example: Example,
    pub since: &'static str,
    pub shape: Shape,
}

pub enum Shape {
    Property { kind: Kind, get: Native, set: Option<Native> },
    Method { params: &'static [Param], needed: usize, returns: Kind, run: Native },
}

pub struct Index {
    pub doc: &'static str,
    pub example: Example,
    /// What keys are known; [`Keys::Free`]: any.
    pub keys: Keys,
    pub get: Native,
    pub set: Option<Native>,
}

/// A function that stands alone.
pub struct Function {
    pub name: &'static str,
    pub doc: &'static str,
    pub example: Example,
    pub since: &'static str,
    pub params: &'static [Param],
    pub returns: Kind,
    pub run: Native,
}

impl Type {
    /// Members and actions.
    pub fn all(&self) -> impl Iterator<Item = &'static Member> + use<> {
        self.members.iter().chain(self.actions)
    }
}

impl Member {
    #[must_use]
    pub const fn get(
        name: &'static str,
        kind: Kind,
        doc: &'static str,
        example: Example,
        get: Native,
    ) -> Self {
        Self { name, doc, example, since: SINCE_FIRST, shape: Shape::Property { kind, get, set: None } }
    }

    #[must_use]
    pub const fn get_set(
        name: &'static str,
        kind: Kind,
        doc: &'static str,
        example: Example,
        get: Native,
        set: Native,
    ) -> Self {
        Self { name, doc, example, since: SINCE_FIRST, shape: Shape::Property { kind, get, set: Some(set) } }
    }

    /// A method that needs all its parameters.
    #[must_use]
    pub const fn method(
        name: &'static str,
        params: &'static [Param],
        returns: Kind,
        doc: &'static str,
        example: Example,
        run: Native,
    ) -> Self {
        Self::method_with(name, params, params.len(), returns, doc, example, run)
    }

    /// A method of which the first `needed` parameters are needed.
    #[must_use]
    pub const fn method_with(
        name: &'static str,
        params: &'static [Param],
        needed: usize,
        returns: Kind,
        doc: &'static str,
        example: Example,
        run: Native,
    ) -> Self {
        let shape = Shape::Method { params, needed, returns, run };
        Self { name, doc, example, since: SINCE_FIRST, shape }
    }
}

static TYPES: &[&Type] = &[
    &ticket::TICKET,
    &sla::SLA,
    &fields::FIELDS,
    &actions::PLUGIN_CALL,
    &ladders::TICKET_EXPECTATION,
    &ladders::TICKET_LADDER,
    &ladders::ORDER_EXPECTATION,
    &ladders::ORDER_LADDER,
    &ladders::TASK_EXPECTATION,
    &ladders::TASK_LADDER,
    &tasks::TASK,
    &tasks::TASK_FIELDS,
    &time_entries::TIME_ENTRY,
    &orders::WORK_ORDER,
    &orders::PART,
    &reports::REPORT,
    &reports::PAPER,
    &reports::FILE,
    &people::PERSON,
    &contacts::CONTACT,
    &people::AUTHOR,
    &places::CLIENT,
    &places::SUB_CLIENT,
    &places::SITE,
    &places::COUNTRY,
    &places::ASSET,
    &places::MODEL,
    &repairs::REPAIR,
    &contract::CONTRACT,
    &contract::COVERAGE,
    &rating::RATING,
    &happenings::COMMENT,
    &happenings::CHANGE,
    &happenings::ATTEMPT,
    &happenings::REJECTION,
    &happenings::SLA_ALARM,
    &happenings::PLUGIN_ANSWER,
    &incidents::INCIDENT,
    &incidents::INCIDENT_UPDATE,
    &settings::SETTINGS,
    &calendar::CALENDAR,
    &time::MOMENT,
    &time::SPAN,
    &time::WORKING_SPAN,
    &time::LOCAL_TIME,
    &collections::LIST,
    &language::TEXT,
    &language::ARRAY,
    &language::MAP,
    &language::INTEGER,
    &language::FLOAT,
];

/// Every type of the table.
#[must_use]
pub fn types() -> &'static [&'static Type] {
    TYPES
}

/// The type called `name`.
#[must_use]
pub fn find_type(name: &str) -> Option<&'static Type> {
    types().iter().copied().find(|entry| entry.name == name)
}

/// Every function of the table that stands alone.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    time::FUNCTIONS
        .iter()
        .chain(people::FUNCTIONS)
        .chain(guards::FUNCTIONS)
        .chain(search::FUNCTIONS)
        .chain(monthly_reports::FUNCTIONS)
        .chain(language::FUNCTIONS)
}

/// The module that engines share on their thread.
#[must_use]
pub fn module() -> Rc<Module> {
    let mut module = Module::new();
    for entry in types() {
        register_type(&mut module, entry);
    }
    for function in functions() {
        let types = vec![TypeId::of::<Dynamic>(); function.params.len()];
        register(&mut module, FuncRegistration::new(function.name), &types, function.run);
    }
    operators::register(&mut module);
    collections::register_iterators(&mut module);
    module.set_var("settings", settings());
    module.build_index();
    Rc::new(module)
}

/// What `settings` is in every function.
pub fn settings() -> Dynamic {
    Dynamic::from(settings::SettingsRef)
}

fn register_type(module: &mut Module, entry: &'static Type) {
    let own = (entry.id)();
    for member in entry.all() {
        match &member.shape {
            Shape::Property { get, set, .. } => {
                register(module, FuncRegistration::new_getter(member.name), &[own], *get);
                if let Some(set) = set {
                    let name = format!("set${}", member.name);
                    register(module, FuncRegistration::new(name), &[own, TypeId::of::<Dynamic>()], *set);
                }
            }
            Shape::Method { params, needed, run, .. } => {
                for count in *needed..=params.len() {
                    let mut types = vec![own];
                    types.resize(1 + count, TypeId::of::<Dynamic>());
                    register(module, FuncRegistration::new(member.name), &types, *run);
                }
            }
        }
    }
    if let Some(index) = &entry.index {
        let text = TypeId::of::<rhai::ImmutableString>();
        register(module, FuncRegistration::new_index_getter(), &[own, text], index.get);
        if let Some(set) = index.set {
            let types = [own, text, TypeId::of::<Dynamic>()];
            register(module, FuncRegistration::new("index$set$"), &types, set);
        }
    }
}

fn register(module: &mut Module, registration: FuncRegistration, types: &[TypeId], native: Native) {
    let func = move |context: Option<NativeCallContext<'_>>, args: &mut [&mut Dynamic]| -> Answer {
        let context = context.expect("natives of the table are registered as wanting their context");
        native(&mut Call::new(&context, args)?)
    };
    let func = RhaiFunc::Method { func: Rc::new(func), has_context: true, is_pure: true, is_volatile: true };
    module.set_fn_raw_with_options(registration.in_global_namespace(), types, func);
}
