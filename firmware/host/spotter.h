/* Plain declarations, read by the C compiler and by cffi alike (firmware/host/binding.py). */
struct host_spotter; /* one stream: a model and its front end */

/* What a stream left behind at each hop. */
struct host_trace {
    int16_t *memory;    /* [hops][host_memory_codes()]: features, each layer's memory, logits */
    uint16_t *smoothed; /* [hops][keywords], UQ1.15 */
    uint8_t *detected;  /* [hops]: label, or 255 where nothing was detected */
    uint8_t *awake;     /* [hops]: whether the model heard it */
};

/* What the C says of the model, to be held against model.json. */
struct host_model {
    uint32_t id; /* KWS_..._ID */
    uint32_t hop_samples, bands, labels, keywords, points;
};

struct host_model host_model(void);
size_t host_bytes(void);
size_t host_memory_codes(void);
int host_init(struct host_spotter *spotter);
const char *host_label(const struct host_spotter *spotter, uint8_t label);
void host_reset(struct host_spotter *spotter);
int host_set_operating_point(struct host_spotter *spotter, uint8_t point);
int host_set_threshold(struct host_spotter *spotter, uint8_t label, uint16_t threshold);
uint16_t host_threshold(const struct host_spotter *spotter, uint8_t label); /* in force */
void host_memory(struct host_spotter *spotter, int16_t *memory);
void host_hear(struct host_spotter *spotter, const int16_t *pcm, size_t hops, const struct host_trace *trace);

/* As host_hear, gated by a voice: spoken [hops], whether somebody speaks. */
void host_hear_gated(struct host_spotter *spotter, const int16_t *pcm, const uint8_t *spoken, size_t hops,
                     const struct host_trace *trace);

/* The detector alone, from its reset, at the thresholds in force: what it makes of logits [hops][labels] where awake. */
void host_detect(struct host_spotter *spotter, const int16_t *logits, const uint8_t *awake, size_t hops, uint8_t *detected);

/* The network alone.  Unrelated steps, each from the features and the memory given, which it writes over. */
void host_step(struct host_spotter *spotter, int16_t *memory, size_t steps);

/* The network alone, from given features and the stream's own memory. */
void host_stream(struct host_spotter *spotter, const int16_t *codes, size_t hops, int16_t *logits);
