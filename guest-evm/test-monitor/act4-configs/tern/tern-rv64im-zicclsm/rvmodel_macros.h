// How a test of riscv-arch-test ends on Tern, and what else the framework asks of a model.
//
// A run ends with the environment call `halt` (a7 = 0): a0 is the exit code, which `tern execute`
// makes its exit status, and a1 to a4 are the BLAKE3-256 of the output, here of none, so that a
// passed test can be proved and verified too.

#ifndef TERN_RVMODEL_MACROS_H
#define TERN_RVMODEL_MACROS_H

#define TERN_HALT(EXIT_CODE)      \
  li a0, EXIT_CODE               ;\
  li a1, 0xa6a1f9f5b94913af      ;\
  li a2, 0x49c9dc36ea4d40a0      ;\
  li a3, 0xb712c1adc925cb9b      ;\
  li a4, 0x62321fe4ca939acc      ;\
  li a7, 0                       ;\
  ecall                          ;

#define RVMODEL_HALT_PASS TERN_HALT(0)

#define RVMODEL_HALT_FAIL TERN_HALT(1)

// The framework refers to these two, which Tern does not read.
#define RVMODEL_DATA_SECTION                                  \
  .pushsection .tohost, "aw", @progbits                      ;\
  .align 8; .global tohost; tohost: .dword 0                 ;\
  .align 8; .global fromhost; fromhost: .dword 0             ;\
  .popsection

#define RVMODEL_BOOT

#define RVMODEL_IO_INIT(_R1, _R2, _R3)

// The exit status says all: `failure_code.h` has no text to write.
#define RVMODEL_IO_WRITE_STR(_R1, _R2, _R3, _STR_PTR)

// The null page.
#define RVMODEL_ACCESS_FAULT_ADDRESS 0x00000000

// There are no interrupts and no timer: no test that needs one is selected.
#define RVMODEL_INTERRUPT_LATENCY 10
#define RVMODEL_TIMER_INT_SOON_DELAY 100
#define RVMODEL_MTIME_ADDRESS 0x02004000
#define RVMODEL_MTIMECMP_ADDRESS 0x02000000
#define RVMODEL_SET_MEXT_INT
#define RVMODEL_CLR_MEXT_INT
#define RVMODEL_SET_MSW_INT
#define RVMODEL_CLR_MSW_INT
#define RVMODEL_CLR_MTIMER_INT
#define RVMODEL_SET_SEXT_INT
#define RVMODEL_CLR_SEXT_INT
#define RVMODEL_SET_SSW_INT
#define RVMODEL_CLR_SSW_INT

#endif
