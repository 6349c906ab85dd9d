/* Plain declarations, read by the C compiler and by cffi alike (tests/measure/long.py). */
struct long_stream; /* two models and the front end that they share */

/* What the stream left behind at each hop. */
struct long_trace {
    int8_t *codes;     /* [hops][bands] */
    uint8_t *detected; /* [hops][2]: label, or 255 where nothing was detected */
    uint32_t *time_ms; /* [hops][2]: of the detection */
};

size_t long_bytes(void);
int long_begin(struct long_stream *stream);
void long_reset_front(struct long_stream *stream, uint32_t hops); /* hops: what its counter begins at */
void long_reset(struct long_stream *stream, int model);
void long_set_threshold(struct long_stream *stream, int model, uint8_t label, uint16_t threshold);
void long_memory(struct long_stream *stream, int model, int16_t *memory, uint16_t *smoothed);
void long_hear(struct long_stream *stream, const int16_t *pcm, size_t hops, const struct long_trace *trace);
