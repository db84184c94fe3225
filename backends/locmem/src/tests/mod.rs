//! What needs to look at the order of use: Django's traces, and a comparison with a naive model.

mod dropping;
mod golden;
mod model;
mod operation;
mod threads;
