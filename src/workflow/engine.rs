//! One Rhai engine: raw, with our table alone, every limit set, nothing that reaches outside.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use rhai::{AST, Dynamic, Engine, EvalAltResult, Module, ModuleResolver, OptimizationLevel, Position, Scope};

use super::api;
use super::failure::Fault;
use super::limits::{
    ARRAY_ITEMS_MAX, CALL_DEPTH_MAX, EXPRESSION_DEPTH_MAX, FUNCTION_EXPRESSION_DEPTH_MAX, FUNCTIONS_MAX,
    Guard, MAP_ITEMS_MAX, MODULES_MAX, STRING_BYTES_MAX, VARIABLES_MAX,
};

/// The sources of `workflows/shared/`, by the path that `import` names: `shared/x`.
pub type SharedSources = BTreeMap<String, Arc<str>>;

/// Words of Rhai that scripts may not use: they run text as code, make functions out of texts, hide
/// values, or wait.
pub const FORBIDDEN_WORDS: &[&str] = &[
    "eval",
    "Fn",
    "call",
    "curry",
    "is_shared",
    "is_def_fn",
    "is_def_var",
    "print",
    "debug",
    "exit",
    "sleep",
];

thread_local! {
    // The table is large; every engine of a thread shares one copy.
    static API: Rc<Module> = api::module();
}

/// An engine that the guard watches.
#[must_use]
pub fn engine(guard: Rc<Guard>, sources: &SharedSources) -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(API.with(Rc::clone));
    limit(&mut engine);
    engine.set_module_resolver(SharedModules {
        sources: sources.clone(),
        compiled: RefCell::default(),
        loading: RefCell::default(),
    });
    engine.on_progress(move |_| guard.step().err().map(|_| Dynamic::UNIT));
    engine
}

/// An engine that reads a text that somebody is typing: it knows nothing of the table, takes names that nothing defines,
/// and runs nothing.
#[must_use]
pub fn lenient() -> Engine {
    let mut engine = Engine::new_raw();
    limit(&mut engine);
    engine.set_strict_variables(false);
    engine
}

fn limit(engine: &mut Engine) {
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_strict_variables(true);
    engine.set_max_call_levels(CALL_DEPTH_MAX);
    engine.set_max_expr_depths(EXPRESSION_DEPTH_MAX, FUNCTION_EXPRESSION_DEPTH_MAX);
    // The guard counts operations itself: Rhai's own count starts anew in a function that a native calls.
    engine.set_max_operations(0);
    engine.set_max_string_size(STRING_BYTES_MAX);
    engine.set_max_array_size(ARRAY_ITEMS_MAX);
    engine.set_max_map_size(MAP_ITEMS_MAX);
    engine.set_max_variables(VARIABLES_MAX);
    engine.set_max_functions(FUNCTIONS_MAX);
    engine.set_max_modules(MODULES_MAX);
    for word in FORBIDDEN_WORDS {
        engine.disable_symbol(*word);
    }
}

/// What is defined before a script's first line.
#[must_use]
pub fn globals() -> Scope<'static> {
    let mut scope = Scope::new();
    scope.push_constant("settings", ());
    scope
}

pub fn parse(engine: &Engine, source: &str) -> Result<AST, rhai::ParseError> {
    engine.compile_with_scope(&globals(), source)
}

fn load(engine: &Engine, path: &str, source: &str) -> Result<Module, Box<EvalAltResult>> {
    let mut ast = parse(engine, source)?;
    ast.set_source(path);
    Module::eval_ast_as_new(globals(), &ast, engine)
}

/// `import "shared/x" as x;` from memory; each module is compiled once per program.
struct SharedModules {
    sources: SharedSources,
    compiled: RefCell<BTreeMap<String, Rc<Module>>>,
    /// Paths on the way, so that two modules cannot import each other for ever.
    loading: RefCell<Vec<String>>,
}

impl ModuleResolver for SharedModules {
    fn resolve(
        &self,
        engine: &Engine,
        _source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Rc<Module>, Box<EvalAltResult>> {
        if let Some(module) = self.compiled.borrow().get(path) {
            return Ok(module.clone());
        }
        let missing = || Box::new(EvalAltResult::ErrorModuleNotFound(path.to_owned(), position));
        let source = self.sources.get(path).ok_or_else(missing)?;
        if self.loading.borrow().iter().any(|loading| loading == path) {
            let message = format!("`{path}` imports itself, directly or through others");
            return Err(Fault::refused(&message));
        }
        self.loading.borrow_mut().push(path.to_owned());
        let loaded = load(engine, path, source);
        self.loading.borrow_mut().pop();
        let module = loaded
            .map_err(|error| Box::new(EvalAltResult::ErrorInModule(path.to_owned(), error, position)))?;
        let module = Rc::new(module);
        self.compiled.borrow_mut().insert(path.to_owned(), module.clone());
        Ok(module)
    }
}
