/* A model with one damaged place anywhere in its tables: kws_init refuses it, or the place is one that nothing is read of. */
#include <string.h>

#include "bytes.h"

#define const /* the model lies in RAM */
#include "kws_model.c"
#undef const

static struct kws_damaged_stream stream;
static struct kws_damaged_frontend frontend;

struct part {
    void *begin;
    size_t size;
};

static void damage(struct part part, struct bytes *bytes)
{
    uint8_t *const place = (uint8_t *)part.begin + take_word(bytes) % part.size;
    size_t length = 1 + take_byte(bytes) % 64, left = part.size - (size_t)(place - (uint8_t *)part.begin);
    take_pattern(bytes, place, length < left ? length : left);
}

static void hear(struct bytes *bytes)
{
    int16_t pcm[KWS_DAMAGED_HOP_SAMPLES];
    struct kws_detection detection;
    take_pattern(bytes, pcm, sizeof pcm);
    for (int hop = 0; hop < 3; hop++) {
        kws_frontend_hop(&frontend.frontend, pcm);
        (void)kws_hop(&stream.kws, &frontend.frontend, &detection);
    }
}

/* What a program may do that did not look whether the model was refused. */
static void go_on(void)
{
    kws_reset(&stream.kws);
    kws_frontend_reset(&frontend.frontend);
    (void)kws_set_operating_point(&stream.kws, 0);
    (void)kws_set_threshold(&stream.kws, 0, 0);
    (void)kws_label(&stream.kws, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static uint8_t whole[4][1 << 16];
    const struct part parts[] = {
        {&kws_damaged_model, sizeof kws_damaged_model},
        {&kws_damaged_features, sizeof kws_damaged_features},
        {&mel, sizeof mel},
        {&data, sizeof data},
    };
    struct bytes bytes = {input, input + size};
    for (int i = 0; i < 4; i++)
        memcpy(whole[i], parts[i].begin, parts[i].size);
    memset(&frontend, 0, sizeof frontend);
    damage(parts[take_byte(&bytes) % 4], &bytes);
    (void)kws_damaged_init(&stream, &frontend);
    hear(&bytes);
    go_on();
    hear(&bytes);
    for (int i = 0; i < 4; i++)
        memcpy(parts[i].begin, whole[i], parts[i].size);
    return 0;
}
