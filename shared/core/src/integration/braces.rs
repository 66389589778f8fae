//! Texts with placeholders in braces, read in one way wherever files have them.

/// Reads a text into pieces: plain ones, and those that stand in braces. A brace
/// that is meant is doubled: `{{`, `}}`.
///
/// # Errors
/// A text that says which brace has no partner, or what `hole` says.
pub(super) fn read<P>(
    text: &str,
    plain: impl Fn(String) -> P,
    mut hole: impl FnMut(&str) -> Result<P, String>,
) -> Result<Vec<P>, String> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        literal.push_str(before);
        if let Some(after) = from.strip_prefix("{{") {
            literal.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            literal.push('}');
            rest = after;
        } else if let Some((inner, after)) = from.strip_prefix('{').and_then(|f| f.split_once('}')) {
            if !literal.is_empty() {
                pieces.push(plain(std::mem::take(&mut literal)));
            }
            pieces.push(hole(inner)?);
            rest = after;
        } else {
            return Err(format!("{text:?} has a brace without its partner; double a brace that is meant as one"));
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(plain(literal));
    }
    Ok(pieces)
}
