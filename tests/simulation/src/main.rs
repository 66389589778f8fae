//! x
fn main() {
    let mut args = std::env::args().skip(1);
    let from: u64 = args.next().unwrap().parse().unwrap();
    let count: u64 = args.next().unwrap().parse().unwrap();
    let keep = if count == 1 { stepwait_simulation::Keep::Lines } else { stepwait_simulation::Keep::Nothing };
    let mut coverage = stepwait_simulation::coverage::Coverage::default();
    let mut bad = 0;
    for seed in from..from + count {
        let outcome = stepwait_simulation::run(seed, None, keep);
        coverage.add(&outcome.coverage);
        print!("{}", outcome.trace);
        if let Some(broken) = outcome.broken {
            bad += 1;
            println!("seed {seed}: {broken}");
        }
    }
    println!("{bad} bad, cells {:?}, effects {}", coverage.cells(), coverage.total_effects());
    if count > 1 { for hole in coverage.holes() { println!("  {hole}"); } }
}
