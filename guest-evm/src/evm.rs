//! The EVM that blocks run on: revm's mainnet EVM, with system calls at exactly 30 million gas.
//!
//! revm's own system calls carry a further reserve for a fork that is not supported here, which a
//! contract could observe (EIP-4788, EIP-2935, EIP-7002 and EIP-7251 all say 30 million).

use alloy_evm::{Database, Evm, EvmEnv};
use alloy_primitives::{Address, Bytes, TxKind};
use revm::context::result::{EVMError, HaltReason, ResultAndState};
use revm::context::{BlockEnv, CfgEnv, Context, TxEnv};
use revm::handler::{Handler, MainnetContext, MainnetHandler};
use revm::inspector::NoOpInspector;
use revm::primitives::hardfork::SpecId;
use revm::{ExecuteEvm, MainBuilder, MainContext, MainnetEvm};

/// Gas of a system call.
const SYSTEM_CALL_GAS: u64 = 30_000_000;

/// revm's mainnet EVM over a database.
#[expect(missing_debug_implementations, reason = "revm's EVM has none")]
pub struct BlockEvm<DB: Database> {
    inner: MainnetEvm<MainnetContext<DB>>,
    inspector: NoOpInspector,
}

impl<DB: Database> BlockEvm<DB> {
    /// An EVM for one block.
    pub fn new(db: DB, env: EvmEnv) -> Self {
        let context = Context::mainnet().with_cfg(env.cfg_env).with_block(env.block_env).with_db(db);
        Self { inner: context.build_mainnet(), inspector: NoOpInspector }
    }
}

impl<DB: Database> Evm for BlockEvm<DB> {
    type DB = DB;
    type Tx = TxEnv;
    type Error = EVMError<DB::Error>;
    type HaltReason = HaltReason;
    type Spec = SpecId;
    type BlockEnv = BlockEnv;
    type Precompiles = revm::handler::EthPrecompiles;
    type Inspector = NoOpInspector;

    fn block(&self) -> &BlockEnv {
        &self.inner.ctx.block
    }

    fn cfg_env(&self) -> &CfgEnv {
        &self.inner.ctx.cfg
    }

    fn chain_id(&self) -> u64 {
        self.inner.ctx.cfg.chain_id
    }

    fn transact_raw(&mut self, tx: TxEnv) -> Result<ResultAndState, Self::Error> {
        self.inner.transact(tx)
    }

    fn transact_system_call(&mut self, caller: Address, contract: Address, data: Bytes) -> Result<ResultAndState, Self::Error> {
        self.inner.ctx.tx = TxEnv { caller, data, kind: TxKind::Call(contract), gas_limit: SYSTEM_CALL_GAS, ..TxEnv::default() };
        let mut handler = MainnetHandler::<_, Self::Error, _>::default();
        let result = handler.run_system_call(&mut self.inner)?;
        Ok(ResultAndState::new(result, self.inner.finalize()))
    }

    fn finish(self) -> (DB, EvmEnv) {
        let Context { block, cfg, journaled_state, .. } = self.inner.ctx;
        (journaled_state.database, EvmEnv { block_env: block, cfg_env: cfg })
    }

    /// There is no inspector to enable.
    fn set_inspector_enabled(&mut self, _enabled: bool) {}

    fn components(&self) -> (&DB, &NoOpInspector, &Self::Precompiles) {
        (&self.inner.ctx.journaled_state.database, &self.inspector, &self.inner.precompiles)
    }

    fn components_mut(&mut self) -> (&mut DB, &mut NoOpInspector, &mut Self::Precompiles) {
        (&mut self.inner.ctx.journaled_state.database, &mut self.inspector, &mut self.inner.precompiles)
    }
}
