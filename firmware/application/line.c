#include "line.h"

#include <string.h>

static void add(struct line *line, char character)
{
    if (line->length == LINE_BYTES - 1)
        return;
    line->text[line->length++] = character;
    line->text[line->length] = 0;
}

void line_begin(struct line *line, const char *text)
{
    line->length = 0;
    line->text[0] = 0;
    line_text(line, text);
}

void line_text(struct line *line, const char *text)
{
    while (*text)
        add(line, *text++);
}

void line_number(struct line *line, uint32_t value)
{
    line_decimal(line, value, 0);
}

void line_decimal(struct line *line, uint32_t value, uint8_t decimals)
{
    char digits[10]; /* enough for 2^32, last digit first */
    uint8_t count = 0;
    while (value || count <= decimals) {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    }
    while (count--) {
        add(line, digits[count]);
        if (count == decimals && decimals)
            add(line, '.');
    }
}

void line_hex(struct line *line, uint32_t value)
{
    for (uint8_t digit = 8; digit--;)
        add(line, "0123456789abcdef"[value >> (4 * digit) & 15]);
}

/* RFC 4648, section 4. */
void line_base64(struct line *line, const uint8_t *bytes, uint8_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (uint8_t i = 0; i < count; i = (uint8_t)(i + 3)) {
        const uint32_t second = i + 1 < count ? bytes[i + 1] : 0, third = i + 2 < count ? bytes[i + 2] : 0;
        const uint32_t three = (uint32_t)bytes[i] << 16 | second << 8 | third;
        add(line, digits[three >> 18]);
        add(line, digits[three >> 12 & 63]);
        add(line, i + 1 < count ? digits[three >> 6 & 63] : '=');
        add(line, i + 2 < count ? digits[three & 63] : '=');
    }
}

void line_by(struct line *line, uint8_t listener)
{
    if (MODELS == 1)
        return;
    line_text(line, " by ");
    line_text(line, listeners[listener].name);
}

void line_level(struct line *line, uint8_t listener, uint16_t level, uint8_t decimals)
{
    const uint8_t fraction = listeners[listener].anomalies ? 12 : 15; /* of UQ4.12 or UQ1.15 */
    uint32_t unit = 1;
    for (uint8_t decimal = 0; decimal < decimals; decimal++)
        unit *= 10; /* at most 10^4: the product is below 2^30 */
    line_decimal(line, (level * unit + (1u << (fraction - 1))) >> fraction, decimals);
}

/* " (0.93) @ 1240 ms" */
static void line_measures(struct line *line, const struct heard *heard)
{
    line_text(line, " (");
    line_level(line, heard->listener, heard->detection.posterior, listeners[heard->listener].anomalies ? 1 : 2);
    line_text(line, ") @ ");
    line_number(line, heard->detection.time_ms);
    line_text(line, " ms");
    line_by(line, heard->listener);
}

void line_heard(struct line *line, const struct heard *heard)
{
    line_text(line, kws_label(listeners[heard->listener].kws, heard->detection.label));
    line_measures(line, heard);
}

void line_event(struct line *line, const struct heard *heard)
{
    if (listeners[heard->listener].anomalies) {
        line_begin(line, "Anomaly");
        line_measures(line, heard);
    } else {
        line_begin(line, "Heard ");
        line_heard(line, heard);
    }
}
