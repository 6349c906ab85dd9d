/* Stands in for an Arduino core: what the sketch of the package uses, printing to standard output. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct SerialPort {
    void begin(unsigned long) {}
    void println(const char *line) { puts(line); }
};
extern SerialPort Serial;

inline void delay(unsigned long) { exit(1); } /* the sketch waits only where it cannot go on */

#endif
