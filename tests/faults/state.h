/* What process.py and preload.c share; plain declarations, read by the C compiler and by cffi alike. */
enum fault { FAULT_KILL, FAULT_FULL, FAULT_LOCKED, FAULT_PAUSE };

struct faults {
    uint32_t steps;    /* done so far */
    uint32_t at;       /* the step at which the fault happens, from 1; 0: never */
    uint32_t fault;    /* enum fault */
    uint32_t counting; /* 0: nothing is counted or logged */
    char below[4096];  /* the folder whose files count */
};
