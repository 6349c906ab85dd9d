#include "capture.h"

#include <string.h>

#include "crc32.h"

#define AFTER_DETECTION_HOPS (200 / HOP_MS) /* the end of the word */
#define AFTER_NEAR_MISS_HOPS (500 / HOP_MS) /* after its peak; it may yet become a detection */
#define LINE_DATA_BYTES 60                      /* 80 digits */

static bool is_sending(const struct capture *capture)
{
    return capture->phase == CAPTURE_HEADER || capture->phase == CAPTURE_DATA;
}

/* Forgets the event noticed and the peak so far. */
static void forget(struct capture *capture)
{
    capture->wait_hops = 0;
    capture->quiet_hops = 0;
    capture->peak = UINT16_MAX;
}

void capture_set_mode(struct capture *capture, uint8_t mode)
{
    capture->mode = mode;
    forget(capture);
}

void capture_gap(struct capture *capture)
{
    if (!is_sending(capture))
        capture->hops = capture->next = 0;
}

static void record(struct capture *capture, const int16_t pcm[HOP_SAMPLES])
{
    memcpy(capture->ring[capture->next], pcm, sizeof capture->ring[0]);
    capture->next = (uint8_t)((capture->next + 1) % CAPTURE_HOPS);
    if (capture->hops < CAPTURE_HOPS)
        capture->hops++;
}

static void send(struct capture *capture)
{
    capture->phase = CAPTURE_HEADER;
    capture->sent = 0;
    capture->crc = 0;
}

static void notice(struct capture *capture, uint8_t cause, const struct heard *about)
{
    capture->cause = cause;
    capture->about = *about;
    capture->wait_hops = cause == CAPTURE_DETECTION ? AFTER_DETECTION_HOPS : AFTER_NEAR_MISS_HOPS;
}

/* Whether a keyword's smoothed posterior is over half of its threshold; then *about is the keyword with the highest
 * posterior. */
static bool is_near(struct heard *about)
{
    about->detection.posterior = 0;
    for (uint8_t place = 0; place < MODELS; place++) {
        const struct listener *listener = &listeners[place];
        if (listener->anomalies)
            continue; /* normal sound scores more than half of a threshold */
        for (uint8_t label = 0; label < listener->keywords; label++) {
            const uint16_t posterior = kws_posterior(listener->kws, label);
            if (2u * posterior <= kws_threshold(listener->kws, label) || posterior <= about->detection.posterior)
                continue;
            about->listener = place;
            about->detection.label = label;
            about->detection.posterior = posterior;
            about->detection.time_ms = listener->frontend->hops * (listener->hop_samples / 16u);
        }
    }
    return about->detection.posterior > 0;
}

/* A near miss has no detection in the half second before or after its peak, and is not the tail of one. */
static void watch(struct capture *capture, const struct heard *heard)
{
    struct heard nearest;
    const bool near = is_near(&nearest), rises = near && nearest.detection.posterior > capture->peak;
    if (rises || !near)
        capture->peak = nearest.detection.posterior; /* 0 where none is near */
    if (heard) {
        forget(capture);
        if (capture->mode == CAPTURE_ON)
            notice(capture, CAPTURE_DETECTION, heard);
        return;
    }
    if (capture->quiet_hops < AFTER_NEAR_MISS_HOPS) {
        capture->quiet_hops++;
    } else if (rises && (!capture->wait_hops || nearest.detection.posterior > capture->about.detection.posterior)) {
        notice(capture, CAPTURE_NEAR_MISS, &nearest);
        return;
    }
    if (capture->wait_hops && !--capture->wait_hops && capture->hops == CAPTURE_HOPS)
        send(capture);
}

void capture_hop(struct capture *capture, const int16_t pcm[HOP_SAMPLES], const struct heard *heard)
{
    if (!APPLICATION_CAPTURE || is_sending(capture))
        return;
    record(capture, pcm);
    if (capture->mode != CAPTURE_OFF && capture->phase == CAPTURE_RECORDING)
        watch(capture, heard);
}

bool capture_check(struct capture *capture)
{
    if (is_sending(capture))
        return false;
    capture->phase = CAPTURE_CHECKING;
    forget(capture);
    return true;
}

bool capture_microphone(struct capture *capture)
{
    capture->phase = CAPTURE_RECORDING;
    if (!APPLICATION_CAPTURE || capture->hops < CAPTURE_HOPS)
        return false;
    capture->cause = CAPTURE_MICROPHONE;
    send(capture);
    return true;
}

static void header(const struct capture *capture, struct line *line)
{
    static const char *const causes[] = {
        [CAPTURE_DETECTION] = "detection ", [CAPTURE_NEAR_MISS] = "near-miss ", [CAPTURE_MICROPHONE] = "microphone"};
    line_begin(line, "Capture ");
    line_text(line, causes[capture->cause]);
    if (capture->cause != CAPTURE_MICROPHONE)
        line_heard(line, &capture->about);
    line_text(line, ", ");
    line_number(line, (uint32_t)capture->hops * HOP_SAMPLES);
    line_text(line, " samples");
}

static void data(struct capture *capture, struct line *line, uint32_t count)
{
    const uint8_t *ring = (const uint8_t *)capture->ring;
    const uint32_t oldest = capture->hops < CAPTURE_HOPS ? 0 : capture->next * (uint32_t)sizeof capture->ring[0];
    uint8_t bytes[LINE_DATA_BYTES];
    for (uint32_t i = 0; i < count; i++)
        bytes[i] = ring[(oldest + capture->sent + i) % sizeof capture->ring];
    line_begin(line, "+");
    line_base64(line, bytes, (uint8_t)count);
    capture->crc = crc32_add(capture->crc, bytes, count);
    capture->sent += count;
}

bool capture_line(struct capture *capture, struct line *line)
{
    const uint32_t left = capture->hops * (uint32_t)sizeof capture->ring[0] - capture->sent;
    switch (capture->phase) {
    case CAPTURE_HEADER:
        header(capture, line);
        capture->phase = CAPTURE_DATA;
        return true;
    case CAPTURE_DATA:
        if (!left)
            break;
        data(capture, line, left < LINE_DATA_BYTES ? left : LINE_DATA_BYTES);
        return true;
    default:
        return false;
    }
    line_begin(line, "Capture end ");
    line_hex(line, capture->crc);
    capture->phase = CAPTURE_RECORDING;
    forget(capture); /* the sound heard meanwhile is unknown */
    capture_gap(capture);
    return true;
}
