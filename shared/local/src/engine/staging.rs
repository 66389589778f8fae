//! What `sam build` and `sam package` would have made of the template: an archive
//! for each function with its executable as `bootstrap`, and a template that
//! points at them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::SetUpError;
use super::template::{Artifact, Template};
use super::workspace::{Task, Workspace};

const PACK: &str = include_str!("pack.py");

const PACKING: Task = Task {
    what: "packing the functions",
    log: "pack.log",
    advice: "see that the disk has room for their archives, some 20 MB each",
    // Two seconds on two cores; the rest is for a machine that compiles too.
    limit: Duration::from_secs(120),
};

/// How hard the archives are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    /// For archives that travel no farther than over loopback: an executable of a
    /// development build has forty megabytes.
    Fastest,
    /// As `sam deploy` packs them: zlib's default.
    AsDeployed,
}

impl Compression {
    /// The level, as zlib counts them.
    const fn level(self) -> &'static str {
        match self {
            Self::Fastest => "1",
            Self::AsDeployed => "6",
        }
    }
}

/// Stages everything and gives the path of the staged template.
pub(super) async fn stage(
    workspace: &Workspace,
    template: &Template,
    executables: &BTreeMap<String, PathBuf>,
) -> Result<PathBuf, SetUpError> {
    let staged = workspace.folder("staged")?;
    pack(workspace, &staged, executables, Compression::Fastest).await?;
    let definitions = workspace.root().join("statemachines");
    let text = template.with_artifacts_at(|artifact| match artifact {
        Artifact::Function(name) => staged.join(format!("{name}.zip")),
        Artifact::Definition(file) => definitions.join(file),
    });
    let path = staged.join("template.yaml");
    fs::write(&path, text).map_err(SetUpError::file("write", &path))?;
    Ok(path)
}

/// Makes `NAME.zip` in `folder` of each executable.
pub(super) async fn pack(
    workspace: &Workspace,
    folder: &Path,
    executables: &BTreeMap<String, PathBuf>,
    compression: Compression,
) -> Result<(), SetUpError> {
    let script = folder.join("pack.py");
    fs::write(&script, PACK).map_err(SetUpError::file("write", &script))?;
    let mut command = workspace.command(&workspace.python().executable);
    command.arg("-I").arg(&script).arg(folder).arg(compression.level());
    for (name, executable) in executables {
        let mut function = OsString::from(format!("{name}="));
        function.push(executable);
        command.arg(function);
    }
    workspace.run(command, PACKING).await?;
    Ok(())
}
