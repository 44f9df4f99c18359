//! A desk that serves: nobody need read what it prints, and its numbers cover the job runner.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Place, token};

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(address: &str, path: &str, token: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The writing end of a pipe that nobody reads.
fn broken_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_desk_serves_on_when_nobody_reads_what_it_prints() {
    let place = Place::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let mut command = Command::new(env!("CARGO_BIN_EXE_naryad"));
    command.args(["serve", "--listen", &address, "--dir"]).arg(place.dir()).stdin(Stdio::null());
    command.env("NARYAD_LOG", "trace").stdout(broken_pipe()).stderr(broken_pipe());
    let mut desk = Killed(command.spawn().unwrap());
    let since = Instant::now();
    // The set-up link is printed after the desk has begun to listen: it must have got past that too.
    let says_ready =
        || get(&address, "/readyz", "x").is_ok_and(|answer| answer.starts_with("HTTP/1.1 ")).then_some(());
    while says_ready().is_none() {
        assert!(since.elapsed() < Duration::from_secs(30), "no answer: {:?}", desk.0.try_wait());
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(desk.0.try_wait().unwrap(), None, "it ended");
    assert!(says_ready().is_some());
}

#[test]
fn the_numbers_cover_the_job_runner() {
    let place = Place::new();
    let token = token(&place);
    let desk = place.serve();
    let answer = get(&desk.address, "/metrics", &token).unwrap();
    let number = |name: &str| -> u64 {
        let line = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {answer}")).parse().unwrap()
    };
    for name in ["waiting", "leased", "dead", "done_total", "retried_total", "died_total"] {
        assert_eq!(number(&format!("naryad_jobs_{name}")), 0, "{name}");
    }
    assert!(number("naryad_job_runner_wakes_total") >= 1, "{answer}");
    assert!(answer.contains("# TYPE naryad_jobs_waiting gauge"), "{answer}");
    assert!(answer.contains("# TYPE naryad_jobs_done_total counter"), "{answer}");
}

#[test]
fn a_start_removes_what_a_crash_left_of_uploads() {
    let place = Place::new();
    let _ = token(&place);
    let files = place.dir().join("files");
    std::fs::create_dir_all(&files).unwrap();
    std::fs::write(files.join("incoming-Xy12ab"), "half a photo").unwrap();
    let _desk = place.serve();
    assert!(!files.join("incoming-Xy12ab").exists());
}
