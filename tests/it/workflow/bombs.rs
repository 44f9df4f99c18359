//! Scripts that mean harm, or are written badly: each ends in a failure, soon, and the process lives.

use std::time::{Duration, Instant};

use naryad::workflow::{FailureKind, Finding, Known, Occasion, Sources, check, compile, on_script_stack};

use super::desk::*;

/// A bomb must be over by then, in a debug build on a busy machine.
const BOMB_MAX: Duration = Duration::from_secs(20);
/// What a run may hold at its worst: the budget, and one operation that doubles it.
const MEMORY_BYTES_WORST: u64 = 3 * 32 * 1024 * 1024;

use FailureKind::{Script, TooBig, TooDeep, TooManyCommands, TooManyOperations, TooMuchMemory, TooSlow};

/// Runs `body` as the whole of `on_opened`, between some functions that bombs use.
fn explode(name: &str, body: &str, allowed: &[FailureKind]) {
    let script = format!(
        "fn recurse(n) {{ recurse(n + 1) }}
         fn long() {{ let s = \"0123456789abcdef\"; for i in 0..11 {{ s += s; }} s }}
         fn hoard(n) {{ let s = long(); let a = s + n; let b = s + n + 1; let c = s + n + 2; hoard(n + 1); a + b + c }}
         fn through(x) {{ [x].map(|y| through(y)) }}
         fn on_opened(ticket) {{ {body} }}"
    );
    let started = Instant::now();
    let run = runs(&script, &Occasion::Opened, &Desk::default());
    let failure = run.asked.expect_err(name);
    assert!(allowed.contains(&failure.kind), "{name}: {failure:?} after {} operations", run.operations);
    assert!(started.elapsed() < BOMB_MAX, "{name} took {:?}", started.elapsed());
    assert!(run.memory_bytes_peak < MEMORY_BYTES_WORST, "{name} held {} bytes", run.memory_bytes_peak);
    assert!(!failure.message.is_empty());
}

#[test]
fn endless_loops_stop() {
    for (name, body) in [
        ("loop", "loop { }"),
        ("while", "while true { }"),
        ("do", "do { } while true;"),
        ("range", "for i in 0..9223372036854775807 { }"),
        ("inclusive range", "for i in 0..=9223372036854775806 { }"),
        ("caught", "loop { try { loop { } } catch { } }"),
        ("caught outside", "try { loop { } } catch { ticket.note(\"still here\"); }"),
        ("filter", "loop { [1, 2, 3].filter(|x| x > 1); }"),
    ] {
        explode(name, body, &[TooManyOperations, TooSlow]);
    }
}

#[test]
fn slow_natives_stop() {
    explode(
        "working time",
        "let i = 0; loop { let at = now() + working(days(366)); i += 1; }",
        &[TooManyOperations, TooSlow],
    );
    explode(
        "search",
        "let s = long(); let a = s + \"a\"; loop { let x = s.contains(a); let y = s.len(); }",
        &[TooManyOperations, TooSlow],
    );
}

#[test]
fn deep_recursion_stops() {
    for (name, body) in [
        ("function", "recurse(0)"),
        ("through natives", "through(1)"),
        ("caught", "try { recurse(0) } catch { recurse(0) }"),
    ] {
        explode(name, body, &[TooDeep]);
    }
    explode("hoarding", "hoard(0)", &[TooDeep, TooMuchMemory, TooBig]);
}

#[test]
fn texts_stop_growing() {
    for (name, body) in [
        ("doubling", "let s = \"x\"; loop { s += s; }"),
        ("sum", "let s = \"x\"; loop { s = s + s; }"),
        ("with a number", "let s = \"x\"; loop { s = s + 1 + s; }"),
        ("interpolation", "let s = \"x\"; loop { s = `${s}${s}`; }"),
        ("replace", "let s = long(); loop { s = s.replace(\"0\", s); }"),
        ("upper", "let s = \"ŉ\"; loop { s = s.to_upper() + s; }"),
        ("join", "let s = long(); loop { s = [s, s, s].join(s); }"),
        (
            "array in words",
            "let a = []; let s = long(); a.push(s); a.push(s); a.push(s); let t = \"\" + a; loop { t += a; }",
        ),
        ("map in words", "let m = #{}; let i = 0; loop { m[\"k\" + i] = long(); i += 1; let t = \"\" + m; }"),
    ] {
        explode(name, body, &[TooBig]);
    }
}

#[test]
fn arrays_stop_growing() {
    for (name, body) in [
        ("push", "let a = []; loop { a.push(1); }"),
        ("doubling", "let a = [1]; loop { a += a; }"),
        ("one more", "let a = [1]; loop { a += 1; }"),
        ("nested literal", "let a = [1, 2, 3]; loop { a = [a, a, a]; }"),
        ("split", "let s = long(); s.split(\"0\").map(|x| x.split(\"\"))"),
        ("split far", "let s = long(); s.split(\"0\")"),
    ] {
        explode(name, body, &[TooBig, FailureKind::Refused]);
    }
    for (name, body) in [
        ("itself inside", "let a = [0, 0]; loop { a[0] = a; a[1] = a; }"),
        ("itself pushed", "let a = [0]; loop { let b = a; a.push(b); a.push(b); }"),
        ("ever deeper", "let a = [0]; loop { a[0] = a; }"),
        ("ever deeper by literal", "let a = []; loop { a = [a]; }"),
        ("mapped", "let a = [1]; loop { a = [a.map(|x| [x, x]), a]; }"),
    ] {
        explode(name, body, &[TooBig, TooMuchMemory, TooManyOperations, TooSlow]);
    }
}

#[test]
fn maps_stop_growing() {
    let any = &[TooBig, TooMuchMemory, TooManyOperations, TooSlow];
    for (name, body) in [
        ("keys", "let m = #{}; let i = 0; loop { m[\"k\" + i] = i; i += 1; }"),
        ("long values", "let m = #{}; let s = long(); let i = 0; loop { m[\"k\" + i] = s + i; i += 1; }"),
        ("long keys", "let m = #{}; let s = long(); let i = 0; loop { m[s + i] = i; i += 1; }"),
        ("itself inside", "let m = #{ a: 0, b: 0 }; loop { m.a = m; m.b = m; }"),
        ("ever deeper", "let m = #{}; loop { m.a = m; }"),
        (
            "copied",
            "let m = #{}; let s = long(); for i in 0..90 { m[\"k\" + i] = s + i; } let n = #{}; for i in 0..1000000 { n[\"k\" + i] = m; }",
        ),
    ] {
        explode(name, body, any);
    }
}

#[test]
fn variables_calls_and_commands_stop() {
    explode("commands", "loop { ticket.note(\"x\"); }", &[TooManyCommands]);
    explode("caught commands", "loop { try { ticket.note(\"x\"); } catch { } }", &[TooManyCommands]);
    explode("setters and commands", "loop { ticket.urgent = true; ticket.note(\"x\"); }", &[TooManyCommands]);
    explode("setters", "loop { ticket.urgent = true; }", &[TooManyOperations, TooSlow]);
    let many = |count: usize| {
        let lines: Vec<String> = (0..count).map(|i| format!("let v{i} = {i};")).collect();
        lines.join(" ")
    };
    explode("variables", &many(201), &[Script, TooBig]);
    explode("overflow", "let x = 9223372036854775807; x += 1;", &[Script]);
    explode("division", "let x = 0; 1 / x", &[Script]);
    explode(
        "a number turned",
        "let x = -9223372036854775807 - 1; let y = -x;",
        &[FailureKind::Refused, Script],
    );
    explode("power", "let x = 10 ** 1000000000;", &[Script]);
    explode("shift", "let x = 1 << 1000000000; loop {}", &[Script, TooManyOperations, TooSlow]);
}

/// Compiles and runs when it compiles; only the process must live, and soon.
fn survive(name: &str, script: &str) -> bool {
    let started = Instant::now();
    let findings = check(script, &pack(), &Known::default());
    let compiles = findings.is_empty();
    if compiles && script.contains("fn on_opened(ticket)") {
        let run = runs(script, &Occasion::Opened, &Desk::default());
        assert!(run.memory_bytes_peak < MEMORY_BYTES_WORST, "{name} held {} bytes", run.memory_bytes_peak);
    }
    assert!(started.elapsed() < BOMB_MAX, "{name} took {:?}", started.elapsed());
    compiles
}

/// As large as the worst that anybody pastes.
const SOURCE_BYTES: usize = 64 * 1024;

fn repeated(piece: &str) -> String {
    piece.repeat(SOURCE_BYTES / piece.len())
}

#[test]
fn brackets_without_end_are_findings() {
    for piece in [
        "(",
        "[",
        "{",
        "#{a:",
        "((",
        "[[",
        "!",
        "-",
        "!-",
        "f(",
        "x.f(",
        "a[",
        "if true {",
        "while true {",
        "loop {",
        "do {",
        "for x in 0..2 {",
        "switch 1 { 1 => ",
        "|x| ",
        "|| {",
        "fn f() {",
        "try {",
        "`${",
        "let x = ",
        "return ",
        "throw ",
        "1 + (",
        "a.b(",
        "()(",
        "x = ",
        "import ",
        "#",
        "::",
        "?.",
        "=>",
        "a ?? (",
        "else ",
        "if a {} else if ",
        "const x = ",
    ] {
        let bare = survive(piece, &repeated(piece));
        let inside = survive(piece, &format!("fn on_opened(ticket) {{ {} }}", repeated(piece)));
        assert!(!bare && !inside, "{piece} compiled");
    }
}

#[test]
fn long_chains_are_survived() {
    for (name, piece, end) in [
        ("sum", "1 + ", "1"),
        ("and", "true && ", "true"),
        ("or", "false || ", "true"),
        ("coalesce", "() ?? ", "1"),
        ("text", "\"a\" + ", "\"b\""),
        ("power", "1 ** ", "1"),
        ("compare", "1 == ", "1"),
        ("range", "0..", "1"),
        ("statements", "let a = 1; ", ""),
        ("blocks", "{ } ", ""),
        ("ifs", "if ticket.urgent { } ", ""),
        ("else ifs", "if ticket.urgent { } else ", "{ }"),
        ("items", "[1], ", "1"),
    ] {
        let body = repeated(piece) + end;
        survive(name, &format!("fn on_opened(ticket) {{ {body} }}"));
        survive(name, &format!("fn on_opened(ticket) {{ let x = [{body}]; }}"));
        survive(name, &format!("fn on_opened(ticket) {{ ticket.note({body}); }}"));
        survive(name, &body);
    }
    survive("quotes", &repeated("\""));
    survive("back quotes", &repeated("`"));
    survive("comment", &repeated("/*"));
    survive("dots", &format!("fn on_opened(ticket) {{ ticket{} }}", repeated(".client")));
    survive("indices", &format!("fn on_opened(ticket) {{ let a = []; a{} }}", repeated("[0]")));
    survive("methods", &format!("fn on_opened(ticket) {{ \"a\"{} }}", repeated(".trim()")));
    survive("functions", &(0..3_000).map(|i| format!("fn f{i}() {{ }}\n")).collect::<String>());
    survive("params", &format!("fn f({}) {{ }}", (0..3_000).map(|i| format!("a{i},")).collect::<String>()));
    survive(
        "switch",
        &format!(
            "fn on_opened(ticket) {{ switch 1 {{ {} }} }}",
            (0..3_000).map(|i| format!("{i} => 1,")).collect::<String>()
        ),
    );
}

#[test]
fn huge_literals_are_findings() {
    let text = "x".repeat(100 * 1024);
    assert!(!survive("text", &format!("fn on_opened(ticket) {{ ticket.note(\"{text}\"); }}")));
    let items = "1,".repeat(20_000);
    assert!(!survive("array", &format!("fn on_opened(ticket) {{ let a = [{items}]; }}")));
    let entries: String = (0..5_000).map(|i| format!("k{i}: 1,")).collect();
    assert!(!survive("map", &format!("fn on_opened(ticket) {{ let m = #{{ {entries} }}; }}")));
    assert!(!survive("file", &"// long\n".repeat(64 * 1024)));
    survive("number", &format!("fn on_opened(ticket) {{ let n = {}; }}", "9".repeat(60_000)));
}

#[test]
fn words_that_reach_outside_are_findings() {
    for (name, body) in [
        ("eval", "eval(\"1\")"),
        ("a function by name", "let f = Fn(\"recurse\");"),
        ("a chain of closures", "let f = |x| x; loop { f = f.curry(f); }"),
        ("a call", "let f = |x| x; f.call(1)"),
        ("a capture", "let n = 1; let f = |x| x + n;"),
        ("print", "print(\"x\")"),
        ("debug", "debug(\"x\")"),
        ("sleep", "sleep(10)"),
        ("exit", "exit(1)"),
        ("clock", "timestamp()"),
        ("blob", "let b = blob(1000000000, 1);"),
        ("padding", "let a = []; a.pad(1000000000, 0);"),
        ("random", "rand()"),
        ("a file", "import \"/etc/passwd\" as secrets;"),
        ("a file beside", "import \"../x\" as x;"),
        ("a sealed value", "let x = 1; is_shared(x)"),
    ] {
        let script = format!("fn recurse(n) {{ n }}\nfn on_opened(ticket) {{ {body} }}");
        let findings = check(&script, &pack(), &Known::default());
        assert!(findings.iter().any(Finding::is_error), "{name} was taken");
    }
}

#[test]
fn a_failed_run_leaves_the_thread_and_the_program_usable() {
    let script = "fn on_opened(ticket) { loop { } } fn on_closed(ticket) { ticket.note(\"fine\"); }";
    on_script_stack(|| {
        let program = program(script);
        for _ in 0..3 {
            let facts = || std::rc::Rc::new(Desk::default());
            let bad = naryad::workflow::decide(&program, TICKET, &Occasion::Opened, facts());
            assert!(bad.asked.is_err());
            let good = naryad::workflow::decide(&program, TICKET, &Occasion::Closed, facts());
            assert_eq!(good.asked.map(|asked| asked.len()), Ok(1));
        }
    });
}

#[test]
fn a_run_over_its_wall_time_is_too_slow() {
    let script = "fn on_opened(ticket) { let n = 0; loop { n += 1; } }";
    let failure = on_script_stack(|| {
        let program = compile(Sources::alone(script), pack(), Duration::from_micros(100)).unwrap();
        let facts = std::rc::Rc::new(Desk::default());
        naryad::workflow::decide(&program, TICKET, &Occasion::Opened, facts).asked.unwrap_err()
    });
    assert_eq!(failure.kind, TooSlow);
}

#[test]
fn explaining_a_bomb_ends_too() {
    for body in [
        "let n = 0; loop { if ticket.urgent || n > 0 { n += 1; } else { n -= 1; } }",
        "fn_deep(ticket, 0)",
        "let s = \"x\"; loop { if s.len() > 0 { s += s; } }",
    ] {
        let script = format!(
            "fn fn_deep(ticket, n) {{ if fn_deep(ticket, n + 1) && ticket.urgent {{ }} true }}
             fn on_opened(ticket) {{ {body} }}"
        );
        let started = Instant::now();
        let trace = on_script_stack(|| {
            let program = program(&script);
            let facts = std::rc::Rc::new(Desk::default());
            let run = naryad::workflow::decide(&program, TICKET, &Occasion::Opened, facts);
            assert!(run.asked.is_err(), "{body}");
            naryad::workflow::explain(&program, TICKET, &Occasion::Opened, run.facts)
        });
        assert!(trace.failure.is_some(), "{body}");
        assert!(started.elapsed() < BOMB_MAX, "{body} took {:?}", started.elapsed());
    }
}
