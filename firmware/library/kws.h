/* Jerboa: keyword spotting in a few kilobytes.  The one header to include.
 *
 *     static struct kws kws;                                  all the memory there is; the caller owns it
 *     if (kws_init(&kws, &kws_model) != KWS_OK) ...           refuses a corrupted model
 *     for (;;) {
 *         read_microphone(pcm);                               KWS_HOP_SAMPLES of 16 kHz int16
 *         if (kws_hop(&kws, pcm, &detection))
 *             puts(kws_model.labels[detection.label]);
 *     }
 *
 * No heap, no floating point, no libm, no writable data of its own; not thread-safe on one struct kws,
 * free of shared state between several.  Sizes come from the model's kws_model.h, which the library is
 * compiled with; a model (kws_model.c) and a header of different exports do not compile. */
#ifndef KWS_H
#define KWS_H

#include <stdbool.h>
#include <stdint.h>

#include "kws_model.h"

#include "cell.h"
#include "detector.h"
#include "frontend.h"

/* A library compiled for other sizes has an entry point of another name, so linking it fails. */
#define KWS_NAME_(hop, bands, bins, units, shift, labels, keywords, text) \
    kws_init_hop##hop##_bands##bands##_bins##bins##_units##units##_shift##shift##_labels##labels##_keywords##keywords##_text##text
#define KWS_NAME(hop, bands, bins, units, shift, labels, keywords, text) \
    KWS_NAME_(hop, bands, bins, units, shift, labels, keywords, text)
#define kws_init                                                                                   \
    KWS_NAME(KWS_HOP_SAMPLES, KWS_BANDS, KWS_BINS, KWS_UNITS, KWS_CODE_SHIFT, KWS_LABELS, KWS_KEYWORDS, \
             KWS_LABEL_BYTES)

/* A trained model: constant, in flash; firmware/models/<recipe>/kws_model.c defines one. */
struct kws_model {
    uint32_t hash; /* FNV-1a of every array below */
    struct kws_mel mel;
    struct kws_gru gru;
    struct kws_classifier classifier;
    struct kws_operating_point operating_point;
    char labels[KWS_LABELS][KWS_LABEL_BYTES]; /* keywords first; each ends with a zero */
};

extern const struct kws_model kws_model;

/* Everything that changes: state of one audio stream, and scratch. */
struct kws {
    const struct kws_model *model;
    uint32_t hops; /* heard since the reset; wraps after 2^32 */
    struct kws_frontend frontend;
    struct kws_detector detector;
    int16_t state[KWS_UNITS];     /* Q0.15 */
    int16_t next[KWS_UNITS];      /* scratch */
    int16_t logits[KWS_LABELS];   /* of the last hop, Q5.10 */
    int8_t codes[KWS_BANDS];      /* features of the last hop: level - 128 */
};

struct kws_detection {
    uint8_t label;      /* index into model->labels */
    uint16_t posterior; /* smoothed, UQ1.15 */
    uint32_t time_ms;   /* from the first sample to the end of the hop; wraps after 49 days */
};

enum kws_status {
    KWS_OK,
    KWS_MODEL_CORRUPT, /* the model's arrays do not have its hash */
};

/* Checks the model and begins a stream.  It reads every byte of the model, once. */
enum kws_status kws_init(struct kws *kws, const struct kws_model *model);

/* Begins a new stream: exactly the state after kws_init. */
void kws_reset(struct kws *kws);

/* Hears one hop.  Returns whether a keyword ends here; only then *detection is written. */
bool kws_hop(struct kws *kws, const int16_t pcm[KWS_HOP_SAMPLES], struct kws_detection *detection);

#endif
