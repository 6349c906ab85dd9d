/* Kept out of line, and so found by the counter under their names. */
#include "count.h"

__attribute__((noinline)) void count_begin(void)
{
    __asm__ volatile("");
}

__attribute__((noinline)) void count_end(void)
{
    __asm__ volatile("");
}
