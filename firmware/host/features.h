/* Plain declarations, read by the C compiler and by cffi alike (firmware/host/binding.py). */
struct kws_frontend;

size_t host_frontend_bytes(void);
void host_frontend_begin(struct kws_frontend *frontend);

/* codes: [hops][bands] */
void host_features(struct kws_frontend *frontend, const int16_t *pcm, size_t hops, int16_t *codes);
