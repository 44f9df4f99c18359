//! A script's text as tokens: what the syntax tree forgets, such as the literals of a switch's arms.

use std::rc::Rc;
use std::sync::Arc;

use rhai::{Engine, Position, Token};

/// A text that stands in the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// Shared: a check copies the values that it follows at every turn.
    pub text: Rc<str>,
    pub position: Position,
}

/// A condition as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub text: String,
    pub joined: Joined,
    pub operands: Vec<Operand>,
}

/// A part of a condition between `&&` or `||`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operand {
    pub text: String,
    /// What stands on both sides of its comparison or behind its `!`, without plain literals.
    pub sides: Vec<String>,
}

/// How the operands of a condition hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    ByAnd,
    ByOr,
}

/// A lexed script.
#[derive(Debug)]
pub struct Source {
    text: Arc<str>,
    tokens: Vec<(Token, Position)>,
    /// Byte offset at which each line begins.
    lines: Vec<usize>,
}

impl Source {
    #[must_use]
    pub fn new(engine: &Engine, text: &str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text: text.into(), tokens: lex(engine, text), lines }
    }

    /// Everything but white space and comments, in the order of the text.
    #[must_use]
    pub fn tokens(&self) -> &[(Token, Position)] {
        &self.tokens
    }

    /// Where the function is named whose body begins at `body`.
    #[must_use]
    pub fn function_name(&self, name: &str, body: Position) -> Position {
        self.functions_called(name).filter(|at| *at < body).max().unwrap_or(body)
    }

    /// Where functions of this name are named, in the order of the text.
    pub fn functions_called(&self, name: &str) -> impl Iterator<Item = Position> {
        let pairs =
            self.tokens.windows(2).filter(move |pair| pair[0].0 == Token::Fn && is_name(&pair[1].0, name));
        pairs.map(|pair| pair[1].1)
    }

    /// What stands at the place.
    #[must_use]
    pub fn token_at(&self, position: Position) -> Option<&Token> {
        self.tokens.iter().find(|(_, at)| *at == position).map(|(token, _)| token)
    }

    /// Whether the script has a variable or a parameter of this name somewhere.
    #[must_use]
    pub fn defines(&self, name: &str) -> bool {
        let begins = |token: &Token| matches!(token, Token::Let | Token::Const | Token::For);
        let is_variable = self.tokens.windows(2).any(|pair| begins(&pair[0].0) && is_name(&pair[1].0, name));
        is_variable || self.parameters().any(|parameter| parameter == name)
    }

    /// Names between the brackets behind each `fn name`.
    fn parameters(&self) -> impl Iterator<Item = &str> {
        let starts = self.tokens.iter().enumerate().filter(|(_, (token, _))| *token == Token::Fn);
        starts
            .flat_map(|(at, _)| {
                let inside = self.tokens[at..].iter().map(|(token, _)| token);
                inside
                    .skip_while(|token| **token != Token::LeftParen)
                    .take_while(|token| **token != Token::RightParen)
            })
            .filter_map(|token| match token {
                Token::Identifier(name) => Some(name.as_str()),
                _ => None,
            })
    }

    /// Every name that the script writes, for "did you mean".
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|(token, _)| match token {
            Token::Identifier(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Every text that the script writes, also around `${…}`.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|(token, _)| match token {
            Token::StringConstant(text) | Token::InterpolatedString(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The texts among the arms of the `switch` at `position`.
    #[must_use]
    pub fn switch_literals(&self, position: Position) -> Vec<Literal> {
        let Some(at) = self.index_of(position, &Token::Switch) else { return Vec::new() };
        let Some(open) = self.block_after(at + 1) else { return Vec::new() };
        let (mut depth, mut in_pattern, mut literals) = (0_usize, true, Vec::new());
        for index in open..self.tokens.len() {
            let (token, place) = &self.tokens[index];
            match token {
                _ if opens(token) => depth += 1,
                _ if closes(token) => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                    // An arm that is a block needs no comma behind it.
                    if depth == 1 && *token == Token::RightBrace && self.begins_pattern(index + 1) {
                        in_pattern = true;
                    }
                }
                // `"x" if condition =>`: what stands in the condition is no arm.
                Token::DoubleArrow | Token::If if depth == 1 => in_pattern = false,
                Token::Comma if depth == 1 => in_pattern = true,
                Token::StringConstant(text) if depth == 1 && in_pattern => {
                    literals.push(Literal { text: text.as_str().into(), position: *place });
                }
                _ => {}
            }
        }
        literals
    }

    /// The condition of the `if`, `while` or `switch` at `position`.
    #[must_use]
    pub fn condition(&self, position: Position) -> Option<Condition> {
        let at = [Token::If, Token::While, Token::Switch]
            .iter()
            .find_map(|token| self.index_of(position, token))?;
        let end = self.block_after(at + 1)?;
        let (mut depth, mut start, mut joined) = (0_usize, at + 1, None);
        let mut operands = Vec::new();
        for index in at + 1..end {
            let token = &self.tokens[index].0;
            let link = match token {
                _ if opens(token) => {
                    depth += 1;
                    None
                }
                _ if closes(token) => {
                    depth -= 1;
                    None
                }
                Token::And if depth == 0 => Some(Joined::ByAnd),
                Token::Or if depth == 0 => Some(Joined::ByOr),
                _ => None,
            };
            match (link, joined) {
                (Some(link), Some(before)) if link != before => return self.whole(at + 1, end),
                (Some(link), _) => {
                    joined = Some(link);
                    operands.push(self.operand(start, index)?);
                    start = index + 1;
                }
                (None, _) => {}
            }
        }
        operands.push(self.operand(start, end)?);
        let text = self.slice(at + 1, end)?;
        Some(Condition { text, joined: joined.unwrap_or(Joined::ByAnd), operands })
    }

    /// `&&` and `||` mixed without brackets: one operand.
    fn whole(&self, from: usize, to: usize) -> Option<Condition> {
        let text = self.slice(from, to)?;
        let operand = Operand { text: text.clone(), sides: Vec::new() };
        Some(Condition { text, joined: Joined::ByAnd, operands: vec![operand] })
    }

    fn operand(&self, from: usize, to: usize) -> Option<Operand> {
        let text = self.slice(from, to)?;
        let (mut depth, mut compared) = (0_usize, Vec::new());
        for index in from..to {
            let token = &self.tokens[index].0;
            if opens(token) {
                depth += 1;
            } else if closes(token) {
                depth = depth.checked_sub(1)?;
            } else if depth == 0 && compares(token) {
                compared.push(index);
            }
        }
        let ranges = match compared.as_slice() {
            [at] => vec![(from, *at), (at + 1, to)],
            _ if self.tokens[from].0 == Token::Bang => vec![(from + 1, to)],
            _ => vec![(from, to)],
        };
        // A literal says its own value, and the whole is shown as true or false.
        let worth_showing = |range: &(usize, usize)| {
            *range != (from, to) && !self.tokens[range.0..range.1].iter().all(|(token, _)| is_plain(token))
        };
        let sides = ranges.into_iter().filter(worth_showing);
        let sides = sides.map(|(from, to)| self.slice(from, to));
        Some(Operand { text, sides: sides.collect::<Option<Vec<String>>>()? })
    }

    /// The text of the tokens from one to before another.
    fn slice(&self, from: usize, to: usize) -> Option<String> {
        let (start, end) = (self.offset(self.tokens.get(from)?.1)?, self.offset(self.tokens.get(to)?.1)?);
        Some(self.text.get(start..end)?.trim().to_owned())
    }

    fn offset(&self, position: Position) -> Option<usize> {
        let line = self.lines.get(position.line()?.checked_sub(1)?)?;
        let column = position.position()?.checked_sub(1)?;
        let rest = self.text.get(*line..)?;
        let within = rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at);
        Some(line + within)
    }

    fn index_of(&self, position: Position, token: &Token) -> Option<usize> {
        self.tokens.iter().position(|(found, at)| *at == position && found == token)
    }

    /// The `{` of the block that follows, past brackets and maps.
    fn block_after(&self, from: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for index in from..self.tokens.len() {
            let token = &self.tokens[index].0;
            if depth == 0 && *token == Token::LeftBrace {
                return Some(index);
            }
            if opens(token) {
                depth += 1;
            } else if closes(token) {
                depth = depth.checked_sub(1)?;
            }
        }
        None
    }

    fn begins_pattern(&self, index: usize) -> bool {
        let token = self.tokens.get(index).map(|(token, _)| token);
        matches!(
            token,
            Some(
                Token::StringConstant(_)
                    | Token::IntegerConstant(_)
                    | Token::CharConstant(_)
                    | Token::True
                    | Token::False
                    | Token::Underscore
                    | Token::Unit
            )
        )
    }
}

/// Where the script writes a text that is exactly this one: lines and columns, from 1.
#[must_use]
pub fn places_of_text(script: &str, wanted: &str) -> Vec<(usize, usize)> {
    if !script.contains(wanted) {
        return Vec::new();
    }
    let source = Source::new(&Engine::new_raw(), script);
    let is_it = |token: &Token| matches!(token, Token::StringConstant(text) if text.as_str() == wanted);
    let found = source.tokens.iter().filter(|(token, _)| is_it(token));
    found.filter_map(|(_, place)| place.line().zip(place.position())).collect()
}

fn is_name(token: &Token, name: &str) -> bool {
    matches!(token, Token::Identifier(found) if found.as_str() == name)
}

fn compares(token: &Token) -> bool {
    matches!(
        token,
        Token::EqualsTo
            | Token::NotEqualsTo
            | Token::LessThan
            | Token::LessThanEqualsTo
            | Token::GreaterThan
            | Token::GreaterThanEqualsTo
            | Token::In
            | Token::NotIn
    )
}

/// A literal, or what an array of literals is made of.
fn is_plain(token: &Token) -> bool {
    matches!(
        token,
        Token::StringConstant(_)
            | Token::IntegerConstant(_)
            | Token::FloatConstant(_)
            | Token::CharConstant(_)
            | Token::True
            | Token::False
            | Token::Unit
            | Token::LeftBracket
            | Token::RightBracket
            | Token::Comma
    )
}

fn opens(token: &Token) -> bool {
    matches!(
        token,
        Token::LeftBrace | Token::LeftParen | Token::LeftBracket | Token::MapStart | Token::QuestionBracket
    )
}

fn closes(token: &Token) -> bool {
    matches!(token, Token::RightBrace | Token::RightParen | Token::RightBracket)
}

/// The tokens; inside `` `…${…}…` `` the lexer must be told when the text goes on.
fn lex(engine: &Engine, text: &str) -> Vec<(Token, Position)> {
    let texts = [text];
    let (stream, control) = engine.lex(&texts);
    let (mut tokens, mut depth, mut texts_open) = (Vec::new(), 0_usize, Vec::new());
    for (token, position) in stream {
        match &token {
            Token::EOF => break,
            Token::InterpolatedString(_) => texts_open.push(depth),
            Token::LeftBrace | Token::MapStart => depth += 1,
            Token::RightBrace => {
                depth = depth.saturating_sub(1);
                if texts_open.last() == Some(&depth) {
                    texts_open.pop();
                    control.borrow_mut().is_within_text = true;
                }
            }
            _ => {}
        }
        tokens.push((token, position));
    }
    tokens
}
