/* Mel bands: the power is gathered segment by segment, into the band that rises over it and the band that falls. */
#include "frontend.h"
#include "kernels.h"

void kws_mel_levels(const struct kws_mel *mel, const struct kws_complex powers[KWS_FFT_COMPLEX],
                    int16_t codes[KWS_BANDS])
{
    const struct kws_complex *power = powers + 1; /* bin 0 lies on the lower edge of the first band: its rise is 0 */
    const uint16_t *rise = mel->rise + 1;
    struct kws_energy rising = kws_gather(&power, &rise, mel->segment[0] - 1).rising;
    for (int m = 0; m < KWS_BANDS; m++) {
        const struct kws_segment segment = kws_gather(&power, &rise, mel->segment[m + 1]);
        codes[m] = kws_level_code(kws_band_energy(rising, segment));
        rising = segment.rising;
    }
}
