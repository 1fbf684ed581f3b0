// Loads and stores of every width, aligned and not, over a dword's border (Zicclsm).
#include "arch_test.h"

#define LOADS(_OFFSET)                           \
  lb x12, _OFFSET(x9)                           ;\
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)     ;\
  lbu x12, _OFFSET(x9)                          ;\
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)     ;\
  lh x12, _OFFSET(x9)                           ;\
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)     ;\
  lhu x12, _OFFSET(x9)                          ;\
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)     ;\
  lw x12, _OFFSET(x9)                           ;\
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)     ;\
  lwu x12, _OFFSET(x9)                          ;\
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)     ;\
  ld x12, _OFFSET(x9)                           ;\
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)

#define STORE(_OP, _OFFSET)                      \
  _OP x13, _OFFSET(x9)                          ;\
  ld x12, 0(x9)                                 ;\
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)     ;\
  ld x12, 8(x9)                                 ;\
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)

RVTEST_BEGIN
  la x9, scratch
  LOADS(0)
  LOADS(1)
  LOADS(3)
  LOADS(5)
  LOADS(7)
  li x13, 0xa5a4a3a2a1a09f9e
  STORE(sb, 0)
  STORE(sb, 7)
  STORE(sh, 2)
  STORE(sh, 7)
  STORE(sw, 4)
  STORE(sw, 6)
  STORE(sd, 0)
  STORE(sd, 3)
RVTEST_END

  .align 4
scratch:
  .dword 0x8182838485868788
  .dword 0x797a7b7c7d7e7f80
