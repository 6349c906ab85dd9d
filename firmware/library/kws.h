/* Jerboa: keyword spotting in a few kilobytes.  The one header to include, beside the kws_model.h of each model.
 *
 *     static struct kws_commands_20k_frontend frontend;       all the memory there is; the caller owns it
 *     static struct kws_commands_20k_stream commands;
 *
 *     if (kws_commands_20k_init(&commands, &frontend) != KWS_OK)
 *         refuse();                                           the model is damaged
 *     for (;;) {
 *         read_microphone(pcm);                               KWS_COMMANDS_20K_HOP_SAMPLES of 16 kHz int16
 *         kws_frontend_hop(&frontend.frontend, pcm);                      PCM -> features
 *         if (kws_hop(&commands.kws, &frontend.frontend, &detection))     features -> detection
 *             puts(kws_label(&commands.kws, detection.label));
 *     }
 *
 * Several models: each has a stream of its own.  Models with the same features (kws_..._features are the same object) share
 * one front end, a union of their front-end structs: one kws_frontend_hop a hop, then a kws_hop for each model.
 *
 * Pointers are not NULL unless a function says so.  Memory must be all zeros before its init function is called.  Two calls
 * on one struct at once, from a task and an interrupt for example, are undefined.  No heap, no floating point, no libm, no
 * writable data of its own. */
#ifndef KWS_H
#define KWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KWS_FORMAT 5 /* format of kws_model.c and kws_model.h; other formats do not compile with this library */

struct kws_features; /* a definition of features: constant, in flash; kws_model.c has it */
struct kws_model;    /* a trained model: constant, in flash; kws_model.c has it */

/* The state of one microphone's front end.  kws_model.h has the struct of full size, which begins with this one. */
struct kws_frontend {
    const struct kws_features *features; /* NULL: no model hears it */
    uint32_t hops;                       /* heard since the reset; wraps after 2^32 */
};

/* The state of one model's stream, without its front end.  kws_model.h has the struct of full size. */
struct kws {
    const struct kws_model *model; /* NULL: init has refused it */
    struct kws_detector {
        uint8_t refractory_hops; /* left of the refractory period */
        uint8_t candidate;       /* label of the last hop's candidate; KWS_NO_LABEL: none */
        uint8_t confirmed_hops;  /* as the candidate after its first hop, at most confirm_hops */
        uint8_t held_label;      /* detected last and still the candidate; else KWS_NO_LABEL */
    } detector;
};

#define KWS_NO_LABEL 255

struct kws_detection {
    uint8_t label;      /* keywords come first among a model's labels */
    uint16_t posterior; /* smoothed, UQ1.15; of an anomaly its score, UQ4.12 */
    uint32_t time_ms;   /* from the front end's first sample to the end of the hop; wraps after 49 days */
};

enum kws_status {
    KWS_OK,
    KWS_MODEL_CORRUPT,  /* the model's hashes do not match, or init has refused it */
    KWS_OUT_OF_RANGE,   /* no such operating point or keyword: nothing was changed */
    KWS_WRONG_FRONTEND, /* the front end has other features than the model */
};

/* Checks a model and begins a stream at its first operating point.  kws_model.h wraps it as kws_<model>_init(stream,
 * frontend), with the types of the model's memory.  Reads every byte of the model, which must stay where it is.  After a
 * refusal kws_hop detects nothing. */
enum kws_status kws_init(struct kws *kws, const struct kws_model *model, const struct kws_features *features,
                         struct kws_frontend *frontend);

/* Begins a new stream of the front end. */
void kws_frontend_reset(struct kws_frontend *frontend);

/* Hears one hop, pcm [KWS_<MODEL>_HOP_SAMPLES], or of a sensor a row, [KWS_<MODEL>_CHANNELS].  Does nothing if no model was
 * accepted. */
void kws_frontend_hop(struct kws_frontend *frontend, const int16_t *pcm);

/* Whether the front end sleeps and did not hear the last hop, because nothing rose above the background: only if the model's
 * recipe asks for the gate.  Its models' states then stand still, and nothing is detected. */
bool kws_asleep(const struct kws_frontend *frontend);

/* Begins a new stream: the state is that after kws_init, but the thresholds stay as they were set. */
void kws_reset(struct kws *kws);

/* Hears the features of the hop that the front end has just heard.  frontend: the one given to the stream's init; another is
 * undefined and not checked.  Returns whether a keyword ends here; only then *detection is written.  detection may be NULL.
 * Detects nothing if no init accepted the stream or the front end. */
bool kws_hop(struct kws *kws, struct kws_frontend *frontend, struct kws_detection *detection);

/* As kws_hop, of a model of anomalies: returns whether an anomaly begins here.  Its only keyword is "anomaly", and in place of
 * posteriors there are scores, UQ4.12: how far the last hops were from what the network predicted, about 1 for normal sound.
 * The stream of a model of keywords here, or that of one of anomalies in kws_hop, is undefined and not checked. */
bool kws_anomaly_hop(struct kws *kws, struct kws_frontend *frontend, struct kws_detection *detection);

/* The gate of one model's stream by the voice that another hears.  Begin with awake_hops 0: it sleeps until somebody speaks. */
struct kws_voice_gate {
    const struct kws *voice; /* the stream of a model of voice that init has accepted, which has heard the hop already */
    uint8_t awake_hops;      /* until the gated model sleeps; 0: it sleeps */
};

/* As kws_hop while somebody speaks, at the threshold in force for voice, and for a second after.  Otherwise the model sleeps: its
 * state stands still, and nothing is detected. */
bool kws_gated_hop(struct kws_voice_gate *gate, struct kws *kws, struct kws_frontend *frontend, struct kws_detection *detection);

/* Selects one of the model's operating points, KWS_<MODEL>_POINT_<NAME>.  It may be called at any time. */
enum kws_status kws_set_operating_point(struct kws *kws, uint8_t point);

/* Sets the threshold for one keyword's smoothed posterior, UQ1.15.  Above 32768 the keyword is never detected.  (The score
 * of an anomaly, UQ4.12, can have any threshold.) */
enum kws_status kws_set_threshold(struct kws *kws, uint8_t label, uint16_t threshold);

/* A keyword's current threshold and its smoothed posterior, UQ1.15; 0 if there is no such keyword. */
uint16_t kws_threshold(const struct kws *kws, uint8_t label);
uint16_t kws_posterior(const struct kws *kws, uint8_t label);

/* A label's text, UTF-8; "" if there is no such label. */
const char *kws_label(const struct kws *kws, uint8_t label);

#ifdef __cplusplus
}
#endif

#endif
