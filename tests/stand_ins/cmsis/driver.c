/* A serial audio driver whose samples come from standard input, a whole buffer at each __WFE(); when they end, it takes no
 * more buffers. */
#include <stdio.h>
#include <stdlib.h>

#include "Driver_SAI.h"
#include "device.h"

static void (*event)(uint32_t);
static void *buffer;
static uint32_t samples;
static int configured;

void __WFE(void)
{
    if (!configured || fread(buffer, sizeof(int16_t), samples, stdin) != samples)
        exit(1);
    event(ARM_SAI_EVENT_RECEIVE_COMPLETE);
}

static int32_t initialize(void (*on_event)(uint32_t))
{
    event = on_event;
    return ARM_DRIVER_OK;
}

static int32_t power(ARM_POWER_STATE state)
{
    return state == ARM_POWER_FULL ? ARM_DRIVER_OK : ARM_DRIVER_ERROR;
}

static int32_t receive(void *data, uint32_t count)
{
    const int next = getc(stdin);
    buffer = data;
    samples = count;
    return ungetc(next, stdin) == EOF ? ARM_DRIVER_ERROR : ARM_DRIVER_OK;
}

static int32_t control(uint32_t code, uint32_t first, uint32_t second)
{
    if ((code & 0xFFu) == ARM_SAI_CONFIGURE_RX)
        configured = first == 0 && second == 16000 && (code & ARM_SAI_MONO_MODE) != 0;
    return configured ? ARM_DRIVER_OK : ARM_DRIVER_ERROR;
}

extern ARM_DRIVER_SAI Driver_SAI0;
ARM_DRIVER_SAI Driver_SAI0 = {initialize, power, receive, control};
