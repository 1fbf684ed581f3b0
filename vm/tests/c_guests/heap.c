/* The heap is the program's own: it keeps what the program put there while accelerators allocate. Stack and heap are apart.

   Exit code: 0, or the number of the check that failed. */

#include "tern.h"
#include "zkvm_accelerators.h"

#define MIB ((uintptr_t)1 << 20)
/* The stack's lowest address and one past its highest. */
#define STACK_LIMIT ((uintptr_t)0x7c001000)
#define STACK_END ((uintptr_t)0x80000000)

static zkvm_bn254_pairing_pair pairs[200];

int main(void) {
    volatile uint64_t *const first = (volatile uint64_t *)_heap_start;
    volatile uint64_t *const last = (volatile uint64_t *)((uintptr_t)_heap_end - sizeof(uint64_t));
    const uintptr_t local = (uintptr_t)__builtin_frame_address(0);
    if (local < STACK_LIMIT || local > STACK_END) {
        return 1;
    }
    if ((uintptr_t)_heap_start % 4096 != 0 || (uintptr_t)_heap_end > STACK_LIMIT - 16 * MIB) {
        return 2;
    }
    if ((uintptr_t)_heap_end - (uintptr_t)_heap_start < 1024 * MIB) {
        return 3;
    }
    if (*first != 0 || *last != 0) {
        return 4;
    }
    *first = *last = 0x0123456789abcdef;
    for (size_t i = 0; i < 200; i++) {
        pairs[i].g1.data[31] = 1;
        pairs[i].g1.data[63] = 2;
    }
    /* more and more pairs of a generator and infinity, for which the accelerator allocates */
    for (size_t i = 0; i <= 200; i += 40) {
        bool verified = false;
        if (zkvm_bn254_pairing(pairs, i, &verified) != ZKVM_EOK || !verified) {
            return 5;
        }
    }
    return *first == 0x0123456789abcdef && *last == 0x0123456789abcdef ? 0 : 6;
}
