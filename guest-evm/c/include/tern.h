/* What Tern's library has beyond the standards. */

#ifndef TERN_H
#define TERN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define TERN_NORETURN [[noreturn]]
extern "C" {
#else
#define TERN_NORETURN _Noreturn
#endif

/* The program's heap, 1.67 GiB of zeroed memory less the program itself, for an allocator of the program's own (tern.ld). */
extern uint8_t _heap_start[];
extern uint8_t _heap_end[];

/* Shows UTF-8 text to whoever runs the guest. Nothing of it is in a proof. */
void tern_print(const uint8_t *text, size_t length);

/* Ends the program at once, without destructors. */
TERN_NORETURN void tern_exit(uint32_t code);

/* Names a part of the run, for which `tern execute` reports cycles. Parts nest. */
void tern_cycle_scope_begin(const uint8_t *name, size_t length);
void tern_cycle_scope_end(void);

/* Keccak-f[1600] in place. */
void tern_keccak_f1600(uint64_t state[25]);

/* dst = (a * b + c) mod m, four little-endian dwords each, which may alias. m is not zero and (a * b + c) / m is below 2^256 (it is
   where a, b, c are below m), or the run ends abnormally. */
void tern_mulmod256(uint64_t dst[4], const uint64_t a[4], const uint64_t b[4], const uint64_t c[4], const uint64_t m[4]);

/* The same of six dwords, with a quotient below 2^384. */
void tern_mulmod384(uint64_t dst[6], const uint64_t a[6], const uint64_t b[6], const uint64_t c[6], const uint64_t m[6]);

#ifdef __cplusplus
}
#endif

#endif
