//! The sample's transactions.

use std::string::ToString;
use std::vec::Vec;

use alloy_consensus::crypto::secp256k1::sign_message;
use alloy_consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEip4844, TxLegacy};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_eips::eip4844::VERSIONED_HASH_VERSION_KZG;
use alloy_primitives::{Address, Bytes, TxKind, U256};

use super::genesis::Person;
use super::{BASE_FEE, Random, SampleError, gas_per_transaction, token};
use crate::block::Transaction;
use crate::forks::Fork;

const GAS_PRICE: u128 = 2 * BASE_FEE as u128;
const TIP: u128 = 50_000_000;

/// Most blobs of a transaction (EIP-7594).
const BLOBS_PER_TRANSACTION: u64 = 6;

/// The next nonces of all senders, and everything else that transactions share.
pub(super) struct Maker<'a> {
    random: &'a Random,
    people: &'a [Person],
    chain_id: u64,
    token: Address,
    nonces: Vec<u64>,
    /// Transactions made so far, those with blobs apart.
    made: usize,
    /// The fork of the block.
    fork: Fork,
}

impl<'a> Maker<'a> {
    pub(super) fn new(random: &'a Random, people: &'a [Person], chain_id: u64, token: Address) -> Self {
        Self { random, people, chain_id, token, nonces: [0].repeat(people.len()), made: 0, fork: Fork::Cancun }
    }

    /// The next `txs` transactions of a block under this fork and those that carry `blobs` blobs, EIP-2718 encoded.
    pub(super) fn block(&mut self, txs: usize, blobs: u64, fork: Fork) -> Result<Vec<Vec<u8>>, SampleError> {
        self.fork = fork;
        let mut transactions = Vec::with_capacity(txs);
        for _ in 0..txs {
            transactions.push(self.transaction(self.made)?);
            self.made += 1;
        }
        for first in (0..blobs).step_by(BLOBS_PER_TRANSACTION as usize) {
            transactions.push(self.eip4844(BLOBS_PER_TRANSACTION.min(blobs - first))?);
        }
        Ok(transactions)
    }

    fn transaction(&mut self, index: usize) -> Result<Vec<u8>, SampleError> {
        let token = self.token;
        // The first transaction deploys a token; its creator, the first person, holds all of it.
        let deployed = self.people[0].address.create(0);
        let sender = index % self.people.len();
        let known = self.people[(index * 7 + 3) % self.people.len()].address;
        let fresh = self.random.address("recipient", index);
        let amount = self.random.number("amount", index, 1_000_000);
        let call = |to| Bytes::from(token::transfer_call(to, amount));
        match index % 5 {
            0 if index == 0 => self.eip1559(0, TxKind::Create, 0, token::init_code().into()),
            0 => self.eip1559(0, deployed.into(), 0, call(known)),
            1 => self.eip1559(sender, known.into(), amount, Bytes::new()),
            2 => self.eip1559(sender, token.into(), 0, call(known)),
            3 => self.legacy(sender, fresh, amount),
            _ => self.eip2930(sender, token, call(fresh)),
        }
    }

    fn eip1559(&mut self, sender: usize, to: TxKind, value: u64, input: Bytes) -> Result<Vec<u8>, SampleError> {
        let transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce: self.next_nonce(sender),
            gas_limit: gas_per_transaction(self.fork),
            max_fee_per_gas: GAS_PRICE,
            max_priority_fee_per_gas: TIP,
            to,
            value: U256::from(value),
            access_list: AccessList::default(),
            input,
        };
        self.sign(sender, transaction)
    }

    fn legacy(&mut self, sender: usize, to: Address, value: u64) -> Result<Vec<u8>, SampleError> {
        let transaction = TxLegacy {
            chain_id: Some(self.chain_id),
            nonce: self.next_nonce(sender),
            gas_price: GAS_PRICE,
            // From Amsterdam on, a new account costs much more than a transfer.
            gas_limit: if self.fork < Fork::Amsterdam { 21_000 } else { gas_per_transaction(self.fork) },
            to: to.into(),
            value: U256::from(value),
            input: Bytes::new(),
        };
        self.sign(sender, transaction)
    }

    fn eip2930(&mut self, sender: usize, to: Address, input: Bytes) -> Result<Vec<u8>, SampleError> {
        let slot = token::balance_slot(self.people[sender].address);
        let transaction = TxEip2930 {
            chain_id: self.chain_id,
            nonce: self.next_nonce(sender),
            gas_price: GAS_PRICE,
            gas_limit: gas_per_transaction(self.fork),
            to: to.into(),
            value: U256::ZERO,
            access_list: AccessList([AccessListItem { address: to, storage_keys: [slot].into() }].into()),
            input,
        };
        self.sign(sender, transaction)
    }

    /// Anyone's transaction with this many blobs, which nobody has ever seen.
    fn eip4844(&mut self, blobs: u64) -> Result<Vec<u8>, SampleError> {
        let sender = self.people.len() - 1;
        let nonce = self.next_nonce(sender);
        let versioned_hash = |blob: u64| {
            let mut hash = self.random.hash("blob", (nonce * BLOBS_PER_TRANSACTION + blob) as usize);
            hash[0] = VERSIONED_HASH_VERSION_KZG;
            hash
        };
        let transaction = TxEip4844 {
            chain_id: self.chain_id,
            nonce,
            gas_limit: gas_per_transaction(self.fork),
            max_fee_per_gas: GAS_PRICE,
            max_priority_fee_per_gas: TIP,
            to: self.people[0].address,
            value: U256::ZERO,
            access_list: AccessList::default(),
            blob_versioned_hashes: (0..blobs).map(versioned_hash).collect(),
            max_fee_per_blob_gas: GAS_PRICE,
            input: Bytes::new(),
        };
        self.sign(sender, transaction)
    }

    fn next_nonce(&mut self, sender: usize) -> u64 {
        let nonce = self.nonces[sender];
        self.nonces[sender] += 1;
        nonce
    }

    fn sign<T>(&self, sender: usize, transaction: T) -> Result<Vec<u8>, SampleError>
    where
        T: SignableTransaction<alloy_primitives::Signature>,
        Transaction: From<alloy_consensus::Signed<T>>,
    {
        let hash = transaction.signature_hash();
        let signature = sign_message(self.people[sender].secret, hash).map_err(|error| SampleError::Sign(error.to_string()))?;
        Ok(Transaction::from(transaction.into_signed(signature)).encoded_2718())
    }
}
