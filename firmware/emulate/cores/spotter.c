/* Hears a recording: 16 kHz int16 PCM read through semihosting hop by hop, each detection printed.
 * Ends with status 0 when the recording was heard to its end; a last part of a hop is padded with zeros. */
#include <string.h>

#include "kws.h"
#include "line.h"
#include "semihosting.h"

static struct kws kws;

static void report(const struct kws_detection *detection)
{
    struct line line;
    line_begin(&line, "Heard ");
    line_detection(&line, detection);
    line_text(&line, "\n");
    semihosting_print(line.text);
}

static bool read_hop(int file, int16_t pcm[KWS_HOP_SAMPLES])
{
    memset(pcm, 0, KWS_HOP_SAMPLES * sizeof *pcm);
    return semihosting_read(file, pcm, KWS_HOP_SAMPLES * sizeof *pcm) > 0;
}

int main(void)
{
    static int16_t pcm[KWS_HOP_SAMPLES];
    struct kws_detection detection;
    if (kws_init(&kws, &kws_model) != KWS_OK) {
        semihosting_print("the model is corrupt\n");
        return 1;
    }
    const int file = semihosting_open(semihosting_argument(1), "rb");
    if (file < 0) {
        semihosting_print("cannot open the recording\n");
        return 1;
    }
    while (read_hop(file, pcm))
        if (kws_hop(&kws, pcm, &detection))
            report(&detection);
    semihosting_close(file);
    return 0;
}
