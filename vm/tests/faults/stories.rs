//! Faults of several records that fit each other, so that one thing is left to complain.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_air::bus;
use tern_air::events::{Cell, MemoryEvent, SegmentEvents, TICK_MEMORY};
use tern_air::isa::Opcode;
use tern_air::layout::Columns;
use tern_air::machine::keccak::KeccakCols;
use tern_air::machine::{MachineChip, keccak_bits};
use tern_air::memory::TreeEvents;
use tern_field::F;
use tern_vm::prove::ExecutedSegment;

use super::judge::{BITS, Complaints, PERMUTATION, Segment};
use super::program::{CONSTANT_DWORD, PERMUTED_DWORD, PERMUTED_LANE, Run, STORED_DWORD, UNREAD, executed};

fn only(tag: u32) -> Complaints {
    Complaints { tags: [tag].into(), ..Complaints::default() }
}

/// The load of a dword into the register that is not read, and the load that overwrites it there.
fn unread_load(events: &mut SegmentEvents, dword: u32) -> [&mut MemoryEvent; 2] {
    let into = events.load.iter().position(|load| load.rd == UNREAD && load.addr / 8 == dword).expect("a load of the dword");
    let over = into + 1 + events.load[into + 1..].iter().position(|load| load.rd == UNREAD).expect("a load over it");
    let [into, over] = events.load.get_disjoint_mut([into, over]).expect("two loads");
    [into, over]
}

/// Makes the load of a dword claim another value, and the register hold it.
fn claim_loaded(events: &mut SegmentEvents, dword: u32, value: u64) {
    let [into, over] = unread_load(events, dword);
    assert_eq!((into.op, into.addr % 8), (Opcode::Ld, 0));
    (into.value, into.mem_old[0], over.rd_old) = (value, value, value);
}

/// Fills the tables of changed records; what stays unchanged is the segment's statement.
fn complaints(run: &Run, executed: &ExecutedSegment) -> Complaints {
    Segment::whole(run, executed).1
}

/// The rows of a table have no order.
#[test]
fn rows_stand_in_any_order() {
    let run = executed();
    for segment in &run.segments {
        let mut executed = segment.clone();
        let SegmentEvents {
            add_sub,
            bitwise,
            shift,
            compare,
            mul,
            div_rem,
            jump,
            branch,
            load,
            store,
            misaligned,
            ecall,
            keccak,
            mulmod,
            mulmod384,
            sha256,
            blake2f,
            bridge,
            decode,
            leaves: _,
        } = &mut executed.events;
        [add_sub, bitwise, shift, compare, mul, div_rem, jump, branch].into_iter().for_each(|list| list.reverse());
        [load, store, misaligned].into_iter().for_each(|list| list.reverse());
        ecall.reverse();
        keccak.reverse();
        mulmod.reverse();
        mulmod384.reverse();
        sha256.reverse();
        blake2f.reverse();
        bridge.reverse();
        decode.reverse();
        let TreeEvents { nodes, leaves, permutations } = &mut executed.tree;
        nodes.reverse();
        leaves.reverse();
        permutations.reverse();
        assert_eq!(complaints(&run, &executed), Complaints::default());
    }
}

/// Another value of a dword of the initial memory, in all records and all hashes, is another root.
#[test]
fn a_false_memory_has_another_root() {
    const FALSE: u64 = 0x0123_4567_89ab_cdef;
    let run = executed();
    let mut executed = run.segments[0].clone();
    claim_loaded(&mut executed.events, CONSTANT_DWORD, FALSE);
    assert_eq!(complaints(&run, &executed), only(bus::MEMORY));

    // the bridge from the beginning of the segment to the load
    let bridges = executed.events.bridge.iter_mut().filter(|bridge| bridge.cell == Cell::Memory(CONSTANT_DWORD));
    bridges.for_each(|bridge| bridge.value = FALSE);
    let (leaf, dword) = (CONSTANT_DWORD / 4, (CONSTANT_DWORD % 4) as usize);
    let at = executed.events.leaves.iter().position(|record| record.index == leaf).expect("a touched leaf");
    let mut setting = executed.events.leaves[at];
    setting.last = setting.initial;
    setting.last[dword] = FALSE;
    let mut memory = run.memory.clone();
    memory.apply(&[setting]).expect("a leaf of the memory");
    let root_in = memory.root();
    let leaf = &mut executed.events.leaves[at];
    (leaf.initial[dword], leaf.last[dword]) = (FALSE, FALSE);
    executed.tree = memory.apply(&executed.events.leaves).expect("leaves of the false memory");
    assert_eq!(complaints(&run, &executed), only(bus::NODE));

    // of the false memory it is all true
    (executed.statement.root_in, executed.statement.root_out) = (root_in, memory.root());
    assert_eq!(complaints(&run, &executed), Complaints::default());
}

/// A load that sees what the memory held before the last store goes back in time, and that alone is
/// wrong with it.
#[test]
fn a_stale_load_goes_back_in_time() {
    let run = executed();
    let mut executed = run.segments[0].clone();
    let store = executed.events.store.iter_mut().find(|store| store.addr / 8 == STORED_DWORD).expect("a store to the dword");
    let (old, old_time, stored_time) = (store.mem_old[0], store.t_mem[0], store.time + TICK_MEMORY);
    assert_ne!(old, store.value);
    claim_loaded(&mut executed.events, STORED_DWORD, old);
    let [load, _] = unread_load(&mut executed.events, STORED_DWORD);
    load.t_mem[0] = old_time;
    let loaded_time = load.time + TICK_MEMORY;
    let store = executed.events.store.iter_mut().find(|store| store.addr / 8 == STORED_DWORD).expect("a store to the dword");
    store.t_mem[0] = loaded_time;
    let (leaf, dword) = (STORED_DWORD / 4, (STORED_DWORD % 4) as usize);
    let update = executed.tree.leaves.iter_mut().find(|update| update.leaf.index == leaf).expect("a touched leaf");
    assert_eq!(update.leaf.last_time[dword], loaded_time);
    update.leaf.last_time[dword] = stored_time;
    assert_eq!(complaints(&run, &executed), only(bus::BITS));
}

/// The last call of Keccak writes one bit otherwise.
fn falsify_output(chip: MachineChip, table: &mut RowMajorMatrix<F>) {
    if chip == MachineChip::Keccak {
        let last = table.values.len() - table.width;
        let limb = &mut KeccakCols::of_mut(&mut table.values[last..]).output[PERMUTED_LANE][0];
        *limb = if *limb == F::ZERO { F::ONE } else { *limb - F::ONE };
    }
}

/// That an output is the permutation of the input is left to the argument beside the tables: if
/// memory holds a false one from then on, that alone is wrong with it.
#[test]
fn a_false_output_of_keccak_is_no_permutation() {
    let run = executed();
    let mut executed = run.segments[0].clone();
    let (_, complaints) = Segment::altered(&run, &executed, falsify_output);
    assert_eq!(complaints, Complaints { failures: [PERMUTATION].into(), ..only(bus::MEMORY) });

    let (leaf, dword) = (PERMUTED_DWORD / 4, (PERMUTED_DWORD % 4) as usize);
    let leaf = executed.events.leaves.iter_mut().find(|record| record.index == leaf).expect("a touched leaf");
    let limb = leaf.last[dword] & 0xffff;
    leaf.last[dword] = leaf.last[dword] - limb + if limb == 0 { 1 } else { limb - 1 };
    let mut memory = run.memory.clone();
    executed.tree = memory.apply(&executed.events.leaves).expect("leaves of the memory");
    executed.statement.root_out = memory.root();
    let (_, complaints) = Segment::altered(&run, &executed, falsify_output);
    assert_eq!(complaints, Complaints { failures: [PERMUTATION].into(), ..Complaints::default() });
}

/// No message ties the bits of Keccak's states to the states: that too is left to the argument.
#[test]
fn false_bits_of_keccak_are_bits_of_no_state() {
    let run = executed();
    for (call, part, z, lane) in [(0, 0, 0, 0), (0, 0, 63, 24), (0, 1, 17, 3), (1, 0, 31, 12), (1, 1, 32, 24)] {
        let flip = |chip: MachineChip, table: &mut RowMajorMatrix<F>| {
            if chip == MachineChip::KeccakBits {
                let cell = &mut table.values[keccak_bits::row(call, part, z) * table.width + lane];
                *cell = F::ONE - *cell;
            }
        };
        let (_, complaints) = Segment::altered(&run, &run.segments[0], flip);
        assert_eq!(complaints, Complaints { failures: [BITS].into(), ..Complaints::default() });
    }
}
