/* Hears the board's PDM microphone and prints each keyword at 115200 baud: Heard yes (0.93) @ 1240 ms
 *
 * For boards whose core brings the PDM library (Nano 33 BLE Sense, Nano RP2040 Connect, ...).  The PDM interrupt fills
 * hops in a ring, loop() hears them; where loop() was held up for longer than the ring lasts, it says how much it missed. */
#include <Arduino.h>
#include <Jerboa.h>
#include <PDM.h>
#include <stdio.h>

static const uint32_t RING_HOPS = 8; /* a power of two: the counters below wrap */
static const int HOP_BYTES = KWS_{{ contents.c_name | upper }}_HOP_SAMPLES * sizeof(int16_t);

static struct kws_{{ contents.c_name }}_frontend frontend; /* all the memory there is */
static struct kws_{{ contents.c_name }}_stream stream;
static int16_t ring[RING_HOPS][KWS_{{ contents.c_name | upper }}_HOP_SAMPLES];
static volatile uint32_t filled_hops; /* written by the interrupt alone */
static uint32_t heard_hops;           /* or missed */

static void read_microphone()
{
    static int filled_bytes; /* of the hop being filled */
    while (PDM.available() > 0) {
        uint8_t *hop = (uint8_t *)ring[filled_hops % RING_HOPS];
        const int room = HOP_BYTES - filled_bytes, available = PDM.available();
        filled_bytes += PDM.read(hop + filled_bytes, available < room ? available : room);
        if (filled_bytes == HOP_BYTES) {
            filled_bytes = 0;
            filled_hops = filled_hops + 1;
        }
    }
}

static void report(const struct kws_detection *heard)
{
    const unsigned hundredths = (heard->posterior * 100u + (1u << 14)) >> 15; /* of UQ1.15 */
    char line[96];
    snprintf(line, sizeof line, "Heard %s (%u.%02u) @ %lu ms", kws_label(&stream.kws, heard->label), hundredths / 100,
             hundredths % 100, (unsigned long)heard->time_ms);
    Serial.println(line);
}

static void report_missed(uint32_t hops)
{
    char line[32];
    snprintf(line, sizeof line, "missed %lu hops", (unsigned long)hops);
    Serial.println(line);
}

static void stop(const char *why)
{
    for (;;) {
        Serial.println(why);
        delay(1000);
    }
}

void setup()
{
    Serial.begin(115200);
    if (kws_{{ contents.c_name }}_init(&stream, &frontend) != KWS_OK)
        stop("the model is damaged");
    PDM.onReceive(read_microphone);
    PDM.setBufferSize(HOP_BYTES);
    if (!PDM.begin(1, 16000))
        stop("no PDM microphone");
}

void loop()
{
    struct kws_detection heard;
    const uint32_t waiting = filled_hops - heard_hops;
    if (waiting == 0)
        return;
    if (waiting >= RING_HOPS - 1) { /* the interrupt writes over the oldest, or will while it is heard */
        report_missed(waiting - 1);
        heard_hops += waiting - 1;
    }
    kws_frontend_hop(&frontend.frontend, ring[heard_hops % RING_HOPS]);
    if (kws_hop(&stream.kws, &frontend.frontend, &heard))
        report(&heard);
    heard_hops++;
}
