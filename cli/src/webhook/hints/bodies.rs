//! Bodies as they may have been before somebody wrote them anew.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What editors put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How deep a pretty text is indented.
const INDENT: usize = 2;

/// Other bodies than this one, each with what happened to it if it is the one
/// that was signed.
pub(super) fn changes(body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut changes = Vec::new();
    let mut add = |says: &str, changed: Vec<u8>| {
        if changed != body && !changes.iter().any(|(_, known)| *known == changed) {
            changes.push((says.to_owned(), changed));
        }
    };
    let without_break = body.strip_suffix(b"\r\n").or_else(|| body.strip_suffix(b"\n"));
    if let Some(shorter) = without_break {
        add(
            "the body has one line break too many at its end: without it a signature matches; an editor, or `echo`, added it",
            shorter.to_vec(),
        );
    }
    add(
        "the body lacks a line break at its end: with it a signature matches; it was lost when the body was copied",
        [body, b"\n"].concat(),
    );
    add(
        "the body's lines end in CR LF, and were signed with LF: without the CR a signature matches",
        replace(body, b"\r\n", b"\n"),
    );
    add(
        "the body's lines end in LF, and were signed with CR LF: with the CR a signature matches",
        replace(&replace(body, b"\r\n", b"\n"), b"\n", b"\r\n"),
    );
    if let Some(without) = body.strip_prefix(BYTE_ORDER_MARK) {
        add(
            "the body begins with a byte order mark, which an editor added: without it a signature matches",
            without.to_vec(),
        );
    }
    let trimmed = body.trim_ascii();
    add("the body has white space around it that was not signed: without it a signature matches", trimmed.to_vec());
    if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        let anew = "the body is JSON that was written anew on its way";
        add(
            &format!("{anew}: without white space a signature matches; pass the body on as it came"),
            spaced(trimmed, None, ""),
        );
        add(
            &format!(
                "{anew}: with a blank after each comma and colon a signature matches; pass the body on as it came"
            ),
            spaced(trimmed, None, " "),
        );
        for end in ["", "\n"] {
            let pretty = [spaced(trimmed, Some(INDENT), " "), end.as_bytes().to_vec()].concat();
            add(&format!("{anew}: indented by two blanks a signature matches; pass the body on as it came"), pretty);
        }
        add(
            &format!("{anew}: with its slashes written as \\/ a signature matches; pass the body on as it came"),
            replace(&spaced(trimmed, None, ""), b"/", b"\\/"),
        );
    }
    if let Some(decoded) = STANDARD.decode(trimmed).ok().filter(|decoded| !decoded.is_empty()) {
        add(
            "the body is base64, as a gateway passes bodies on: decoded a signature matches; keep the event's isBase64Encoded",
            decoded,
        );
    }
    changes
}

fn replace(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while !rest.is_empty() {
        match rest.strip_prefix(from) {
            Some(after) => {
                out.extend_from_slice(to);
                rest = after;
            }
            None => {
                let (one, after) = rest.split_at(1);
                out.extend_from_slice(one);
                rest = after;
            }
        }
    }
    out
}

/// Valid JSON with other white space: its values stay as they are written, which
/// parsing and writing anew would not keep. With `indent` in lines, and otherwise
/// with `gap` behind commas and colons.
fn spaced(json: &[u8], indent: Option<usize>, gap: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    let line = |out: &mut Vec<u8>, depth: usize| {
        if let Some(indent) = indent {
            out.push(b'\n');
            out.resize(out.len() + depth.saturating_mul(indent), b' ');
        }
    };
    let mut bytes = json.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if in_string {
            out.push(byte);
            in_string = is_escaped || byte != b'"';
            is_escaped = !is_escaped && byte == b'\\';
            continue;
        }
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b'{' | b'[' => {
                out.push(byte);
                while bytes.next_if(u8::is_ascii_whitespace).is_some() {}
                if let Some(close) = bytes.next_if(|next| matches!(next, b'}' | b']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                match indent {
                    Some(_) => line(&mut out, depth),
                    None => out.extend_from_slice(gap.as_bytes()),
                }
            }
            b':' => {
                out.push(byte);
                out.extend_from_slice(gap.as_bytes());
            }
            _ => {
                in_string = byte == b'"';
                out.push(byte);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{changes, spaced};

    #[test]
    fn white_space_changes_and_values_do_not() {
        let json = br#" { "z" : [ 1.0 , 1e2, { } , [ ] ],"a": "x , \" : {\\" } "#;
        assert_eq!(spaced(json, None, ""), br#"{"z":[1.0,1e2,{},[]],"a":"x , \" : {\\"}"#);
        assert_eq!(spaced(json, None, " "), br#"{"z": [1.0, 1e2, {}, []], "a": "x , \" : {\\"}"#);
        let pretty = "{\n  \"z\": [\n    1.0,\n    1e2,\n    {},\n    []\n  ],\n  \"a\": \"x , \\\" : {\\\\\"\n}";
        assert_eq!(String::from_utf8(spaced(json, Some(2), " ")).unwrap(), pretty);
    }

    #[test]
    fn no_body_is_tried_twice_or_as_it_is() {
        for body in [&b"{}"[..], b"{}\n", b"{}\r\n", b"", b"\n", b"aGk=", b"{\"a\": \"/\"}"] {
            let tried: Vec<_> = changes(body).into_iter().map(|(_, changed)| changed).collect();
            assert!(!tried.contains(&body.to_vec()));
            let unique: std::collections::BTreeSet<_> = tried.iter().collect();
            assert_eq!(unique.len(), tried.len());
        }
    }
}
