//! Proxies, a sub-path, a certificate of its own, slow and silent clients.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use naryad::commands::passwords;
use naryad::domain::command::Command;
use naryad::domain::person::Role;
use naryad::http::{Settings, Tls, TlsError};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::json;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring};

use super::Site;

const PASSWORD: &str = "correct horse battery";

fn certificate(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls").join(file)
}

fn with_password(site: &Site) {
    let person = site.desk.somebody("olga", Role::Operator, None).id;
    site.desk.does(Command::SetPassword { person, hash: passwords::hash(PASSWORD) }).unwrap();
}

fn login(site: &Site) -> super::Ask {
    site.ask("POST", "/api/v1/session").json(&json!({ "login": "olga", "password": PASSWORD }))
}

#[test]
fn only_a_trusted_proxy_says_who_asks() {
    let trusting = Settings { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..Settings::default() };
    for (settings, address, secure) in
        [(trusting, "203.0.113.9", true), (Settings::default(), "127.0.0.1", false)]
    {
        let site = Site::with(settings, None);
        with_password(&site);
        let ask = login(&site)
            .header("X-Forwarded-For", "1.1.1.1, 203.0.113.9")
            .header("X-Forwarded-Proto", "https");
        let answer = ask.send();
        assert_eq!(answer.header("set-cookie").unwrap().contains("Secure"), secure);
        let listed = site.ask("GET", "/api/v1/sessions").cookie(&answer.cookie().unwrap()).send().ok();
        assert_eq!(listed["items"][0]["address"], address);
    }
}

#[test]
fn the_desk_lives_under_a_sub_path_whether_the_proxy_strips_it_or_not() {
    let settings = Settings { base_url: Some("https://example.org/desk".to_owned()), ..Settings::default() };
    let site = Site::with(settings, None);
    with_password(&site);
    for prefix in ["/desk", ""] {
        let page = site.ask("GET", &format!("{prefix}/tickets/ACME-1")).send();
        assert_eq!(page.status, 200);
        assert!(page.text().contains("<base href=\"/desk/\""), "{}", page.text());
        assert_eq!(site.ask("GET", &format!("{prefix}/healthz")).send().text(), "ok");
        let login =
            site.ask("POST", &format!("{prefix}/api/v1/session")).header("Origin", "https://example.org");
        let login = login.json(&json!({ "login": "olga", "password": PASSWORD })).send();
        assert!(login.header("set-cookie").unwrap().contains("Path=/desk/;"), "{:?}", login.headers);
    }
    site.ask("GET", "/desktop/api/v1/session").send().ok_page();
}

impl super::Answer {
    #[track_caller]
    fn ok_page(&self) {
        assert_eq!((self.status, self.header("content-type")), (200, Some("text/html; charset=utf-8")));
    }
}

#[test]
fn a_certificate_of_its_own_encrypts_and_the_cookie_is_secure() {
    let tls = Tls::open(&certificate("certificate.pem"), &certificate("key.pem")).unwrap();
    let site = Site::with(Settings::default(), Some(tls));
    with_password(&site);
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate("certificate.pem")).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connect = || {
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::new(config.clone()), name).unwrap();
        StreamOwned::new(connection, TcpStream::connect(site.address).unwrap())
    };
    let answer = login(&site).send_over(connect());
    assert_eq!(answer.ok()["person"]["login"], "olga");
    assert!(answer.header("set-cookie").unwrap().ends_with("; Secure"));
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
    let own_page = |scheme: &str| {
        let ask = login(&site).header("Origin", &format!("{scheme}://{}", site.address));
        ask.send_over(connect())
    };
    own_page("http").refused(403, "foreign_origin");
    own_page("https").ok();
    let mut plain = TcpStream::connect(site.address).unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said);
    assert!(!String::from_utf8_lossy(&said).contains("HTTP/1.1 200"), "unencrypted requests are not served");
    assert_eq!(
        site.ask("GET", "/healthz").send_over(connect()).text(),
        "ok",
        "others are served all the same"
    );
}

#[test]
fn browsers_come_encrypted_only_once_the_address_says_so() {
    for (base_url, promised) in [
        (None, None),
        (Some("http://desk.example/"), None),
        (Some("https://desk.example/"), Some("max-age=31536000")),
    ] {
        let settings = Settings { base_url: base_url.map(str::to_owned), ..Settings::default() };
        let site = Site::with(settings, None);
        for path in ["/", "/healthz", "/api/v1/nothing"] {
            let answer = site.ask("GET", path).send();
            assert_eq!(answer.header("strict-transport-security"), promised, "{base_url:?} {path}");
        }
        for (origin, is_own) in [
            ("https://desk.example", base_url == Some("https://desk.example/")),
            ("https://desk.example:443", base_url == Some("https://desk.example/")),
            ("http://desk.example", base_url == Some("http://desk.example/")),
            ("http://desk.example:443", false),
            ("ftp://desk.example", false),
        ] {
            let ask = site.ask("POST", "/api/v1/session").header("Origin", origin);
            let answer = ask.json(&json!({ "login": "nobody", "password": PASSWORD })).send();
            let code = if is_own { (401, "wrong_login") } else { (403, "foreign_origin") };
            assert_eq!(answer.fault(), (code.0, code.1.to_owned()), "{base_url:?} {origin}");
        }
    }
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let missing = Tls::open(Path::new("nowhere.pem"), &certificate("key.pem")).unwrap_err();
    assert!(missing.to_string().starts_with("nowhere.pem: "), "{missing}");
    assert!(matches!(
        Tls::open(&certificate("README.md"), &certificate("key.pem")),
        Err(TlsError::NoCertificate(_))
    ));
    let no_key = Tls::open(&certificate("certificate.pem"), &certificate("README.md")).unwrap_err();
    assert!(no_key.to_string().contains("README.md"), "{no_key}");
}

#[test]
fn silent_clients_do_not_stop_the_others() {
    let site = Site::new();
    let silent: Vec<TcpStream> = (0..200)
        .map(|number| {
            let mut stream = TcpStream::connect(site.address).unwrap();
            if number % 2 == 0 {
                stream.write_all(b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Le").unwrap();
            }
            stream
        })
        .collect();
    assert_eq!(site.ask("GET", "/healthz").send().text(), "ok");
    drop(silent);
}

#[test]
fn a_connection_without_a_request_is_closed_whatever_it_began_to_speak() {
    let settings = Settings { first_request_time_max: Duration::from_millis(300), ..Settings::default() };
    let site = Site::with(settings, None);
    let mut talks = TcpStream::connect(site.address).unwrap();
    talks.set_read_timeout(Some(super::ANSWER_TIME_MAX)).unwrap();
    let asks = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut answer = [0; 2_000];
    talks.write_all(asks).unwrap();
    assert!(talks.read(&mut answer).unwrap() > 0);
    for start in [&b""[..], b"PRI * HTTP", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\nHo"] {
        let mut silent = TcpStream::connect(site.address).unwrap();
        silent.set_read_timeout(Some(super::ANSWER_TIME_MAX)).unwrap();
        silent.write_all(start).unwrap();
        let mut said = Vec::new();
        if let Err(error) = silent.read_to_end(&mut said) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{start:?} is still open");
        }
        assert!(!said.starts_with(b"HTTP/1.1 200"), "{start:?}");
    }
    talks.write_all(asks).unwrap();
    assert!(talks.read(&mut answer).unwrap() > 0, "who asked once may idle longer");
}

#[test]
fn one_address_takes_so_many_places_unless_it_is_a_trusted_proxy() {
    for (trusted, is_served) in [(vec![], false), (vec!["127.0.0.1".parse().unwrap()], true)] {
        let settings =
            Settings { trusted_proxies: trusted, connections_per_address_max: 3, ..Settings::default() };
        let site = Site::with(settings, None);
        let open: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(site.address).unwrap()).collect();
        let mut one_more = TcpStream::connect(site.address).unwrap();
        one_more.set_read_timeout(Some(super::ANSWER_TIME_MAX)).unwrap();
        // A connection that was refused may be gone before this is written.
        let _ = one_more.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let mut said = Vec::new();
        let _ = one_more.read_to_end(&mut said);
        assert_eq!(said.starts_with(b"HTTP/1.1 200"), is_served, "{}", String::from_utf8_lossy(&said));
        drop(open);
    }
}
