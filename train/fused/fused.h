/* The passes of training that are memory traffic in separate operators: forwards, and backwards to the gradients.

   Arrays are contiguous float [clips, hops, units]; a function computes the clips from first to before last. */

void ssm_forward(long first, long last, long hops, long units, float *vz, const float *before, float *s);
void ssm_backward(long first, long last, long hops, long units, const float *vz, const float *before, const float *s,
                  const float *of_s, float *of_sums, float *of_before);
void gru_forward(long first, long last, long hops, long units, float *gates, const float *weights, const float *bias,
                 const float *before, float *from_state, float *h);
void gru_backward(long first, long last, long hops, long units, const float *gates, const float *weights,
                  const float *before, const float *from_state, const float *h, const float *of_h, float *of_gates,
                  float *of_from_state, float *of_before);
void convolution_forward(long first, long last, long hops, long channels, long frames, const float *history,
                         const float *x, const float *taps, float low, float high, float *y);
void convolution_backward(long first, long last, long hops, long channels, long frames, const float *history,
                          const float *x, const float *taps, float low, float high, const float *y, const float *of_y,
                          float *of_x, float *of_history, float *of_taps);
