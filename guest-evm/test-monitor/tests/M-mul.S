// Arithmetic of mul mulh mulhsu mulhu mulw.
#include "arch_test.h"

RVTEST_BEGIN
  TEST_RR_CORNERS(mul)
  TEST_RR_CORNERS(mulh)
  TEST_RR_CORNERS(mulhsu)
  TEST_RR_CORNERS(mulhu)
  TEST_RR_CORNERS(mulw)
RVTEST_END
