//! Every statement of the store, and the schema as it is written, prepared on a real PostgreSQL.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use naryad::store::{self, migrations};

const START_SECONDS_MAX: u64 = 30;
/// PostgreSQL refuses to run as root; everybody has this account.
const NOBODY: u32 = 65_534;
/// What the SQLite driver binds: whole numbers, texts and nothing else.
const BOUND_TYPES: &[&str] = &["bigint", "text"];

#[test]
fn every_statement_is_postgresql_too() {
    let Some(programs) = programs() else {
        println!("skipped: postgres: no PostgreSQL server is installed");
        return;
    };
    let server = Server::start(&programs);
    let mut problems = server.refuses(&schema());
    problems.extend(server.refuses(&prepared(&store::portable_statements())));
    assert!(problems.is_empty(), "PostgreSQL refuses {}:\n{}", problems.len(), problems.join("\n"));
    let foreign = server.foreign_types(&prepared(&store::portable_statements()));
    assert!(foreign.is_empty(), "parameters that are neither bigint nor text:\n{}", foreign.join("\n"));
}

#[test]
fn the_check_finds_what_only_sqlite_takes() {
    let Some(programs) = programs() else {
        println!("skipped: postgres: no PostgreSQL server is installed");
        return;
    };
    let server = Server::start(&programs);
    let schema =
        vec![("schema".to_owned(), "create table sample (id bigint primary key, on_duty boolean)".into())];
    assert_eq!(server.refuses(&schema), Vec::<String>::new());
    let bad = [
        ("rowid", "select rowid from sample where id = ?1"),
        ("bare", "select id, max(on_duty::int) from sample"),
        ("json", "select json_extract(id, '$.a') from sample"),
        ("replace", "insert or replace into sample (id) values (?1)"),
    ];
    let refused = server.refuses(&prepared(&bad));
    assert_eq!(refused.len(), bad.len(), "{refused:?}");
    assert!(refused.iter().zip(bad).all(|(line, (name, _))| line.starts_with(name)), "{refused:?}");
    let foreign =
        server.foreign_types(&prepared(&[("truth", "update sample set on_duty = ?2 where id = ?1")]));
    assert!(
        foreign.len() == 1 && foreign[0].contains("truth") && foreign[0].contains("boolean"),
        "{foreign:?}"
    );
}

#[test]
fn parameters_are_rewritten_by_number() {
    assert_eq!(dollars("a = ?1 and b = ?12 or c = '?'"), "a = $1 and b = $12 or c = '?'");
}

/// A statement by its name.
type Named = (String, String);

fn schema() -> Vec<Named> {
    let mut all = Vec::new();
    for migration in migrations::MIGRATIONS {
        for statement in migrations::statements(migration.sql) {
            let first_line = statement.lines().next().unwrap_or_default();
            all.push((format!("{}: {first_line}", migration.name), one_line(&statement)));
        }
    }
    all
}

fn prepared(statements: &[(&str, &str)]) -> Vec<Named> {
    let prepare = |(at, (name, sql)): (usize, &(&str, &str))| {
        ((*name).to_owned(), format!("prepare s{at} as {}", dollars(&one_line(sql))))
    };
    statements.iter().enumerate().map(prepare).collect()
}

fn one_line(sql: &str) -> String {
    let bare: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or(line).trim()).collect();
    bare.join(" ")
}

/// `?1` as PostgreSQL writes it.
fn dollars(sql: &str) -> String {
    let mut written = String::with_capacity(sql.len());
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        let is_parameter = c == '?' && rest.peek().is_some_and(char::is_ascii_digit);
        written.push(if is_parameter { '$' } else { c });
    }
    written
}

/// Where the programs of the newest installed PostgreSQL are.
fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    folders.sort();
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let has_all = |folder: &&PathBuf| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file());
    folders.iter().rev().find(has_all).cloned()
}

/// A server of its own in a temporary folder, reached by a socket there.
struct Server {
    folder: tempfile::TempDir,
    process: Child,
    programs: PathBuf,
}

impl Server {
    fn start(programs: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        if is_root() {
            std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let data = folder.path().join("data");
        let mut initdb = unprivileged(&programs.join("initdb"));
        initdb.args([
            "--username=naryad",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ]);
        let made = initdb.arg(&data).output().unwrap();
        assert!(made.status.success(), "initdb failed: {}", String::from_utf8_lossy(&made.stderr));
        let process = unprivileged(&programs.join("postgres"))
            .args(["-h", "", "-c", "fsync=off", "-k"])
            .arg(folder.path())
            .arg("-D")
            .arg(&data)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let server = Self { folder, process, programs: programs.to_owned() };
        server.wait_until_it_answers();
        server
    }

    fn wait_until_it_answers(&self) {
        let until = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        while !self.psql("select 1;").status.success() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "PostgreSQL does not start: {log}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn psql(&self, input: &str) -> Output {
        let beside = self.programs.join("psql");
        let mut psql = Command::new(if beside.is_file() { beside } else { "psql".into() })
            .args([
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--no-align",
                "-U",
                "naryad",
                "-d",
                "postgres",
                "-h",
            ])
            .arg(self.folder.path())
            .args(["-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("psql comes with the server");
        let mut stdin = psql.stdin.take().unwrap();
        let input = input.to_owned();
        let feeder = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        let output = psql.wait_with_output().unwrap();
        // A psql that found no server does not read its input.
        let _ = feeder.join().unwrap();
        output
    }

    /// The statements that the server does not take, with what it says. Each is on one line of psql's input.
    fn refuses(&self, statements: &[Named]) -> Vec<String> {
        let output = self.psql(&script(statements));
        let said = String::from_utf8_lossy(&output.stderr);
        let mut problems = Vec::new();
        for line in said.lines() {
            let Some((place, message)) = line.split_once(": ERROR:") else { continue };
            let number: usize = place.rsplit(':').next().unwrap().parse().unwrap();
            problems.push(format!("{}: {}", statements[number - 1].0, message.trim()));
        }
        problems
    }

    /// The prepared statements with parameters of another type than the driver binds.
    fn foreign_types(&self, statements: &[Named]) -> Vec<String> {
        let question = "select name, parameter_types from pg_prepared_statements;";
        let output = self.psql(&format!("{}{question}", script(statements)));
        let answer = String::from_utf8(output.stdout).unwrap();
        assert_eq!(answer.lines().count(), statements.len(), "not every statement was prepared");
        let mut foreign = Vec::new();
        for line in answer.lines() {
            let (name, types) = line.split_once('|').unwrap();
            let at: usize = name[1..].parse().unwrap();
            let mut types = types.trim_matches(['{', '}']).split(',').filter(|word| !word.is_empty());
            if types.any(|word| !BOUND_TYPES.contains(&word)) {
                foreign.push(format!("{}: {line}", statements[at].0));
            }
        }
        foreign
    }
}

fn script(statements: &[Named]) -> String {
    statements.iter().fold(String::new(), |mut script, (_, sql)| {
        writeln!(script, "{sql};").unwrap();
        script
    })
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is thrown away with its folder, so that it need not stop in good order.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}
