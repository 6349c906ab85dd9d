/* Plain declarations, read by the C compiler and by cffi alike (firmware/host.py). */
struct kws;

/* What a stream left behind at each hop. */
struct host_trace {
    int8_t *codes;     /* [hops][KWS_BANDS] */
    int16_t *states;   /* [hops][KWS_UNITS], Q0.15 */
    int16_t *logits;   /* [hops][KWS_LABELS], Q5.10 */
    int32_t *smoothed; /* [hops][KWS_LABELS], Q1.30 */
    uint8_t *detected; /* [hops]: label, or KWS_LABELS where nothing was detected */
};

size_t host_bytes(void);
int host_init(struct kws *kws);
void host_reset(struct kws *kws);
void host_hear(struct kws *kws, const int16_t *pcm, size_t hops, const struct host_trace *trace);

/* The cell and the classifier alone, from given codes and a given state, which is carried on. */
void host_step(const int8_t *codes, size_t hops, int16_t *state, int16_t *states, int16_t *logits);
