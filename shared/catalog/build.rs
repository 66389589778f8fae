//! Reads every `integrations/*.toml`, with the feature `examples` those in
//! `integrations/examples` too, refuses the build if one is not accepted,
//! and writes the table that `src/lib.rs` bundles.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};
use stepwait_core::integration::{Bundled, Integration};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../integrations").canonicalize()?;
    let with_examples = env::var_os("CARGO_FEATURE_EXAMPLES").map(|_| root.join("examples"));
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in [root].into_iter().chain(with_examples) {
        println!("cargo::rerun-if-changed={}", folder.display());
        let entries = fs::read_dir(&folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>()?;
        files.extend(entries.into_iter().filter(|path| path.extension().is_some_and(|e| e == "toml")));
    }
    files.sort_by(|a, b| a.file_stem().cmp(&b.file_stem()));

    let mut table = String::from("&[\n");
    let mut refused = Vec::new();
    for path in &files {
        let name = path.file_stem().and_then(|s| s.to_str()).ok_or("an integration's file name is not UTF-8")?;
        println!("cargo::rerun-if-changed={}", path.display());
        match Integration::bundle(name, &fs::read_to_string(path)?) {
            Ok(Bundled { digest, json }) => {
                writeln!(table, "File {{ name: {name:?}, digest: {digest:?}, json: {json:?} }},")?;
            }
            Err(error) => refused.push(error.to_string()),
        }
    }
    table.push(']');
    if !refused.is_empty() {
        for line in refused.iter().flat_map(|text| text.lines()) {
            println!("cargo::error={line}");
        }
        return Err("integration files were refused; see above".into());
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("files.rs"), table)?;
    Ok(())
}
