//! An explanation for the terminal.

use std::fmt::Write as _;

use super::Section;
use super::money::Bill;

/// The most characters of a line: what fits into most terminals beside each other.
const MAX_COLUMNS: usize = 100;

/// How far the rest of a broken line is indented below its beginning.
const HANGING: usize = 2;

/// The whole page.
pub(super) fn page(headline: &[String], picture: &str, sections: &[Section], bill: &Bill) -> String {
    let mut page = headline.join("\n");
    page.push_str("\n\n");
    page.push_str(picture);
    for section in sections {
        heading(&mut page, section.title);
        for item in &section.items {
            line(&mut page, 2, &item.says);
            for detail in &item.details {
                line(&mut page, 6, detail);
            }
        }
    }
    heading(&mut page, "What 1,000 waits cost");
    page.push_str(&bill.text());
    page
}

fn heading(page: &mut String, title: &str) {
    // Writing to a String cannot fail.
    let _ = write!(page, "\n{title}\n");
}

/// A line, broken between words where it is too long.
fn line(page: &mut String, indent: usize, text: &str) {
    let _ = writeln!(page, "{:indent$}{}", "", broken(text, indent, indent + HANGING));
}

/// A text that begins in a column, broken between words where its line would be
/// too long; what follows is indented as far as `hanging`.
pub(crate) fn broken(text: &str, column: usize, hanging: usize) -> String {
    let (mut lines, mut column) = (String::new(), column);
    for (n, word) in text.split(' ').enumerate() {
        let width = word.chars().count();
        if n > 0 && column + 1 + width > MAX_COLUMNS {
            column = hanging;
            let _ = write!(lines, "\n{:column$}", "");
        } else if n > 0 {
            column += 1;
            lines.push(' ');
        }
        column += width;
        lines.push_str(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_between_words() {
        let mut page = String::new();
        line(&mut page, 2, &format!("{} {} b", "x".repeat(60), "y".repeat(38)));
        assert_eq!(page, format!("  {}\n    {} b\n", "x".repeat(60), "y".repeat(38)));
    }
}
