/* Flash that is damaged: FNV-1a, 32 bits, of the table, then of the arrays.
 *
 * Addresses cannot be hashed, the linker chooses them.  Of a step, its place among the model's kinds counts, so each is
 * there twice.  Arrays lie one behind another, each at a multiple of four, so the sizes, once they are known to be right,
 * say where each must be; no array is read before all are. */
#include "integrity.h"

#include <stddef.h>

#include "kws.h"

#define HASH_BEGIN 2166136261u
/* Bytes of a layer from `scaling` to `zero`, among which is no padding. */
#define LAYER_NUMBERS (offsetof(struct kws_layer, zero) + sizeof(int16_t) - offsetof(struct kws_layer, scaling))

/* Called, not inlined eight times over: it is slow enough. */
__attribute__((noinline)) static uint32_t hash_bytes(uint32_t hash, const void *data, size_t size)
{
    const uint8_t *byte = data;
    while (size--)
        hash = (hash ^ *byte++) * 16777619u;
    return hash;
}

static uint8_t kind_of(const struct kws_model *model, kws_layer_step *step)
{
    uint8_t kind = 0;
    while (kind < KWS_KINDS && model->kinds[kind] != step)
        kind++;
    return kind;
}

/* Part by part, so that padding does not count. */
static uint32_t hash_table(const struct kws_model *model)
{
    uint32_t hash = HASH_BEGIN;
    hash = hash_bytes(hash, model->mel.rise, sizeof model->mel.rise);
    hash = hash_bytes(hash, model->mel.segment, sizeof model->mel.segment);
    for (const struct kws_layer *layer = model->layers; layer < model->layers + KWS_LAYERS; layer++) {
        const uint8_t kind = kind_of(model, layer->step);
        hash = hash_bytes(hash, &kind, 1);
        hash = hash_bytes(hash, layer->scaling, LAYER_NUMBERS);
    }
    hash = hash_bytes(hash, &model->rule, sizeof model->rule);
    hash = hash_bytes(hash, model->points, sizeof model->points);
    return hash_bytes(hash, model->labels, sizeof model->labels);
}

/* Returns whether the arrays are where they must be, and adds them to the hash unless it is NULL. */
static bool walk_arrays(const struct kws_model *model, uint32_t *hash)
{
    uintptr_t next = 0;
    for (const struct kws_layer *layer = model->layers; layer < model->layers + KWS_LAYERS; layer++) {
        const size_t rows = (size_t)layer->units * layer->gates, packed = layer->sums ? rows + (rows & 1) : rows;
        const struct {
            const void *data;
            size_t bytes;
        } arrays[] = {
            {layer->bias, (size_t)layer->units * layer->sums * sizeof *layer->bias},
            {layer->multiplier, rows * sizeof *layer->multiplier},
            {layer->input_weights, packed * layer->inputs},
            {layer->recurrent_weights, packed * layer->units},
        };
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
            const uintptr_t place = (uintptr_t)arrays[i].data;
            if (!place)
                continue;
            if (next && place != next)
                return false;
            if (hash)
                *hash = hash_bytes(*hash, arrays[i].data, arrays[i].bytes);
            next = (place + arrays[i].bytes + 3) & ~(uintptr_t)3;
        }
    }
    return true;
}

bool kws_is_intact(const struct kws_model *model)
{
    uint32_t hash = HASH_BEGIN;
    return hash_table(model) == model->hash && walk_arrays(model, NULL) && walk_arrays(model, &hash) &&
           hash == model->array_hash;
}
