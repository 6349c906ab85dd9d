/* The passes of training that are memory traffic in separate operators: forwards, and backwards to the gradients.

   Arrays are contiguous float [clips, hops, units]; a function computes the clips from first to before last. */

void ssm_forward(long first, long last, long hops, long units, float *vz, const float *before, float *s);
void ssm_backward(long first, long last, long hops, long units, const float *vz, const float *before, const float *s,
                  const float *of_s, float *of_sums, float *of_before);
void convolution_forward(long first, long last, long hops, long channels, long frames, const float *history,
                         const float *x, const float *taps, float low, float high, float *y);
void convolution_backward(long first, long last, long hops, long channels, long frames, const float *history,
                          const float *x, const float *taps, float low, float high, const float *y, const float *of_y,
                          float *of_x, float *of_history, float *of_taps);
