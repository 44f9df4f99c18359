//! The usual form of a script: what it looks like, and that nothing but white space changes.

use std::path::{Path, PathBuf};

use naryad::workflow::editing::{Unformatted, format};
use naryad::workflow::{Known, check};

use super::desk::pack;
use crate::simulation::random::Random;

/// Unformatted, formatted.
const CASES: &[(&str, &str)] = &[
    ("fn  a( t ){t.b( 1,2 );}", "fn a(t) { t.b(1, 2); }\n"),
    ("fn a(t)\n{\nif t.x{\nt.y( );\n}\n}", "fn a(t) {\n    if t.x {\n        t.y( );\n    }\n}\n"),
    ("fn a() {}\nfn b() {}\n// c\nfn c() {}", "fn a() {}\n\nfn b() {}\n\n// c\nfn c() {}\n"),
    ("fn a() {\n\n\n  x();\n\n\n\n  y();\n\n}\n\n\n\n", "fn a() {\n    x();\n\n    y();\n}\n"),
    ("let a=1+2*-x;let b=!c&&d||e;", "let a = 1 + 2 * -x; let b = !c && d || e;\n"),
    (
        "t.call(\"x\",#{a:1,\nb:[1,\n2]})\n.then(\"y\",#{\nz:1\n})\n;",
        "t.call(\"x\", #{ a: 1,\n    b: [1,\n        2] })\n    .then(\"y\", #{\n        z: 1\n    });\n",
    ),
    ("t.dispatch(#{\ncity:t.city,\n});", "t.dispatch(#{\n    city: t.city,\n});\n"),
    (
        "switch x{\n\"a\"|\"b\"=>1,\n\"c\" if y=>{\nz()\n}\n_=>{}\n}",
        "switch x {\n    \"a\" | \"b\" => 1,\n    \"c\" if y => {\n        z()\n    }\n    _ => {}\n}\n",
    ),
    ("xs.filter(|x|x.open&&x.y!=())", "xs.filter(|x| x.open && x.y != ())\n"),
    ("if a\n&&b{c();}\nelse{d();}", "if a\n    && b { c(); }\nelse { d(); }\n"),
    ("let x =\ny +\nz;", "let x =\n    y +\n    z;\n"),
    ("x();   // why  \n/* a\n   b */\ny();", "x();   // why\n/* a\n   b */\ny();\n"),
    ("let s = `a  ${ b+c }  d`;let t=\"x  y\";", "let s = `a  ${ b+c }  d`; let t = \"x  y\";\n"),
    ("for i in 0..5{ }\nlet e=#{ };let f=[ ];", "for i in 0..5 {}\nlet e = #{}; let f = [];\n"),
    ("import\"shared/x\"as x;x::y( 1 );a?.b??c;", "import \"shared/x\" as x; x::y(1); a?.b ?? c;\n"),
    ("fn a() {\n// only this\n}", "fn a() {\n    // only this\n}\n"),
    ("fn a() {\r\n\tx();\r\n}", "fn a() {\n    x();\n}\n"),
    ("a !in b; a - -1; a -1; - 1", "a !in b; a - -1; a - 1; - 1\n"),
    ("", ""),
    ("// alone", "// alone\n"),
];

#[test]
fn scripts_get_their_usual_form() {
    for (text, expected) in CASES {
        let formatted = format(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(formatted, *expected, "of {text}");
        assert_eq!(format(&formatted).unwrap(), formatted, "the second time, of {text}");
    }
}

#[test]
fn brackets_that_do_not_fit_are_left_alone() {
    let place = |text: &str| format(text).map_err(|why: Unformatted| (why.code(), why.place()));
    assert_eq!(place("fn a() {\n  b(;\n}"), Err(("never_closed", (2, 4))));
    assert_eq!(place("fn a() {\n"), Err(("never_closed", (1, 8))));
    assert_eq!(place("a();\n}"), Err(("never_opened", (2, 1))));
    assert_eq!(place("let a = \"x;\n"), Err(("never_closed", (1, 9))));
    assert_eq!(place("a();\n/* b"), Err(("never_closed", (2, 1))));
    assert_eq!(place(&" ".repeat(300 * 1024)), Err(("script_too_long", (0, 0))));
}

fn scripts_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            scripts_below(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rhai") {
            found.push(path);
        }
    }
}

fn scripts(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    scripts_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    found.sort();
    let read = |path: PathBuf| (path.clone(), std::fs::read_to_string(path).unwrap());
    found.into_iter().map(read).collect()
}

#[test]
fn the_packs_that_come_with_the_desk_are_in_their_usual_form() {
    let packs = scripts("workflows");
    assert!(packs.len() >= 8, "{} scripts", packs.len());
    for (path, text) in packs {
        let formatted = format(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        assert!(formatted == text, "run `naryad workflow fmt` on {}", path.display());
    }
}

#[test]
fn scripts_of_any_form_mean_the_same_afterwards() {
    for (path, text) in scripts("tests/it/workflow") {
        let Ok(formatted) = format(&text) else { panic!("{} is not formatted", path.display()) };
        assert_eq!(format(&formatted).unwrap(), formatted, "the second time, of {}", path.display());
        let codes = |text: &str| -> Vec<String> {
            check(text, &pack(), &Known::default()).into_iter().map(|finding| finding.code).collect()
        };
        assert_eq!(codes(&text), codes(&formatted), "{}", path.display());
    }
}

/// Blanks between the pieces of real scripts are torn apart and taken away by chance.
#[test]
fn whatever_the_blanks_were_the_form_is_the_same_words() {
    let seed = std::env::var("TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    println!("TEST_SEED={seed} repeats this run");
    let mut random = Random::new(seed);
    let texts: Vec<String> = scripts("workflows").into_iter().map(|(_, text)| text).collect();
    for round in 0..60 {
        let text = &texts[round % texts.len()];
        let torn = torn(text, &mut random);
        let formatted = format(&torn).unwrap_or_else(|why| panic!("{why:?} of\n{torn}"));
        assert_eq!(format(&formatted).unwrap(), formatted, "the second time, of\n{torn}");
        let words = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(words(&torn), words(&formatted));
    }
}

/// More blanks where some are, also line ends where no comment and no text stands near.
fn torn(text: &str, random: &mut Random) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let is_plain = !line.contains("//") && !line.contains(['"', '`']);
        for letter in line.chars() {
            out.push(letter);
            let is_seam = is_plain && matches!(letter, ' ' | ',' | ';' | '{' | '}' | '(' | ')');
            if is_seam && random.below(6) == 0 {
                out.push_str(["  ", "\t", "\n", " \n\n  "][random.below(4)]);
            }
        }
        (0..=random.below(3)).for_each(|_| out.push('\n'));
    }
    out
}
