//! Which addresses and URLs may be called at all.
//!
//! Addresses are sorted by the registries that assign them: the first row of a
//! table that contains an address says what it is, and everything that no row
//! calls public stays unreachable by default.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// How far requests may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    public: bool,
    loopback: bool,
    private: bool,
    closed_port: Option<u16>,
}

impl Reach {
    /// Public addresses, over https: what deployed functions may call.
    pub const PUBLIC: Self = Self { public: true, loopback: false, private: false, closed_port: None };

    /// This machine too, over plain http as well: for local runs.
    pub const LOOPBACK: Self = Self { loopback: true, ..Self::PUBLIC };

    /// This machine and private networks too, over plain http as well: for
    /// somebody who asks for it on the command line.
    pub const PRIVATE: Self = Self { private: true, ..Self::LOOPBACK };

    /// Keeps one port of this machine closed: the Lambda runtime API answers
    /// there to anybody, and hands out the function's events.
    #[must_use]
    pub const fn except_port(self, port: u16) -> Self {
        Self { closed_port: Some(port), ..self }
    }

    /// Whether anything is within reach that plain http may be spoken with.
    pub(super) const fn is_wide(self) -> bool {
        self.loopback || self.private
    }

    /// How far plain http may go: never into the open.
    pub(super) const fn of_plain_http(self) -> Self {
        Self { public: false, ..self }
    }
}

/// What an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anywhere on the internet.
    Public,
    /// This machine.
    Loopback,
    /// A private network (RFC 1918, RFC 4193).
    Private,
    /// Where a cloud tells its machines their credentials.
    Metadata,
    /// The same wire; metadata services live there too.
    LinkLocal,
    /// Behind a carrier's address translation (RFC 6598); a metadata service lives there too.
    CarrierGrade,
    /// No address at all: this network, this host.
    Unspecified,
    /// Many machines at once.
    Multicast,
    /// Every machine on the wire.
    Broadcast,
    /// Documentation and benchmarks.
    Example,
    /// An IPv4 address inside of an IPv6 address, which the kernel or a tunnel unwraps.
    Embedded,
    /// Assigned to nobody who could answer.
    Reserved,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "a public address",
            Self::Loopback => "this machine",
            Self::Private => "an address of a private network",
            Self::Metadata => "a cloud's metadata service",
            Self::LinkLocal => "a link-local address",
            Self::CarrierGrade => "an address behind a carrier's translation",
            Self::Unspecified => "no host's address",
            Self::Multicast => "a multicast address",
            Self::Broadcast => "the broadcast address",
            Self::Example => "an address for examples and benchmarks",
            Self::Embedded => "an ipv4 address in disguise",
            Self::Reserved => "a reserved address",
        })
    }
}

/// Why something may not be called. Holds an address at most, and no part of a
/// URL that could be a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhyNot {
    /// Neither https nor http.
    #[error("the url is not an https url")]
    Scheme,
    /// Plain http, where only https is allowed.
    #[error("plain http is spoken with this machine or a private network only, where that is allowed; use https")]
    PlainHttp,
    /// A user name or a password in the URL.
    #[error("the url holds a user name or a password; name a secret under [auth] instead")]
    Credentials,
    /// No host.
    #[error("the url names no host")]
    NoHost,
    /// A name that is spelled to look like another.
    #[error("the host ends with a dot; write it without")]
    TrailingDot,
    /// A name that clouds give their metadata services.
    #[error("the host is a cloud's metadata service, which is never called")]
    MetadataName,
    /// The function's own runtime.
    #[error("the port is that of the function's own runtime, which is never called")]
    RuntimePort,
    /// An address out of reach.
    #[error("{0} is {1}, which may not be called here")]
    Address(IpAddr, Place),
}

/// Whether an address may be dialled.
///
/// # Errors
/// [`WhyNot`] it may not.
pub fn may_dial(address: IpAddr, reach: Reach) -> Result<(), WhyNot> {
    let place = place_of(address);
    let within = match place {
        Place::Public if !reach.public => return Err(WhyNot::PlainHttp),
        Place::Public => true,
        Place::Loopback => reach.loopback,
        Place::Private => reach.private,
        Place::Metadata
        | Place::LinkLocal
        | Place::CarrierGrade
        | Place::Unspecified
        | Place::Multicast
        | Place::Broadcast
        | Place::Example
        | Place::Embedded
        | Place::Reserved => false,
    };
    if within { Ok(()) } else { Err(WhyNot::Address(address, place)) }
}

/// Whether a URL may be called, as far as can be told without looking its host
/// up. The addresses behind a name are put to [`may_dial`] when they are known.
///
/// # Errors
/// [`WhyNot`] it may not.
pub fn may_call(url: &Url, reach: Reach) -> Result<(), WhyNot> {
    let reach = match url.scheme() {
        "https" => reach,
        "http" if reach.is_wide() => reach.of_plain_http(),
        "http" => return Err(WhyNot::PlainHttp),
        _ => return Err(WhyNot::Scheme),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(WhyNot::Credentials);
    }
    let is_named = match url.host().ok_or(WhyNot::NoHost)? {
        Host::Ipv4(address) => may_dial(address.into(), reach).map(|()| address.is_loopback())?,
        Host::Ipv6(address) => may_dial(address.into(), reach).map(|()| address.is_loopback())?,
        Host::Domain(name) => may_look_up(name, reach).map(|()| true)?,
    };
    // A name may turn out to be this machine, so the port is closed for names as well.
    let is_closed = reach.closed_port.is_some() && url.port_or_known_default() == reach.closed_port;
    if reach.loopback && is_named && is_closed { Err(WhyNot::RuntimePort) } else { Ok(()) }
}

/// Names under which clouds offer their metadata services. Their addresses are
/// refused as well; this says so before anybody is asked for the address.
const METADATA_NAMES: [&str; 5] =
    ["metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"];

fn may_look_up(name: &str, reach: Reach) -> Result<(), WhyNot> {
    if name.ends_with('.') {
        return Err(WhyNot::TrailingDot);
    }
    if METADATA_NAMES.contains(&name) {
        return Err(WhyNot::MetadataName);
    }
    // RFC 6761: these names are this machine, whoever is asked.
    if name == "localhost" || name.ends_with(".localhost") {
        return may_dial(Ipv4Addr::LOCALHOST.into(), reach);
    }
    Ok(())
}

/// IANA IPv4 Special-Purpose Address Registry, with what clouds have put into
/// it; the first row that contains an address counts.
const IPV4: [(Ipv4Addr, u32, Place); 20] = [
    (Ipv4Addr::UNSPECIFIED, 8, Place::Unspecified),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Place::Private),
    (Ipv4Addr::new(100, 100, 100, 200), 32, Place::Metadata), // Alibaba Cloud
    (Ipv4Addr::new(100, 64, 0, 0), 10, Place::CarrierGrade),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Place::Loopback),
    (Ipv4Addr::new(168, 63, 129, 16), 32, Place::Metadata), // Azure, the platform's channel to its machines
    (Ipv4Addr::new(169, 254, 169, 254), 32, Place::Metadata), // EC2 and most others
    (Ipv4Addr::new(169, 254, 170, 0), 24, Place::Metadata), // ECS .2, EKS .23
    (Ipv4Addr::new(169, 254, 0, 0), 16, Place::LinkLocal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Place::Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Place::Reserved), // protocol assignments; Oracle Cloud's metadata
    (Ipv4Addr::new(192, 0, 2, 0), 24, Place::Example),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Place::Embedded), // relays of 6to4
    (Ipv4Addr::new(192, 168, 0, 0), 16, Place::Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Place::Example),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Place::Example),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Place::Example),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Place::Multicast),
    (Ipv4Addr::BROADCAST, 32, Place::Broadcast),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Place::Reserved),
];

/// IANA IPv6 Special-Purpose Address Registry, likewise; what no row contains
/// is reserved, as only 2000::/3 was ever given out.
const IPV6: [(Ipv6Addr, u32, Place); 17] = [
    (Ipv6Addr::UNSPECIFIED, 128, Place::Unspecified),
    (Ipv6Addr::LOCALHOST, 128, Place::Loopback),
    (Ipv6Addr::UNSPECIFIED, 96, Place::Embedded), // IPv4-compatible
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, Place::Embedded), // IPv4-mapped
    (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96, Place::Embedded), // IPv4-translated
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, Place::Embedded), // a network's own NAT64
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, Place::Embedded), // Teredo
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, Place::Reserved), // protocol assignments
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, Place::Example),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, Place::Embedded), // 6to4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Place::Example),
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32, Place::Metadata), // EC2, EKS
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128, Place::Metadata), // Google Cloud
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Place::Private),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, Place::LinkLocal),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, Place::Multicast),
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, Place::Public),
];

/// NAT64 (RFC 6052): how an IPv6-only network reaches IPv4 hosts, the last 32
/// bits being theirs.
const NAT64: Ipv6Addr = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0);
const NAT64_PREFIX_BITS: u32 = 96;

/// What an address is.
#[must_use]
pub fn place_of(address: IpAddr) -> Place {
    match address {
        IpAddr::V4(address) => of_ipv4(address),
        IpAddr::V6(address) if shares(address, NAT64, NAT64_PREFIX_BITS) => {
            let [.., a, b, c, d] = address.octets();
            // The translator's own networks are not those of this machine.
            if of_ipv4(Ipv4Addr::new(a, b, c, d)) == Place::Public { Place::Public } else { Place::Embedded }
        }
        IpAddr::V6(address) => {
            let row = IPV6.iter().find(|(network, bits, _)| shares(address, *network, *bits));
            row.map_or(Place::Reserved, |(_, _, place)| *place)
        }
    }
}

fn of_ipv4(address: Ipv4Addr) -> Place {
    let shares = |network: Ipv4Addr, bits| (address.to_bits() ^ network.to_bits()).leading_zeros() >= bits;
    let row = IPV4.iter().find(|(network, bits, _)| shares(*network, *bits));
    row.map_or(Place::Public, |(_, _, place)| *place)
}

fn shares(address: Ipv6Addr, network: Ipv6Addr, bits: u32) -> bool {
    (address.to_bits() ^ network.to_bits()).leading_zeros() >= bits
}

#[cfg(test)]
#[path = "reach_tests.rs"]
mod tests;
