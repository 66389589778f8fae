//! Reads a JSONata expression as far as these tests must: which names and keys
//! stand in it, and whether its brackets match. What it means is left to the
//! engine, which knows the grammar; an undefined name only shows there when the
//! expression is evaluated, in production.

use std::collections::BTreeSet;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// `$name`, without the sign; `$` and `$$` are empty and `$`.
    Variable(String),
    /// A field's name or a keyword.
    Word(String),
    /// A text in quotes.
    Text(String),
    /// A number, by its digits.
    Number(String),
    /// A regular expression, by its pattern.
    Regex(String),
    /// Punctuation; `:=` is one sign, all others have one character.
    Sign(&'static str),
}

const SIGNS: [&str; 31] = [
    ":=", "!=", "<=", ">=", "..", "**", "~>", "(", ")", "[", "]", "{", "}", ".", ",", ";", ":", "?", "=", "<", ">",
    "+", "-", "*", "/", "%", "&", "|", "^", "@", "#",
];

/// An expression, told apart into its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expression(pub(crate) Vec<Token>);

impl Expression {
    /// Reads what stands between `{%` and `%}`; the error says what is wrong.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        let mut tokens = Vec::new();
        let mut rest = source.trim_start();
        while !rest.is_empty() {
            let (token, after) = next_token(rest, tokens.last())?;
            tokens.push(token);
            rest = after.trim_start();
        }
        let expression = Self(tokens);
        expression.check_brackets()?;
        Ok(expression)
    }

    fn check_brackets(&self) -> Result<(), String> {
        let mut open = Vec::new();
        for token in &self.0 {
            match token {
                Token::Sign("(") => open.push(")"),
                Token::Sign("[") => open.push("]"),
                Token::Sign("{") => open.push("}"),
                Token::Sign(sign @ (")" | "]" | "}")) if open.pop() != Some(sign) => {
                    return Err(format!("`{sign}` closes nothing"));
                }
                Token::Variable(_) | Token::Word(_) | Token::Text(_) => {}
                Token::Number(_) | Token::Regex(_) | Token::Sign(_) => {}
            }
        }
        open.pop().map_or(Ok(()), |missing| Err(format!("`{missing}` is missing")))
    }

    /// Variables that are used before anything in the expression binds them, each once.
    pub(crate) fn free_variables(&self) -> BTreeSet<&str> {
        let mut bound = BTreeSet::new();
        let mut free = BTreeSet::new();
        // Between the brackets of `function(…)`, every variable is a parameter.
        let mut in_parameters = false;
        for (index, token) in self.0.iter().enumerate() {
            match token {
                Token::Word(word) if word == "function" => in_parameters = true,
                Token::Sign(")") => in_parameters = false,
                Token::Variable(name) if in_parameters || self.0.get(index + 1) == Some(&Token::Sign(":=")) => {
                    bound.insert(name.as_str());
                }
                Token::Variable(name) if !bound.contains(name.as_str()) => {
                    free.insert(name.as_str());
                }
                Token::Variable(_) | Token::Word(_) | Token::Text(_) => {}
                Token::Number(_) | Token::Regex(_) | Token::Sign(_) => {}
            }
        }
        free
    }

    /// The keys of the objects that are written `depth` braces deep, in order;
    /// those of the outermost braces are 1 deep.
    pub(crate) fn keys_at(&self, depth: usize) -> Vec<&str> {
        let mut deep = 0;
        let mut keys = Vec::new();
        for (index, token) in self.0.iter().enumerate() {
            match token {
                Token::Sign("{") => deep += 1,
                Token::Sign("}") => deep -= 1,
                Token::Text(key) if deep == depth && self.is_key(index) => keys.push(key.as_str()),
                Token::Variable(_) | Token::Word(_) | Token::Text(_) => {}
                Token::Number(_) | Token::Regex(_) | Token::Sign(_) => {}
            }
        }
        keys
    }

    fn is_key(&self, index: usize) -> bool {
        let before = index.checked_sub(1).and_then(|before| self.0.get(before));
        matches!(before, Some(Token::Sign("{" | ","))) && self.0.get(index + 1) == Some(&Token::Sign(":"))
    }

    /// Every path that begins with a variable, as in `states.input.plan`.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        for (index, token) in self.0.iter().enumerate() {
            match token {
                Token::Variable(name) => paths.push(name.clone()),
                Token::Word(word) if self.continues_path(index) => {
                    if let Some(path) = paths.last_mut() {
                        path.push('.');
                        path.push_str(word);
                    }
                }
                Token::Word(_) | Token::Text(_) | Token::Number(_) | Token::Regex(_) | Token::Sign(_) => {}
            }
        }
        paths
    }

    /// Whether the word at `index` is joined to a variable by dots alone.
    fn continues_path(&self, index: usize) -> bool {
        let [.., before, Token::Sign(".")] = &self.0[..index] else { return false };
        match before {
            Token::Variable(_) => true,
            Token::Word(_) => self.continues_path(index - 2),
            Token::Text(_) | Token::Number(_) | Token::Regex(_) | Token::Sign(_) => false,
        }
    }

    /// Each field that is compared with a text, and the text.
    pub(crate) fn comparisons(&self) -> Vec<(&str, &str)> {
        let threes = self.0.windows(3).filter_map(|three| match three {
            [Token::Word(field), Token::Sign("=" | "!="), Token::Text(text)] => Some((field.as_str(), text.as_str())),
            _ => None,
        });
        threes.collect()
    }

    /// The texts in quotes.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let mut texts = Vec::new();
        for token in &self.0 {
            if let Token::Text(text) = token {
                texts.push(text.as_str());
            }
        }
        texts
    }
}

fn next_token<'a>(rest: &'a str, before: Option<&Token>) -> Result<(Token, &'a str), String> {
    let first = rest.chars().next().unwrap_or_default();
    if let quote @ ('\'' | '"' | '`') = first {
        let (inside, after) = until(rest, quote)?;
        let token = if quote == '`' { Token::Word(inside.to_owned()) } else { Token::Text(inside.to_owned()) };
        return Ok((token, after));
    }
    if first == '/' && may_begin_value(before) {
        let (inside, after) = until(rest, '/')?;
        return Ok((Token::Regex(inside.to_owned()), after.trim_start_matches(['i', 'm'])));
    }
    if first == '$' {
        let (name, after) = word(&rest[1..]);
        return match after.strip_prefix('$').filter(|_| name.is_empty()) {
            Some(after) => Ok((Token::Variable("$".to_owned()), after)),
            None => Ok((Token::Variable(name.to_owned()), after)),
        };
    }
    if first.is_ascii_digit() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        return Ok((Token::Number(rest[..end].to_owned()), &rest[end..]));
    }
    let (name, after) = word(rest);
    if !name.is_empty() {
        return Ok((Token::Word(name.to_owned()), after));
    }
    let sign = SIGNS.into_iter().find_map(|sign| Some((Token::Sign(sign), rest.strip_prefix(sign)?)));
    sign.ok_or_else(|| format!("`{first}` is no sign of JSONata"))
}

/// A `/` after a value divides; elsewhere it begins a regular expression.
fn may_begin_value(before: Option<&Token>) -> bool {
    match before {
        None => true,
        Some(Token::Sign(sign)) => ![")", "]", "}"].contains(sign),
        Some(Token::Variable(_) | Token::Word(_) | Token::Text(_) | Token::Number(_) | Token::Regex(_)) => false,
    }
}

fn word(rest: &str) -> (&str, &str) {
    rest.split_at(rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()))
}

/// What stands between the quote that `rest` begins with and the next one.
fn until(rest: &str, quote: char) -> Result<(&str, &str), String> {
    let mut escaped = false;
    for (index, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return Ok((&rest[1..index], &rest[index + 1..])),
            _ => {}
        }
    }
    Err(format!("{quote} is not closed"))
}

#[test]
fn a_misspelt_variable_is_free_and_a_bound_one_is_not() {
    let source = "($a := $sum($states.input.n); $map($l, function($x, $i) { $x + $a + $y }))";
    let expression = Expression::parse(source).unwrap();
    assert_eq!(Vec::from_iter(expression.free_variables()), ["l", "map", "states", "sum", "y"]);
}

#[test]
fn brackets_and_quotes_that_do_not_match_are_found() {
    assert_eq!(Expression::parse("$count([1, 2)"), Err("`)` closes nothing".to_owned()));
    assert_eq!(Expression::parse("{ 'a': (1 }"), Err("`}` closes nothing".to_owned()));
    assert_eq!(Expression::parse("$merge([{}]"), Err("`)` is missing".to_owned()));
    assert_eq!(Expression::parse("'it\\'s"), Err("' is not closed".to_owned()));
}

#[test]
fn what_stands_in_quotes_and_patterns_is_neither_name_nor_bracket() {
    let expression = Expression::parse(r"$replace('$no (', /[^$x({]\/'/i, `$field)`) / 2").unwrap();
    assert_eq!(Vec::from_iter(expression.free_variables()), ["replace"]);
    assert_eq!(expression.texts(), ["$no ("]);
}

#[test]
fn keys_are_told_from_the_branches_of_a_condition() {
    let expression = Expression::parse("$merge([{ 'a': $x ? 'b' : 'c', 'd': { 'e': 1 } }, { 'f': 2 }])").unwrap();
    assert_eq!(expression.keys_at(1), ["a", "d", "f"]);
    assert_eq!(expression.keys_at(2), ["e"]);
}

#[test]
fn a_path_ends_where_its_dots_end() {
    let expression = Expression::parse("$states.input.requests[type = 'a'].key and $x = plan.wait").unwrap();
    assert_eq!(expression.paths(), ["states.input.requests", "x"]);
}
