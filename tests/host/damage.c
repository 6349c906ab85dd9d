/* Damages a model bit by bit, and prints how many bytes of the table beyond its padding, and of the arrays, can change
 * without kws_init seeing it; then overwrites the table in pieces.  Compiled with the sanitizers, which end it where
 * anything is read that is not the model's. */
#include <stdio.h>
#include <string.h>

#define const /* the model lies in RAM */
#include "kws_model.c"
#undef const

#define ERASED 64 /* bytes */
#define TABLE                                                                                                          \
    (sizeof kws_model.hash + sizeof kws_model.array_hash + sizeof kws_model.mel.rise + sizeof kws_model.mel.segment +  \
     KWS_LAYERS * (5 * sizeof(void *) + 2 * KWS_SCALINGS + 12) + sizeof kws_model.kinds + sizeof kws_model.rule + sizeof kws_model.points + \
     sizeof kws_model.labels) /* without padding */

int main(void);

static struct kws kws;

static bool is_refused(void)
{
    static const int16_t silence[KWS_HOP_SAMPLES];
    struct kws_detection detection;
    memset(&kws, 0xa5, sizeof kws);
    if (kws_init(&kws, &kws_model) == KWS_OK)
        return false;
    kws_reset(&kws);
    if (kws_hop(&kws, silence, &detection) || kws_hop(&kws, silence, NULL) || kws.hops != 0xa5a5a5a5u ||
        kws_set_operating_point(&kws, 0) != KWS_MODEL_CORRUPT || kws_set_threshold(&kws, 0, 0) != KWS_MODEL_CORRUPT)
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

int main(void)
{
    if (is_refused())
        puts("the whole model is refused");
    const size_t padding = sizeof kws_model - TABLE;
    printf("%zu\n", flip_bits(&kws_model, sizeof kws_model) - padding);
    printf("%zu\n", flip_bits(&arrays, sizeof arrays));
    for (int with = 0; with < 256; with += 85)
        overwrite(&kws_model, sizeof kws_model, with);
    return is_refused();
}
