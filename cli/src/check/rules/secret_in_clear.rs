//! Credentials in the file.

use super::{Context, Finding, Rule, Topic};
use crate::check::credentials;
use crate::check::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    topic: Topic {
        id: "secret-in-clear",
        severity: Severity::Error,
        summary: "a text looks like a credential",
        docs: "Integration files are committed, bundled into the functions and shown to people; they name secrets and \
               never hold them. A text that begins like a well-known service's key, or that looks random under a key \
               such as `token` or `password`, is taken for a credential, and masked in all output. Store it in Secrets \
               Manager, name it in `[auth]`, and replace it at the third party, as whoever has the file has it.",
    },
    pedantic: false,
    check,
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let found = credentials::find(context.document).into_iter();
    found
        .map(|credential| {
            Finding::new(
                Some(credential.text.span),
                format!("`{}` looks like {}", credential.text.path, credential.kind),
                "store it in Secrets Manager, name that secret in [auth], and replace the credential, as it was in a file",
            )
        })
        .collect()
}
