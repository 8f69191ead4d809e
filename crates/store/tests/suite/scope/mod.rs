//! Scope tags and roles: what is seen, and what comes by itself.

mod fleet;
mod roles;
mod tags;
