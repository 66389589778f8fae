//! AWS, as far as this application needs it, on the machine at hand.
//!
//! The engine is `ministack`, a Python program that answers the AWS API on one
//! loopback port. It deploys the real `template.yaml` through CloudFormation
//! with the SAM transform, executes the real state machine definitions, and
//! runs the compiled functions as processes, without Docker and without an AWS
//! account. This module makes its environment, builds and stages the functions
//! as `sam build` would, starts the engine, deploys, and speaks to it.
//!
//! ```no_run
//! # use stepwait_local::engine::{Deployment, Options, Workspace};
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let workspace = Workspace::open().await?;
//! let deployment = Deployment::up(&workspace, Options::default(), |step| eprintln!("{step}")).await?;
//! let main = deployment.stack.output("MainStateMachineArn")?;
//! let execution = deployment.engine.states().start_execution(main, "one", &serde_json::json!({})).await?;
//! println!("{execution}");
//! deployment.down().await;
//! workspace.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! | file | what it holds |
//! |---|---|
//! | `deployment`, `step` | the whole, brought up; how far it is |
//! | `workspace`, `scratch` | where things are made; the folder of one run |
//! | `python`, `environment` | the interpreter; the virtual environment with the engine |
//! | `supervisor`, `guard.py` | children that cannot outlive this process |
//! | `functions`, `template`, `staging` | from sources to what CloudFormation takes |
//! | `sizes` | the functions as AWS gets them, measured |
//! | `process` | the engine itself |
//! | `deploy`, `stack` | CloudFormation, through the AWS command line |
//! | `aws_program` | the same command line, for a person who looks around |
//! | `client`, and a file for each service | the calls made while it runs |
//!
//! # What holds
//!
//! - Everything is made under `target/stepwait`; the folder of a run goes with it.
//! - Every child runs under `guard.py`, which ends it, and all that it started,
//!   when this process is gone, however it went.
//! - Nothing reaches a real AWS account: the engine and the command line get an
//!   environment of their own, with dummy credentials, no configuration files and
//!   no proxies; the client connects to the engine's loopback address only.
//! - Every wait has a bound.

mod aws_program;
mod client;
mod deploy;
mod deployment;
mod dynamodb;
mod environment;
mod error;
mod functions;
mod lambda;
mod logs;
mod process;
mod python;
mod s3;
mod scratch;
mod secrets;
mod sizes;
mod stack;
mod staging;
mod states;
mod step;
mod supervisor;
mod template;
mod workspace;

pub use client::CallError;
pub use deployment::{Deployment, Examples, Options};
pub use dynamodb::DynamoDb;
pub use error::SetUpError;
pub use functions::{Bundled, Profile, build as build_functions};
pub use lambda::{Invocation, Lambda};
pub use logs::Logs;
pub use process::Engine;
pub use s3::S3;
pub use secrets::Secrets;
pub use sizes::{FunctionSize, function_sizes};
pub use stack::{NoSuchOutput, Stack};
pub use states::{Execution, States};
pub use step::{Part, State, Step};
pub use workspace::Workspace;
