/* Damages a model bit by bit, and prints how many bytes can change without kws_init seeing it, padding apart; then
 * overwrites its parts in pieces.  Compiled with the sanitizers, which end it where anything is read that is not the
 * model's. */
#include <stdio.h>
#include <string.h>

#define const /* the model lies in RAM */
#include "kws_model.c"
#undef const

#define ERASED 64 /* bytes */
#define BEHIND(type, last) (sizeof(type) - offsetof(type, last) - sizeof(((type *)0)->last)) /* padding */

int main(void);

static struct kws_random_stream stream;
static struct kws_random_frontend frontend;

static bool is_refused(void)
{
    static const int16_t silence[320];
    struct kws_detection detection;
    struct kws *kws = &stream.kws;
    memset(&stream, 0xa5, sizeof stream);
    memset(&frontend, 0, sizeof frontend);
    if (kws_random_init(&stream, &frontend) == KWS_OK)
        return false;
    kws_reset(kws);
    kws_frontend_reset(&frontend.frontend);
    kws_frontend_hop(&frontend.frontend, silence);
    if (kws_hop(kws, &frontend.frontend, &detection) || kws_hop(kws, &frontend.frontend, NULL) || frontend.frontend.hops ||
        kws_set_operating_point(kws, 0) != KWS_MODEL_CORRUPT || kws_set_threshold(kws, 0, 0) != KWS_MODEL_CORRUPT ||
        kws_threshold(kws, 0) || kws_posterior(kws, 0) || kws_label(kws, 0)[0])
        puts("a refused model is used");
    return true;
}

/* Returns how many bytes have a bit whose change is not seen. */
static size_t flip_bits(void *data, size_t size)
{
    unsigned char *byte = data;
    size_t unseen = 0;
    for (; size--; byte++) {
        unsigned accepted = 0;
        for (unsigned bit = 1; bit < 256; bit <<= 1) {
            *byte = (unsigned char)(*byte ^ bit);
            accepted |= !is_refused();
            *byte = (unsigned char)(*byte ^ bit);
        }
        unseen += accepted;
    }
    return unseen;
}

/* As flash is erased, and as it is written over: nothing must be read that is not there. */
static void overwrite(void *data, size_t size, int with)
{
    unsigned char *const byte = data, kept[ERASED];
    for (size_t at = 0; at + ERASED <= size; at += 4) {
        memcpy(kept, byte + at, ERASED);
        memset(byte + at, with, ERASED);
        if (memcmp(kept, byte + at, ERASED) && !is_refused())
            puts("what is overwritten is accepted");
        memcpy(byte + at, kept, ERASED);
    }
}

/* A host's addresses have 64 bits: the same bit of both halves. */
static void flip_in_both_halves(void *address)
{
    uint64_t bits;
    if (sizeof(void *) != sizeof bits)
        return;
    for (uint64_t both = 0x100000001; both >> 63 == 0; both <<= 1) {
        memcpy(&bits, address, sizeof bits);
        bits ^= both;
        memcpy(address, &bits, sizeof bits);
        if (!is_refused())
            puts("an address changed in both halves is accepted");
        bits ^= both;
        memcpy(address, &bits, sizeof bits);
    }
}

int main(void)
{
    struct {
        void *part;
        size_t bytes, padding;
    } parts[] = {
        {&kws_random_model, sizeof kws_random_model, BEHIND(struct kws_model, rule)},
        {&kws_random_features, sizeof kws_random_features, BEHIND(struct kws_features, again)},
        {&mel, sizeof mel, sizeof mel - sizeof mel.rise - sizeof mel.segment},
        {&data, sizeof data,
         kws_random_model.layer_count * BEHIND(struct kws_layer, zero) + sizeof data -
             (size_t)((char *)data.thresholds - (char *)&data) - kws_random_model.array_bytes},
    };
    if (is_refused())
        puts("the whole model is refused");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        printf("%zu\n", flip_bits(parts[i].part, parts[i].bytes) - parts[i].padding);
    for (int with = 0; with < 256; with += 85)
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            overwrite(parts[i].part, parts[i].bytes, with);
    for (int place = 0; place < kws_random_model.layer_count; place++) {
        struct kws_layer *const layer = (struct kws_layer *)&kws_random_model.layers[place];
        void *const addresses[] = {&layer->bias, &layer->multiplier, &layer->scaling, &layer->weights};
        for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
            flip_in_both_halves(addresses[i]);
    }
    return is_refused();
}
