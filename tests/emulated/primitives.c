/* One primitive of the library, for every value in a file.
 *
 *     primitives NAME INPUT OUTPUT    sigmoid, tanh: int32 to int16; log: uint64 to int16; posteriors: pairs of logits int16 to
 *                                     pairs of uint16.  The count of values is a multiple of BLOCK. */
#include "detector.h"
#include "frontend.h"
#include "gates.h"
#include "semihosting.h"

enum { BLOCK = 256 };

int main(void);

static int input, output;

static void gate(kws_lanes (*const function)(kws_lanes))
{
    static int32_t from[BLOCK];
    static int16_t to[BLOCK];
    while (semihosting_read(input, from, sizeof from) == sizeof from) {
        for (int place = 0; place < BLOCK; place += KWS_LANES) {
            const kws_mask mask = kws_mask_of(BLOCK - place);
            kws_store_int16(to + place, function(kws_load(from + place, mask)), mask);
        }
        semihosting_write(output, to, sizeof to);
    }
}

static void levels(void)
{
    static uint64_t from[BLOCK];
    static int16_t to[BLOCK];
    while (semihosting_read(input, from, sizeof from) == sizeof from) {
#ifdef KWS_CORE_HELIUM
        kws_log_codes(from, BLOCK, to);
#else
        for (int place = 0; place < BLOCK; place++)
            to[place] = (int16_t)kws_log_code(from[place]);
#endif
        semihosting_write(output, to, sizeof to);
    }
}

static void posteriors(void)
{
    static int16_t from[BLOCK][2];
    static uint16_t to[BLOCK][2];
    while (semihosting_read(input, from, sizeof from) == sizeof from) {
        for (int place = 0; place < BLOCK; place++)
            kws_posteriors(from[place], 2, to[place]);
        semihosting_write(output, to, sizeof to);
    }
}

int main(void)
{
    /* Each argument is used up before the next is asked for: they share one buffer. */
    const char first = *semihosting_argument(1);
    input = semihosting_open(semihosting_argument(2), "rb");
    output = semihosting_open(semihosting_argument(3), "wb");
    if (input < 0 || output < 0)
        return 1;
    if (first == 's')
        gate(kws_sigmoid);
    else if (first == 't')
        gate(kws_tanh);
    else if (first == 'l')
        levels();
    else
        posteriors();
    semihosting_close(output);
    return 0;
}
