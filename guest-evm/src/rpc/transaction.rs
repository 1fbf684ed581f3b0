//! Transactions as objects, and their encoding.

use std::vec::Vec;

use alloy_consensus::{SignableTransaction, Signed, TxEip1559, TxEip2930, TxEip4844, TxEip7702, TxLegacy};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_eips::eip7702::{Authorization, SignedAuthorization};
use alloy_primitives::{Signature, TxKind, U256};
use serde::Deserialize;

use super::TransactionError;
use super::fields::{Fixed, HexBytes, Quantity};
use crate::block::Transaction;

/// A transaction of any type. What a type does not have is absent or null, or says again what other fields say.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a full transaction, not its hash")]
pub struct JsonTransaction {
    #[serde(rename = "type")]
    kind: Option<Quantity<u64>>,
    chain_id: Option<Quantity<u64>>,
    nonce: Quantity<u64>,
    gas: Quantity<u64>,
    gas_price: Option<Quantity<u128>>,
    max_fee_per_gas: Option<Quantity<u128>>,
    max_priority_fee_per_gas: Option<Quantity<u128>>,
    max_fee_per_blob_gas: Option<Quantity<u128>>,
    to: Option<Fixed<20>>,
    value: Quantity<U256>,
    input: HexBytes,
    access_list: Option<Vec<JsonAccess>>,
    blob_versioned_hashes: Option<Vec<Fixed<32>>>,
    authorization_list: Option<Vec<JsonAuthorization>>,
    v: Option<Quantity<u128>>,
    y_parity: Option<Quantity<u128>>,
    r: Quantity<U256>,
    s: Quantity<U256>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonAccess {
    address: Fixed<20>,
    storage_keys: Vec<Fixed<32>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonAuthorization {
    chain_id: Quantity<U256>,
    address: Fixed<20>,
    nonce: Quantity<u64>,
    y_parity: Option<Quantity<u8>>,
    v: Option<Quantity<u8>>,
    r: Quantity<U256>,
    s: Quantity<U256>,
}

impl JsonTransaction {
    /// Its EIP-2718 encoding.
    pub fn encode(self) -> Result<Vec<u8>, TransactionError> {
        match self.kind.map_or(0, |kind| kind.0) {
            0 => self.legacy(),
            1 => self.eip2930(),
            2 => self.eip1559(),
            3 => self.eip4844(),
            4 => self.eip7702(),
            other => Err(TransactionError::Type(other)),
        }
    }

    /// The chain id stands in `v` (EIP-155): some nodes state one for a transaction that has none.
    fn legacy(self) -> Result<Vec<u8>, TransactionError> {
        let v = match (self.v, self.y_parity) {
            (Some(v), _) => v.0,
            (None, Some(parity)) => parity.0,
            (None, None) => return Err(TransactionError::Missing("v")),
        };
        let (chain_id, is_odd) = match v {
            0 | 1 => (self.chain_id.map(|id| id.0), v == 1),
            27 | 28 => (None, v == 28),
            35.. => (Some(u64::try_from((v - 35) / 2).map_err(|_| TransactionError::Parity(v))?), v % 2 == 0),
            _ => return Err(TransactionError::Parity(v)),
        };
        let signature = Signature::new(self.r.0, self.s.0, is_odd);
        let transaction = TxLegacy {
            chain_id,
            nonce: self.nonce.0,
            gas_price: self.gas_price()?,
            gas_limit: self.gas.0,
            to: self.to(),
            value: self.value.0,
            input: self.input.into(),
        };
        Ok(encode(transaction, signature))
    }

    fn eip2930(self) -> Result<Vec<u8>, TransactionError> {
        let signature = self.signature()?;
        let transaction = TxEip2930 {
            chain_id: self.chain_id()?,
            nonce: self.nonce.0,
            gas_price: self.gas_price()?,
            gas_limit: self.gas.0,
            to: self.to(),
            value: self.value.0,
            access_list: access_list(self.access_list),
            input: self.input.into(),
        };
        Ok(encode(transaction, signature))
    }

    fn eip1559(self) -> Result<Vec<u8>, TransactionError> {
        let signature = self.signature()?;
        let transaction = TxEip1559 {
            chain_id: self.chain_id()?,
            nonce: self.nonce.0,
            gas_limit: self.gas.0,
            max_fee_per_gas: self.max_fee()?,
            max_priority_fee_per_gas: self.max_tip()?,
            to: self.to(),
            value: self.value.0,
            access_list: access_list(self.access_list),
            input: self.input.into(),
        };
        Ok(encode(transaction, signature))
    }

    fn eip4844(self) -> Result<Vec<u8>, TransactionError> {
        let signature = self.signature()?;
        let hashes = self.blob_versioned_hashes.as_ref().ok_or(TransactionError::Missing("blobVersionedHashes"))?;
        let transaction = TxEip4844 {
            chain_id: self.chain_id()?,
            nonce: self.nonce.0,
            gas_limit: self.gas.0,
            max_fee_per_gas: self.max_fee()?,
            max_priority_fee_per_gas: self.max_tip()?,
            to: self.to.ok_or(TransactionError::Missing("to"))?.address(),
            value: self.value.0,
            blob_versioned_hashes: hashes.iter().map(|hash| hash.0).collect(),
            max_fee_per_blob_gas: needed(self.max_fee_per_blob_gas, "maxFeePerBlobGas")?,
            access_list: access_list(self.access_list),
            input: self.input.into(),
        };
        Ok(encode(transaction, signature))
    }

    fn eip7702(self) -> Result<Vec<u8>, TransactionError> {
        let signature = self.signature()?;
        let authorizations = self.authorization_list.as_ref().ok_or(TransactionError::Missing("authorizationList"))?;
        let transaction = TxEip7702 {
            chain_id: self.chain_id()?,
            nonce: self.nonce.0,
            gas_limit: self.gas.0,
            max_fee_per_gas: self.max_fee()?,
            max_priority_fee_per_gas: self.max_tip()?,
            to: self.to.ok_or(TransactionError::Missing("to"))?.address(),
            value: self.value.0,
            authorization_list: authorizations.iter().map(JsonAuthorization::signed).collect::<Result<_, _>>()?,
            access_list: access_list(self.access_list),
            input: self.input.into(),
        };
        Ok(encode(transaction, signature))
    }

    fn signature(&self) -> Result<Signature, TransactionError> {
        let parity = needed(self.y_parity.or(self.v), "yParity")?;
        match parity {
            0 | 1 => Ok(Signature::new(self.r.0, self.s.0, parity == 1)),
            _ => Err(TransactionError::Parity(parity)),
        }
    }

    fn chain_id(&self) -> Result<u64, TransactionError> {
        needed(self.chain_id, "chainId")
    }

    fn gas_price(&self) -> Result<u128, TransactionError> {
        needed(self.gas_price, "gasPrice")
    }

    fn max_fee(&self) -> Result<u128, TransactionError> {
        needed(self.max_fee_per_gas, "maxFeePerGas")
    }

    fn max_tip(&self) -> Result<u128, TransactionError> {
        needed(self.max_priority_fee_per_gas, "maxPriorityFeePerGas")
    }

    fn to(&self) -> TxKind {
        self.to.map_or(TxKind::Create, |to| TxKind::Call(to.address()))
    }
}

impl JsonAuthorization {
    fn signed(&self) -> Result<SignedAuthorization, TransactionError> {
        let parity = needed(self.y_parity.or(self.v), "authorizationList.yParity")?;
        let authorization = Authorization { chain_id: self.chain_id.0, address: self.address.address(), nonce: self.nonce.0 };
        Ok(SignedAuthorization::new_unchecked(authorization, parity, self.r.0, self.s.0))
    }
}

fn needed<T>(field: Option<Quantity<T>>, name: &'static str) -> Result<T, TransactionError> {
    field.map(|quantity| quantity.0).ok_or(TransactionError::Missing(name))
}

fn access_list(items: Option<Vec<JsonAccess>>) -> AccessList {
    let item = |item: JsonAccess| AccessListItem {
        address: item.address.address(),
        storage_keys: item.storage_keys.into_iter().map(|key| key.0).collect(),
    };
    AccessList(items.unwrap_or_default().into_iter().map(item).collect())
}

fn encode<T: SignableTransaction<Signature>>(transaction: T, signature: Signature) -> Vec<u8>
where
    Transaction: From<Signed<T>>,
{
    Transaction::from(transaction.into_signed(signature)).encoded_2718()
}
