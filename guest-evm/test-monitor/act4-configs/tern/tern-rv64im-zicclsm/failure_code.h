// What a failed check jumps to, in place of the framework's own code, which reads CSRs and writes
// text: the exit code says that the test failed.

.macro RVTEST_FAILURE_CODE
  failedtest_x5_x4:
  failedtest_x8_x7:
  failedtest_x13_x12:
  failedtest_saveregs:
  failedtest_saveresults:
  failedtest_report:
  failedtest_terminate:
    RVMODEL_HALT_FAIL
.endm

.macro RVTEST_FAILURE_DATA
  .data
  .align 4
  successstr:
    .asciz ""
.endm
