// Arithmetic of add addw sub subw.
#include "arch_test.h"

RVTEST_BEGIN
  TEST_RR_CORNERS(add)
  TEST_RR_CORNERS(addw)
  TEST_RR_CORNERS(sub)
  TEST_RR_CORNERS(subw)
  TEST_RI(addi, 0x7fffffff, 2047)
  TEST_RI(addi, -1, -2048)
  TEST_RI(addiw, 0x7fffffff, 2047)
  TEST_RI(addiw, -1, -2048)
RVTEST_END
