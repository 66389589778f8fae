//! A request as text, as [`super::received`] reads it.

use stepwait_core::webhook::Delivery;

/// The request, byte by byte.
pub(super) fn request(delivery: &Delivery) -> Vec<u8> {
    let target = match delivery.query.as_str() {
        "" => delivery.path.clone(),
        query => format!("{}?{query}", delivery.path),
    };
    let mut head = format!("{} {target} HTTP/1.1\r\nhost: {}\r\n", delivery.method, delivery.domain);
    for (name, value) in delivery.headers.iter().filter(|(name, _)| name.as_str() != "host") {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", delivery.body.len()));
    [head.as_bytes(), &delivery.body].concat()
}
