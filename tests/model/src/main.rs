//! x
use stateright::{Checker, Model};
use std::time::Instant;
use stepwait_model::*;
fn main() {
    let mut c = configurations::CALLBACK;
    for arg in std::env::args().skip(1) {
        let (k, v) = arg.split_once('=').unwrap();
        let n: u8 = v.parse().unwrap();
        match k {
            "attempts" => c.attempts = n, "zombies" => c.has_zombies = n > 0, "listeners" => c.listeners = n, "deliveries" => c.deliveries = n,
            "crashes" => c.crashes = n, "losses" => c.losses = n, "deadline" => c.has_deadline = n > 0, "operator" => c.has_operator = n > 0,
            "waits" => c.waits = n, "poll" => c.strategy = if n > 0 { Strategy::Poll } else { Strategy::Callback }, "thin" => c.is_thin = n > 0, "fickle" => c.is_fickle = n>0,
            "looks" => c.has_looks = n > 0, "reads" => c.reads_mailbox = n > 0, "checks" => c.checks_read_row = n > 0, "reconciler" => c.has_reconciler = n > 0,
            "ids" => c.ids = [JobIds::Distinct, JobIds::SameTextTwice, JobIds::OneJobForTwo][n as usize],
            "rep" => c.repetition = [Repetition::IdempotencyKey, Repetition::LookUp, Repetition::Never][n as usize],
            "mistake" => c.mistake = Some(Mistake::ALL[n as usize]),
            _ => panic!(),
        }
    }
        let began = Instant::now();
        let checker = Protocol::new(c).checker().threads(2).finish_when(stateright::HasDiscoveries::AnyFailures).timeout(std::time::Duration::from_secs(100)).spawn_bfs().join();
        println!("{} states {} ({}) depth {} {:?} {:?}", c.name, checker.unique_state_count(), checker.state_count(), checker.max_depth(), began.elapsed(), checker.model().witnesses());
        for (name, path) in checker.discoveries() {
            println!("{name}");
            for (_, step) in path.into_vec() { println!("   {step:?}"); }
        }
}
