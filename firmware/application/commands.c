#include "commands.h"

#include "board.h"
#include "listeners.h"
#include "selftest.h"

void say(struct line *line)
{
    line_text(line, "\n");
    board_write((const uint8_t *)line->text, line->length);
}

static void say_word(const char *what, const char *word)
{
    struct line line;
    line_begin(&line, what);
    line_text(&line, word);
    say(&line);
}

static void refuse(const char *why)
{
    say_word("refused: ", why);
}

void say_selftest(struct application *application)
{
    for (uint8_t listener = 0; listener < MODELS; listener++) {
        struct selftest_result result;
        struct line line;
        selftest_run(listener, application->pcm, &result);
        line_begin(&line, "self-test ");
        line_hex(&line, result.features);
        line_text(&line, " ");
        line_hex(&line, result.states);
        line_text(&line, " ");
        line_hex(&line, result.logits);
        line_by(&line, listener);
        line_text(&line, selftest_is_expected(listener, &result) ? ": ok" : ": FAILED");
        say(&line);
    }
    listeners_reset();
    handover_skip(&application->handover);
    capture_gap(&application->capture);
}

void say_microphone(struct application *application)
{
    struct microphone_report report;
    struct line line;
    microphone_check_report(&application->check, board_clock_hz, &report);
    line_begin(&line, "microphone: DC ");
    line_text(&line, report.dc < 0 ? "-" : "");
    line_number(&line, (uint32_t)(report.dc < 0 ? -report.dc : report.dc));
    line_text(&line, ", RMS -");
    line_decimal(&line, report.rms_db10, 1);
    line_text(&line, " dBFS, noise floor -");
    line_decimal(&line, report.noise_db10, 1);
    line_text(&line, " dBFS, ");
    line_number(&line, report.clipped);
    line_text(&line, " clipped, ");
    line_number(&line, report.rate_hz);
    line_text(&line, " Hz");
    say(&line);
    if (!capture_microphone(&application->capture))
        say_word("the sound is not sent: ", APPLICATION_CAPTURE ? "its second was interrupted; ask again" : NO_CAPTURES);
}

static void say_stats(const struct application *application)
{
    const struct load *load = &application->load;
    struct line line;
    line_begin(&line, "stats: load ");
    line_decimal(&line, load->second_cycles / (board_clock_hz / 1000), 1);
    line_text(&line, "%, worst hop ");
    line_decimal(&line, load->worst_cycles / (board_clock_hz / 100000), 2);
    line_text(&line, " ms, ");
    line_number(&line, load->heard);
    line_text(&line, " hops heard, ");
    line_number(&line, application->handover.missed);
    line_text(&line, " missed");
    say(&line);
}

static void say_threshold(const struct listener *listener, uint8_t label)
{
    struct line line;
    line_begin(&line, "threshold ");
    line_text(&line, kws_label(listener->kws, label));
    line_text(&line, " ");
    /* a value set with four decimals is printed unchanged, if it is a posterior */
    line_level(&line, (uint8_t)(listener - listeners), kws_threshold(listener->kws, label), 4);
    say(&line);
}

static void say_model(const struct listener *listener)
{
    struct line line;
    line_begin(&line, "model ");
    line_hex(&line, listener->id);
    line_text(&line, " on ");
    line_text(&line, board_name);
    line_text(&line, ", points");
    for (uint8_t point = 0; point < listener->points; point++) {
        line_text(&line, " ");
        line_text(&line, listener->point_names[point]);
    }
    line_by(&line, (uint8_t)(listener - listeners));
    say(&line);
}

/* A line of each model, then one of each of its thresholds.  Returns whether there are more. */
static bool list_models(struct application *application)
{
    const struct listener *listener = &listeners[application->listener];
    if (!application->listed)
        say_model(listener);
    else
        say_threshold(listener, (uint8_t)(application->listed - 1));
    if (application->listed++ < listener->keywords)
        return true;
    application->listed = 0;
    return ++application->listener < MODELS;
}

static bool list_help(struct application *application)
{
    static const char *const lines[] = {
        "help                this list",
        "model               the model, its operating points, the thresholds in force",
        "threshold yes 0.80  a keyword is detected at this posterior, 0 to 1",
        "point strict        all thresholds of an operating point",
        "selftest            made-up sound through the model, against what the host computed",
        "microphone          a second of the microphone: figures, then the sound",
        "stats               load, longest hop, hops heard and missed",
        "capture margin      sends the second around near misses; on: detections too; off",
        "reset               a new stream at the first operating point, statistics from 0",
    };
    say_word("", lines[application->listed++]);
    return application->listed < sizeof lines / sizeof *lines;
}

static void begin_again(struct application *application)
{
    listeners_reset();
    for (uint8_t place = 0; place < MODELS; place++)
        (void)kws_set_operating_point(listeners[place].kws, 0);
    application->handover.missed = 0;
    load_begin(&application->load, handover_hops(&application->handover));
    capture_set_mode(&application->capture, CAPTURE_OFF);
    capture_gap(&application->capture);
    say_word("reset", "");
}

/* In every model that has an operating point of this name, but not in the gate of the others. */
static void set_operating_point(const char *name)
{
    for (const struct listener *listener = listeners + GATED; listener < listeners + MODELS; listener++)
        for (uint8_t point = 0; point < listener->points; point++)
            if (words_are_equal(listener->point_names[point], name))
                (void)kws_set_operating_point(listener->kws, point);
    say_word("point ", name);
}

/* In every model that has this keyword. */
static void set_threshold(const char *keyword, uint16_t threshold)
{
    for (const struct listener *listener = listeners; listener < listeners + MODELS; listener++)
        for (uint8_t label = 0; label < listener->keywords; label++)
            if (words_are_equal(kws_label(listener->kws, label), keyword)) {
                (void)kws_set_threshold(listener->kws, label, threshold);
                say_threshold(listener, label);
            }
}

static void obey(struct application *application, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_HELP:
    case COMMAND_MODEL:
        application->listing = command->kind;
        application->listed = 0;
        application->listener = 0;
        break;
    case COMMAND_SELFTEST:
        say_selftest(application);
        break;
    case COMMAND_MICROPHONE:
        if (capture_check(&application->capture))
            microphone_check_begin(&application->check);
        else
            refuse("a capture is being sent; ask again after its end");
        break;
    case COMMAND_STATS:
        say_stats(application);
        break;
    case COMMAND_RESET:
        begin_again(application);
        break;
    case COMMAND_POINT:
        set_operating_point(point_name(command->which));
        break;
    case COMMAND_CAPTURE:
        capture_set_mode(&application->capture, command->which);
        say_word("capture ", capture_mode_name(command->which));
        break;
    case COMMAND_THRESHOLD:
        set_threshold(keyword_name(command->which), command->threshold);
        break;
    default:
        break;
    }
}

static void list(struct application *application)
{
    if (!(application->listing == COMMAND_HELP ? list_help(application) : list_models(application)))
        application->listing = COMMAND_NONE;
}

bool serve(struct application *application)
{
    struct command command;
    struct line line;
    if (application->listing) {
        list(application);
        return true;
    }
    for (int byte; (byte = board_read()) >= 0;)
        if (input_byte(&application->input, (uint8_t)byte)) {
            const char *refusal = input_parse(&application->input, &command);
            input_begin(&application->input);
            if (refusal)
                refuse(refusal);
            else
                obey(application, &command);
            return true;
        }
    if (!capture_line(&application->capture, &line))
        return false;
    say(&line);
    return true;
}
