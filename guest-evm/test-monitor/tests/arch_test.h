// The little of riscv-arch-test's framework (ACT4) that the tests in this folder need, under the
// suite's names: a signature that is written in one build and compared in the other, and the
// model's macros around it.
//
// Without RVTEST_SELFCHECK a test writes its signature; with it, the test is linked with that of a
// reference, SIGNATURE_FILE, and ends with RVMODEL_HALT_FAIL at the first value that differs.

#include "rvmodel_macros.h"
#ifdef RVTEST_SELFCHECK
#include "failure_code.h"
#endif

#define SIG_STRIDE 8

// Writes x`_R` to the signature, or compares it. As in the suite, two words that are no instruction
// follow each jump to the failure code.
#ifdef RVTEST_SELFCHECK
#define RVTEST_SIGUPD(_SIG_PTR, _LINK_REG, _TEMP_REG, _R, _STR)  \
  ld _TEMP_REG, 0(_SIG_PTR)                                     ;\
  beq _TEMP_REG, _R, 1f                                         ;\
  jal _LINK_REG, failedtest_##_LINK_REG##_##_TEMP_REG           ;\
  .dword 0                                                      ;\
  .dword _STR                                                   ;\
1:                                                              ;\
  addi _SIG_PTR, _SIG_PTR, SIG_STRIDE
#else
#define RVTEST_SIGUPD(_SIG_PTR, _LINK_REG, _TEMP_REG, _R, _STR)  \
  sd _R, 0(_SIG_PTR)                                            ;\
  addi _SIG_PTR, _SIG_PTR, SIG_STRIDE
#endif

.macro RVTEST_BEGIN
  .option norelax
  .section .text.init, "ax", @progbits
  .global rvtest_entry_point
rvtest_entry_point:
  // The suite aligns code this way, which marks the file as one with compressed instructions though
  // there are none.
  .option push
  .option rvc
  .align 5
  .option norvc
  .option pop
  RVMODEL_BOOT
  RVMODEL_IO_INIT(x6, x7, x8)
  j rvtest_code_begin
  .section .text.rvtest, "ax", @progbits
rvtest_code_begin:
  la x3, signature_base
.endm

.macro RVTEST_END
  RVMODEL_HALT_PASS
#ifdef RVTEST_SELFCHECK
  RVTEST_FAILURE_CODE
  RVTEST_FAILURE_DATA
#endif
  RVMODEL_DATA_SECTION
  .data
  .align 4
test_name:
  .asciz "test"
  .align 4
  .global begin_signature
begin_signature:
signature_base:
#ifdef RVTEST_SELFCHECK
  .incbin SIGNATURE_FILE
#else
  .fill 1024, 8, 0xdeadbeef
#endif
  .global end_signature
end_signature:
.endm

// Result of an instruction with two operands.
#define TEST_RR(_OP, _A, _B)  \
  li x10, _A                 ;\
  li x11, _B                 ;\
  _OP x12, x10, x11          ;\
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)

// Result of an instruction with an immediate.
#define TEST_RI(_OP, _A, _IMM)  \
  li x10, _A                   ;\
  _OP x12, x10, _IMM           ;\
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)

// The same for pairs of values that matter: signs, the largest and smallest of 32 and 64 bits, and
// zero.
#define TEST_RR_CORNERS(_OP)                                        \
  TEST_RR(_OP, 0, 0)                                               ;\
  TEST_RR(_OP, 1, -1)                                              ;\
  TEST_RR(_OP, -1, 1)                                              ;\
  TEST_RR(_OP, -7, 2)                                              ;\
  TEST_RR(_OP, 7, -2)                                              ;\
  TEST_RR(_OP, -7, 0)                                              ;\
  TEST_RR(_OP, 0x7fffffff, 0x7fffffff)                             ;\
  TEST_RR(_OP, 0x80000000, -1)                                     ;\
  TEST_RR(_OP, -0x80000000, -1)                                    ;\
  TEST_RR(_OP, 0xffffffff, 33)                                     ;\
  TEST_RR(_OP, 0x7fffffffffffffff, 0x7fffffffffffffff)             ;\
  TEST_RR(_OP, 0x8000000000000000, -1)                             ;\
  TEST_RR(_OP, 0x8000000000000000, 0x8000000000000000)             ;\
  TEST_RR(_OP, 0x123456789abcdef0, 0xfedcba9876543210)             ;\
  TEST_RR(_OP, 0xfedcba9876543210, 63)
