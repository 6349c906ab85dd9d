#include "protocol.h"

#include <stddef.h>
#include <string.h>

#include "board.h"
#include "capture.h"
#include "models.h"

#define WORDS 3 /* of the longest command; a keyword of several words counts as one */

static const char point_names[POINTS][POINT_NAME_BYTES] = POINT_NAMES;
static const char keyword_names[KEYWORDS][KEYWORD_NAME_BYTES] = KEYWORD_NAMES;
static const bool is_anomaly[KEYWORDS] = KEYWORD_IS_ANOMALY; /* its threshold is of a score */
static const char capture_modes[CAPTURE_MODES][8] = {[CAPTURE_OFF] = "off", [CAPTURE_MARGIN] = "margin", [CAPTURE_ON] = "on"};

static const struct {
    char name[11];
    uint8_t words;
} commands[] = {
    [COMMAND_HELP] = {"help", 1},          [COMMAND_MODEL] = {"model", 1}, [COMMAND_SELFTEST] = {"selftest", 1},
    [COMMAND_MICROPHONE] = {"microphone", 1}, [COMMAND_STATS] = {"stats", 1}, [COMMAND_RESET] = {"reset", 1},
    [COMMAND_POINT] = {"point", 2},        [COMMAND_CAPTURE] = {"capture", 2}, [COMMAND_THRESHOLD] = {"threshold", 3},
};

const char *point_name(uint8_t point)
{
    return point_names[point];
}

const char *keyword_name(uint8_t keyword)
{
    return keyword_names[keyword];
}

const char *capture_mode_name(uint8_t mode)
{
    return capture_modes[mode];
}

void input_begin(struct input *input)
{
    input->length = 0;
    input->not_text = false;
    input->is_cut = false;
}

bool input_byte(struct input *input, uint8_t byte)
{
    if (byte == '\r' || byte == '\n')
        return true;
    if (byte == RECEIVED_LOST)
        input->is_cut = true;
    else if (byte < ' ' || byte == 0x7f)
        input->not_text = true;
    else if (input->length < COMMAND_BYTES)
        input->line[input->length++] = (char)byte;
    else
        input->length = COMMAND_BYTES + 1;
    return false;
}

bool words_are_equal(const char *one, const char *other)
{
    while (*one && *one == *other) {
        one++;
        other++;
    }
    return *one == *other;
}

/* The place of a word among names of `bytes` each, or `count`. */
static uint8_t place_of(const char *word, const char *names, uint8_t count, uint8_t bytes)
{
    uint8_t place = 0;
    while (place < count && !words_are_equal(word, names + place * bytes))
        place++;
    return place;
}

/* Splits a line in place into words that end with a zero, and returns their number, at most WORDS.  Excess words stay in the
 * last word but one, joined by underscores: "threshold hey jarvis 0.80". */
static uint8_t split(char *line, char *words[WORDS])
{
    uint8_t count = 0;
    for (;;) {
        while (*line == ' ')
            *line++ = 0;
        if (!*line)
            return count;
        if (count == WORDS)
            for (char *gap = words[--count]; !*--gap;)
                *gap = '_';
        words[count++] = line;
        while (*line && *line != ' ')
            line++;
    }
}

/* Changes a typed keyword, in place, to the form that models use: lower case (ASCII only), one underscore for each gap. */
static void make_normal(char *word)
{
    char *end = word;
    for (const char *typed = word; *typed; typed++) {
        const bool upper = *typed >= 'A' && *typed <= 'Z', gap = *typed == '-' || *typed == '_';
        if (!gap)
            *end++ = (char)(upper ? *typed + 'a' - 'A' : *typed);
        else if (end != word && end[-1] != '_')
            *end++ = '_';
    }
    if (end != word && end[-1] == '_')
        end--;
    *end = 0;
}

/* A posterior of 0 to 1, rounded to UQ1.15, or a score below 10, to UQ4.12; with at most four decimals. */
static bool parse_threshold(const char *word, bool of_score, uint16_t *threshold)
{
    uint32_t value = 0, one = 1; /* value / one, one at most 10^4 */
    if (*word < '0' || *word > '9')
        return false;
    value = (uint32_t)(*word++ - '0');
    if (*word == '.') {
        const char *first = ++word;
        for (; *word >= '0' && *word <= '9' && one < 10000; one *= 10)
            value = value * 10 + (uint32_t)(*word++ - '0');
        if (word == first)
            return false;
    }
    if (*word || (value > one && !of_score))
        return false;
    *threshold = (uint16_t)((value * (of_score ? 8192 : 65536) + one) / (2 * one)); /* below 2^29.7 */
    return true;
}

static const char *parse_words(char *const words[WORDS], struct command *command)
{
    switch (command->kind) {
    case COMMAND_POINT:
        command->which = place_of(words[1], point_names[0], POINTS, POINT_NAME_BYTES);
        return command->which < POINTS ? NULL : "no such operating point; model lists them";
    case COMMAND_CAPTURE:
        if (!APPLICATION_CAPTURE)
            return NO_CAPTURES;
        command->which = place_of(words[1], capture_modes[0], CAPTURE_MODES, sizeof capture_modes[0]);
        return command->which < CAPTURE_MODES ? NULL : "capture is on, off or margin";
    case COMMAND_THRESHOLD:
        make_normal(words[1]);
        command->which = place_of(words[1], keyword_names[0], KEYWORDS, KEYWORD_NAME_BYTES);
        if (command->which == KEYWORDS)
            return "no such keyword; model lists them";
        if (parse_threshold(words[2], is_anomaly[command->which], &command->threshold))
            return NULL;
        return is_anomaly[command->which] ? "this threshold is below 10 with at most four decimals"
                                          : "a threshold is 0 to 1 with at most four decimals";
    default:
        return NULL;
    }
}

const char *input_parse(struct input *input, struct command *command)
{
    char *words[WORDS];
    const struct command none = {COMMAND_NONE, 0, 0};
    *command = none;
    if (input->is_cut)
        return "bytes before this line's end were lost; send it again";
    if (input->not_text)
        return "a line is of printable characters";
    if (input->length > COMMAND_BYTES)
        return "a line has at most 80 characters";
    input->line[input->length] = 0;
    const uint8_t count = split(input->line, words);
    if (!count)
        return NULL;
    const uint8_t kinds = sizeof commands / sizeof *commands;
    for (command->kind = COMMAND_HELP; command->kind < kinds; command->kind++)
        if (words_are_equal(words[0], commands[command->kind].name))
            return count == commands[command->kind].words ? parse_words(words, command) : "wrong number of words; see help";
    return "no such command; help lists them";
}
