/* Whether a model is as it was exported. */
#ifndef KWS_INTEGRITY_H
#define KWS_INTEGRITY_H

#include <stdbool.h>

struct kws_features;
struct kws_model;

/* Reads every byte of the model and its features, and nothing else, however damaged they are. */
bool kws_model_is_intact(const struct kws_model *model, const struct kws_features *features);

#endif
