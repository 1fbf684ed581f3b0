//! Typed input and output: transfers between accounts, applied.
//!
//! Input: a [`Ledger`] in postcard's encoding. Output: the balances after the transfers. An input
//! that does not decode, and a transfer that cannot be made, end the run with exit code 1 and say
//! so.
#![cfg_attr(target_os = "none", no_std, no_main)]

extern crate alloc;

use alloc::vec::Vec;

use serde::Deserialize;
use tern_guest::{InputError, OutputError, read, write};

tern_guest::entry!(main);

#[derive(Deserialize)]
struct Ledger {
    /// The balance of each account.
    balances: Vec<u64>,
    transfers: Vec<Transfer>,
}

/// An amount from one account, by its index, to another.
#[derive(Deserialize)]
struct Transfer {
    from: usize,
    to: usize,
    amount: u64,
}

/// Why there is no output. Natively and in the machine, it is printed when `main` returns it.
#[derive(Debug)]
#[expect(dead_code, reason = "they are printed")]
enum Failure {
    Input(InputError),
    NoAccount(usize),
    TooLittle { account: usize, balance: u64 },
    TooMuch { account: usize },
    Output(OutputError),
}

fn main() -> Result<(), Failure> {
    let Ledger { mut balances, transfers } = read().map_err(Failure::Input)?;
    for Transfer { from, to, amount } in transfers {
        let source = balances.get_mut(from).ok_or(Failure::NoAccount(from))?;
        *source = source.checked_sub(amount).ok_or(Failure::TooLittle { account: from, balance: *source })?;
        let target = balances.get_mut(to).ok_or(Failure::NoAccount(to))?;
        *target = target.checked_add(amount).ok_or(Failure::TooMuch { account: to })?;
    }
    write(&balances).map_err(Failure::Output)
}
