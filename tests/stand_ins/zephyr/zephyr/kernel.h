/* Stands in for Zephyr's kernel: one slab of memory. */
#ifndef STAND_IN_KERNEL_H
#define STAND_IN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct k_mem_slab {
    char *blocks;
    size_t bytes, count, taken;
};
#define K_MEM_SLAB_DEFINE_STATIC(name, block_bytes, block_count, alignment)              \
    static char name##_blocks[(block_bytes) * (block_count)] __attribute__((aligned(alignment))); \
    static struct k_mem_slab name = {name##_blocks, block_bytes, block_count, 0}

void k_mem_slab_free(struct k_mem_slab *slab, void *block);

#endif
