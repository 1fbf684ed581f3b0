// Arithmetic of slt sltu and or xor.
#include "arch_test.h"

RVTEST_BEGIN
  TEST_RR_CORNERS(slt)
  TEST_RR_CORNERS(sltu)
  TEST_RR_CORNERS(and)
  TEST_RR_CORNERS(or)
  TEST_RR_CORNERS(xor)
RVTEST_END
