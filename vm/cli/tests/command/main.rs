//! The command line: what it prints, what it writes, how it fails, and what it leaves when it is killed.

mod commands;
mod exports;
mod failures;
mod projects;
mod resume;
mod support;
