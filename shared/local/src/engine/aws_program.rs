//! The AWS command line for a person who looks around: a script that reaches the
//! local engine and nothing else.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::SetUpError;
use super::environment::{Environment, dummy_account};
use super::workspace::Workspace;

/// Whoever may read the script may run it.
const MODE: u32 = 0o755;

/// Writes it into the run's folder.
pub(super) fn write(workspace: &Workspace, environment: &Environment, endpoint: &str) -> Result<PathBuf, SetUpError> {
    let path = workspace.scratch().join("aws");
    fs::write(&path, script(&environment.python(), endpoint)).map_err(SetUpError::file("write", &path))?;
    fs::set_permissions(&path, Permissions::from_mode(MODE)).map_err(SetUpError::file("make executable", &path))?;
    Ok(path)
}

fn script(python: &Path, endpoint: &str) -> String {
    let settings: String = dummy_account(endpoint)
        .into_iter()
        .map(|(name, value)| format!("export {name}={}\n", quoted(&value.to_string_lossy())))
        .collect();
    format!(
        "#!/bin/sh\n\
         # The AWS command line, for the local engine only.\n\
         unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN\n\
         {settings}\
         exec {} -I -m awscli \"$@\"\n",
        quoted(&python.to_string_lossy()),
    )
}

/// A value as a shell takes it.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_takes_no_setting_of_the_users() {
        let script = script(Path::new("/home/it's me/python"), "http://127.0.0.1:4566");
        assert!(script.contains("unset AWS_PROFILE"));
        assert!(script.contains("\nexport AWS_ENDPOINT_URL='http://127.0.0.1:4566'\n"));
        assert!(script.contains("\nexport AWS_CONFIG_FILE='/dev/null'\n"));
        assert!(script.ends_with("exec '/home/it'\\''s me/python' -I -m awscli \"$@\"\n"));
    }
}
