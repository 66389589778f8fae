//! `stepwait`: waits for third parties in Step Functions workflows, from the
//! command line.
//!
//! This file reads the arguments; each command is a module.

mod begin;
mod check;
mod demo;
#[cfg(test)]
mod docs;
mod explain;
mod format;
mod fragment;
mod learn;
mod named;
mod place;
mod plan;
mod prices;
mod schema;
mod screen;
mod signals;
mod sizes;
mod trial;
mod waits;
mod webhook;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  stepwait check                 see whether the files in integrations/ are sound
  stepwait try replicate --request '{ … }'
                                 run one job at the third party, without AWS
  stepwait demo                  deploy the application on this machine and watch it wait
  stepwait demo --format json    the same, with the table as JSON
  stepwait demo --keep           leave everything up afterwards, to look around with `aws`
  stepwait explain transcript    what a file says, in words and as a picture
  stepwait plan transcript --waits-per-month 100000
                                 what each way to wait would cost, and which to take
  stepwait fragment transcript   the states that wait for it, for a workflow of your own
  stepwait learn transcript --table WAIT_TABLE
                                 when to look at its jobs, from how long they took
  stepwait webhook verify stripe-payout --request delivery.http
                                 why a webhook was refused
  stepwait sizes                 how large the functions are on AWS
  stepwait waits show w-… --table WAIT_TABLE
                                 where a wait of a deployment stands";

/// Waits for third parties in Step Functions workflows
#[derive(Debug, Parser)]
#[command(name = "stepwait", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// See whether integration files parse, and whether they say what was meant
    ///
    /// Parses each file as the functions do, then looks for what is probably a
    /// mistake. Everything found is shown with its place, what to do about it, and
    /// the heading of docs/checks.md that explains it.
    Check(check::Arguments),
    /// Deploy the application on this machine and watch it wait, both ways
    ///
    /// Builds the functions, deploys template.yaml on a local engine, starts an
    /// execution for each way a wait can go, and prints what each one took. Needs
    /// Rust and Python 3.10 or later; no Docker and no AWS account. Everything it
    /// makes is under target/stepwait, and nothing is left running.
    Demo(demo::Arguments),
    /// Explain an integration file in words, with a picture and what it costs
    ///
    /// Says what is sent when, what answers mean, when the job is looked at, and
    /// what a thousand waits cost, counted by the decisions of the functions.
    Explain(explain::Arguments),
    /// Print the waiting part for one integration, for a workflow of your own
    ///
    /// One state for a third party that resumes a task token, or for one that is
    /// looked at by the reconciler; a short loop around rounds of the nested workflow
    /// for one that is polled. All bounds are numbers, made from the file.
    Fragment(fragment::Arguments),
    /// Learn when to look at a third party's jobs, from how long earlier ones took
    ///
    /// Reads the waits of a deployment that are over, with the credentials of the
    /// environment, and says how long their jobs took and what looking where jobs end
    /// would save. With --write it puts that into the integration file, by which waits
    /// go that begin after the next deployment.
    Learn(learn::Arguments),
    /// Compare ways to wait: what each costs, how soon it tells, and which to take
    ///
    /// Calculates nine ways to wait for a third party, three of them ours, by the
    /// decisions of the functions and AWS's prices, for jobs that take as long as is
    /// said; recommends one, and draws how cost depends on intervals and durations.
    Plan(plan::Arguments),
    /// Print the JSON Schema of integration files, for editors
    Schema(schema::Arguments),
    /// Build the functions for AWS and see that none has outgrown its limit
    ///
    /// Builds them in the release profile for this machine's own architecture,
    /// which takes minutes, zips each, and prints how large they are.
    Sizes(sizes::Arguments),
    /// Try an integration file: run one job at the third party, without AWS
    ///
    /// Starts the job, looks at it until it has ended, fetches its result, or calls
    /// it off, with the code that the functions run. Shows each request, each
    /// answer, what was made of it and by which rule. Credentials, secrets and kept
    /// values are shown as [REDACTED].
    Try(Box<trial::Arguments>),
    /// See why a webhook was refused, or send one as the third party would
    ///
    /// Verifies a delivery that was caught, by the file and the code that the
    /// listener verifies it with, and says what speaks against it; and makes
    /// deliveries, signed as the third party signs them.
    Webhook(webhook::Arguments),
    /// Look at the waits of a deployment, and end one by hand
    ///
    /// Reads and changes the table of waits, with the credentials of the
    /// environment. Task tokens are never shown.
    Waits(waits::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments).await,
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Fragment(arguments) => fragment::run(&arguments),
        Command::Learn(arguments) => learn::run(&arguments).await,
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Sizes(arguments) => sizes::run(&arguments).await,
        Command::Try(arguments) => trial::run(&arguments).await,
        Command::Webhook(arguments) => webhook::run(&arguments).await,
        Command::Waits(arguments) => waits::run(arguments).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
