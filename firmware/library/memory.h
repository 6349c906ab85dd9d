/* The arrays that follow struct kws_frontend and struct kws, in the order in which kws_model.h declares them. */
#ifndef KWS_MEMORY_H
#define KWS_MEMORY_H

#include "gate.h"
#include "model.h"

/* The features of the last hop, int8 codes as int16 [bands]. */
static inline int16_t *kws_codes(struct kws_frontend *frontend)
{
    return (int16_t *)(frontend + 1);
}

/* The samples before the next hop. */
static inline int16_t *kws_history(struct kws_frontend *frontend)
{
    return kws_codes(frontend) + frontend->features->bands;
}

/* The gate of a front end that has one, at the end of what it keeps. */
static inline struct kws_level_gate *kws_level_gate(const struct kws_frontend *frontend)
{
    const int16_t *const codes = (const int16_t *)(frontend + 1);
    return (struct kws_level_gate *)(uintptr_t)(codes + frontend->features->memory_codes - KWS_GATE_CODES);
}

/* Whether the front end has not heard the last hop. */
static inline bool kws_sleeps(const struct kws_frontend *frontend)
{
    return frontend->features->gated && kws_level_gate(frontend)->awake_hops == 0;
}

/* Scratch for one hop's spectrum, then for each layer's sums; nothing in it is kept from hop to hop. */
static inline void *kws_scratch(struct kws_frontend *frontend)
{
    return kws_codes(frontend) + frontend->features->memory_codes;
}

/* The current thresholds, UQ1.15 [keywords]. */
static inline uint16_t *kws_thresholds(const struct kws *kws)
{
    return (uint16_t *)(uintptr_t)(kws + 1);
}

/* The smoothed posteriors, UQ1.15 [keywords]. */
static inline uint16_t *kws_smoothed(const struct kws *kws)
{
    return kws_thresholds(kws) + kws->model->keywords;
}

/* Each layer's memory, [memory_codes]; then the logits, Q5.10 [labels]. */
static inline int16_t *kws_memory(struct kws *kws)
{
    return (int16_t *)(kws_smoothed(kws) + kws->model->keywords);
}

/* A model's labels, in flash: UTF-8 [labels], each ends with a zero. */
static inline const char *kws_labels(const struct kws_model *model)
{
    return (const char *)(model->thresholds + model->points * model->keywords);
}

#endif
