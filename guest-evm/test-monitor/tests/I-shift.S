// Arithmetic of sll srl sra sllw srlw sraw.
#include "arch_test.h"

RVTEST_BEGIN
  TEST_RR_CORNERS(sll)
  TEST_RR_CORNERS(srl)
  TEST_RR_CORNERS(sra)
  TEST_RR_CORNERS(sllw)
  TEST_RR_CORNERS(srlw)
  TEST_RR_CORNERS(sraw)
  TEST_RI(slli, 0x8123456789abcdef, 0)
  TEST_RI(slli, 0x8123456789abcdef, 63)
  TEST_RI(srli, 0x8123456789abcdef, 0)
  TEST_RI(srli, 0x8123456789abcdef, 63)
  TEST_RI(srai, 0x8123456789abcdef, 0)
  TEST_RI(srai, 0x8123456789abcdef, 63)
  TEST_RI(slliw, 0x8123456789abcdef, 31)
  TEST_RI(srliw, 0x8123456789abcdef, 31)
  TEST_RI(sraiw, 0x8123456789abcdef, 31)
RVTEST_END
