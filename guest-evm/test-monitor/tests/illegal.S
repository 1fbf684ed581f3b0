// A test of an instruction that the machine lacks does not pass: the run ends with an error.
#include "arch_test.h"

RVTEST_BEGIN
  .option arch, +zicsr
  csrr x12, cycle
  RVTEST_SIGUPD(x3, x5, x4, x12, test_name)
RVTEST_END
