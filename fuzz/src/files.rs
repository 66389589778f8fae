//! Every integration file of the repository: the shipped ones, the examples, and
//! those that tests made to use every key of the grammar.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use stepwait_core::integration::Integration;

/// Where files are, from the root of the repository.
const FOLDERS: [&str; 4] =
    ["integrations", "integrations/examples", "shared/core/src/test_support", "shared/flow/tests/steps/grammar/files"];

/// All files, in the order of their folders and names.
pub static FILES: LazyLock<Vec<Integration>> = LazyLock::new(|| FOLDERS.into_iter().flat_map(in_folder).collect());

/// The file of this name, or one that its first byte chooses, so that no
/// mutation of a name is wasted.
///
/// # Panics
/// If there are no files.
#[must_use]
pub fn named(name: &str) -> &'static Integration {
    let by_byte = usize::from(name.bytes().next().unwrap_or_default()).checked_rem(FILES.len());
    let known = FILES.iter().find(|file| file.name.as_str() == name);
    known.or_else(|| FILES.get(by_byte?)).expect("there is at least one integration file")
}

fn in_folder(folder: &str) -> Vec<Integration> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Integration {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    Integration::parse(name, &text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
