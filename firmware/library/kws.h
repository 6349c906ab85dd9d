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
 * Pointers are not NULL unless a function says so; a struct kws is zeros or was given to kws_init.  One struct kws is
 * for one caller at a time: two calls on it at once, from a task and an interrupt say, are undefined.
 *
 * No heap, no floating point, no libm, no writable data of its own; not thread-safe on one struct kws,
 * free of shared state between several.  Sizes come from the model's kws_model.h, which the library is
 * compiled with; a model (kws_model.c) and a header of different exports do not compile. */
#ifndef KWS_H
#define KWS_H

#include <stdbool.h>
#include <stdint.h>

#include "kws_model.h"

#include "detector.h"
#include "frontend.h"
#include "network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A library compiled for other sizes has an entry point of another name, so linking it fails. */
#define KWS_NAME_(hop, bands, bins, layers, kinds, scalings, memory, scratch, labels, keywords, text, points) \
    kws_init_hop##hop##_bands##bands##_bins##bins##_layers##layers##_kinds##kinds##_scalings##scalings##_memory##memory##_scratch##scratch##_labels##labels##_keywords##keywords##_text##text##_points##points
#define KWS_NAME(hop, bands, bins, layers, kinds, scalings, memory, scratch, labels, keywords, text, points) \
    KWS_NAME_(hop, bands, bins, layers, kinds, scalings, memory, scratch, labels, keywords, text, points)
#define kws_init                                                                                                 \
    KWS_NAME(KWS_HOP_SAMPLES, KWS_BANDS, KWS_BINS, KWS_LAYERS, KWS_KINDS, KWS_SCALINGS, KWS_MEMORY_CODES, KWS_SUMS, \
             KWS_LABELS, KWS_KEYWORDS, KWS_LABEL_BYTES, KWS_POINTS)

/* A trained model: constant, in flash; firmware/models/<recipe>/kws_model.c defines one. */
struct kws_model {
    uint32_t hash;       /* FNV-1a of what is below, addresses apart: integrity.c */
    uint32_t array_hash; /* of the layers' arrays */
    struct kws_mel mel;
    struct kws_layer layers[KWS_LAYERS];  /* the last is the classifier */
    kws_layer_step *kinds[KWS_KINDS];     /* the steps of the layers, each once */
    struct kws_detector_rule rule;
    struct kws_operating_point points[KWS_POINTS]; /* named KWS_POINT_...; the first is in force after kws_init */
    char labels[KWS_LABELS][KWS_LABEL_BYTES]; /* UTF-8, keywords first; each ends with a zero */
};

extern const struct kws_model kws_model;

/* Everything that changes: state of one audio stream, and scratch. */
struct kws {
    const struct kws_model *model;
    uint32_t hops; /* heard since the reset; wraps after 2^32 */
    struct kws_frontend frontend;
    struct kws_detector detector;
    struct kws_network network;
    union {
        struct kws_complex spectrum[KWS_FFT_COMPLEX];
        int32_t sums[KWS_SUMS];
    } scratch; /* nothing in it lasts from hop to hop */
};

struct kws_detection {
    uint8_t label;      /* index into model->labels */
    uint16_t posterior; /* smoothed, UQ1.15 */
    uint32_t time_ms;   /* from the first sample to the end of the hop; wraps after 49 days */
};

enum kws_status {
    KWS_OK,
    KWS_MODEL_CORRUPT, /* the model does not have its hashes; or none was accepted by kws_init */
    KWS_OUT_OF_RANGE,  /* no such operating point or keyword: nothing was changed */
};

/* Checks the model and begins a stream.  It reads every byte of the model, which must stay where it is.  After a refusal,
 * as before the first kws_init of a struct that is all zeros, the functions below do nothing: no hop is heard, and a
 * setting returns KWS_MODEL_CORRUPT. */
enum kws_status kws_init(struct kws *kws, const struct kws_model *model);

/* Begins a new stream: exactly the state after kws_init, but for thresholds, which stay as they were set. */
void kws_reset(struct kws *kws);

/* Puts one of the model's operating points in force, KWS_POINT_...; at any time. */
enum kws_status kws_set_operating_point(struct kws *kws, uint8_t point);

/* Puts one keyword's threshold in force, of its smoothed posterior, UQ1.15; above 32768 it is never detected. */
enum kws_status kws_set_threshold(struct kws *kws, uint8_t label, uint16_t threshold);

/* Hears one hop.  Returns whether a keyword ends here; only then *detection is written.  detection may be NULL. */
bool kws_hop(struct kws *kws, const int16_t pcm[KWS_HOP_SAMPLES], struct kws_detection *detection);

#ifdef __cplusplus
}
#endif

#endif
