//! Where a request comes from and under which address the desk lives, behind a reverse proxy or without one.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::request::Parts;
use axum::http::{HeaderMap, Version, header};

/// What proxies add to a request, besides `X-Forwarded-*`.
const PROXY_HEADERS: [&str; 3] = ["forwarded", "x-real-ip", "via"];
/// Hops that are looked at in `X-Forwarded-For`.
const HOPS_MAX: usize = 20;

/// A range of addresses, such as `10.0.0.0/8`; a single address is a range too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// The text is no range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a network: write an address such as 127.0.0.1 or a range such as 10.0.0.0/8")]
pub struct NotANetwork(pub String);

impl FromStr for Network {
    type Err = NotANetwork;
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let wrong = || NotANetwork(text.chars().take(60).collect());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits <= most { Ok(Self { address, bits }) } else { Err(wrong()) }
    }
}

impl Network {
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, plain(address)) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

/// An IPv4 address that came in an IPv6 dress, undressed.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

#[must_use]
pub fn is_within(networks: &[Network], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(address))
}

/// Whoever has one IPv6 address has all that share its first 64 bits; an IPv4 address stands for itself.
pub fn household(address: IpAddr) -> IpAddr {
    match plain(address) {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The path under which people reach the desk: `/`, or `/desk/` behind a proxy that gives it a sub-path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    #[must_use]
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// The path of an address such as `https://example.org/desk`.
    #[must_use]
    pub fn of_url(url: &str) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let path = rest.split_once('/').map_or("", |(_, path)| path);
        let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
        if path.is_empty() { Self::root() } else { Self(format!("/{path}/")) }
    }

    /// With a slash at both ends.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path below the base. A proxy may have taken the base away already.
    #[must_use]
    pub fn strip<'a>(&self, path: &'a str) -> &'a str {
        let bare = self.0.trim_end_matches('/');
        match path.strip_prefix(bare) {
            Some("") => "/",
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        }
    }
}

/// The connection that a request came by.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    pub address: SocketAddr,
    pub is_encrypted: bool,
}

/// Who asks, as far as the network can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct From {
    pub address: IpAddr,
    /// The browser's side of the connection is encrypted.
    pub is_https: bool,
    /// As the browser wrote it.
    pub host: Option<String>,
    /// As if from this machine: opened here under a name of this machine, with no trace of a proxy between. A proxy on
    /// this machine that leaves no trace looks the same, so this is only ever a second lock beside a secret.
    pub is_local: bool,
}

impl From {
    /// Believes the headers of a proxy only when the connection comes from a trusted one.
    #[must_use]
    pub fn of(peer: Peer, parts: &Parts, trusted: &[Network]) -> Self {
        let headers = &parts.headers;
        let is_trusted = |address: IpAddr| is_within(trusted, address);
        let peer_address = plain(peer.address.ip());
        let host = text(headers, header::HOST.as_str())
            .or_else(|| parts.uri.authority().map(|authority| authority.as_str().to_owned()));
        let is_local =
            peer_address.is_loopback() && is_direct(parts) && host.as_deref().is_some_and(is_own_name);
        if !is_trusted(peer_address) {
            return Self { address: peer_address, is_https: peer.is_encrypted, host, is_local };
        }
        let forwarded: Vec<String> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(',').map(|hop| hop.trim().to_owned()))
            .collect();
        // From the right: each trusted proxy vouches for the hop on its left, and no further.
        let mut address = peer_address;
        for hop in forwarded.iter().rev().take(HOPS_MAX) {
            let Some(hop) = parse_hop(hop) else { break };
            address = hop;
            if !is_trusted(hop) {
                break;
            }
        }
        let proto = text(headers, "x-forwarded-proto");
        Self {
            address,
            is_https: proto.map_or(peer.is_encrypted, |proto| proto.eq_ignore_ascii_case("https")),
            host: text(headers, "x-forwarded-host").or(host),
            is_local,
        }
    }
}

/// No proxy left a trace. Browsers and tools of today speak HTTP/1.1 or newer; HTTP/1.0 is what a proxy speaks that
/// was set up to add no header.
fn is_direct(parts: &Parts) -> bool {
    let is_of_proxy = |name: &str| name.starts_with("x-forwarded-") || PROXY_HEADERS.contains(&name);
    parts.version >= Version::HTTP_11 && !parts.headers.keys().any(|name| is_of_proxy(name.as_str()))
}

/// The host is a name by which only this machine itself is reached.
fn is_own_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    name.eq_ignore_ascii_case("localhost")
        || bare.unwrap_or(name).parse().is_ok_and(|address: IpAddr| plain(address).is_loopback())
}

fn parse_hop(hop: &str) -> Option<IpAddr> {
    let address = hop.parse::<IpAddr>().or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(plain)
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, Request};

    fn from(peer: &str, forwarded: &[&'static str]) -> IpAddr {
        let trusted = ["10.0.0.0/8", "::1"].map(|network| network.parse().unwrap());
        let (mut parts, ()) = Request::new(()).into_parts();
        for hop in forwarded {
            parts.headers.append("x-forwarded-for", HeaderValue::from_static(hop));
        }
        let address = SocketAddr::new(peer.parse().unwrap(), 1);
        From::of(Peer { address, is_encrypted: false }, &parts, &trusted).address
    }

    fn is_local(peer: &str, host: &str, version: Version, more: Option<(&'static str, &str)>) -> [bool; 2] {
        let mut request = Request::builder().version(version).header("host", host);
        if let Some((name, value)) = more {
            request = request.header(name, value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let peer = Peer { address: SocketAddr::new(peer.parse().unwrap(), 1), is_encrypted: false };
        let trusted = ["127.0.0.0/8", "::1"].map(|network| network.parse().unwrap());
        [&[][..], &trusted].map(|trusted| From::of(peer, &parts, trusted).is_local)
    }

    #[test]
    fn only_what_is_opened_on_the_machine_itself_is_local() {
        let by_11 = |peer, host, more| is_local(peer, host, Version::HTTP_11, more);
        for (peer, host) in [
            ("127.0.0.1", "127.0.0.1:8080"),
            ("127.0.0.1", "localhost"),
            ("127.0.0.1", "LocalHost:8080"),
            ("::1", "[::1]:8080"),
            ("::1", "[::1]"),
            ("::ffff:127.0.0.1", "127.0.0.2"),
        ] {
            assert_eq!(by_11(peer, host, None), [true; 2], "{peer} {host}");
            assert_eq!(is_local(peer, host, Version::HTTP_10, None), [false; 2], "{peer} {host}");
            for (name, value) in [
                ("x-forwarded-for", "127.0.0.1"),
                ("x-forwarded-proto", "https"),
                ("forwarded", "for=127.0.0.1"),
                ("x-real-ip", "127.0.0.1"),
                ("via", "1.1 proxy"),
            ] {
                assert_eq!(by_11(peer, host, Some((name, value))), [false; 2], "{peer} {host} {name}");
            }
        }
        for (peer, host) in [
            ("192.0.2.1", "localhost"),
            ("127.0.0.1", "desk.example"),
            ("127.0.0.1", "localhost.example:8080"),
            ("127.0.0.1", "127.0.0.1.example"),
            ("127.0.0.1", "192.0.2.1:127"),
            ("127.0.0.1", ""),
        ] {
            assert_eq!(by_11(peer, host, None), [false; 2], "{peer} {host}");
        }
    }

    #[test]
    fn http_2_names_the_host_in_the_address() {
        let (mut parts, ()) = Request::new(()).into_parts();
        (parts.version, parts.uri) = (Version::HTTP_2, "https://localhost:8443/setup".parse().unwrap());
        let from = From::of(Peer { address: ([127, 0, 0, 1], 9).into(), is_encrypted: true }, &parts, &[]);
        assert_eq!((from.host.as_deref(), from.is_local), (Some("localhost:8443"), true));
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        for (peer, forwarded, address) in [
            ("203.0.113.9", &["1.1.1.1"][..], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["1.1.1.1", "203.0.113.9, 10.2.0.1"], "203.0.113.9"),
            ("10.0.0.1", &["nonsense"], "10.0.0.1"),
            ("::1", &["2001:db8::7"], "2001:db8::7"),
            ("::ffff:10.0.0.1", &["203.0.113.9:443"], "203.0.113.9"),
        ] {
            assert_eq!(from(peer, forwarded), address.parse::<IpAddr>().unwrap(), "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn networks_are_read_and_contain_what_they_should() {
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("8.8.8.8".parse().unwrap()) && !all.contains("::1".parse().unwrap()));
        for bad in ["", "x", "10.0.0.0/33", "10.0.0.0/-1", "::1/129"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_sub_path_is_taken_away_once() {
        let base = BasePath::of_url("https://example.org/desk/");
        assert_eq!(base.as_str(), "/desk/");
        for (path, rest) in [
            ("/desk", "/"),
            ("/desk/", "/"),
            ("/desk/api/v1/me", "/api/v1/me"),
            ("/api/v1/me", "/api/v1/me"),
            ("/desktop", "/desktop"),
        ] {
            assert_eq!(base.strip(path), rest, "{path}");
        }
        assert_eq!(BasePath::of_url("https://example.org"), BasePath::root());
        assert_eq!(BasePath::root().strip("/api"), "/api");
    }
}
