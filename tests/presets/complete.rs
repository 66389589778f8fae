//! Whether there is an integration for each third party, and a conversation for
//! every way in which a job can go.

use crate::{examples, name_of, sorted};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeSet;
use std::fs;
use stepwait_core::integration::Integration;
use stepwait_tests::Trouble;

/// The third parties that must not get lost.
const THIRD_PARTIES: [&str; 12] = [
    "assemblyai",
    "azure-document-intelligence",
    "docusign-envelope",
    "github-actions",
    "google-operation",
    "openai-batch",
    "plaid-asset-report",
    "replicate",
    "shopify-bulk-operation",
    "stripe-payout",
    "zendesk-job",
    "zoom-recording",
];

/// The host of files that show a shape of API rather than a third party; they
/// have conversations for what they show.
const NOBODY: &str = "api.example.com";

pub(crate) fn trials() -> Vec<Trial> {
    let test = |name: &str, run: fn() -> Result<(), Trouble>| Trial::test(name, move || run().map_err(Failed::from));
    vec![
        test("all_third_parties_are_there", all_third_parties_are_there),
        test("every_way_a_job_can_go_was_recorded", every_way_a_job_can_go_was_recorded),
        test("every_conversation_has_its_file", every_conversation_has_its_file),
    ]
}

fn integrations() -> Result<Vec<Integration>, Trouble> {
    let mut found = Vec::new();
    for path in sorted(&examples())? {
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            found.push(Integration::parse(&name, &fs::read_to_string(&path)?)?);
        }
    }
    Ok(found)
}

fn conversations() -> Result<BTreeSet<String>, Trouble> {
    let mut found = BTreeSet::new();
    for folder in sorted(&examples().join("fixtures"))? {
        found.extend(sorted(&folder)?.iter().map(|path| name_of(path)));
    }
    Ok(found)
}

fn all_third_parties_are_there() -> Result<(), Trouble> {
    let integrations = integrations()?;
    let missing: Vec<_> =
        THIRD_PARTIES.iter().filter(|name| !integrations.iter().any(|i| i.name.as_str() == **name)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("missing: {missing:?}").into()) }
}

fn every_way_a_job_can_go_was_recorded() -> Result<(), Trouble> {
    let recorded = conversations()?;
    let mut missing = Vec::new();
    for integration in integrations()? {
        let is_shape = integration.base_url.host_str() == Some(NOBODY);
        let mut wanted = vec!["success", "failure"];
        if integration.cancel.is_some() {
            wanted.push("cancel");
        }
        wanted.retain(|_| !is_shape);
        missing.extend(
            wanted.iter().map(|way| format!("{}/{way}", integration.name)).filter(|name| !recorded.contains(name)),
        );
        if !recorded.iter().any(|name| name.starts_with(&format!("{}/", integration.name))) {
            missing.push(format!("{}/*", integration.name));
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("missing: {missing:?}").into()) }
}

fn every_conversation_has_its_file() -> Result<(), Trouble> {
    let names: BTreeSet<_> = integrations()?.iter().map(|integration| integration.name.to_string()).collect();
    let lost: Vec<_> = conversations()?
        .into_iter()
        .filter(|name| !name.split_once('/').is_some_and(|(folder, _)| names.contains(folder)))
        .collect();
    if lost.is_empty() { Ok(()) } else { Err(format!("without a file: {lost:?}").into()) }
}
