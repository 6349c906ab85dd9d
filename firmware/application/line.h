/* One line of text, put together in a buffer and written whole.  Excess text is left out; no line of the application is that
 * long. */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "listeners.h"

#define LINE_BYTES 128

struct line {
    char text[LINE_BYTES]; /* ends with a zero */
    uint8_t length;        /* without the zero */
};

void line_begin(struct line *line, const char *text);
void line_text(struct line *line, const char *text);
void line_number(struct line *line, uint32_t value);
void line_decimal(struct line *line, uint32_t value, uint8_t decimals); /* value * 10^-decimals, decimals at most 9 */
void line_hex(struct line *line, uint32_t value);                       /* eight digits */
void line_base64(struct line *line, const uint8_t *bytes, uint8_t count);

/* A posterior of one of the models, UQ1.15, or a score, UQ4.12. */
void line_level(struct line *line, uint8_t listener, uint16_t level, uint8_t decimals);

/* "yes (0.93) @ 1240 ms", and in an image of several models " by commands-20k" */
void line_heard(struct line *line, const struct heard *heard);

/* The whole line of a detection: "Heard yes (0.93) @ 1240 ms", or "Anomaly (3.2) @ 1240 ms". */
void line_event(struct line *line, const struct heard *heard);

/* " by commands-20k", in an image of several models. */
void line_by(struct line *line, uint8_t listener);

#endif
