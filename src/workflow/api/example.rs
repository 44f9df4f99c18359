//! Examples of the table: each a whole script that a test publishes and plays.

use super::HANDLERS;

/// A few lines that could stand in a client's script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// The handler in which the lines stand.
    pub handler: &'static str,
    pub lines: &'static str,
    /// Functions that the lines name, as they are written.
    pub functions: &'static str,
}

impl Example {
    #[must_use]
    pub const fn opened(lines: &'static str) -> Self {
        Self::on("on_opened", lines)
    }

    #[must_use]
    pub const fn on(handler: &'static str, lines: &'static str) -> Self {
        Self::with(handler, lines, "")
    }

    #[must_use]
    pub const fn with(handler: &'static str, lines: &'static str, functions: &'static str) -> Self {
        Self { handler, lines, functions }
    }

    /// `on_comment(ticket, comment)`.
    #[must_use]
    pub fn signature(&self) -> String {
        let handler = HANDLERS.iter().find(|handler| handler.name == self.handler);
        let params = handler.into_iter().flat_map(|handler| handler.params);
        let params: Vec<&str> = params.map(|param| param.name).collect();
        format!("{}({})", self.handler, params.join(", "))
    }

    /// The whole script.
    #[must_use]
    pub fn script(&self) -> String {
        let lines: Vec<String> = self.lines.lines().map(|line| format!("    {line}\n")).collect();
        let functions = if self.functions.is_empty() { "" } else { "\n" };
        format!("fn {} {{\n{}}}{functions}{}", self.signature(), lines.concat(), self.functions)
    }
}
