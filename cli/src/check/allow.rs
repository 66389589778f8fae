//! Comments that silence a rule: `# stepwait: allow(no-cancel)`, on the line
//! above what is found or, for the whole file, above its first key.

use super::locate::Document;

/// What a file's comments silence.
#[derive(Debug, Default)]
pub(crate) struct Allowed {
    everywhere: Vec<String>,
    /// The line below the comment, and a rule.
    below: Vec<(usize, String)>,
}

impl Allowed {
    /// Reads the comments of a text.
    pub(crate) fn read(text: &str, document: &Document<'_>) -> Self {
        let texts = document.texts();
        let mut allowed = Self::default();
        let mut pending = Vec::new();
        let mut is_head = true;
        let mut start = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let is_in_text = texts.iter().any(|text| text.span.start < start && start < text.span.end);
            start += line.len();
            let line = line.trim();
            if line.starts_with('#') && !is_in_text {
                pending.extend(rules(line).map(str::to_owned));
            } else if is_head && line.is_empty() {
                // Comments above the first key may be set off by a blank line.
            } else {
                let rules = std::mem::take(&mut pending);
                if is_head {
                    allowed.everywhere = rules;
                    is_head = false;
                } else {
                    allowed.below.extend(rules.into_iter().map(|rule| (index + 1, rule)));
                }
            }
        }
        allowed
    }

    /// Whether a finding of `rule` in a line is silenced.
    pub(crate) fn covers(&self, rule: &str, line: usize) -> bool {
        self.everywhere.iter().any(|allowed| allowed == rule)
            || self.below.iter().any(|(below, allowed)| *below == line && allowed == rule)
    }
}

/// The rules that a comment names.
fn rules(comment: &str) -> impl Iterator<Item = &str> {
    let named = comment.trim_start_matches('#').trim().strip_prefix("stepwait:");
    let named = named.and_then(|rest| rest.trim().strip_prefix("allow("));
    let named = named.and_then(|rest| rest.split_once(')')).map_or("", |(names, _)| names);
    named.split(',').map(str::trim).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Allowed, Document};

    fn read(text: &str) -> Allowed {
        Allowed::read(text, &Document::read(text))
    }

    #[test]
    fn a_comment_silences_the_line_below_it() {
        let allowed = read("a = 1\n# stepwait: allow(one, two) since …\n# more words\nb = 2\nc = 3\n");
        assert!(allowed.covers("one", 4) && allowed.covers("two", 4));
        assert!(!allowed.covers("three", 4) && !allowed.covers("one", 3) && !allowed.covers("one", 5));
    }

    #[test]
    fn a_comment_above_the_first_key_silences_the_file() {
        let allowed = read("# What it is for\n#stepwait: allow(one)\n\na = 1\nb = 2\n");
        assert!(allowed.covers("one", 1) && allowed.covers("one", 5) && !allowed.covers("two", 5));
    }

    #[test]
    fn a_blank_line_ends_what_a_comment_silences() {
        assert!(!read("a = 1\n# stepwait: allow(one)\n\nb = 2\n").covers("one", 4));
    }

    #[test]
    fn a_text_is_no_comment() {
        assert!(!read("a = 1\nb = '''\n# stepwait: allow(one)\n'''\nc = 1\n").covers("one", 4));
    }
}
