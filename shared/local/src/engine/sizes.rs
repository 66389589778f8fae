//! The functions as AWS gets them, measured: built in the release profile and
//! packed as `sam deploy` packs them, for this machine's own architecture.

use std::fs;
use std::path::Path;

use super::SetUpError;
use super::deployment::during;
use super::functions::{self, Bundled, Profile};
use super::staging::{Compression, pack};
use super::step::{Part, Step};
use super::template::Template;
use super::workspace::Workspace;

/// How large a function is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSize {
    /// Its folder under `functions/`.
    pub name: String,
    /// Its executable, in bytes.
    pub bootstrap_bytes: u64,
    /// The archive that holds the executable, in bytes.
    pub zipped_bytes: u64,
}

/// Builds the template's functions in the release profile and measures them, in
/// the order of their names.
///
/// # Errors
///
/// When the template cannot be read, or a function not be built or packed.
pub async fn function_sizes(
    workspace: &Workspace,
    report: impl Fn(Step) + Sync,
) -> Result<Vec<FunctionSize>, SetUpError> {
    let names = Template::read(&workspace.root().join("template.yaml"))?.functions();
    let executables = during(&report, Part::Functions, async |far| {
        functions::build(workspace, &names, Profile::Release, Bundled::Deployed, far).await
    })
    .await?;
    let folder = workspace.folder("sizes")?;
    pack(workspace, &folder, &executables, Compression::AsDeployed).await?;
    let measured = executables.into_iter().map(|(name, executable)| {
        Ok(FunctionSize {
            bootstrap_bytes: length(&executable)?,
            zipped_bytes: length(&folder.join(format!("{name}.zip")))?,
            name,
        })
    });
    measured.collect()
}

fn length(file: &Path) -> Result<u64, SetUpError> {
    Ok(fs::metadata(file).map_err(SetUpError::file("measure", file))?.len())
}
