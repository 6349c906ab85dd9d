/* Plain declarations, read by the C compiler and by cffi alike (firmware/host/binding.py). */
struct kws;
struct kws_network; /* int16: features, memory, logits */

/* What a stream left behind at each hop. */
struct host_trace {
    struct kws_network *network; /* [hops] */
    uint16_t *smoothed;          /* [hops][KWS_KEYWORDS], UQ1.15 */
    uint8_t *detected;           /* [hops]: label, or 255 where nothing was detected */
};

/* What the library was compiled with, to be held against model.json. */
struct host_model {
    uint32_t id; /* KWS_MODEL_ID */
    uint32_t hop_samples, bands, labels, keywords, points;
};

struct host_model host_model(void);
const char *host_label(size_t label);
size_t host_bytes(void);
size_t host_network_codes(void);
const struct kws_network *host_network(const struct kws *kws);
int host_init(struct kws *kws);
void host_reset(struct kws *kws);
int host_set_operating_point(struct kws *kws, uint8_t point);
int host_set_threshold(struct kws *kws, uint8_t label, uint16_t threshold);
void host_thresholds(const struct kws *kws, uint16_t *thresholds); /* [KWS_KEYWORDS], in force */
void host_hear(struct kws *kws, const int16_t *pcm, size_t hops, const struct host_trace *trace);

/* The detector alone, from its reset, at the thresholds in force: what it makes of logits [hops][KWS_LABELS]. */
void host_detect(struct kws *kws, const int16_t *logits, size_t hops, uint8_t *detected);

/* The network alone.  Unrelated steps, each from the features and the memory given, which it writes over. */
void host_step(struct kws *kws, struct kws_network *network, size_t steps);

/* The network alone, from given features and the stream's own memory. */
void host_stream(struct kws *kws, const int16_t *codes, size_t hops, int16_t *logits);
