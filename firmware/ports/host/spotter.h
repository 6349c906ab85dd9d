/* Plain declarations, read by the C compiler and by cffi alike (firmware/host.py). */
struct kws;
struct kws_network; /* int16: features, memory, logits */

/* What a stream left behind at each hop. */
struct host_trace {
    struct kws_network *network; /* [hops] */
    int32_t *smoothed;           /* [hops][KWS_LABELS], Q1.30 */
    uint8_t *detected;           /* [hops]: label, or KWS_LABELS where nothing was detected */
};

size_t host_bytes(void);
size_t host_network_codes(void);
int host_init(struct kws *kws);
void host_reset(struct kws *kws);
void host_hear(struct kws *kws, const int16_t *pcm, size_t hops, const struct host_trace *trace);

/* The network alone.  Unrelated steps, each from the features and the memory given, which it writes over. */
void host_step(struct kws *kws, struct kws_network *network, size_t steps);

/* The network alone, from given features and the stream's own memory. */
void host_stream(struct kws *kws, const int16_t *codes, size_t hops, int16_t *logits);
