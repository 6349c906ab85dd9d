/* The last second of PCM, kept to be sent to the host: what was heard at a detection, at a near miss, or on command.
 *
 * 32,000 bytes of RAM; with -DAPPLICATION_CAPTURE=0 an image has none of it and refuses to capture.  While a second is sent
 * nothing is recorded, and what happens meanwhile is not captured.  docs/application.md describes the lines. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "line.h"
#include "listeners.h"

#ifndef APPLICATION_CAPTURE
#define APPLICATION_CAPTURE 1
#endif

#define NO_CAPTURES "this image was built without captures"

#define CAPTURE_HOPS (APPLICATION_CAPTURE ? 1000 / HOP_MS : 1)

enum capture_mode { CAPTURE_OFF, CAPTURE_MARGIN /* near misses alone */, CAPTURE_ON, CAPTURE_MODES };

enum capture_cause { CAPTURE_DETECTION, CAPTURE_NEAR_MISS, CAPTURE_MICROPHONE };

enum capture_phase {
    CAPTURE_RECORDING,
    CAPTURE_CHECKING, /* records for the microphone check, and notices nothing */
    CAPTURE_HEADER,
    CAPTURE_DATA,
};

struct capture {
    int16_t ring[CAPTURE_HOPS][HOP_SAMPLES];
    uint8_t next;               /* hop of the ring that is written next; the oldest where the ring is full */
    uint8_t hops;               /* recorded, without a gap */
    uint8_t mode;               /* enum capture_mode */
    uint8_t cause;              /* enum capture_cause */
    uint8_t phase;              /* enum capture_phase */
    uint8_t wait_hops;          /* until the second closes; 0: nothing was noticed */
    uint8_t quiet_hops;         /* since the last detection, up to as many as a near miss needs */
    uint16_t peak;              /* highest near posterior so far; UINT16_MAX: it may be the tail of a word */
    struct heard about;         /* the event noticed; unused by the microphone check */
    uint32_t sent, crc;         /* bytes, and their CRC-32 */
};

/* Sets what is captured from now on. */
void capture_set_mode(struct capture *capture, uint8_t mode);

/* A hop was missed, or the stream begins anew: the recording is not continuous here. */
void capture_gap(struct capture *capture);

/* A hop that the listeners have heard, and the detection in it; heard is NULL if there is none. */
void capture_hop(struct capture *capture, const int16_t pcm[HOP_SAMPLES], const struct heard *heard);

/* Begins the microphone check's second.  Returns false if a capture is being sent. */
bool capture_check(struct capture *capture);

/* Ends that second and sends it.  Returns false if it is not sent: it was not recorded whole, or the image has no
 * captures. */
bool capture_microphone(struct capture *capture);

/* Returns whether there is a line to send. */
bool capture_line(struct capture *capture, struct line *line);

#endif
