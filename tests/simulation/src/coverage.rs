//! What happened: each kind of fault at each effect, each mishap of each step,
//! and each case that must come up. A cell that can happen and never did is a
//! hole in the simulation, and fails a run that is long enough to fill it.

use crate::fault::{Effect, Fault, Mishap, Step, Witness};

/// Counts of what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    effects: Vec<u64>,
    faults: Vec<Vec<u64>>,
    steps: Vec<u64>,
    mishaps: Vec<Vec<u64>>,
    witnesses: Vec<u64>,
}

impl Default for Coverage {
    fn default() -> Self {
        Self {
            effects: vec![0; Effect::ALL.len()],
            faults: vec![vec![0; Fault::ALL.len()]; Effect::ALL.len()],
            steps: vec![0; Step::ALL.len()],
            mishaps: vec![vec![0; Mishap::ALL.len()]; Step::ALL.len()],
            witnesses: vec![0; Witness::ALL.len()],
        }
    }
}

impl Coverage {
    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects[effect.index()] += 1;
    }

    pub(crate) fn fault(&mut self, effect: Effect, fault: Fault) {
        self.faults[effect.index()][fault.index()] += 1;
    }

    pub(crate) fn step(&mut self, step: Step) {
        self.steps[step.index()] += 1;
    }

    pub(crate) fn mishap(&mut self, step: Step, mishap: Mishap) {
        self.mishaps[step.index()][mishap.index()] += 1;
    }

    pub(crate) fn witness(&mut self, witness: Witness) {
        self.witnesses[witness.index()] += 1;
    }

    /// How often an effect was begun.
    #[must_use]
    pub fn effects(&self, effect: Effect) -> u64 {
        self.effects[effect.index()]
    }

    /// How often a fault happened to an effect.
    #[must_use]
    pub fn faults(&self, effect: Effect, fault: Fault) -> u64 {
        self.faults[effect.index()][fault.index()]
    }

    /// How often a step ran.
    #[must_use]
    pub fn steps(&self, step: Step) -> u64 {
        self.steps[step.index()]
    }

    /// How often a mishap happened to a step.
    #[must_use]
    pub fn mishaps(&self, step: Step, mishap: Mishap) -> u64 {
        self.mishaps[step.index()][mishap.index()]
    }

    /// How often a case came up.
    #[must_use]
    pub fn witnesses(&self, witness: Witness) -> u64 {
        self.witnesses[witness.index()]
    }

    /// Adds what happened elsewhere.
    pub fn add(&mut self, other: &Self) {
        let add = |into: &mut [u64], from: &[u64]| into.iter_mut().zip(from).for_each(|(into, from)| *into += from);
        add(&mut self.effects, &other.effects);
        add(&mut self.steps, &other.steps);
        add(&mut self.witnesses, &other.witnesses);
        self.faults.iter_mut().zip(&other.faults).for_each(|(into, from)| add(into, from));
        self.mishaps.iter_mut().zip(&other.mishaps).for_each(|(into, from)| add(into, from));
    }

    /// All effects.
    #[must_use]
    pub fn total_effects(&self) -> u64 {
        self.effects.iter().sum()
    }

    /// All that went wrong.
    #[must_use]
    pub fn total_faults(&self) -> u64 {
        self.faults.iter().chain(&self.mishaps).flatten().sum()
    }

    /// How many cells happened, and how many can.
    #[must_use]
    pub fn cells(&self) -> (usize, usize) {
        let possible = possible();
        (possible - self.holes().len(), possible)
    }

    /// The cells that can happen and did not, by name.
    #[must_use]
    pub fn holes(&self) -> Vec<String> {
        let mut holes = Vec::new();
        for &effect in Effect::ALL {
            for &fault in Fault::ALL {
                if fault.impossible(effect).is_none() && self.faults(effect, fault) == 0 {
                    holes.push(format!("{fault}: {effect}"));
                }
            }
        }
        for &step in Step::ALL {
            for &mishap in Mishap::ALL {
                if mishap.impossible(step).is_none() && self.mishaps(step, mishap) == 0 {
                    holes.push(format!("{mishap}: {step}"));
                }
            }
        }
        holes.extend(Witness::ALL.iter().filter(|w| self.witnesses(**w) == 0).map(|w| format!("case: {w}")));
        holes
    }
}

/// How many cells can happen.
fn possible() -> usize {
    let faults = Effect::ALL.iter().flat_map(|effect| Fault::ALL.iter().map(|fault| fault.impossible(*effect)));
    let mishaps = Step::ALL.iter().flat_map(|step| Mishap::ALL.iter().map(|mishap| mishap.impossible(*step)));
    faults.chain(mishaps).filter(Option::is_none).count() + Witness::ALL.len()
}

/// The cells that cannot happen, each with the reason.
#[must_use]
pub fn impossible() -> Vec<(String, &'static str)> {
    let mut cells = Vec::new();
    for &effect in Effect::ALL {
        cells.extend(Fault::ALL.iter().filter_map(|f| Some((format!("{f}: {effect}"), f.impossible(effect)?))));
    }
    for &step in Step::ALL {
        cells.extend(Mishap::ALL.iter().filter_map(|m| Some((format!("{m}: {step}"), m.impossible(step)?))));
    }
    cells
}
