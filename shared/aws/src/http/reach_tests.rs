use super::{Place, Reach, WhyNot, may_call, may_dial};
use std::net::IpAddr;
use url::Url;

/// Addresses that deployed functions never dial, one line for each place.
const REFUSED: [(Place, &str); 11] = [
    (Place::Unspecified, "0.0.0.0 0.0.0.1 0.1.2.3 0.255.255.255 ::"),
    (Place::Loopback, "127.0.0.1 127.0.0.2 127.1.2.3 127.255.255.255 ::1"),
    (
        Place::Private,
        "10.0.0.0 10.0.0.1 10.255.255.255 172.16.0.0 172.16.0.1 172.20.10.2 172.31.255.255 192.168.0.0 192.168.1.1 \
         192.168.255.255 fc00:: fc00::1 fd00::1 fd12:3456:789a:1::1 fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ),
    (
        Place::Metadata,
        "169.254.169.254 169.254.170.2 169.254.170.23 100.100.100.200 168.63.129.16 fd00:ec2::254 fd00:ec2::23 \
         fd00:ec2::253 fd20:ce::254",
    ),
    (
        Place::LinkLocal,
        "169.254.0.0 169.254.0.1 169.254.100.1 169.254.169.253 169.254.255.255 fe80:: fe80::1 fe80::5efe:7f00:1 \
         fe9f::1 febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ),
    (Place::CarrierGrade, "100.64.0.0 100.64.0.1 100.100.0.1 100.127.255.255"),
    (Place::Multicast, "224.0.0.0 224.0.0.1 224.0.0.251 233.252.0.1 239.255.255.255 ff00:: ff02::1 ff02::fb ff0e::1"),
    (Place::Broadcast, "255.255.255.255"),
    (
        Place::Example,
        "192.0.2.0 192.0.2.1 192.0.2.255 198.18.0.0 198.18.0.1 198.19.255.255 198.51.100.0 198.51.100.7 203.0.113.0 \
         203.0.113.255 2001:db8:: 2001:db8::1 2001:db8:ffff::1 3fff:: 3fff:fff::1",
    ),
    (
        Place::Embedded,
        // Mapped, compatible, translated, NAT64, a network's own NAT64, 6to4, Teredo.
        "::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:93.184.215.14 ::ffff:0.0.0.0 ::127.0.0.1 \
         ::10.0.0.1 ::169.254.169.254 ::2 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 \
         64:ff9b::169.254.169.254 64:ff9b::169.254.170.2 64:ff9b::192.168.1.1 64:ff9b::0.0.0.0 \
         64:ff9b::255.255.255.255 64:ff9b:1::1 64:ff9b:1:ffff:ffff:ffff:a9fe:a9fe 2002:: 2002:7f00:1::1 \
         2002:a00:1::1 2002:a9fe:a9fe::1 2002:c0a8:101::1 2001:: 2001:0:4136:e378:8000:63bf:3fff:fdd2 \
         2001:0:a00:1::f5ff:fffe 192.88.99.1",
    ),
    (
        Place::Reserved,
        "192.0.0.0 192.0.0.1 192.0.0.170 192.0.0.192 240.0.0.0 240.0.0.1 250.1.2.3 255.255.255.254 100::1 2001:2::1 \
         2001:10::1 2001:20::1 2001:1ff::1 200::1 400::1 1000::1 4000::1 5f00::1 8000::1 fec0::1 64:ff9b:0:1::1",
    ),
];

/// URLs that are refused wherever a function runs; those of [`REFUSED`] come on top.
const REFUSED_URLS: [(&str, WhyNot); 33] = [
    ("ftp://example.com/", WhyNot::Scheme),
    ("file:///etc/passwd", WhyNot::Scheme),
    ("gopher://example.com:70/1", WhyNot::Scheme),
    ("data:text/plain,hello", WhyNot::Scheme),
    ("javascript:alert(1)", WhyNot::Scheme),
    ("ws://example.com/", WhyNot::Scheme),
    ("wss://example.com/", WhyNot::Scheme),
    ("unix:/var/run/docker.sock", WhyNot::Scheme),
    ("about:blank", WhyNot::Scheme),
    ("http://example.com/", WhyNot::PlainHttp),
    ("HTTP://EXAMPLE.COM/", WhyNot::PlainHttp),
    ("http://93.184.215.14/", WhyNot::PlainHttp),
    ("http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", WhyNot::PlainHttp),
    ("http://169.254.169.254/latest/meta-data/", WhyNot::PlainHttp),
    ("http://[fd00:ec2::254]/latest/meta-data/", WhyNot::PlainHttp),
    ("http://metadata.google.internal/computeMetadata/v1/", WhyNot::PlainHttp),
    ("https://user@example.com/", WhyNot::Credentials),
    ("https://user:password@example.com/", WhyNot::Credentials),
    ("https://:password@example.com/", WhyNot::Credentials),
    ("https://example.com@127.0.0.1/", WhyNot::Credentials),
    ("https://example.com%2f@127.0.0.1/", WhyNot::Credentials),
    ("https://example.com./", WhyNot::TrailingDot),
    ("https://localhost./", WhyNot::TrailingDot),
    ("https://metadata.google.internal./", WhyNot::TrailingDot),
    ("https://example.com%2e/", WhyNot::TrailingDot),
    ("https://example.com。/", WhyNot::TrailingDot),
    ("https://metadata.google.internal/", WhyNot::MetadataName),
    ("https://METADATA.google.internal/", WhyNot::MetadataName),
    ("https://metadata.goog/", WhyNot::MetadataName),
    ("https://metadata/", WhyNot::MetadataName),
    ("https://instance-data/latest/", WhyNot::MetadataName),
    ("https://instance-data.ec2.internal/latest/", WhyNot::MetadataName),
    ("https://ｍetadata.google.internal/", WhyNot::MetadataName),
];

/// Spellings that mean an address, and the address that they mean.
const SPELLINGS: [(&str, &str); 26] = [
    ("https://localhost/", "127.0.0.1"),
    ("https://LOCALHOST:8443/", "127.0.0.1"),
    ("https://api.localhost/", "127.0.0.1"),
    ("https://0x7f.1/", "127.0.0.1"),
    ("https://0x7f000001/", "127.0.0.1"),
    ("https://2130706433/", "127.0.0.1"),
    ("https://017700000001/", "127.0.0.1"),
    ("https://0177.0.0.1/", "127.0.0.1"),
    ("https://127.1/", "127.0.0.1"),
    ("https://127.0.1/", "127.0.0.1"),
    ("https://127.0.0.1./", "127.0.0.1"),
    ("https://127.0.0.1:9001/", "127.0.0.1"),
    ("https://127%2e0%2e0%2e1/", "127.0.0.1"),
    ("https://１２７.０.０.１/", "127.0.0.1"),
    ("https://①②⑦.0.0.1/", "127.0.0.1"),
    ("https://127。0。0。1/", "127.0.0.1"),
    ("https:\\\\127.0.0.1\\", "127.0.0.1"),
    ("https:127.0.0.1", "127.0.0.1"),
    ("https://0/", "0.0.0.0"),
    ("https://0xa9fea9fe/", "169.254.169.254"),
    ("https://2852039166/", "169.254.169.254"),
    ("https://0251.0376.0251.0376/", "169.254.169.254"),
    ("https://169.16689662/", "169.254.169.254"),
    ("https://[0:0:0:0:0:0:0:1]/", "::1"),
    ("https://[::ffff:7f00:1]/", "::ffff:127.0.0.1"),
    ("https://[0:0::ffff:127.0.0.1]:443/", "::ffff:127.0.0.1"),
];

const ALLOWED_ADDRESSES: &str = "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.215.14 100.63.255.255 100.128.0.0 \
    126.255.255.255 128.0.0.0 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 \
    192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 203.0.112.255 203.0.114.0 223.255.255.255 2000::1 \
    2001:200::1 2001:4860:4860::8888 2003::1 2606:4700:4700::1111 2a00:1450:4001:80b::200e 3ffe::1 \
    64:ff9b::8.8.8.8 64:ff9b::93.184.215.14";

const ALLOWED_URLS: [&str; 14] = [
    "https://example.com/",
    "HTTPS://EXAMPLE.COM",
    "https://example.com:8443/v1/jobs?x=1#part",
    "https://api.eu-central-1.example.co.uk/",
    "https://bücher.example/",
    "https://xn--bcher-kva.example/",
    "https://localhost.example.com/",
    "https://notlocalhost/",
    "https://127.0.0.1.example.com/",
    "https://metadata.example.com/",
    "https://93.184.215.14/",
    "https://[2606:4700:4700::1111]/",
    "https://example.com:9001/",
    "https://example.com/http://user@127.0.0.1/",
];

fn refused() -> impl Iterator<Item = (IpAddr, Place)> {
    REFUSED.iter().flat_map(|(place, addresses)| {
        addresses.split_whitespace().map(move |address| (address.parse().unwrap(), *place))
    })
}

fn call(url: &str, reach: Reach) -> Result<(), WhyNot> {
    may_call(&Url::parse(url).unwrap(), reach)
}

fn https(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("https://{address}/"),
        IpAddr::V6(address) => format!("https://[{address}]/"),
    }
}

#[test]
fn no_address_out_of_the_open_internet_is_dialled_or_called() {
    for (address, place) in refused() {
        let why = Err(WhyNot::Address(address, place));
        assert_eq!(may_dial(address, Reach::PUBLIC), why, "{address}");
        assert_eq!(call(&https(address), Reach::PUBLIC), why, "{address}");
    }
    assert!(refused().count() >= 100, "only {} addresses", refused().count());
}

#[test]
fn a_url_is_refused_for_its_scheme_its_credentials_and_its_name() {
    for (url, why) in REFUSED_URLS {
        assert_eq!(call(url, Reach::PUBLIC), Err(why), "{url}");
    }
}

#[test]
fn every_spelling_of_an_address_is_that_address() {
    for (url, address) in SPELLINGS {
        let address: IpAddr = address.parse().unwrap();
        let place = refused().find(|(refused, _)| *refused == address).unwrap().1;
        assert_eq!(call(url, Reach::PUBLIC), Err(WhyNot::Address(address, place)), "{url}");
    }
}

#[test]
fn public_addresses_and_names_are_called_over_https() {
    for address in ALLOWED_ADDRESSES.split_whitespace() {
        let address = address.parse().unwrap();
        assert_eq!(may_dial(address, Reach::PUBLIC), Ok(()), "{address}");
        assert_eq!(call(&https(address), Reach::PUBLIC), Ok(()), "{address}");
    }
    for url in ALLOWED_URLS {
        assert_eq!(call(url, Reach::PUBLIC), Ok(()), "{url}");
    }
}

#[test]
fn a_wider_reach_adds_this_machine_then_private_networks_and_never_anything_else() {
    for (address, place) in refused() {
        let loopback = may_dial(address, Reach::LOOPBACK).is_ok();
        let private = may_dial(address, Reach::PRIVATE).is_ok();
        assert_eq!(loopback, place == Place::Loopback, "{address}");
        assert_eq!(private, matches!(place, Place::Loopback | Place::Private), "{address}");
    }
}

#[test]
fn plain_http_is_spoken_with_what_a_wider_reach_adds_and_never_in_the_open() {
    let local = ["http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/", "http://2130706433/"];
    for url in local {
        assert_eq!(call(url, Reach::PUBLIC), Err(WhyNot::PlainHttp), "{url}");
        assert_eq!(call(url, Reach::LOOPBACK), Ok(()), "{url}");
        assert_eq!(call(url, Reach::PRIVATE), Ok(()), "{url}");
    }
    let lan = "http://192.168.1.20:6800/jsonrpc";
    let address = "192.168.1.20".parse().unwrap();
    assert_eq!(call(lan, Reach::LOOPBACK), Err(WhyNot::Address(address, Place::Private)));
    assert_eq!(call(lan, Reach::PRIVATE), Ok(()));
    for reach in [Reach::LOOPBACK, Reach::PRIVATE] {
        assert_eq!(call("http://93.184.215.14/", reach), Err(WhyNot::PlainHttp));
        assert_eq!(call("http://[2606:4700:4700::1111]/", reach), Err(WhyNot::PlainHttp));
        assert_eq!(call("http://user@127.0.0.1/", reach), Err(WhyNot::Credentials));
        assert_eq!(call("http://metadata.google.internal/", reach), Err(WhyNot::MetadataName));
    }
}

#[test]
fn the_runtimes_port_stays_closed_on_this_machine_whatever_it_is_called() {
    let reach = Reach::LOOPBACK.except_port(9001);
    for url in [
        "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
        "http://127.0.0.2:9001/",
        "http://[::1]:9001/",
        "http://localhost:9001/",
        "http://anything.example:9001/",
        "https://127.0.0.1:9001/",
    ] {
        assert_eq!(call(url, reach), Err(WhyNot::RuntimePort), "{url}");
    }
    assert_eq!(call("http://127.0.0.1:9002/", reach), Ok(()));
    assert_eq!(call("https://93.184.215.14:9001/", reach), Ok(()));
    assert_eq!(call("https://vendor.example:9001/", Reach::PUBLIC.except_port(9001)), Ok(()));
    assert_eq!(call("https://localhost/", Reach::LOOPBACK.except_port(443)), Err(WhyNot::RuntimePort));
}

#[test]
fn a_refusal_says_what_is_wrong_and_what_to_do() {
    let text = |url| call(url, Reach::PUBLIC).unwrap_err().to_string();
    assert_eq!(text("https://10.0.0.1/"), "10.0.0.1 is an address of a private network, which may not be called here");
    assert_eq!(
        text("https://u:hunter2@example.com/"),
        "the url holds a user name or a password; name a secret under [auth] instead"
    );
}
