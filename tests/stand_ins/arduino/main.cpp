/* Runs the sketch SKETCH on what standard input holds, an interrupt before each loop().
 *
 * Its argument, if any: how many interrupts come during one loop() that is held up, after the first hundred. */
#include <stdlib.h>
#include <string.h>

#include SKETCH

SerialPort Serial;
PDMClass PDM;

static const int INTERRUPT_BYTES = 512; /* no divisor of a hop's: hops are put together across interrupts */
static void (*receive)(void);
static unsigned char samples[INTERRUPT_BYTES];
static int held, given;

int PDMClass::begin(int channels, int rate_hz) { return channels == 1 && rate_hz == 16000; }
void PDMClass::onReceive(void (*callback)(void)) { receive = callback; }
void PDMClass::setBufferSize(int) {}
int PDMClass::available() { return held - given; }

int PDMClass::read(void *buffer, size_t bytes)
{
    const int count = (int)bytes < available() ? (int)bytes : available();
    memcpy(buffer, samples + given, (size_t)count);
    given += count;
    return count;
}

bool PDMClass::interrupt()
{
    given = 0;
    held = (int)fread(samples, 1, sizeof samples, stdin);
    if (held)
        receive();
    return held != 0;
}

int main(int count, char **arguments)
{
    int held_up = count > 1 ? atoi(arguments[1]) : 0;
    setup();
    for (int interrupts = 0; PDM.interrupt(); interrupts++)
        if (interrupts < 100 || held_up-- <= 0)
            loop();
    for (int waiting = 0; waiting < 16; waiting++)
        loop();
    return 0;
}
