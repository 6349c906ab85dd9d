/* Whether a model is as it was exported. */
#ifndef KWS_INTEGRITY_H
#define KWS_INTEGRITY_H

#include <stdbool.h>

struct kws_model;

/* Reads every byte of the model once, and nothing else, whatever has become of it. */
bool kws_is_intact(const struct kws_model *model);

#endif
