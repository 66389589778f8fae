//! The listeners in Node.js: their packages installed, bundled, and made executable
//! as a `bootstrap`.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::Trouble;

/// The names of the listeners' files.
pub(super) const PLAIN: &str = "plain";
pub(super) const EQUAL: &str = "equal";

/// What is compiled in is what is installed and bundled, wherever the program runs.
const FILES: [(&str, &str); 5] = [
    ("package.json", include_str!("../../../node/package.json")),
    (LOCK, include_str!("../../../node/package-lock.json")),
    ("runtime.mjs", include_str!("../../../node/runtime.mjs")),
    ("plain.mjs", include_str!("../../../node/plain.mjs")),
    ("equal.mjs", include_str!("../../../node/equal.mjs")),
];
const LOCK: &str = "package-lock.json";

/// Written last: it holds what the packages were installed by.
const MARK: &str = "installed";

/// The packages are some 20 MB; the rest is for a slow network.
const LIMIT: Duration = Duration::from_secs(180);

/// The bundled listeners.
#[derive(Debug)]
pub(super) struct Bundles {
    /// Node.js's version, as it says it.
    pub(super) version: String,
    /// What is started, by the listener's name.
    pub(super) bootstraps: BTreeMap<String, PathBuf>,
}

/// Installs what is missing below `made`, and bundles.
pub(super) async fn bundle(made: &Path) -> Result<Bundles, Trouble> {
    let said = run("node", &["-p", "process.execPath + ' ' + process.version"], made).await?;
    let (node, version) = said.trim().rsplit_once(' ').ok_or("node does not say where it is")?;
    let folder = made.join("load-node");
    install(&folder).await?;
    // Beside the packages, not among them: their package.json would make an ES module of it.
    let bundles = made.join("load-node-bundles");
    let esbuild = folder.join("node_modules/.bin/esbuild").display().to_string();
    let outdir = format!("--outdir={}", bundles.display());
    let options = ["--bundle", "--minify", "--platform=node", "--target=node20", "--format=cjs", "--log-level=warning"];
    run(&esbuild, &[&["plain.mjs", "equal.mjs", &outdir], &options[..]].concat(), &folder).await?;
    let mut bootstraps = BTreeMap::new();
    for name in [PLAIN, EQUAL] {
        let code = fs::read_to_string(bundles.join(name).with_extension("js"))?;
        let bootstrap = bundles.join(name);
        fs::write(&bootstrap, format!("#!{node}\n{code}"))?;
        fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755))?;
        bootstraps.insert(name.to_owned(), bootstrap);
    }
    Ok(Bundles { version: version.to_owned(), bootstraps })
}

async fn install(folder: &Path) -> Result<(), Trouble> {
    let lock = FILES.iter().find(|(name, _)| *name == LOCK).map_or("", |(_, text)| text);
    let is_installed = fs::read_to_string(folder.join(MARK)).is_ok_and(|by| by == lock);
    fs::create_dir_all(folder)?;
    for (name, text) in FILES {
        fs::write(folder.join(name), text)?;
    }
    if !is_installed {
        // Of these packages none needs its script: esbuild's only saves it a step at each start.
        run("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder).await?;
        fs::write(folder.join(MARK), lock)?;
    }
    Ok(())
}

/// Runs a program to its end and gives what it printed.
async fn run(program: &str, arguments: &[&str], folder: &Path) -> Result<String, Trouble> {
    let command = Command::new(program).args(arguments).current_dir(folder).kill_on_drop(true).output();
    let ended = timeout(LIMIT, command).await.map_err(|_| format!("{program} took over {} s", LIMIT.as_secs()))?;
    let output = match ended {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(format!("{program} is not on the PATH: install Node.js 20 or later, with npm").into());
        }
        Err(error) => return Err(format!("{program} could not be started: {error}").into()),
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{program} failed ({}):\n{}", output.status, String::from_utf8_lossy(&output.stderr)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_that_is_missing_is_said_with_what_to_install() {
        let error = run("no-such-node", &[], Path::new("/")).await.unwrap_err();
        assert_eq!(error.to_string(), "no-such-node is not on the PATH: install Node.js 20 or later, with npm");
    }

    #[tokio::test]
    async fn a_program_that_fails_is_quoted() {
        let error = run("sh", &["-c", "echo why >&2; exit 3"], Path::new("/")).await.unwrap_err();
        assert_eq!(error.to_string(), "sh failed (exit status: 3):\nwhy\n");
    }
}
