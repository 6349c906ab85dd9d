/* Commands on the serial port: one line each, UTF-8, words separated by spaces.  Any input gives either a valid command or a
 * sentence that says why the line is refused; nothing else is touched. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#define COMMAND_BYTES 80 /* in the longest line, without its end */

enum command_kind {
    COMMAND_NONE, /* an empty line */
    COMMAND_HELP,
    COMMAND_MODEL,
    COMMAND_SELFTEST,
    COMMAND_MICROPHONE,
    COMMAND_STATS,
    COMMAND_RESET,
    COMMAND_POINT,
    COMMAND_CAPTURE,
    COMMAND_THRESHOLD,
};

struct command {
    uint8_t kind;       /* enum command_kind */
    uint8_t which;      /* keyword or operating point of the image, or enum capture_mode */
    uint16_t threshold; /* UQ1.15, at most 32768; of an anomaly's score, UQ4.12 */
};

bool words_are_equal(const char *one, const char *other);
const char *point_name(uint8_t point);       /* an operating point of any of the image's models */
const char *keyword_name(uint8_t keyword);   /* a keyword of any of them */
const char *capture_mode_name(uint8_t mode); /* of an enum capture_mode, as the command has it */

/* A line while it comes in. */
struct input {
    char line[COMMAND_BYTES + 1];
    uint8_t length; /* COMMAND_BYTES + 1: the line is longer */
    bool not_text;  /* a byte was a control character */
    bool is_cut;    /* a byte was RECEIVED_LOST */
};

void input_begin(struct input *input);

/* Returns whether the byte ends a line (CR or LF), which the caller then parses before it begins the next. */
bool input_byte(struct input *input, uint8_t byte);

/* Returns NULL and sets the command, or returns why the line is refused.  The line is overwritten. */
const char *input_parse(struct input *input, struct command *command);

#endif
