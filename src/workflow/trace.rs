//! Why: a run played again over its recorded facts, with each branch, what decided it and the values it saw.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use rhai::debugger::DebuggerCommand;
use rhai::{AST, ASTNode, Dynamic, Engine, EvalContext, Position, Scope, Stmt};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::api::text_of;
use super::engine::engine;
use super::facts::{Fact, FactError, FactKey, Facts};
use super::failure::Failure;
use super::footprint::Footprint;
use super::limits::{EXPLAIN_STEPS_MAX, EXPLAIN_WALL_MAX, Guard};
use super::occasion::Occasion;
use super::program::{Program, run};
use super::source::{Condition, Joined, Source};
use super::state::{Asked, Shared, State};
use crate::domain::TicketId;

/// Longest value that is shown, in characters.
const VALUE_CHARS_MAX: usize = 200;

/// A run explained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    pub handler: String,
    /// In the order in which things happened.
    pub steps: Vec<Step>,
    /// What was asked for; [`What::Asked`] points into it.
    pub asked: Vec<Asked>,
    pub failure: Option<Failure>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The shared module; `None`: the script itself.
    pub module: Option<String>,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// An `if`: whether its body was taken, and why.
    Branch {
        condition: String,
        /// `None`: it could not be asked again.
        is_taken: Option<bool>,
        /// Those that were looked at, in order; the last one decided.
        operands: Vec<SeenOperand>,
    },
    /// A `switch` and the value that chose its arm.
    Switch { subject: String, value: String },
    /// A function of the script was called.
    Call { function: String },
    /// A command, by its number in `asked`.
    Asked { number: usize },
}

/// One operand of a condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SeenOperand {
    pub text: String,
    /// `None`: it could not be asked again.
    pub is_true: Option<bool>,
    pub values: Vec<SeenValue>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SeenValue {
    pub text: String,
    pub value: String,
}

/// Plays a recorded run again. The program must be of the version that ran; the facts are those recorded.
/// Takes many times as long as the run: call it where somebody waits for the answer.
#[must_use]
pub fn explain(
    program: &Program,
    ticket: TicketId,
    occasion: &Occasion,
    recorded: Vec<(FactKey, Fact)>,
) -> Trace {
    explain_and_count(program, ticket, occasion, recorded, None)
}

/// The same, and counts on the way what of the script runs.
#[must_use]
pub fn explain_and_count(
    program: &Program,
    ticket: TicketId,
    occasion: &Occasion,
    recorded: Vec<(FactKey, Fact)>,
    footprint: Option<&Rc<Footprint>>,
) -> Trace {
    let guard = Rc::new(Guard::new(EXPLAIN_WALL_MAX));
    let facts = Rc::new(Recording(recorded.into_iter().collect()));
    let state = State::new(facts, program.pack().clone(), program.calendars().clone(), guard.clone(), ticket);
    let mut engine = engine(guard, &program.sources().shared);
    engine.set_default_tag(Dynamic::from(state.clone()));
    let (ast, has_statements) = program.ast();
    let recorder = Rc::new(Recorder::new(program, &engine, state.clone()));
    let (seeing, counting) = (recorder.clone(), footprint.cloned());
    watch(&mut engine, move |context, node, module, position| {
        if seeing.is_asking.get() {
            return;
        }
        seeing.see(context, node, module, position);
        if let Some(footprint) = &counting {
            footprint.see(node, module, position, context.call_level());
        }
    });
    let ran = run(&engine, ast, has_statements, &state, occasion);
    if let Some(footprint) = footprint {
        footprint.end_run(ran.asked.is_err());
    }
    let (asked, failure) = match ran.asked {
        Ok(asked) => (asked, None),
        Err(failure) => (ran.undone, Some(failure)),
    };
    recorder.note_commands(asked.len());
    let mut steps = recorder.steps.take();
    for step in &mut steps {
        // A command's own place is where it was asked for, not where the trace noticed it.
        if let What::Asked { number } = step.what
            && let Some(one) = asked.get(number)
        {
            (step.module, step.line, step.column) = (one.module.clone(), one.line, one.column);
        }
    }
    Trace { handler: ran.handler, steps, asked, failure }
}

/// Facts as a run had them.
struct Recording(BTreeMap<FactKey, Fact>);

impl Facts for Recording {
    fn read(&self, key: &FactKey) -> Result<Fact, FactError> {
        let fact = self.0.get(key).cloned();
        fact.ok_or_else(|| FactError(format!("the recording holds no {key:?}: another version ran")))
    }
}

struct Recorder {
    state: Shared,
    functions: AST,
    /// By module; empty for the script itself.
    sources: BTreeMap<String, Source>,
    steps: RefCell<Vec<Step>>,
    commands: Cell<usize>,
    is_asking: Cell<bool>,
}

/// Shows every node to `see` before it is evaluated, with the module it stands in and its place.
pub fn watch(
    engine: &mut Engine,
    see: impl Fn(&EvalContext<'_, '_, '_, '_, '_, '_>, ASTNode<'_>, &str, Position) + 'static,
) {
    #[expect(
        deprecated,
        reason = "Rhai marks its debugger as volatile; there is no other way to see branches"
    )]
    engine.register_debugger(
        |_, debugger| debugger,
        move |context, _, node, source, position| {
            see(&context, node, source.unwrap_or_default(), position);
            Ok(DebuggerCommand::StepInto)
        },
    );
}

impl Recorder {
    fn new(program: &Program, engine: &Engine, state: Shared) -> Self {
        let mut sources = BTreeMap::from([(String::new(), Source::new(engine, &program.sources().script))]);
        for (path, text) in &program.sources().shared {
            sources.insert(path.clone(), Source::new(engine, text));
        }
        let mut functions = program.ast().0.clone();
        functions.clear_statements();
        Self {
            state,
            functions,
            sources,
            steps: RefCell::default(),
            commands: Cell::new(0),
            is_asking: Cell::new(false),
        }
    }

    fn see(
        &self,
        context: &EvalContext<'_, '_, '_, '_, '_, '_>,
        node: ASTNode<'_>,
        module: &str,
        position: Position,
    ) {
        self.note_commands(self.state.asked_count());
        if self.steps.borrow().len() >= EXPLAIN_STEPS_MAX {
            return;
        }
        let condition = || self.sources.get(module).and_then(|source| source.condition(position));
        let what = match node {
            ASTNode::Stmt(Stmt::If(..)) => condition().map(|condition| self.branch(context, &condition)),
            ASTNode::Stmt(Stmt::Switch(..)) => condition().map(|condition| What::Switch {
                value: self.shown(context, &condition.text),
                subject: condition.text,
            }),
            ASTNode::Stmt(Stmt::FnCall(call, _)) | ASTNode::Expr(rhai::Expr::FnCall(call, _)) => {
                let is_own = self.functions.iter_functions().any(|own| own.name == call.name.as_str());
                is_own.then(|| What::Call { function: call.name.to_string() })
            }
            _ => None,
        };
        if let Some(what) = what {
            self.push(module, position, what);
        }
    }

    fn push(&self, module: &str, position: Position, what: What) {
        let mut steps = self.steps.borrow_mut();
        if steps.len() < EXPLAIN_STEPS_MAX {
            steps.push(Step {
                module: Some(module.to_owned()).filter(|module| !module.is_empty()),
                line: position.line().unwrap_or(0),
                column: position.position().unwrap_or(0),
                what,
            });
        }
    }

    /// Commands that were asked for since the last look.
    fn note_commands(&self, count: usize) {
        for number in self.commands.get()..count {
            self.push("", Position::NONE, What::Asked { number });
        }
        self.commands.set(count);
    }

    fn branch(&self, context: &EvalContext<'_, '_, '_, '_, '_, '_>, condition: &Condition) -> What {
        let mut operands = Vec::new();
        let mut is_taken = None;
        for operand in &condition.operands {
            let values = operand
                .sides
                .iter()
                .map(|side| SeenValue { text: side.clone(), value: self.shown(context, side) });
            let values = values.collect();
            is_taken = self.ask(context, &operand.text).and_then(|value| value.as_bool().ok());
            operands.push(SeenOperand { text: operand.text.clone(), is_true: is_taken, values });
            let decides = match condition.joined {
                Joined::ByAnd => Some(false),
                Joined::ByOr => Some(true),
            };
            if is_taken.is_none() || is_taken == decides {
                break;
            }
        }
        What::Branch { condition: condition.text.clone(), is_taken, operands }
    }

    /// The value of an expression here and now, as nothing had been asked.
    fn ask(&self, context: &EvalContext<'_, '_, '_, '_, '_, '_>, text: &str) -> Option<Dynamic> {
        let engine = context.engine();
        let mut scope: Scope<'_> = context.scope().clone();
        if !scope.contains("settings") {
            scope.push_constant("settings", super::api::settings());
        }
        let expression = engine.compile_expression_with_scope(&scope, text).ok()?;
        let together = self.functions.merge(&expression);
        self.is_asking.set(true);
        let aside = self.state.put_aside();
        let value = engine.eval_ast_with_scope::<Dynamic>(&mut scope, &together).ok();
        self.state.resume(aside);
        self.is_asking.set(false);
        value
    }

    fn shown(&self, context: &EvalContext<'_, '_, '_, '_, '_, '_>, text: &str) -> String {
        let Some(value) = self.ask(context, text) else { return "?".to_owned() };
        if value.is_unit() {
            return "()".to_owned();
        }
        let aside = self.state.put_aside();
        let words = text_of(&self.state, &value);
        self.state.resume(aside);
        let words = words.unwrap_or_else(|_| super::api::short_type(value.type_name()).to_owned());
        let cut: String = words.chars().take(VALUE_CHARS_MAX).collect();
        if value.is_string() { format!("\"{cut}\"") } else { cut }
    }
}
