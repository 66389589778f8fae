//! Every test that `docs/hazards.md` names is there, and is a test.

use std::path::Path;

/// What a row without a test must say.
const ONLY_AWS: &str = "nly AWS can show";

/// More rows than a table has that was not read.
const FEWEST_ROWS: usize = 50;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A hazard and what is said to cover it.
struct Row<'t> {
    hazard: &'t str,
    then: &'t str,
    tests: &'t str,
}

impl<'t> Row<'t> {
    /// A row of a table; neither its head nor the line below that.
    fn read(line: &'t str) -> Option<Self> {
        let cells = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let mut cells = cells.split(" | ");
        let row = Self { hazard: cells.next()?, then: cells.next()?, tests: cells.next()? };
        (cells.next().is_none() && row.hazard != "hazard").then_some(row)
    }

    /// The tests that it names, as a file and a function.
    fn named(&self) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.tests.split('`').skip(1).step_by(2).map(|name| name.split_once("::").unwrap_or((name, "")))
    }
}

/// Whether a function of that name is run as a test: it has the attribute, or
/// stands in its module's list of tests, as those on the local engine do.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let is_it = |line: &&str| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.strip_prefix("fn ").and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with('('))
    };
    let Some(at) = lines.iter().position(is_it) else {
        return false;
    };
    let above = lines.iter().take(at).rev().take_while(|line| line.starts_with("#["));
    let mut attributes = above.copied().collect::<Vec<_>>().into_iter();
    let listed = source.split_once("crate::tests![").and_then(|(_, rest)| rest.split_once(']'));
    let is_listed = listed.is_some_and(|(list, _)| list.split(',').any(|listed| listed.trim() == name));
    is_listed || (attributes.clone().any(is_attribute) && !attributes.any(|line| line.starts_with("#[ignore")))
}

fn is_attribute(line: &str) -> bool {
    ["#[test]", "#[tokio::test"].iter().any(|attribute| line.starts_with(attribute))
}

/// What is wrong with the table.
fn findings(table: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut findings = Vec::new();
    for line in table.lines().filter(|line| line.starts_with('|') && !line.starts_with("|-")) {
        let Some(row) = Row::read(line) else {
            if !line.starts_with("| hazard |") {
                findings.push(format!("not three cells: {line}"));
            }
            continue;
        };
        if row.then.is_empty() || (row.named().next().is_none() && !row.tests.contains(ONLY_AWS)) {
            findings.push(format!("\"{}\" has no test, and does not say that o{ONLY_AWS} it", row.hazard));
        }
        for (file, name) in row.named() {
            match read(file) {
                Some(source) if has_test(&source, name) => {}
                Some(_) => findings.push(format!("\"{}\": {file} has no test {name}", row.hazard)),
                None => findings.push(format!("\"{}\": there is no file {file}", row.hazard)),
            }
        }
    }
    findings
}

#[test]
fn every_test_that_the_hazards_name_is_there() {
    let table = std::fs::read_to_string(root().join("docs/hazards.md")).unwrap();
    assert!(table.lines().filter_map(Row::read).count() >= FEWEST_ROWS, "the table was not read");
    let findings = findings(&table, |file| std::fs::read_to_string(root().join(file)).ok());
    assert!(findings.is_empty(), "docs/hazards.md:\n{}", findings.join("\n"));
}

#[test]
fn a_test_that_is_not_there_or_not_run_is_found() {
    let source = "
#[tokio::test(start_paused = true)]
#[expect(clippy::panic, reason = \"none\")]
async fn runs() {}
fn helps() {}
#[test]
#[ignore = \"slow\"]
fn sleeps() {}
";
    let table = "
| hazard | what happens | tests |
|---|---|---|
| covered | it ends | `a.rs::runs` |
| on AWS | it ends | Only AWS can show it. |
| renamed | it ends | `a.rs::run` |
| no test | it ends | `a.rs::helps` |
| ignored | it ends | `a.rs::sleeps` |
| moved | it ends | `b.rs::runs` |
| bare | it ends | later |
| broken | it ends |
";
    let found = findings(table, |file| (file == "a.rs").then(|| source.to_owned()));
    let expected = [
        "\"renamed\": a.rs has no test run",
        "\"no test\": a.rs has no test helps",
        "\"ignored\": a.rs has no test sleeps",
        "\"moved\": there is no file b.rs",
        "\"bare\" has no test, and does not say that only AWS can show it",
        "not three cells: | broken | it ends |",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_test_on_the_local_engine_is_one_of_its_modules_list() {
    let source = "crate::tests![\n    one,\n];\nasync fn one(app: &Application) {}\nasync fn two(app: &Application) {}";
    assert!(has_test(source, "one"));
    assert!(!has_test(source, "two"));
    assert!(has_test("crate::tests![one, two];\nasync fn two(app: &Application) {}", "two"));
}
