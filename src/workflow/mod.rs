//! Rhai: facts in, commands out; no I/O, no clock but the facts' own.
pub mod allocation;
pub mod facts;
pub mod failure;
pub mod limits;
pub mod occasion;
use crate::domain::{TicketId, command::Command, pack::Pack};
pub use failure::*;
pub use occasion::Occasion;
use std::{rc::Rc, sync::Arc, time::Duration};
pub struct Program;
impl Program {
    pub fn has_handler(&self, _o: &Occasion) -> bool {
        false
    }
}
#[derive(Debug)]
pub struct Finding;
impl std::fmt::Display for Finding {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
impl Finding {
    pub fn is_error(&self) -> bool {
        true
    }
}
pub fn check(_s: &str, _p: &Pack) -> Vec<Finding> {
    vec![]
}
pub fn compile(_s: &str, _p: Arc<Pack>, _w: Duration) -> Result<Program, Vec<Finding>> {
    Ok(Program)
}
pub struct Asked {
    pub command: Command,
    pub line: usize,
}
pub struct Run {
    pub handler: String,
    pub asked: Result<Vec<Asked>, String>,
    pub facts: Vec<(facts::FactKey, facts::Fact)>,
    pub operations: u64,
    pub elapsed: Duration,
}
pub fn decide(_p: &Program, _t: TicketId, _o: &Occasion, _f: Rc<dyn facts::Facts>) -> Run {
    unreachable!()
}
