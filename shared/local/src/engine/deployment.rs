//! The whole, brought up: from an empty folder to a deployed application.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use super::environment::Environment;
use super::functions::{Bundled, Profile};
use super::process::Engine;
use super::step::{Part, State, Step};
use super::template::Template;
use super::workspace::Workspace;
use super::{SetUpError, Stack, deploy, functions, staging};
use crate::scripted::ThirdParty;

/// How to bring it up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Shortens Wait states and Retry intervals of state machines: 0.1 makes
    /// ten seconds one. `None` leaves them as written.
    pub wait_scale: Option<f64>,
    /// Deploys `integrations/examples` as well, and where their third parties are.
    pub examples: Option<Examples>,
}

/// What the examples need beside their files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examples {
    /// Base URLs by integration, in place of those in the files.
    pub base_urls: BTreeMap<String, String>,
    /// Secrets by their names in the files.
    pub secrets: BTreeMap<String, String>,
}

/// The application, deployed, with a third party that it calls and that calls
/// it. Dropped, it is taken down.
#[derive(Debug)]
pub struct Deployment {
    /// The engine.
    pub engine: Engine,
    /// The third party.
    pub third_party: ThirdParty,
    /// The template's outputs.
    pub stack: Stack,
    /// The functions' executables, by the names of their folders.
    pub executables: BTreeMap<String, PathBuf>,
}

impl Deployment {
    /// Brings it up, and reports each step.
    ///
    /// # Errors
    ///
    /// When a part cannot be made, built, started or deployed; nothing of it is
    /// left running then.
    pub async fn up(workspace: &Workspace, options: Options, report: impl Fn(Step) + Sync) -> Result<Self, SetUpError> {
        let template = Template::read(&workspace.root().join("template.yaml"))?;
        let names = template.functions();
        // The engine is up long before the functions are compiled.
        let bundled = options.examples.as_ref().map_or(Bundled::Deployed, |_| Bundled::WithExamples);
        let compile = during(&report, Part::Functions, async |far| {
            functions::build(workspace, &names, Profile::Dev, bundled, far).await
        });
        let start = async {
            let environment = during(&report, Part::Environment, async |_| Environment::ready(workspace).await).await?;
            during(&report, Part::Engine, async |_| start(workspace, &environment, &options).await).await
        };
        let (executables, (engine, third_party)) = tokio::try_join!(compile, start)?;

        let stack = during(&report, Part::Deployment, async |_| {
            let staged = staging::stage(workspace, &template, &executables).await?;
            let parameters = deploy::parameters(workspace.root(), &third_party, options.examples.as_ref())?;
            deploy::deploy(workspace, &engine, &staged, &parameters).await
        })
        .await?;
        Ok(Self { engine, third_party, stack, executables })
    }

    /// Takes it down: when this returns, nothing of it runs or listens.
    pub async fn down(self) {
        self.third_party.stop().await;
        self.engine.stop().await;
    }
}

async fn start(
    workspace: &Workspace,
    environment: &Environment,
    options: &Options,
) -> Result<(Engine, ThirdParty), SetUpError> {
    let third_party = ThirdParty::start().await?;
    let engine = Engine::start(workspace, environment, options.wait_scale).await?;
    third_party.deliver_via(engine.address());
    deploy::create_secrets(&engine, &third_party, options.examples.as_ref()).await?;
    Ok((engine, third_party))
}

/// Does one part, and reports it.
pub(super) async fn during<T>(
    report: &(impl Fn(Step) + Sync),
    part: Part,
    work: impl AsyncFnOnce(&(dyn Fn(String) + Sync)) -> Result<T, SetUpError>,
) -> Result<T, SetUpError> {
    let began = Instant::now();
    report(Step { part, state: State::Began });
    let far = |far| {
        report(Step { part, state: State::Going(far) });
    };
    let result = work(&far).await?;
    report(Step { part, state: State::Done(began.elapsed()) });
    Ok(result)
}
