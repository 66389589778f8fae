//! `template.yaml`, as far as staging must understand it: which functions it
//! builds, which definitions it reads.
//!
//! Line by line and strict, because a reader of all of YAML with
//! CloudFormation's tags is not needed to find two keys, and because a template
//! that is written differently must fail here, with its line, and not later in
//! the engine.

use std::path::{Path, PathBuf};

use super::SetUpError;

const FUNCTION: Kind = Kind { key: "CodeUri:", folder: "functions/", suffix: "" };
const DEFINITION: Kind = Kind { key: "DefinitionUri:", folder: "statemachines/", suffix: ".asl.json" };

/// A template, told apart into the lines that name artifacts and the others.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Template {
    lines: Vec<Line>,
}

#[derive(Debug, PartialEq, Eq)]
enum Line {
    Plain(String),
    Artifact { indent: String, key: &'static str, artifact: Artifact },
}

/// What a line of the template names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Artifact {
    /// `functions/NAME`, by its name.
    Function(String),
    /// `statemachines/FILE`, by its file name.
    Definition(String),
}

struct Kind {
    key: &'static str,
    folder: &'static str,
    suffix: &'static str,
}

impl Template {
    pub(super) fn read(path: &Path) -> Result<Self, SetUpError> {
        let text = std::fs::read_to_string(path).map_err(SetUpError::file("read", path))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, SetUpError> {
        let lines =
            text.lines().enumerate().map(|(index, line)| read_line(index + 1, line)).collect::<Result<Vec<_>, _>>()?;
        let template = Self { lines };
        let artifacts = template.artifacts();
        for (kind, found) in [
            (&FUNCTION, artifacts.iter().any(Artifact::is_function)),
            (&DEFINITION, !artifacts.iter().all(Artifact::is_function)),
        ] {
            if !found {
                return Err(SetUpError::Template { line: None, problem: format!("no line `{}`", kind.form()) });
            }
        }
        Ok(template)
    }

    /// The functions to build, in order, each once.
    pub(super) fn functions(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for artifact in self.artifacts() {
            if let Artifact::Function(name) = artifact
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        names
    }

    /// The template with each artifact at the place `place` gives it.
    pub(super) fn with_artifacts_at(&self, place: impl Fn(&Artifact) -> PathBuf) -> String {
        let mut text = String::new();
        for line in &self.lines {
            match line {
                Line::Plain(line) => text.push_str(line),
                Line::Artifact { indent, key, artifact } => {
                    let path = place(artifact).display().to_string();
                    text.push_str(&format!("{indent}{key} '{}'", path.replace('\'', "''")));
                }
            }
            text.push('\n');
        }
        text
    }

    fn artifacts(&self) -> Vec<Artifact> {
        self.lines
            .iter()
            .filter_map(|line| match line {
                Line::Plain(_) => None,
                Line::Artifact { artifact, .. } => Some(artifact.clone()),
            })
            .collect()
    }
}

impl Artifact {
    fn is_function(&self) -> bool {
        matches!(self, Self::Function(_))
    }
}

impl Kind {
    fn form(&self) -> String {
        format!("{} {}NAME{}", self.key, self.folder, self.suffix)
    }
}

fn read_line(number: usize, line: &str) -> Result<Line, SetUpError> {
    let content = line.trim_start();
    let indent = &line[..line.len() - content.len()];
    for (kind, artifact) in
        [(&FUNCTION, Artifact::Function as fn(String) -> Artifact), (&DEFINITION, Artifact::Definition)]
    {
        let Some(value) = content.strip_prefix(kind.key) else {
            continue;
        };
        let name = value
            .trim()
            .strip_prefix(kind.folder)
            .filter(|name| is_plain_name(name) && name.ends_with(kind.suffix))
            .ok_or_else(|| SetUpError::Template {
                line: Some(number),
                problem: format!(
                    "`{}` is not of the form `{}`, which is what is built and staged",
                    content.trim_end(),
                    kind.form(),
                ),
            })?;
        return Ok(Line::Artifact { indent: indent.to_owned(), key: kind.key, artifact: artifact(name.to_owned()) });
    }
    Ok(Line::Plain(line.to_owned()))
}

/// A name that is one part of a path and needs no quoting anywhere.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "\
Resources:
  Submit:
    Properties:
      CodeUri: functions/submit
  Again:
    Properties:
      CodeUri: functions/submit
  Main:
    Properties:
      DefinitionUri: statemachines/main.asl.json
";

    #[test]
    fn artifacts_are_moved_and_all_else_is_kept() {
        let template = Template::parse(TEMPLATE).unwrap();
        let staged = template.with_artifacts_at(|artifact| match artifact {
            Artifact::Function(name) => PathBuf::from("/it's/staged").join(name),
            Artifact::Definition(file) => PathBuf::from("/repository").join(file),
        });
        let expected = TEMPLATE
            .replace("functions/submit", "'/it''s/staged/submit'")
            .replace("statemachines/main.asl.json", "'/repository/main.asl.json'");
        assert_eq!(staged, expected);
    }

    #[test]
    fn a_function_used_twice_is_built_once() {
        let template = Template::parse(TEMPLATE).unwrap();
        assert_eq!(template.functions(), ["submit"]);
    }

    #[test]
    fn an_artifact_elsewhere_is_refused_with_its_line() {
        let error = Template::parse("Resources:\n  CodeUri: ../submit\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "template.yaml, line 2: `CodeUri: ../submit` is not of the form \
             `CodeUri: functions/NAME`, which is what is built and staged"
        );
    }

    #[test]
    fn a_template_without_definitions_is_refused() {
        let error = Template::parse("CodeUri: functions/submit\n").unwrap_err();
        assert_eq!(error.to_string(), "template.yaml: no line `DefinitionUri: statemachines/NAME.asl.json`");
    }
}
