//! The EVM that blocks run on: revm's mainnet EVM, run by [`crate::interpreter`], with three differences.
//!
//! - System calls carry exactly 30 million gas (EIP-4788, EIP-2935, EIP-7002, EIP-7251, EIP-8282), and from Amsterdam on a reserve of
//!   state gas beside it (EIP-8037). revm's own carry the sum of both as gas, under every fork, which a contract could observe.
//! - Creating a contract where there is storage fails (EIP-7610), see [`start_frame`].
//! - EVM memory beyond [`MAX_EVM_MEMORY`], asked for by a frame that has gas for the least size beyond, is a fault and not
//!   out-of-gas, see [`exceeds_memory`].

use core::marker::PhantomData;

use alloy_evm::{Evm, EvmEnv};
use alloy_primitives::{Address, Bytes, TxKind};
use revm::context::result::{EVMError, HaltReason, ResultAndState};
use revm::context::{BlockEnv, Cfg, CfgEnv, Context, ContextTr, LocalContextTr, TxEnv};
use revm::context_interface::cfg::GasId;
use revm::context_interface::cfg::gas::{GasTracker, InitialAndFloorGas};
use revm::handler::{EvmTr, FrameResult, Handler, ItemOrResult, MainnetContext};
use revm::inspector::NoOpInspector;
use revm::interpreter::interpreter_action::FrameInit;
use revm::interpreter::{CreateInputs, FrameInput, Gas, InstructionResult};
use revm::primitives::hardfork::SpecId;
use revm::{ExecuteEvm, MainBuilder, MainContext, MainnetEvm};

use crate::error::Invalid;
use crate::interpreter;
use crate::state::{ORPHAN_NONCE, StateError, WitnessDb};

/// Most bytes of EVM memory, over all call frames of a transaction.
pub const MAX_EVM_MEMORY: usize = 1 << 30;

/// EVM memory that grows by doubling; beyond, it grows eightfold. A heap that reuses only blocks of one size then needs
/// 1.2 GiB for the largest EVM memory as a rule, and not twice of it.
const DOUBLING_MEMORY: usize = 16 << 20;

/// Gas of a system call.
const SYSTEM_CALL_GAS: u64 = 30_000_000;

/// New storage slots that the reserve of a system call pays for (EIP-8037).
const SYSTEM_CALL_SLOTS: u64 = 16;

type Inner<'d, 'w> = MainnetEvm<MainnetContext<&'d mut WitnessDb<'w>>>;
type Error = EVMError<StateError>;

/// revm's mainnet EVM over a witness.
#[expect(missing_debug_implementations, reason = "revm's EVM has none")]
pub struct BlockEvm<'d, 'w> {
    inner: Inner<'d, 'w>,
    inspector: NoOpInspector,
}

impl<'d, 'w> BlockEvm<'d, 'w> {
    /// An EVM for one block.
    pub fn new(db: &'d mut WitnessDb<'w>, env: EvmEnv) -> Self {
        let context = Context::mainnet().with_cfg(env.cfg_env).with_block(env.block_env).with_db(db);
        Self { inner: context.build_mainnet(), inspector: NoOpInspector }
    }
}

impl<'d, 'w> Evm for BlockEvm<'d, 'w> {
    type DB = &'d mut WitnessDb<'w>;
    type Tx = TxEnv;
    type Error = Error;
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

    fn transact_raw(&mut self, tx: TxEnv) -> Result<ResultAndState, Error> {
        self.inner.ctx.tx = tx;
        let result = BlockHandler::default().run(&mut self.inner);
        let state = self.inner.finalize();
        Ok(ResultAndState::new(result?, state))
    }

    fn transact_system_call(&mut self, caller: Address, contract: Address, data: Bytes) -> Result<ResultAndState, Error> {
        let gas_limit = SYSTEM_CALL_GAS + system_call_reserve(&self.inner.ctx.cfg);
        self.inner.ctx.tx = TxEnv { caller, data, kind: TxKind::Call(contract), gas_limit, ..TxEnv::default() };
        let result = BlockHandler::default().run_system_call(&mut self.inner)?;
        Ok(ResultAndState::new(result, self.inner.finalize()))
    }

    fn finish(self) -> (Self::DB, EvmEnv) {
        let Context { block, cfg, journaled_state, .. } = self.inner.ctx;
        (journaled_state.database, EvmEnv { block_env: block, cfg_env: cfg })
    }

    /// There is no inspector to enable.
    fn set_inspector_enabled(&mut self, _enabled: bool) {}

    fn components(&self) -> (&Self::DB, &NoOpInspector, &Self::Precompiles) {
        (&self.inner.ctx.journaled_state.database, &self.inspector, &self.inner.precompiles)
    }

    fn components_mut(&mut self) -> (&mut Self::DB, &mut NoOpInspector, &mut Self::Precompiles) {
        (&mut self.inner.ctx.journaled_state.database, &mut self.inspector, &mut self.inner.precompiles)
    }
}

/// revm's mainnet handler with a loop over call frames of its own.
#[derive(Default)]
struct BlockHandler<'d, 'w>(PhantomData<Inner<'d, 'w>>);

impl<'d, 'w> Handler for BlockHandler<'d, 'w> {
    type Evm = Inner<'d, 'w>;
    type Error = Error;
    type HaltReason = HaltReason;

    /// The gas that the first frame has, and its reserve of state gas.
    fn tx_gas(&self, evm: &mut Self::Evm, initial: &InitialAndFloorGas) -> GasTracker {
        let limit = evm.ctx.tx.gas_limit;
        let (gas, reserve) = match initial.initial_total_gas() {
            // No transaction is free: this is a system call.
            0 => (SYSTEM_CALL_GAS, limit - SYSTEM_CALL_GAS),
            _ => initial.initial_gas_and_reservoir(limit, evm.ctx.cfg().tx_gas_limit_cap()),
        };
        GasTracker::new(limit, gas, reserve)
    }

    /// Starts the first frame and runs the newest one until the first has returned.
    fn run_exec_loop(&mut self, evm: &mut Self::Evm, first: FrameInit) -> Result<FrameResult, Error> {
        if let Some(result) = start_frame(evm, first)? {
            return Ok(result);
        }
        loop {
            let result = match run_frame(evm)? {
                ItemOrResult::Item(init) => match start_frame(evm, init)? {
                    None => continue,
                    Some(result) => result,
                },
                ItemOrResult::Result(result) => result,
            };
            if result.instruction_result() == InstructionResult::MemoryLimitOOG && exceeds_memory(evm, result.gas()) {
                evm.ctx.journaled_state.database.note_fault(Invalid::MemoryLimit(MAX_EVM_MEMORY));
                return Err(EVMError::Custom("EVM memory".into()));
            }
            if let Some(result) = evm.frame_return_result(result)? {
                return Ok(result);
            }
        }
    }
}

/// State gas that a system call has beside its gas.
fn system_call_reserve(cfg: &CfgEnv) -> u64 {
    if cfg.enable_amsterdam_eip8037 { cfg.gas_params.get(GasId::sstore_set_state_gas()) * SYSTEM_CALL_SLOTS } else { 0 }
}

/// Runs the newest frame until it ends or wants another.
fn run_frame(evm: &mut Inner<'_, '_>) -> Result<ItemOrResult<FrameInit, FrameResult>, Error> {
    let frame = evm.frame_stack.get();
    let jumps = evm.ctx.journaled_state.database.jumps(&frame.interpreter.bytecode);
    let (table, costs) = (evm.instruction.instruction_table(), evm.instruction.gas_table());
    let action = interpreter::run(&mut frame.interpreter, jumps.as_deref(), table, costs, &mut evm.ctx);
    let next = frame.process_next_action::<_, Error>(&mut evm.ctx, action)?;
    if next.is_result() {
        frame.set_finished(true);
    }
    Ok(next)
}

/// Starts a frame; what it returned, if it never ran.
///
/// If it creates a contract where there is storage, but neither code nor nonce, the account shows a nonce meanwhile, from
/// which the EVM sees that the place is taken. The frame never runs then, so that nothing else sees that nonce.
fn start_frame(evm: &mut Inner<'_, '_>, init: FrameInit) -> Result<Option<FrameResult>, Error> {
    reserve_memory(evm);
    let created = match &init.frame_input {
        FrameInput::Create(inputs) => created_address(evm, inputs),
        _ => None,
    };
    let Some(created) = created else { return init_frame(evm, init) };
    show_orphan(evm, created, 0, ORPHAN_NONCE);
    evm.ctx.journaled_state.database.set_creating(Some(created));
    let result = init_frame(evm, init);
    evm.ctx.journaled_state.database.set_creating(None);
    show_orphan(evm, created, ORPHAN_NONCE, 0);
    result
}

fn init_frame(evm: &mut Inner<'_, '_>, init: FrameInit) -> Result<Option<FrameResult>, Error> {
    Ok(match evm.frame_init(init)? {
        ItemOrResult::Item(_) => None,
        ItemOrResult::Result(result) => Some(result),
    })
}

/// Where the frame would create a contract: the creator, which runs, is loaded.
fn created_address(evm: &Inner<'_, '_>, inputs: &CreateInputs) -> Option<Address> {
    let creator = evm.ctx.journaled_state.state.get(&inputs.caller())?;
    Some(inputs.created_address(creator.info.nonce))
}

/// Replaces nonce `from` by `to` if the account is loaded and has storage of the pre-state, but came with neither code nor
/// nonce.
fn show_orphan(evm: &mut Inner<'_, '_>, address: Address, from: u64, to: u64) {
    let journal = &mut evm.ctx.journaled_state;
    if journal.database.has_orphan_storage(&address)
        && let Some(account) = journal.inner.state.get_mut(&address)
        && account.info.nonce == from
        && account.info.is_empty_code_hash()
    {
        account.info.nonce = to;
        // What the account was before the transaction shows in the block access list.
        account.original_info_mut().nonce = to;
    }
}

/// Makes room for EVM memory well before it is needed, where doubling it would waste the heap.
fn reserve_memory(evm: &mut Inner<'_, '_>) {
    let mut memory = evm.ctx.local().shared_memory_buffer().borrow_mut();
    let (len, capacity) = (memory.len(), memory.capacity());
    if len > DOUBLING_MEMORY / 2 && len > capacity / 2 && capacity < MAX_EVM_MEMORY {
        let wanted = capacity.saturating_mul(8).min(MAX_EVM_MEMORY);
        memory.reserve_exact(wanted - len);
    }
}

/// Whether a frame that stopped with `gas` because of the memory limit can pay for memory beyond it.
///
/// revm looks at the limit first and at the gas then, and an instruction may ask for any size. If the frame cannot pay for
/// the least size beyond the limit, it cannot pay for the one it asked for: it is out of gas by the rules. If it can, it
/// may still have asked for more than it can pay for, but that is not known: the limit counts as reached.
fn exceeds_memory(evm: &Inner<'_, '_>, gas: &Gas) -> bool {
    // The frame's memory is the newest in the buffer.
    let room = MAX_EVM_MEMORY.saturating_sub(evm.ctx.local().shared_memory_buffer().borrow().len());
    let least = gas.memory().words_num + room / 32 + 1;
    let cost = evm.ctx.cfg().gas_params().memory_cost(least);
    cost.saturating_sub(gas.memory().expansion_cost) <= gas.remaining()
}
