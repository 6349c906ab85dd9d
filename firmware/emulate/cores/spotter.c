/* Hears a recording: 16 kHz int16 PCM read through semihosting hop by hop, each detection printed.  Ends with status 0 when
 * the recording was heard to its end; a partial last hop is padded with zeros. */
#include <string.h>

#include "line.h"
#include "listeners.h"
#include "semihosting.h"

static void report(uint8_t listener, const struct kws_detection *detection)
{
    struct line line;
    if (!detection)
        return;
    const struct heard heard = {listener, *detection};
    line_event(&line, &heard);
    line_text(&line, "\n");
    semihosting_print(line.text);
}

static bool read_hop(int file, int16_t pcm[HOP_SAMPLES])
{
    memset(pcm, 0, HOP_SAMPLES * sizeof *pcm);
    return semihosting_read(file, pcm, HOP_SAMPLES * sizeof *pcm) > 0;
}

int main(void)
{
    static int16_t pcm[HOP_SAMPLES];
    if (!listeners_begin()) {
        semihosting_print("the model is damaged\n");
        return 1;
    }
    const int file = semihosting_open(semihosting_argument(1), "rb");
    if (file < 0) {
        semihosting_print("cannot open the recording\n");
        return 1;
    }
    while (read_hop(file, pcm))
        listeners_hop(pcm, report);
    semihosting_close(file);
    return 0;
}
