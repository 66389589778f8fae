//! Histograms, plans, and what they save.

mod comparison;
mod histogram;
mod picture;
mod properties;
mod schedules;
mod shapes;
