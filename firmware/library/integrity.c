/* Detects damaged flash: a 32-bit FNV-1a hash of all numbers, and one of the mel bands, thresholds, labels and arrays of the
 * layers.
 *
 * Addresses cannot be hashed, because the linker chooses them.  Instead, function addresses are stored twice, the tables
 * must follow one another, and the distances of the layers' arrays from the thresholds are hashed.  Nothing is read before
 * its size is checked. */
#include "integrity.h"

#include "memory.h"
#include "primitives.h"

#define HASH_BEGIN 2166136261u
#define NUMBERS(type, first, last) (offsetof(type, last) + sizeof((type *)0)->last - offsetof(type, first))

/* Not inlined: a call costs little beside its loop. */
KWS_COLD __attribute__((noinline)) static uint32_t hash_bytes(uint32_t hash, const void *data, size_t size)
{
    const uint8_t *byte = data;
    while (size--)
        hash = (hash ^ *byte++) * 16777619u;
    return hash;
}

/* Whether a table begins where one of `count` elements before it ends; damaged addresses are not added to. */
KWS_COLD static bool follows(const void *table, const void *before, size_t count, size_t element)
{
    return (uintptr_t)table - (uintptr_t)before == count * element;
}

/* Whether the tables follow one another and both addresses of the front end's function agree. */
KWS_COLD static bool is_in_place(const struct kws_model *model, const struct kws_features *features)
{
    return features->hop == features->again &&
           follows(features->segment, features->rise, features->bins, sizeof *features->rise) &&
           follows(model->layers, model->steps, model->kinds, sizeof *model->steps) &&
           follows(model->thresholds, model->layers, model->layer_count, sizeof *model->layers);
}

KWS_COLD static uint32_t hash_numbers(const struct kws_model *model, const struct kws_features *features)
{
    uint32_t hash = hash_bytes(HASH_BEGIN, &model->array_bytes, NUMBERS(struct kws_model, array_bytes, rule));
    hash = hash_bytes(hash, &features->hop_samples, NUMBERS(struct kws_features, hop_samples, memory_codes));
    for (uint8_t place = 0; place < model->layer_count; place++) {
        const struct kws_layer *const layer = &model->layers[place];
        const void *const arrays[] = {layer->bias, layer->multiplier, layer->scaling, layer->weights};
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
            const uintptr_t distance = arrays[i] ? (uintptr_t)arrays[i] - (uintptr_t)model->thresholds : 0;
            const uint32_t hashed = distance >> 16 >> 16 ? UINT32_MAX : (uint32_t)distance; /* a host's have 64 bits */
            hash = hash_bytes(hash, &hashed, sizeof hashed);
        }
        hash = hash_bytes(hash, &layer->inputs, NUMBERS(struct kws_layer, inputs, zero));
    }
    return hash;
}

KWS_COLD bool kws_model_is_intact(const struct kws_model *model, const struct kws_features *features)
{
    if (!is_in_place(model, features) || hash_numbers(model, features) != model->hash)
        return false;
    for (uint8_t place = 0; place < model->layer_count; place++)
        if (model->layers[place].step != model->steps[model->layers[place].kind])
            return false;
    const uint32_t mel = hash_bytes(HASH_BEGIN, features->rise, features->bins * sizeof *features->rise + features->bands + 1u);
    return hash_bytes(mel, model->thresholds, model->array_bytes) == model->array_hash;
}
