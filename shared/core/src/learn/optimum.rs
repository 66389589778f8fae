//! The times to look at that cost the least: an exact dynamic program.
//!
//! With a price per second of mean delay, measured in looks, the least cost of
//! finding all jobs that end by candidate *j* is
//! `best[j] = min over i < j of best[i] + look(i, j)`, where the look at *j* is
//! made by the jobs still running at *i*, and delays those that ended since.
//! As a function of *j*'s time, what *i* contributes is a straight line whose
//! slope falls with *i*. So the minimum is read from a lower envelope that only
//! grows at one end, and a program over thousands of candidates takes thousands
//! of steps, not millions.

use super::durations::{Durations, Ended, Expected};

/// About how many candidates there are beside the edges of the density, 8,192:
/// durations that differ a thousandfold can take thousands of looks.
const CANDIDATES: f64 = 8_192.0;

/// How often the range of prices is halved; 18 leave a price exact to a ten-thousandth.
const HALVINGS: u32 = 18;

/// The bounds of the price of a second's mean delay, in looks. At the upper one
/// it pays to look at every candidate where one job in a million may have ended.
const PRICES: (f64, f64) = (1e-9, 1e6);

/// The times at which looks may be made, in whole seconds.
pub(super) struct Candidates {
    /// Ascending; the first is the submit itself, at 0.
    times: Vec<f64>,
    ended: Vec<Ended>,
    /// The least time between two looks in seconds.
    gap: f64,
}

impl Candidates {
    /// Candidates are the denser the nearer looks would lie in the best plan:
    /// their distance there goes with the square root of the jobs still running
    /// over the density of those that end.
    pub(super) fn of(durations: &Durations, gap: f64) -> Self {
        let edges = durations.edges();
        let closeness: Vec<f64> = edges
            .windows(2)
            .map(|ends| {
                let (from, to) = (durations.by(ends[0]).share, durations.by(ends[1]).share);
                let running = (1.0 - (from + to) / 2.0).max(1e-9);
                ((to - from).max(0.0) * (ends[1] - ends[0]) / running).sqrt()
            })
            .collect();
        let total: f64 = closeness.iter().sum();
        let mut times = vec![0.0];
        for (ends, close) in edges.windows(2).zip(closeness) {
            let width = ends[1] - ends[0];
            let parts = (CANDIDATES * close / total).ceil().clamp(1.0, width.ceil().max(1.0));
            let mut part = 1.0;
            while part <= parts {
                let time = (ends[0] + width * part / parts).ceil();
                if time >= gap && times.last().is_some_and(|last| time > *last) {
                    times.push(time);
                }
                part += 1.0;
            }
        }
        if times.len() == 1 {
            times.push(durations.longest().max(gap).ceil());
        }
        let ended = times.iter().map(|time| durations.by(*time)).collect();
        Self { times, ended, gap }
    }

    /// The cheapest looks whose mean delay is `target_s` seconds or less, or as little as can be.
    pub(super) fn within(&self, target_s: f64) -> Vec<f64> {
        let (mut low, mut high) = PRICES;
        let mut found = self.cheapest(high);
        for _ in 0..HALVINGS {
            let price = (low * high).sqrt();
            let looks = self.cheapest(price);
            if self.expected(&looks).delay_s <= target_s {
                (high, found) = (price, looks);
            } else {
                low = price;
            }
        }
        found.into_iter().map(|at| self.times[at]).collect()
    }

    /// The cheapest looks where a second of mean delay costs `price` looks.
    pub(super) fn cheapest(&self, price: f64) -> Vec<usize> {
        let mut best = vec![0.0_f64; self.times.len()];
        let mut before = vec![0_usize; self.times.len()];
        let mut envelope = Envelope::default();
        let mut joined = 0;
        for at in 1..self.times.len() {
            let (time, ended) = (self.times[at], self.ended[at]);
            while self.times[joined] + self.gap <= time {
                let from = self.ended[joined];
                envelope.push(Line {
                    from: joined,
                    slope: -price * from.share,
                    offset: best[joined] + (1.0 - from.share).max(0.0) + price * from.moment,
                });
                joined += 1;
            }
            // The submit lies at least the gap before every candidate, so there is a line.
            let Some(line) = envelope.lowest(time) else { continue };
            before[at] = line.from;
            best[at] = line.at(time) + price * (time * ended.share - ended.moment);
        }
        let mut looks = Vec::new();
        let mut at = self.times.len() - 1;
        while at > 0 {
            looks.push(at);
            at = before[at];
        }
        looks.reverse();
        looks
    }

    /// What looks at these candidates cost and bring.
    pub(super) fn expected(&self, looks: &[usize]) -> Expected {
        let (mut sum, mut from) = (Expected::default(), Ended::default());
        for at in looks {
            sum = sum.plus(Durations::look(from, self.ended[*at], self.times[*at]));
            from = self.ended[*at];
        }
        sum
    }

    /// The times of all candidates in seconds.
    #[cfg(test)]
    pub(super) fn times(&self) -> &[f64] {
        &self.times
    }
}

/// What it costs to look next at some time, when the last look was at `from`.
#[derive(Clone, Copy)]
struct Line {
    from: usize,
    slope: f64,
    offset: f64,
}

impl Line {
    fn at(self, time: f64) -> f64 {
        self.slope * time + self.offset
    }
}

/// The lowest of lines that come with falling slopes, asked at rising times.
#[derive(Default)]
struct Envelope {
    lines: Vec<Line>,
    first: usize,
}

impl Envelope {
    fn push(&mut self, line: Line) {
        if let [.., last] = &self.lines[self.first..]
            && line.slope >= last.slope
        {
            if line.offset >= last.offset {
                return;
            }
            self.lines.pop();
        }
        while let [.., one, last] = &self.lines[self.first..] {
            // Where the new line crosses the one before the last is where the last is lowest, if ever.
            let hidden = (line.offset - one.offset) * (one.slope - last.slope)
                <= (last.offset - one.offset) * (one.slope - line.slope);
            if !hidden {
                break;
            }
            self.lines.pop();
        }
        self.lines.push(line);
    }

    fn lowest(&mut self, time: f64) -> Option<Line> {
        while let [one, next, ..] = &self.lines[self.first..] {
            if next.at(time) > one.at(time) {
                break;
            }
            self.first += 1;
        }
        self.lines.get(self.first).copied()
    }
}
