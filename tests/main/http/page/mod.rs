//! Pages, from a request to what the next one gets.

mod bodies;
mod crossing;
mod pages;
mod scenarios;
mod site;
mod waiting;
