/* How deep the stack of a hop really is: the memory below is painted, a hop heard, and the deepest change looked for.
 *
 *     stack_mark RECORDING       PCM int16; prints the bytes of the deepest hop */
#include "listeners.h"
#include "semihosting.h"

enum { PAINTED_WORDS = 512, PAINT = 0x5a17c0de };

int main(void);

/* Never inlined: between the two readings of the stack nothing but the hop may use it. */
__attribute__((noinline)) static uint32_t stack_of_hop(const int16_t *pcm)
{
    const struct listener *listener = listeners;
    struct kws_detection detection;
    volatile uint32_t *top, *word;
    __asm__ volatile("mov %0, sp" : "=r"(top));
    for (word = top - PAINTED_WORDS; word < top; word++)
        *word = PAINT;
    kws_frontend_hop(listener->frontend, pcm);
    kws_hop(listener->kws, listener->frontend, &detection);
    for (word = top - PAINTED_WORDS; word < top && *word == PAINT; word++) {
    }
    return (uint32_t)(top - word) * (uint32_t)sizeof *word;
}

int main(void)
{
    static int16_t pcm[HOP_SAMPLES];
    uint32_t deepest = 0;
    const int file = semihosting_open(semihosting_argument(1), "rb");
    if (file < 0 || !listeners_begin())
        return 1;
    while (semihosting_read(file, pcm, sizeof pcm) == sizeof pcm) {
        const uint32_t used = stack_of_hop(pcm);
        deepest = used > deepest ? used : deepest;
    }
    semihosting_print_number(deepest);
    return 0;
}
