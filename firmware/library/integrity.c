/* Damaged flash: FNV-1a, 32 bits, of all numbers, then of the mel bands, thresholds, labels and arrays of the layers.
 *
 * Addresses cannot be hashed, the linker chooses them.  Those of functions are there twice; tables lie one behind another;
 * of the layers' arrays the distances from the thresholds are hashed.  Nothing is read before its size is checked. */
#include "integrity.h"

#include "memory.h"
#include "primitives.h"

#define HASH_BEGIN 2166136261u
#define NUMBERS(type, first, last) (offsetof(type, last) + sizeof((type *)0)->last - offsetof(type, first))

/* Called, not inlined: it is slow enough. */
KWS_COLD __attribute__((noinline)) static uint32_t hash_bytes(uint32_t hash, const void *data, size_t size)
{
    const uint8_t *byte = data;
    while (size--)
        hash = (hash ^ *byte++) * 16777619u;
    return hash;
}

/* Whether the tables lie behind one another, and the front end's function is there twice. */
KWS_COLD static bool is_in_place(const struct kws_model *model, const struct kws_features *features)
{
    return features->hop[0] == features->hop[1] && features->segment == (const uint8_t *)(features->rise + features->bins) &&
           (const void *)model->layers == model->steps + model->kinds &&
           (const void *)model->thresholds == model->layers + model->layer_count;
}

KWS_COLD static uint32_t hash_numbers(const struct kws_model *model, const struct kws_features *features)
{
    uint32_t hash = hash_bytes(HASH_BEGIN, &model->array_bytes, NUMBERS(struct kws_model, array_bytes, rule));
    hash = hash_bytes(hash, &features->hop_samples, NUMBERS(struct kws_features, hop_samples, memory_codes));
    for (const struct kws_layer *layer = model->layers; layer < model->layers + model->layer_count; layer++) {
        const void *const arrays[] = {layer->bias, layer->multiplier, layer->scaling, layer->weights};
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
            const uintptr_t distance = arrays[i] ? (uintptr_t)arrays[i] - (uintptr_t)model->thresholds : 0;
            const uint32_t folded = (uint32_t)(distance ^ distance >> 16 >> 16); /* of 64 bits, on a host */
            hash = hash_bytes(hash, &folded, sizeof folded);
        }
        hash = hash_bytes(hash, &layer->inputs, NUMBERS(struct kws_layer, inputs, zero));
    }
    return hash;
}

KWS_COLD bool kws_model_is_intact(const struct kws_model *model, const struct kws_features *features)
{
    if (!is_in_place(model, features) || hash_numbers(model, features) != model->hash)
        return false;
    for (const struct kws_layer *layer = model->layers; layer < model->layers + model->layer_count; layer++)
        if (layer->step != model->steps[layer->kind])
            return false;
    const uint32_t mel = hash_bytes(HASH_BEGIN, features->rise, features->bins * sizeof *features->rise + features->bands + 1u);
    return hash_bytes(mel, model->thresholds, model->array_bytes) == model->array_hash;
}
