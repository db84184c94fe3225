//! Pages, from a request to what the next one gets.

mod bodies;
mod crossing;
mod faults;
mod nesting;
mod pages;
mod purging;
mod scenarios;
mod server;
mod site;
mod waiting;
