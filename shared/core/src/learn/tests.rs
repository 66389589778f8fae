//! Histograms, plans, and what they save.

mod comparison;
mod histogram;
mod learning;
mod picture;
mod properties;
mod schedules;
mod sequence;
mod shapes;
mod took;
