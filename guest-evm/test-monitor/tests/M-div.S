// Arithmetic of div divu rem remu divw divuw remw remuw.
#include "arch_test.h"

RVTEST_BEGIN
  TEST_RR_CORNERS(div)
  TEST_RR_CORNERS(divu)
  TEST_RR_CORNERS(rem)
  TEST_RR_CORNERS(remu)
  TEST_RR_CORNERS(divw)
  TEST_RR_CORNERS(divuw)
  TEST_RR_CORNERS(remw)
  TEST_RR_CORNERS(remuw)
RVTEST_END
