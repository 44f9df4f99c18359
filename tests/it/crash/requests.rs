//! What the load asks for: each request carries words that no other has, so that doubles can be counted.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use naryad::domain::{ClientId, TicketId};
use serde_json::{Value, json};

const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

/// A request by its key, which is also the words that it stores.
#[derive(Debug, Clone)]
pub struct Asked {
    pub key: String,
    pub path: String,
    pub body: String,
}

impl Asked {
    pub fn open(key: &str, client: ClientId) -> Self {
        let body = json!({ "client": client, "subject": key, "category": "receipt_jam" }).to_string();
        Self { key: key.to_owned(), path: "/api/v1/tickets".to_owned(), body }
    }

    pub fn comment(key: &str, ticket: TicketId) -> Self {
        let body = json!({ "text": key, "visibility": "internal" }).to_string();
        Self { key: key.to_owned(), path: format!("/api/v1/tickets/{ticket}/comments"), body }
    }
}

/// What was acknowledged.
#[derive(Debug, Clone)]
pub struct Answer {
    pub ticket: TicketId,
    pub number: String,
    pub version: i64,
}

pub struct Connection {
    stream: TcpStream,
    head: String,
}

impl Connection {
    pub fn open(address: SocketAddr, token: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
        let head =
            format!("Host: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n");
        Ok(Self { stream, head })
    }

    /// An error means that nobody knows what became of it.
    pub fn ask(&mut self, asked: &Asked) -> io::Result<Answer> {
        let (path, head, key, body) = (&asked.path, &self.head, &asked.key, &asked.body);
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\n{head}Idempotency-Key: {key}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.stream.write_all(request.as_bytes())?;
        let (status, body) = self.answer()?;
        assert_eq!(status, 200, "{asked:?}: {}", String::from_utf8_lossy(&body));
        let done: Value = serde_json::from_slice(&body).unwrap();
        let text = |field: &str| done[field].as_str().unwrap().to_owned();
        Ok(Answer {
            ticket: text("ticket").parse().unwrap(),
            number: text("number"),
            version: done["version"].as_i64().unwrap(),
        })
    }

    fn answer(&mut self) -> io::Result<(u16, Vec<u8>)> {
        let mut buffer = Vec::new();
        let mut part = [0; 4_096];
        loop {
            let read = match self.stream.read(&mut part) {
                // A machine that was paused: with a time limit on the socket the kernel does not go on by itself.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            buffer.extend_from_slice(&part[..read]);
            let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.expect("an answer names its length").trim().parse().unwrap();
            if buffer.len() >= end + 4 + length {
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                return Ok((status, buffer.split_off(end + 4)));
            }
        }
    }
}
