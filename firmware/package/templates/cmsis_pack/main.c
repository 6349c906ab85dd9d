/* Hears an I2S microphone through the first CMSIS serial audio driver and prints each keyword: Heard yes (0.93) @ 1240 ms
 *
 * The driver fills two buffers of one hop each in turn; main() hears the one that is full.  printf goes where the
 * project's retargeting sends it. */
#include <stdio.h>

#include "RTE_Components.h"
#include CMSIS_device_header

#include "Driver_SAI.h"
#include "Jerboa.h"

extern ARM_DRIVER_SAI Driver_SAI0;

static struct kws_{{ contents.c_name }}_frontend frontend; /* all the memory there is */
static struct kws_{{ contents.c_name }}_stream stream;
static int16_t buffers[2][KWS_{{ contents.c_name | upper }}_HOP_SAMPLES];
static volatile uint32_t filled_hops; /* written by the driver's event alone, as the next; wraps */
static volatile bool has_stopped;     /* the driver took no buffer */

static void on_audio(uint32_t event)
{
    if (event & ARM_SAI_EVENT_RECEIVE_COMPLETE) {
        filled_hops = filled_hops + 1;
        has_stopped = Driver_SAI0.Receive(buffers[filled_hops % 2], KWS_{{ contents.c_name | upper }}_HOP_SAMPLES) != ARM_DRIVER_OK;
    }
}

static int start_microphone(void)
{
    const uint32_t format = ARM_SAI_CONFIGURE_RX | ARM_SAI_MODE_MASTER | ARM_SAI_ASYNCHRONOUS | ARM_SAI_PROTOCOL_I2S |
                            ARM_SAI_MONO_MODE | ARM_SAI_DATA_SIZE(16);
    return Driver_SAI0.Initialize(on_audio) == ARM_DRIVER_OK &&
           Driver_SAI0.PowerControl(ARM_POWER_FULL) == ARM_DRIVER_OK &&
           Driver_SAI0.Control(format, 0, 16000) == ARM_DRIVER_OK &&
           Driver_SAI0.Receive(buffers[0], KWS_{{ contents.c_name | upper }}_HOP_SAMPLES) == ARM_DRIVER_OK &&
           Driver_SAI0.Control(ARM_SAI_CONTROL_RX, 1, 0) == ARM_DRIVER_OK;
}

static void report(const struct kws_detection *heard)
{
    const unsigned hundredths = (heard->posterior * 100u + (1u << 14)) >> 15; /* of UQ1.15 */
    printf("Heard %s (%u.%02u) @ %lu ms\n", kws_label(&stream.kws, heard->label), hundredths / 100, hundredths % 100,
           (unsigned long)heard->time_ms);
}

int main(void)
{
    struct kws_detection heard;
    if (kws_{{ contents.c_name }}_init(&stream, &frontend) != KWS_OK) {
        printf("the model is damaged\n");
        return 1;
    }
    if (!start_microphone()) {
        printf("the audio driver refused 16 kHz, 16 bits, one channel of I2S\n");
        return 1;
    }
    for (uint32_t hop = 0;; hop++) {
        while (filled_hops == hop && !has_stopped)
            __WFE(); /* an interrupt between the test and this one sets the event, so none is slept through */
        const uint32_t waiting = filled_hops - hop;
        if (waiting == 0) {
            printf("the audio driver has stopped\n");
            return 1;
        }
        if (waiting > 1) {
            printf("missed %lu hops\n", (unsigned long)(waiting - 1));
            hop += waiting - 1;
        }
        kws_frontend_hop(&frontend.frontend, buffers[hop % 2]);
        if (kws_hop(&stream.kws, &frontend.frontend, &heard))
            report(&heard);
    }
}
