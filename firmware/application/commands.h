/* The commands of the serial port, and the application's whole state. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "capture.h"
#include "handover.h"
#include "line.h"
#include "load.h"
#include "microphone_check.h"
#include "protocol.h"

#define MOST_DETECTIONS (2 * MODELS) /* in one hop of the microphone, which may be two hops of a model */

struct application {
    struct handover handover;
    struct load load;
    struct microphone_check check;
    struct capture capture;
    struct input input;
    uint8_t listing; /* enum command_kind whose answer of several lines is under way, or COMMAND_NONE */
    uint8_t listed;  /* lines of it sent; in a list of models, those of the current model */
    uint8_t listener; /* whose model is listed */
    uint8_t led_hops; /* still to be lit */
    uint8_t detections; /* in the newest hop */
    struct heard heard[MOST_DETECTIONS];
    int16_t pcm[HOP_SAMPLES];
};

/* Writes a line, with its line end, to the serial port. */
void say(struct line *line);

/* Runs the self-test and prints how it ended; hops filled meanwhile count as neither heard nor missed. */
void say_selftest(struct application *application);

/* Prints the microphone check's result, when its second is over. */
void say_microphone(struct application *application);

/* One line of an answer, or the next command.  Returns whether there was anything to do. */
bool serve(struct application *application);

#endif
