/* Mel bands: the power is gathered segment by segment, into the band that rises over it and the band that falls. */
#include "frontend.h"
#include "frontend_kernels.h"

#if !defined(KWS_CORE_BASELINE) && !defined(KWS_CORE_MAINLINE) /* those have mel_armv6m.S, mel_armv7m.S and mel_helium.S */

void kws_mel_features(const struct kws_features *features, const struct kws_complex powers[KWS_FFT_COMPLEX], int16_t *codes)
{
    const struct kws_complex *power = powers + 1; /* bin 0 lies on the lower edge of the first band: its rise is 0 */
    const uint16_t *rise = features->rise + 1;
    const uint8_t *count = features->segment;
    uint64_t rising = kws_gather(&power, &rise, *count++ - 1).rising;
    for (int16_t *const end = codes + features->bands; codes < end;) {
        const struct kws_segment segment = kws_gather(&power, &rise, *count++);
        *codes++ = (int16_t)kws_log_code((rising + segment.whole - segment.rising) >> 16);
        rising = segment.rising;
    }
}

#endif
