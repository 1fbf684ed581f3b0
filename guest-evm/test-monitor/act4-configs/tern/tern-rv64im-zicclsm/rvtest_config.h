// The null page.
#define RVMODEL_ACCESS_FAULT_ADDRESS 0x00000000
// There is no physical memory protection.
#define RVMODEL_PMP_GRAIN 0
#define RVMODEL_NUM_PMPS 0
