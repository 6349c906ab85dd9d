/* The bytes of a fuzzer's input, taken from the front; after the last one come zeros.  What every target includes. */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool fact)
{
    if (!fact)
        __builtin_trap();
}

struct bytes {
    const uint8_t *next, *end;
};

static inline uint8_t take_byte(struct bytes *bytes)
{
    return bytes->next < bytes->end ? *bytes->next++ : 0;
}

static inline uint16_t take_word(struct bytes *bytes)
{
    const uint8_t low = take_byte(bytes);
    return (uint16_t)(low | take_byte(bytes) << 8);
}

/* Fills memory with the next bytes, at most 64 of them again and again, so that a short input makes a whole hop. */
static inline void take_pattern(struct bytes *bytes, void *memory, size_t size)
{
    uint8_t *to = memory, pattern[64];
    const size_t given = 1 + take_byte(bytes) % sizeof pattern;
    for (size_t i = 0; i < given; i++)
        pattern[i] = take_byte(bytes);
    for (size_t i = 0; i < size; i++)
        to[i] = pattern[i % given];
}

#endif
