/* Stands in for the PDM library: samples come from standard input, a few hundred bytes at each interrupt. */
#ifndef PDM_H
#define PDM_H

#include <stddef.h>

class PDMClass {
public:
    int begin(int channels, int rate_hz);
    void onReceive(void (*)(void));
    void setBufferSize(int bytes);
    int available();
    int read(void *buffer, size_t bytes);
    bool interrupt(); /* false where standard input has ended */
};
extern PDMClass PDM;

#endif
