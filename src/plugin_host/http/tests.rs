//! Which addresses are left, and a certificate that is shown to a server which asks for it.

use std::io::{Read, Write};
use std::net::TcpListener;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use super::super::manifest::AuthenticationWay;
use super::*;
use crate::domain::Key;

fn check(found: &[&str], private: bool, expect: Result<&[&str], &str>) {
    let socket = |text: &&str| SocketAddr::new(text.parse().unwrap(), 443);
    let found: Vec<SocketAddr> = found.iter().map(socket).collect();
    match (reachable("stock.example.com", &found, private), expect) {
        (Ok(left), Ok(expect)) => assert_eq!(left, expect.iter().map(socket).collect::<Vec<_>>()),
        (Err(HttpOutcome::Denied(why)), Err(expect)) => assert!(why.contains(expect), "{why}"),
        (result, expect) => panic!("{found:?}: {result:?} instead of {expect:?}"),
    }
}

#[test]
fn only_addresses_that_may_be_reached_are_left() {
    check(&["8.8.8.8"], false, Ok(&["8.8.8.8"]));
    check(&["10.0.0.1", "8.8.8.8", "::1"], false, Ok(&["8.8.8.8"]));
    check(&["10.0.0.1"], false, Err("10.0.0.1, which is not a public address (private)"));
    check(&["10.0.0.1"], true, Ok(&["10.0.0.1"]));
    check(&["169.254.169.254"], true, Err("a cloud's metadata service"));
    check(&["::ffff:169.254.169.254"], true, Err("a cloud's metadata service"));
    check(&["fe80::1", "0.0.0.0"], true, Err("0.0.0.0"));
}

const CERTIFICATE: &str = include_str!("../../../tests/data/tls/certificate.pem");
const KEY: &str = include_str!("../../../tests/data/tls/key.pem");

fn roots() -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap()).unwrap();
    Arc::new(roots)
}

/// Answers the number of certificates that each caller showed; who shows none is not let in.
fn strict_server() -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(roots(), Arc::clone(&provider)).build().unwrap();
    let chain = vec![CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, socket);
            let mut request = [0; 4_096];
            if stream.read(&mut request).is_ok_and(|length| length > 0) {
                let shown = stream.conn.peer_certificates().map_or(0, <[_]>::len);
                let answer =
                    format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\n{shown}");
                let _ = stream.write_all(answer.as_bytes()).and_then(|()| stream.flush());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    port
}

async fn ask(gate: &Gate, access: &Access, port: u16, named: Option<&str>) -> Sent {
    let request = HttpRequest {
        method: "GET".to_owned(),
        url: format!("https://localhost:{port}/"),
        headers: Vec::new(),
        has_body: false,
        authentication: None,
        named: named.map(str::to_owned),
        timeout_ms: None,
    };
    let errand = Errand { request, payload: Payload::Bytes(Vec::new()), store_in: None };
    gate.send(access, errand, Duration::from_secs(10)).await
}

#[tokio::test]
async fn a_certificate_is_shown_to_a_server_that_asks_for_it() {
    let port = strict_server();
    let host: HostPattern = format!("localhost:{port}").parse().unwrap();
    let mut gate = Gate::new(None, vec![host.clone()], None);
    gate.tls =
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots())
            .with_no_client_auth();
    let secret = |value: String| Secret { value, place: SecretPlace::Certificate, host: Some(host.clone()) };
    let way = AuthenticationWay::Mtls { secret: Key::new("identity").unwrap() };
    let mut access = Access {
        installation: InstallationId(1),
        declared: vec![host.clone()],
        granted: vec![host.clone()],
        secrets: BTreeMap::from([("identity".to_owned(), secret(format!("{KEY}{CERTIFICATE}")))]),
        ways: BTreeMap::from([("bank".to_owned(), NamedWay { host: Some(host.clone()), way })]),
        configuration: json!({}),
        redactor: Redactor::default(),
    };
    let sent = ask(&gate, &access, port, Some("bank")).await;
    assert_eq!((sent.record.outcome.as_str(), &sent.body[..]), ("status 200", &b"1"[..]));
    assert_eq!(sent.record.authentication.as_deref(), Some("mtls bank"));
    let sent = ask(&gate, &access, port, None).await;
    assert!(sent.record.outcome.starts_with("unreachable: "), "{}", sent.record.outcome);

    // A key that is another's.
    let other = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgH05B6XUVpN789jZu\nZl+h2bzk6MHTqBwuuEwuuVEO+RuhRANCAAS0Um2UHNzKAR1txmoEvwS8vDnnFn0Z\nqXQSrMJPDxkQfAHOCUs4Lz/29wmmhcRbWsnNW45s1AcdT7bN1osUXX1r\n-----END PRIVATE KEY-----\n";
    access.secrets.insert("identity".to_owned(), secret(format!("{other}{CERTIFICATE}")));
    let sent = ask(&gate, &access, port, Some("bank")).await;
    assert!(sent.record.outcome.contains("is not that of its certificate"), "{}", sent.record.outcome);
}
