//! Which addresses may be reached: everything that is not publicly routable is named and refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    Unspecified,
    Loopback,
    /// 10/8, 172.16/12, 192.168/16.
    Private,
    /// 100.64/10, shared between a provider and its customers.
    Shared,
    /// fc00::/7.
    UniqueLocal,
    LinkLocal,
    /// Where clouds answer with credentials.
    Metadata,
    Multicast,
    Broadcast,
    Documentation,
    Benchmark,
    Reserved,
}

impl Special {
    /// An operator may name a host of this kind as private; the rest is never reached.
    #[must_use]
    pub fn can_be_a_private_host(self) -> bool {
        matches!(self, Special::Loopback | Special::Private | Special::Shared | Special::UniqueLocal)
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Special::Unspecified => "unspecified",
            Special::Loopback => "loopback",
            Special::Private => "private",
            Special::Shared => "shared by a provider",
            Special::UniqueLocal => "unique local",
            Special::LinkLocal => "link-local",
            Special::Metadata => "a cloud's metadata service",
            Special::Multicast => "multicast",
            Special::Broadcast => "broadcast",
            Special::Documentation => "reserved for documentation",
            Special::Benchmark => "reserved for benchmarks",
            Special::Reserved => "reserved",
        }
    }
}

/// `None` for a publicly routable address. Addresses that carry an IPv4 address inside are judged by it.
#[must_use]
pub fn special(address: IpAddr) -> Option<Special> {
    match address {
        IpAddr::V4(address) => special_v4(address),
        IpAddr::V6(address) => special_v6(address),
    }
}

fn special_v4(address: Ipv4Addr) -> Option<Special> {
    let found = match address.octets() {
        [169, 254, 169, 254 | 253] | [169, 254, 170, 2 | 23] | [100, 100, 100, 200] | [192, 0, 0, 192] => {
            Special::Metadata
        }
        // Azure's platform address is publicly numbered, but answers only from inside.
        [168, 63, 129, 16] => Special::Metadata,
        [0, 0, 0, 0] => Special::Unspecified,
        [0, ..] => Special::Reserved,
        [127, ..] => Special::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Special::Private,
        [100, 64..=127, ..] => Special::Shared,
        [169, 254, ..] => Special::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Special::Documentation,
        [198, 18 | 19, ..] => Special::Benchmark,
        // Protocol assignments, the 6to4 relay and the AS112 sinks.
        [192, 0, 0, _] | [192, 88, 99, _] | [192, 31, 196, _] | [192, 52, 193, _] | [192, 175, 48, _] => {
            Special::Reserved
        }
        [224..=239, ..] => Special::Multicast,
        [255, 255, 255, 255] => Special::Broadcast,
        [240..=255, ..] => Special::Reserved,
        _ => return None,
    };
    Some(found)
}

fn special_v6(address: Ipv6Addr) -> Option<Special> {
    if address.is_unspecified() {
        return Some(Special::Unspecified);
    }
    if address.is_loopback() {
        return Some(Special::Loopback);
    }
    if let Some(inside) = ipv4_inside(address) {
        return special_v4(inside);
    }
    let found = match address.segments() {
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] => Special::Metadata,
        [0xfc00..=0xfdff, ..] => Special::UniqueLocal,
        [0xfe80..=0xfebf, ..] => Special::LinkLocal,
        // Site-local, which was given up but is still private where it lives on.
        [0xfec0..=0xfeff, ..] => Special::Private,
        [0xff00..=0xffff, ..] => Special::Multicast,
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Special::Documentation,
        [0x2001, 0x0002, 0, ..] => Special::Benchmark,
        // Teredo hides its client's address behind a relay; the rest of 2001::/23 are protocols.
        [0x2001, 0..=0x01ff, ..] => Special::Reserved,
        // Only 2000::/3 is given out for use.
        [0x2000..=0x3fff, ..] => return None,
        _ => Special::Reserved,
    };
    Some(found)
}

/// The IPv4 address that a packet to this IPv6 address ends at.
fn ipv4_inside(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // Mapped, and compatible (given up, still understood by some stacks).
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => v4(high, low),
        // Translated (SIIT) and NAT64 with its well-known and local prefixes.
        [0, 0, 0, 0, 0xffff, 0, high, low] => v4(high, low),
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        // 6to4.
        [0x2002, high, low, ..] => v4(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(table: &[(&str, Option<Special>)]) {
        for (address, expect) in table {
            assert_eq!(special(address.parse().unwrap()), *expect, "{address}");
        }
    }

    #[test]
    fn every_range_of_ipv4_is_what_it_is() {
        use Special::*;
        check(&[
            ("8.8.8.8", None),
            ("93.184.216.34", None),
            ("100.63.255.255", None),
            ("100.128.0.1", None),
            ("172.15.0.1", None),
            ("172.32.0.1", None),
            ("192.167.1.1", None),
            ("169.253.1.1", None),
            ("198.17.0.1", None),
            ("198.20.0.1", None),
            ("223.255.255.255", None),
            ("0.0.0.0", Some(Unspecified)),
            ("0.1.2.3", Some(Reserved)),
            ("127.0.0.1", Some(Loopback)),
            ("127.255.255.254", Some(Loopback)),
            ("10.0.0.1", Some(Private)),
            ("172.16.0.1", Some(Private)),
            ("172.31.255.255", Some(Private)),
            ("192.168.1.1", Some(Private)),
            ("100.64.0.1", Some(Shared)),
            ("100.127.255.255", Some(Shared)),
            ("100.100.100.200", Some(Metadata)),
            ("169.254.1.1", Some(LinkLocal)),
            ("169.254.169.254", Some(Metadata)),
            ("169.254.170.2", Some(Metadata)),
            ("168.63.129.16", Some(Metadata)),
            ("192.0.0.192", Some(Metadata)),
            ("192.0.0.8", Some(Reserved)),
            ("192.0.2.1", Some(Documentation)),
            ("198.51.100.7", Some(Documentation)),
            ("203.0.113.9", Some(Documentation)),
            ("198.18.0.1", Some(Benchmark)),
            ("198.19.255.255", Some(Benchmark)),
            ("192.88.99.1", Some(Reserved)),
            ("224.0.0.1", Some(Multicast)),
            ("239.255.255.250", Some(Multicast)),
            ("240.0.0.1", Some(Reserved)),
            ("255.255.255.255", Some(Broadcast)),
        ]);
    }

    #[test]
    fn every_range_of_ipv6_is_what_it_is() {
        use Special::*;
        check(&[
            ("2606:4700:4700::1111", None),
            ("2a02:6b8::2:242", None),
            ("::", Some(Unspecified)),
            ("::1", Some(Loopback)),
            ("::ffff:127.0.0.1", Some(Loopback)),
            ("::ffff:8.8.8.8", None),
            ("::ffff:169.254.169.254", Some(Metadata)),
            ("::127.0.0.1", Some(Loopback)),
            ("::ffff:0:10.0.0.1", Some(Private)),
            ("64:ff9b::8.8.8.8", None),
            ("64:ff9b::10.0.0.1", Some(Private)),
            ("64:ff9b::169.254.169.254", Some(Metadata)),
            ("64:ff9b:1::8.8.8.8", Some(Reserved)),
            ("2002:7f00:0001::", Some(Loopback)),
            ("2002:a9fe:a9fe::1", Some(Metadata)),
            ("2002:0808:0808::1", None),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", Some(Reserved)),
            ("2001:db8::1", Some(Documentation)),
            ("3fff:1::1", Some(Documentation)),
            ("2001:2::1", Some(Benchmark)),
            ("2001:10::1", Some(Reserved)),
            ("100::1", Some(Reserved)),
            ("5f00::1", Some(Reserved)),
            ("fc00::1", Some(UniqueLocal)),
            ("fd12:3456::1", Some(UniqueLocal)),
            ("fd00:ec2::254", Some(Metadata)),
            ("fe80::1", Some(LinkLocal)),
            ("fec0::1", Some(Private)),
            ("ff02::1", Some(Multicast)),
            ("4000::1", Some(Reserved)),
        ]);
    }

    #[test]
    fn odd_spellings_are_read_as_the_address_that_they_are() {
        for text in
            ["2130706433", "0x7f.1", "017700000001", "127.1", "0177.0.0.1", "[::ffff:7f00:1]", "①②⑦.0.0.1"]
        {
            let url = reqwest::Url::parse(&format!("http://{text}/")).unwrap();
            let host = url.host_str().unwrap().trim_matches(['[', ']']).to_owned();
            assert_eq!(special(host.parse().unwrap()), Some(Special::Loopback), "{text}");
        }
    }
}
