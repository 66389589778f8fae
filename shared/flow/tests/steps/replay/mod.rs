//! The model's walks, repeated with the real functions.
//!
//! `stepwait_model` checks every state of the protocol as it is written down there;
//! what it proves of the functions is worth as much as the two are the same. Here
//! random walks through each of its configurations are carried out by the real
//! steps over the world in memory, one effect at a time, and after every step all
//! that is to be seen of each wait must agree, as must the effect before which each
//! function stands.
//!
//! | file | |
//! |---|---|
//! | `files` | the integration files and the third party of a configuration |
//! | `names` | which effect an operation of the model is, and the effects that are none |
//! | `stage` | the functions, each held before its next effect |
//! | `steps` | a step of a walk, carried out |
//! | `tasks` | Step Functions' part |
//! | `views` | what is to be seen, compared |
//! | `tally` | what came up, and what has to |
//!
//! A walk has no time. Here its deadlines pass when it says so, and the right to send
//! runs out then and not before; each run of the reconciler comes at a time of its own,
//! at which all is due that the model holds for due, and finds one wait in the index.
//! How often a last look without an answer is made again is time too: where a
//! third party answers no looks, they have been made.

mod files;
mod names;
mod stage;
mod steps;
mod tally;
mod tasks;
mod views;

use stage::Stage;
use std::fmt;
use stepwait_flow::Book;
use stepwait_model::configurations::{
    ALL, CALLBACK, CONTRADICTIONS, DUPLICATES, MAILBOX_ALONE, ONE_JOB, SAME_TEXT, SENT_ONCE,
};
use stepwait_model::walk::{Walked, walk};
use stepwait_model::{Configuration, Mistake, Protocol};
use tally::Tally;

/// Steps of a walk: as many as the model's own tests take.
const LENGTH: usize = 60;

/// Walks for each configuration.
const SEEDS: u64 = 1_000;

/// Walks for each configuration in which answers go wrong, which they do in many ways.
const SEEDS_WITH_LOSSES: u64 = 2_500;

/// Where a walk and the functions part.
struct Difference {
    configuration: &'static str,
    seed: u64,
    steps: Vec<Walked>,
    what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\"{}\", seed {}: {}", self.configuration, self.seed, self.what)?;
        for (number, walked) in self.steps.iter().enumerate() {
            writeln!(f, "{:>4}. {}", number + 1, walked.step)?;
        }
        Ok(())
    }
}

/// Repeats one walk.
fn replay(c: Configuration, book: &Book, seed: u64, tally: &mut Tally) -> Result<(), Difference> {
    let walked = walk(c, seed, LENGTH);
    let world = files::world();
    let mut stage = Stage::new(c, &world, book);
    let protocol = Protocol::new(c);
    let mut model = protocol.beginning();
    for (number, Walked { step, views }) in walked.iter().enumerate() {
        model = protocol.after(&model, *step);
        let taken = stage.take(*step).and_then(|()| stage.compare(views, &protocol, &model));
        taken.map_err(|what| {
            let steps = walked[..=number].to_vec();
            Difference { configuration: c.name, seed, steps, what }
        })?;
        tally.note(*step);
    }
    tally.let_through(&stage.let_through);
    Ok(())
}

/// Repeats as many walks as a configuration has; stops at the first difference.
fn replay_all(c: Configuration, tally: &mut Tally) -> Result<(), Difference> {
    let book = files::book(&c);
    let seeds = if c.losses > 0 { SEEDS_WITH_LOSSES } else { SEEDS };
    (0..seeds).try_for_each(|seed| replay(c, &book, seed, tally))
}

#[test]
fn the_functions_go_every_way_that_the_model_goes() {
    let mut tally = Tally::default();
    let mut differences = Vec::new();
    for configuration in ALL {
        if let Err(difference) = replay_all(configuration, &mut tally) {
            differences.push(difference.to_string());
        }
    }
    println!("{tally}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(tally.missing(), Vec::<String>::new());
}

/// A configuration whose walks show a mistake.
const fn shown_by(mistake: Mistake) -> Option<Configuration> {
    match mistake {
        // Its walks only lack what the reconciler does.
        Mistake::NoReconciler => None,
        Mistake::DedupeBeforeWork | Mistake::DuplicateStopsAtMailbox => Some(DUPLICATES),
        Mistake::NoIntegrationInKey => Some(SAME_TEXT),
        Mistake::LoserSendsItsOwn => Some(CONTRADICTIONS),
        Mistake::NoSubmitIntent | Mistake::ResendBlindly => Some(SENT_ONCE),
        Mistake::BindBlindly => Some(ONE_JOB),
        Mistake::ClaimLeavesIndex => Some(MAILBOX_ALONE),
        Mistake::NoMailbox
        | Mistake::MailboxNotRead
        | Mistake::SendBeforePersist
        | Mistake::LastWriteWins
        | Mistake::BlindExpire
        | Mistake::CloseOverwrites
        | Mistake::StaleToken
        | Mistake::UnfencedTokenWrite
        | Mistake::AcknowledgeBeforePersist
        | Mistake::UnconditionalDeliveredMark
        | Mistake::MarkBeforeSend
        | Mistake::CloseLeavesAbsent
        | Mistake::CallOffBeforeMark
        | Mistake::NoCallOff => Some(CALLBACK),
    }
}

#[test]
fn the_functions_part_from_walks_of_a_model_with_a_mistake() {
    let unnoticed = Mistake::ALL.into_iter().filter(|mistake| {
        shown_by(*mistake).is_none_or(|c| replay_all(c.with(*mistake), &mut Tally::default()).is_ok())
    });
    assert_eq!(unnoticed.collect::<Vec<_>>(), [Mistake::NoReconciler]);
}
