// The reference: a process of Linux in `qemu-riscv64`, which writes its signature to standard output.

#define RVMODEL_HALT_PASS                     \
  li a0, 1                                   ;\
  la a1, begin_signature                     ;\
  la a2, end_signature                       ;\
  sub a2, a2, a1                             ;\
  li a7, 64                                  ;\
  ecall                                      ;\
  li a0, 0                                   ;\
  li a7, 93                                  ;\
  ecall

#define RVMODEL_DATA_SECTION
#define RVMODEL_BOOT
#define RVMODEL_IO_INIT(_R1, _R2, _R3)
