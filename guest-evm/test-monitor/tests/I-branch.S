// Branches, taken and not, jumps and their links.
#include "arch_test.h"

// 1 if the branch is taken.
#define BRANCH(_OP, _A, _B)                      \
  li x10, _A                                    ;\
  li x11, _B                                    ;\
  li x12, 1                                     ;\
  _OP x10, x11, 2f                              ;\
  li x12, 0                                     ;\
2:                                              ;\
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)

#define BRANCHES(_OP)                            \
  BRANCH(_OP, 0, 0)                             ;\
  BRANCH(_OP, 1, -1)                            ;\
  BRANCH(_OP, -1, 1)                            ;\
  BRANCH(_OP, 0x8000000000000000, 0x7fffffffffffffff)

RVTEST_BEGIN
  BRANCHES(beq)
  BRANCHES(bne)
  BRANCHES(blt)
  BRANCHES(bge)
  BRANCHES(bltu)
  BRANCHES(bgeu)

  // A link is the address behind the jump: here as a distance, which is the same wherever the text lies.
  la x10, 3f
  jal x11, 4f
3:
  j 5f
4:
  sub x12, x11, x10
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)
  jalr x0, 0(x11)
5:
  la x10, 6f
  jalr x11, 4(x10)
6:
  li x12, 77
  sub x12, x11, x10
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)
  lui x12, 0x80000
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)
7:
  auipc x12, 0xfffff
  la x10, 7b
  sub x12, x12, x10
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)
RVTEST_END
